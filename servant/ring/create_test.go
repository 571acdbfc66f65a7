package ring

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestObjectsAreAsTheSpecSays(t *testing.T) {
	name := unique(t)
	r := mustCreate(t, name, Sizes{100, 1000})
	seg, semW, semR, lockPath := Objects(name)
	for path, size := range map[string]int64{seg: 128 + 128 + 1024, semW: 32, semR: 32, lockPath: 0} {
		st, err := os.Lstat(path)
		must(t, err)
		if st.Mode() != 0o600 || st.Size() != size {
			t.Errorf("%s has mode %v and %d bytes, want 0600 and %d", path, st.Mode(), st.Size(), size)
		}
	}
	if seg != "/dev/shm/"+name || semW != "/dev/shm/sem.sem-w-"+name || semR != "/dev/shm/sem.sem-r-"+name || lockPath != "/tmp/zerobuffer/"+name+".lock" {
		t.Error(seg, semW, semR, lockPath)
	}
	s := state(t, name)
	if !s.Lock.Exists || !s.Lock.Held {
		t.Errorf("lock %+v", s.Lock)
	}
	fd, err := unix.Open(lockPath, unix.O_RDWR, 0)
	must(t, err)
	defer unix.Close(fd)
	if err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); !errors.Is(err, unix.EWOULDBLOCK) {
		t.Errorf("the lock can be taken: %v", err)
	}
	var space unix.Stat_t
	must(t, unix.Stat(seg, &space))
	if space.Blocks*512 < 128+128+1024 {
		t.Errorf("%d bytes are reserved", space.Blocks*512)
	}
	must(t, r.Close())
	must(t, r.Close())
	if left := leftovers(name); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// An obstacle that cannot be removed, at each object's name in turn.
func TestObstacles(t *testing.T) {
	for i, what := range []string{"segment", "sem-w", "sem-r", "lock"} {
		t.Run(what, func(t *testing.T) {
			name := unique(t)
			a, b, c, d := Objects(name)
			must(t, ensureLockDir(name))
			path := []string{a, b, c, d}[i]
			must(t, os.Mkdir(path, 0o700))
			_, err := Create(name, Sizes{64, 64})
			wantKind(t, err, System)
			if !strings.Contains(err.Error(), path) {
				t.Errorf("the error does not name %s: %v", path, err)
			}
			if left := leftovers(name); len(left) != 1 || left[0] != path {
				t.Errorf("left behind: %v", left)
			}
			must(t, os.Remove(path))
			r, err := Create(name, Sizes{64, 64})
			must(t, err)
			must(t, r.Close())
		})
	}
}

// Stale objects of each kind alone, of no process.
func TestStrayObjects(t *testing.T) {
	for i, what := range []string{"segment", "sem-w", "sem-r", "lock"} {
		t.Run(what, func(t *testing.T) {
			name := unique(t)
			a, b, c, d := Objects(name)
			must(t, ensureLockDir(name))
			must(t, os.WriteFile([]string{a, b, c, d}[i], []byte("stray"), 0o600))
			r, err := Create(name, Sizes{64, 64})
			must(t, err)
			w := mustConnect(t, name)
			exchange(t, r, w, 10, 1)
			must(t, r.Close())
		})
	}
}

func TestSharedMemoryFull(t *testing.T) {
	var fs unix.Statfs_t
	must(t, unix.Statfs(shmDir, &fs))
	total := int64(fs.Blocks) * fs.Bsize
	if total == 0 || total > 1<<50 {
		t.Skipf("%s has no limit", shmDir)
	}
	name := unique(t)
	_, err := Create(name, Sizes{0, int(total)})
	e := wantKind(t, err, System)
	if e.Call != "fallocate" || !errors.Is(err, unix.ENOSPC) || e.Details()["errno"] != int(unix.ENOSPC) {
		t.Errorf("error is %v", err)
	}
	if left := leftovers(name); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	r, err := Create(name, Sizes{0, 64})
	must(t, err)
	must(t, r.Close())
}

func TestSizesAreChecked(t *testing.T) {
	name := unique(t)
	for _, s := range []Sizes{{-1, 64}, {0, 0}, {0, -1}, {1 << 62, 1 << 62}, {0, 1<<63 - 1}, {1<<63 - 1, 64}} {
		_, err := Create(name, s)
		wantKind(t, err, System)
		if left := leftovers(name); len(left) > 0 {
			t.Errorf("%+v: left behind: %v", s, left)
		}
	}
}

// Where a filesystem has no nameless files, a temporary name does the same.
func TestNamedDraft(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "published")
	d, err := newNamedDraft("n", dir, path)
	must(t, err)
	must(t, d.publish())
	if all, _ := filepath.Glob(dir + "/.*-*"); len(all) > 0 {
		t.Errorf("left behind: %v", all)
	}
	if !d.id.at(path) {
		t.Error("the published name does not lead to the file")
	}
	other, err := newNamedDraft("n", dir, path)
	must(t, err)
	if err := other.publish(); !errors.Is(err, unix.EEXIST) {
		t.Errorf("publish over an existing file: %v", err)
	}
	other.withdraw()
	if !d.id.at(path) {
		t.Error("withdraw removed a file that is not its own")
	}
	other.drop()
	if all, _ := filepath.Glob(dir + "/.*-*"); len(all) > 0 {
		t.Errorf("left behind: %v", all)
	}
	d.withdraw()
	d.drop()
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("withdraw left the file: %v", err)
	}
}

// Several processes and goroutines create the same buffer: exactly one wins.
func TestRacingCreators(t *testing.T) {
	children := []*play{newChild(t), newChild(t), newChild(t)}
	for round := range 40 {
		name := unique(t)
		if round%2 == 1 {
			// Half of the rounds fight over a dead process's buffer.
			dead := newChild(t)
			dead.do("create", name, 64, 64)
			dead.kill()
		}
		for _, c := range children {
			c.send("create", name, 0, 1024)
		}
		r, err := Create(name, Sizes{0, 1024}, WithTimeout(limit))
		winners := 0
		if err == nil {
			winners++
		} else {
			wantKind(t, err, InUse)
		}
		var owner *play
		for _, c := range children {
			switch a := c.answer(); {
			case a == "ok":
				winners++
				owner = c
			case !strings.HasPrefix(a, "InUse"):
				t.Errorf("a loser's answer is %s", a)
			}
		}
		if winners != 1 {
			t.Fatalf("%d creators won", winners)
		}
		w := mustConnect(t, name)
		must(t, w.Write(within(t), frame(700, 1)))
		if owner != nil {
			if a := owner.do("read"); a != "ok 1 700" {
				t.Errorf("the winner's answer is %s", a)
			}
			owner.do("release")
			owner.do("close")
		} else {
			f, err := r.Read(within(t))
			must(t, err)
			must(t, f.Release())
			must(t, r.Close())
		}
		must(t, w.Close())
	}
}

// A writer that connects while the buffer comes and goes sees a whole buffer or
// none.
func TestConnectWhileCreatingAndClosing(t *testing.T) {
	name := unique(t)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	connected := 0
	wg.Go(func() {
		for ctx.Err() == nil {
			w, err := Connect(name)
			switch {
			case err == nil:
				connected++
				if err := w.Write(context.Background(), []byte{1}); err != nil && !errors.Is(err, NoReader) {
					t.Errorf("write: %v", err)
				}
				must(t, w.Close())
			case !errors.Is(err, NotFound) && !errors.Is(err, NoReader):
				t.Errorf("connect: %v", err)
			}
		}
	})
	for start := time.Now(); time.Since(start) < limit; {
		for range 200 {
			r, err := Create(name, Sizes{64, 64})
			must(t, err)
			must(t, r.Close())
		}
		r, err := Create(name, Sizes{64, 64}, WithTimeout(limit))
		must(t, err)
		must(t, r.WaitWriter(within(t)))
		must(t, r.Close())
		break
	}
	cancel()
	wg.Wait()
	if connected == 0 {
		t.Error("the writer never connected")
	}
}

func TestNothingLeaks(t *testing.T) {
	count := func() int {
		all, err := os.ReadDir("/proc/self/fd")
		must(t, err)
		maps, err := os.ReadFile("/proc/self/maps")
		must(t, err)
		return len(all) + strings.Count(string(maps), prefix())
	}
	name := unique(t)
	cycle := func() {
		r, err := Create(name, Sizes{64, 64})
		must(t, err)
		w, err := Connect(name)
		must(t, err)
		_, err = Connect(name)
		wantKind(t, err, WriterExists)
		_, err = Create(name, Sizes{64, 64})
		wantKind(t, err, InUse)
		exchange(t, r, w, 20, 1)
		must(t, w.Close())
		must(t, r.Close())
		_, err = Connect(name)
		wantKind(t, err, NotFound)
	}
	cycle()
	before := count()
	for range 100 {
		cycle()
	}
	if after := count(); after != before {
		t.Errorf("%d descriptors and mappings after 100 cycles, %d before", after, before)
	}
}

func TestSemaphoreOfAnotherLibraryIsRefused(t *testing.T) {
	name := unique(t)
	r := mustCreate(t, name, Sizes{0, 64})
	r.semR.mem[8] = 0
	_, err := Connect(name)
	e := wantKind(t, err, Corrupt)
	if e.Field != "sem_r_private" || !strings.Contains(err.Error(), "glibc") {
		t.Errorf("error is %v", err)
	}
	if pid := r.seg.o.writerPID; pid != 0 {
		t.Errorf("a failed connect claimed the buffer for %d", pid)
	}
}

// A FIFO, a link or a directory under the segment's name neither hangs nor
// leads elsewhere.
func TestNotASegment(t *testing.T) {
	for what, place := range map[string]func(string) error{
		"fifo":      func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"link":      func(path string) error { return os.Symlink("/etc/passwd", path) },
		"directory": func(path string) error { return os.Mkdir(path, 0o700) },
	} {
		name := unique(t)
		path, _, _, _ := Objects(name)
		must(t, place(path))
		if _, err := Connect(name); err == nil || errors.Is(err, NotFound) {
			t.Errorf("%s: connect: %v", what, err)
		}
		if _, err := Inspect(name); err == nil || errors.Is(err, NotFound) {
			t.Errorf("%s: inspect: %v", what, err)
		}
		must(t, os.Remove(path))
	}
}
