package ring

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"parley.dev/parley/servant/pattern"
)

// childEnv makes the test binary play one side of a ring on its standard input.
const childEnv = "RING_TEST_CHILD"

var names atomic.Int64

func prefix() string { return fmt.Sprintf("gotest-%d-", os.Getpid()) }

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		child(os.Stdin, os.Stdout)
		os.Exit(0)
	}
	status := m.Run()
	if left := leftovers(prefix()); len(left) > 0 {
		fmt.Println("left behind:", left)
		status = 1
	}
	os.Exit(status)
}

// leftovers gives the files of buffers whose names begin with p.
func leftovers(p string) []string {
	var all []string
	for _, pattern := range []string{"/dev/shm/" + p + "*", "/dev/shm/sem.sem-?-" + p + "*", lockDir + "/" + p + "*"} {
		found, _ := filepath.Glob(pattern)
		all = append(all, found...)
	}
	temporary, _ := filepath.Glob(fmt.Sprintf("/dev/shm/.ring-%d-*", os.Getpid()))
	return append(all, temporary...)
}

// unique is a name that nothing else uses, checked to be free at the end.
func unique(t testing.TB) string {
	t.Helper()
	name := abandoned(t)
	t.Cleanup(func() {
		if left := leftovers(name); len(left) > 0 && !t.Failed() {
			t.Errorf("left behind: %v", left)
		}
	})
	return name
}

// abandoned is a name whose reader is killed for good, and cannot clean up.
func abandoned(t testing.TB) string {
	t.Helper()
	name := prefix() + strconv.FormatInt(names.Add(1), 10) + "-"
	t.Cleanup(func() { sweep(name) })
	return name
}

// sweep removes what a killed child left.
func sweep(name string) {
	a, b, c, d := Objects(name)
	for _, path := range []string{a, b, c, d} {
		_ = os.Remove(path)
	}
}

// limit bounds tests that could hang; reaching it is a failure.
const limit = 30 * time.Second

func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	t.Cleanup(cancel)
	return ctx
}

// failer is what testing and rapid have in common.
type failer interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

func must(t failer, err error) {
	// Helper is slow; benchmarks call this for each frame.
	if err != nil {
		t.Helper()
		t.Fatal(err)
	}
}

func mustCreate(t testing.TB, name string, s Sizes, opts ...Option) *Reader {
	t.Helper()
	r, err := Create(name, s, opts...)
	must(t, err)
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func mustConnect(t testing.TB, name string, opts ...Option) *Writer {
	t.Helper()
	w, err := Connect(name, opts...)
	must(t, err)
	t.Cleanup(func() { _ = w.Close() })
	return w
}

// pair is a ring with both sides in this process.
func pair(t testing.TB, s Sizes, opts ...Option) (*Reader, *Writer) {
	t.Helper()
	name := unique(t)
	r := mustCreate(t, name, s, opts...)
	return r, mustConnect(t, name, opts...)
}

func wantKind(t failer, err error, kind Kind) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || !errors.Is(err, kind) {
		t.Fatalf("error is %v, want %v", err, kind)
	}
	return e
}

// frame is the content of the frame with that sequence number.
func frame(size int, sequence uint64) []byte {
	b := make([]byte, size)
	pattern.Frame(b, sequence)
	return b
}

// eventually waits for a condition.
func eventually(t testing.TB, what string, met func() bool) {
	t.Helper()
	for start := time.Now(); !met(); time.Sleep(time.Millisecond) {
		if time.Since(start) > limit {
			t.Fatalf("not within %v: %s", limit, what)
		}
	}
}

// play is a child process that plays one side of a ring.
type play struct {
	t     testing.TB
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines chan string
}

func start(t testing.TB, cmd *exec.Cmd) *play {
	t.Helper()
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	p := &play{t: t, cmd: cmd, in: in, lines: make(chan string)}
	go func() {
		defer close(p.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			p.lines <- s.Text()
		}
	}()
	t.Cleanup(p.kill)
	return p
}

func newChild(t testing.TB) *play {
	t.Helper()
	exe, err := os.Executable()
	must(t, err)
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childEnv+"=1")
	return start(t, cmd)
}

// send gives the child a command without waiting for its answer.
func (p *play) send(words ...any) {
	p.t.Helper()
	_, err := fmt.Fprintln(p.in, words...)
	must(p.t, err)
}

func (p *play) answer() string {
	p.t.Helper()
	select {
	case line, ok := <-p.lines:
		if !ok {
			p.t.Fatal("the child ended")
		}
		return line
	case <-time.After(limit):
		p.t.Fatal("the child did not answer")
	}
	return ""
}

func (p *play) ask(words ...any) string {
	p.t.Helper()
	p.send(words...)
	return p.answer()
}

// do is ask where the answer must be "ok…".
func (p *play) do(words ...any) string {
	p.t.Helper()
	a := p.ask(words...)
	if !strings.HasPrefix(a, "ok") {
		p.t.Fatalf("%v: %s", words, a)
	}
	return a
}

// kill kills the child and waits until it is gone.
func (p *play) kill() {
	if p.cmd.ProcessState != nil {
		return
	}
	_ = p.cmd.Process.Kill()
	for range p.lines {
	}
	_ = p.cmd.Wait()
}

// state gives the letter of the child's state in /proc, for instance S or Z.
func (p *play) state() string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return ""
	}
	return strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))[0]
}

// child performs commands: one line in, one line out.
func child(in io.Reader, out io.Writer) {
	ctx := context.Background()
	var r *Reader
	var w *Writer
	var s *Slot
	var held []*Frame
	for lines := bufio.NewScanner(in); lines.Scan(); {
		words := strings.Fields(lines.Text())
		number := func(i int) int { n, _ := strconv.Atoi(words[i]); return n }
		timeout := WithTimeout(limit)
		var err error
		note := ""
		switch words[0] {
		case "create":
			r, err = Create(words[1], Sizes{number(2), number(3)}, timeout)
		case "create-short":
			r, err = Create(words[1], Sizes{number(2), number(3)}, WithTimeout(0))
		case "connect":
			w, err = Connect(words[1], timeout)
		case "write":
			err = w.Write(ctx, frame(number(1), uint64(number(2))))
		case "acquire":
			s, err = w.Acquire(ctx, number(1))
			if err == nil {
				pattern.Frame(s.Data()[:len(s.Data())/2], 1)
			}
		case "commit":
			err = s.Commit()
		case "read":
			var f *Frame
			if f, err = r.Read(ctx); err == nil {
				err = pattern.CheckFrame(f.Data(), f.Sequence())
				note = fmt.Sprintf(" %d %d", f.Sequence(), f.Size())
				held = append(held, f)
			}
		case "release":
			err = held[0].Release()
			held = held[1:]
		case "close":
			if w != nil {
				err = w.Close()
			}
			if r != nil {
				err = errors.Join(err, r.Close())
			}
		case "descriptors":
			note, err = createWithFewDescriptors(words[1])
		}
		var e *Error
		switch {
		case err == nil:
			fmt.Fprintf(out, "ok%s\n", note)
		case errors.As(err, &e):
			fmt.Fprintf(out, "%s %q\n", e.Kind.String(), err)
		default:
			fmt.Fprintf(out, "other %q\n", err)
		}
	}
}

// createWithFewDescriptors lets Create run out of file descriptors at every
// point, until it has enough, and says how often it failed. It leaves nothing
// that was not there before.
func createWithFewDescriptors(name string) (string, error) {
	there := leftovers(name)
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
		return "", err
	}
	for failed := 0; ; failed++ {
		lowest, err := syscall.Open("/dev/null", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
		if err != nil {
			return "", err
		}
		_ = syscall.Close(lowest)
		few := syscall.Rlimit{Cur: uint64(lowest + failed), Max: before.Max}
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &few); err != nil {
			return "", err
		}
		r, err := Create(name, Sizes{64, 64})
		if err2 := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &before); err2 != nil {
			return "", err2
		}
		switch {
		case err == nil:
			return fmt.Sprintf(" %d", failed), r.Close()
		case !errors.Is(err, syscall.EMFILE):
			return "", fmt.Errorf("with %d descriptors: %w", failed, err)
		}
		left := slices.DeleteFunc(leftovers(name), func(path string) bool { return slices.Contains(there, path) })
		if len(left) > 0 {
			return "", fmt.Errorf("with %d descriptors left behind: %v", failed, left)
		}
	}
}
