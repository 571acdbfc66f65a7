package stage

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A run owns what carries its names. Its directory under runsDir holds the
// facts that are needed to clean up after it, and a lock that the coordinator
// holds as long as it lives: a run whose lock is free is dead. The kernel frees
// the lock however the coordinator ends.
const (
	lockFile  = "lock"
	factsFile = "run.json"

	// featureSpan is how many FeatureIds a run has; its first one is random, so
	// that a coordinator that gets the pid of an earlier one gets other numbers.
	featureSpan = 1 << 20
)

// runFacts is what must be known to clean up after a run.
type runFacts struct {
	RunID       string    `json:"runId"`
	PID         int       `json:"pid"`
	Prefix      string    `json:"prefix"` // of all its cells' ResourcePrefix
	HostPid     int       `json:"hostPid"`
	FeatureFrom int       `json:"featureFrom"` // first FeatureId
	FeatureTo   int       `json:"featureTo"`   // behind the last FeatureId
	Started     time.Time `json:"started"`
}

var prefixForm = regexp.MustCompile(`^p[0-9a-f]{8}c$`)

// usable guards against a damaged file: facts that would claim a stranger's
// names claim nothing.
func (f runFacts) usable() bool {
	return validRunID(f.RunID) && prefixForm.MatchString(f.Prefix) &&
		f.HostPid > 0 && f.FeatureFrom > 0 && f.FeatureTo-f.FeatureFrom <= featureSpan
}

// owns reports whether a file in one of resourceDirs belongs to the run.
func (f runFacts) owns(name string) bool {
	if !f.usable() {
		return false
	}
	if strings.Contains(name, f.Prefix) {
		return true
	}
	pid, feature, ok := legacyNumbers(name)
	return ok && pid == f.HostPid && f.FeatureFrom <= feature && feature < f.FeatureTo
}

var runIDForm = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$`)

func validRunID(id string) bool { return runIDForm.MatchString(id) }

// runsDir returns ${XDG_RUNTIME_DIR or /tmp}/parley-<uid>/runs, made if needed,
// and refuses one that somebody else could have prepared.
func runsDir() (string, error) {
	base := os.Getenv("XDG_RUNTIME_DIR")
	if info, err := os.Stat(base); base == "" || err != nil || !info.IsDir() {
		base = "/tmp"
	}
	own := filepath.Join(base, "parley-"+strconv.Itoa(os.Getuid()))
	for _, dir := range []string{own, filepath.Join(own, "runs")} {
		if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return "", fmt.Errorf("make the directory of runs: %w", err)
		}
		info, err := os.Lstat(dir)
		if err != nil {
			return "", fmt.Errorf("look at the directory of runs: %w", err)
		}
		st, ok := info.Sys().(*syscall.Stat_t)
		if !info.IsDir() || !ok || int(st.Uid) != os.Getuid() || info.Mode().Perm()&0o022 != 0 {
			return "", fmt.Errorf("%s is not a directory that belongs to user %d alone: remove it, or set XDG_RUNTIME_DIR to a directory of your own", dir, os.Getuid())
		}
	}
	return filepath.Join(own, "runs"), nil
}

// ownership is a registered run: its directory and the lock on it.
type ownership struct {
	dir   string
	facts runFacts
	lock  *os.File
}

// register makes the run's directory, complete and locked before it gets its
// name, so that a cleaner never sees a run that is neither alive nor dead.
func register(root, runID string) (*ownership, error) {
	var random [8]byte
	if _, err := rand.Read(random[:]); err != nil {
		return nil, fmt.Errorf("draw the run's numbers: %w", err)
	}
	from := 1 + int(binary.NativeEndian.Uint32(random[4:])%(1<<31-2-featureSpan))
	o := &ownership{
		dir: filepath.Join(root, runID),
		facts: runFacts{
			RunID: runID, PID: os.Getpid(), HostPid: os.Getpid(), Started: time.Now().UTC(),
			Prefix:      "p" + hex.EncodeToString(random[:4]) + "c",
			FeatureFrom: from, FeatureTo: from + featureSpan,
		},
	}
	facts, err := json.Marshal(o.facts)
	if err != nil {
		return nil, fmt.Errorf("register the run: %w", err)
	}
	temp, err := os.MkdirTemp(root, ".new-")
	if err != nil {
		return nil, fmt.Errorf("register the run: %w", err)
	}
	fail := func(err error) (*ownership, error) {
		if o.lock != nil {
			o.lock.Close()
		}
		os.RemoveAll(temp)
		return nil, fmt.Errorf("register the run: %w", err)
	}
	if err := os.WriteFile(filepath.Join(temp, factsFile), facts, 0o600); err != nil {
		return fail(err)
	}
	if o.lock, err = lockRun(temp, os.O_CREATE); err != nil {
		return fail(err)
	}
	if err := os.Rename(temp, o.dir); err != nil {
		if errors.Is(err, syscall.ENOTEMPTY) || errors.Is(err, fs.ErrExist) {
			err = fmt.Errorf("another run with the id %s is alive (%s)", runID, o.dir)
		}
		return fail(err)
	}
	return o, nil
}

func (o *ownership) remove() error {
	err := os.RemoveAll(o.dir)
	o.lock.Close()
	if err != nil {
		return fmt.Errorf("unregister the run: %w", err)
	}
	return nil
}

// errAlive means that the run's lock is held.
var errAlive = errors.New("the run is alive, or is being cleaned up")

// lockRun takes the lock of the run in dir without waiting.
func lockRun(dir string, flags int) (*os.File, error) {
	path := filepath.Join(dir, lockFile)
	f, err := os.OpenFile(path, os.O_RDWR|flags, 0o600)
	if err != nil {
		return nil, err
	}
	raw, err := f.SyscallConn()
	if err == nil {
		ctl := raw.Control(func(fd uintptr) { err = unix.Flock(int(fd), unix.LOCK_EX|unix.LOCK_NB) })
		err = errors.Join(ctl, err)
	}
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = errAlive
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	// Between opening and locking, a cleaner may have removed the run.
	held, err := f.Stat()
	if err == nil {
		var named fs.FileInfo
		if named, err = os.Stat(path); err == nil && !os.SameFile(held, named) {
			err = fs.ErrNotExist
		}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// takeDead locks a dead run so that it can be cleaned up. errAlive: it is not
// dead; fs.ErrNotExist: it is gone.
func takeDead(dir string) (*ownership, error) {
	lock, err := lockRun(dir, 0)
	if err != nil {
		return nil, err
	}
	o := &ownership{dir: dir, lock: lock}
	raw, err := os.ReadFile(filepath.Join(dir, factsFile))
	if err == nil {
		err = json.Unmarshal(raw, &o.facts)
	}
	if err == nil && (!o.facts.usable() || o.facts.RunID != filepath.Base(dir)) {
		err = errors.New("its facts are damaged")
	}
	if err != nil {
		lock.Close()
		return nil, fmt.Errorf("read %s: %w; look at it and remove %s by hand", factsFile, err, dir)
	}
	return o, nil
}
