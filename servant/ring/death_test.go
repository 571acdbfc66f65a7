package ring

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley.dev/parley/servant/pattern"
)

func TestReaderKilledWhileTheRingIsFull(t *testing.T) {
	name := abandoned(t)
	reader := newChild(t)
	reader.do("create", name, 0, 1024)
	w := mustConnect(t, name, WithTimeout(limit))
	ctx := within(t)
	must(t, w.Write(ctx, frame(1008, 1)))
	result := make(chan error, 1)
	go func() { result <- w.Write(ctx, frame(10, 2)) }()
	eventually(t, "the writer sleeps", func() bool { return *w.semR.data >= oneWaiter })
	reader.kill()
	if e := wantKind(t, <-result, ReaderDead); e.PID != reader.cmd.Process.Pid {
		t.Errorf("pid %d, want %d", e.PID, reader.cmd.Process.Pid)
	}
}

// A zombie is dead, before anybody waits for it.
func TestZombieReaderIsDead(t *testing.T) {
	name := abandoned(t)
	reader := newChild(t)
	reader.do("create", name, 0, 1024)
	w := mustConnect(t, name, WithTimeout(limit))
	ctx := within(t)
	must(t, w.Write(ctx, frame(1008, 1)))
	must(t, reader.cmd.Process.Kill())
	eventually(t, "the reader is a zombie", func() bool { return reader.state() == "Z" })
	wantKind(t, w.Write(ctx, frame(10, 2)), ReaderDead)
	_, err := Connect(name)
	wantKind(t, err, NoReader)
}

func TestWriterKilledWhileTheReaderSleeps(t *testing.T) {
	name := unique(t)
	r := mustCreate(t, name, Sizes{0, 1024}, WithTimeout(limit))
	writer := newChild(t)
	writer.do("connect", name)
	ctx := within(t)
	result := make(chan error, 1)
	go func() { _, err := r.Read(ctx); result <- err }()
	eventually(t, "the reader sleeps", func() bool { return *r.semW.data >= oneWaiter })
	writer.kill()
	if e := wantKind(t, <-result, WriterDead); e.PID != writer.cmd.Process.Pid {
		t.Errorf("pid %d, want %d", e.PID, writer.cmd.Process.Pid)
	}
}

// Every complete frame is delivered first, the one in the middle is not, and
// the next writer begins at sequence 1.
func TestWriterKilledInTheMiddleOfASlot(t *testing.T) {
	name := unique(t)
	r := mustCreate(t, name, Sizes{0, 16384}, WithTimeout(limit))
	writer := newChild(t)
	writer.do("connect", name)
	writer.do("write", 500, 1)
	writer.do("write", 600, 2)
	writer.do("acquire", 8192)
	writer.kill()
	ctx := within(t)
	for seq := uint64(1); seq <= 2; seq++ {
		f, err := r.Read(ctx)
		must(t, err)
		must(t, pattern.CheckFrame(f.Data(), seq))
		must(t, f.Release())
	}
	for range 2 {
		_, err := r.Read(ctx)
		wantKind(t, err, WriterDead)
	}
	w := mustConnect(t, name)
	for seq := uint64(1); seq <= 10; seq++ {
		exchange(t, r, w, 8192, seq)
	}
	if free := r.seg.o.payloadFree; free != 16384 {
		t.Errorf("%d bytes free", free)
	}
}

func TestReaderKilledWhileTheWriterHoldsASlot(t *testing.T) {
	name := abandoned(t)
	reader := newChild(t)
	reader.do("create", name, 0, 16384)
	w := mustConnect(t, name)
	ctx := within(t)
	s, err := w.Acquire(ctx, 8192)
	must(t, err)
	reader.kill()
	wantKind(t, s.Commit(), ReaderDead)
	wantKind(t, w.Write(ctx, []byte{1}), ReaderDead)
}

func TestStaleBufferIsReplaced(t *testing.T) {
	name := unique(t)
	reader := newChild(t)
	reader.do("create", name, 64, 1024)
	writer := newChild(t)
	writer.do("connect", name)
	writer.do("write", 100, 1)
	reader.kill()
	// The reader is dead, its writer is not.
	_, err := Create(name, Sizes{0, 4096})
	if e := wantKind(t, err, InUse); e.PID != writer.cmd.Process.Pid {
		t.Errorf("in use by %d, want %d", e.PID, writer.cmd.Process.Pid)
	}
	if a := writer.ask("write", 100, 2); !strings.HasPrefix(a, "ReaderDead") {
		t.Errorf("the writer's answer is %s", a)
	}
	writer.do("close")
	r := mustCreate(t, name, Sizes{0, 4096}, WithTimeout(limit))
	writer.do("connect", name)
	writer.do("write", 100, 1)
	f, err := r.Read(within(t))
	must(t, err)
	must(t, pattern.CheckFrame(f.Data(), 1))
	must(t, f.Release())
	writer.do("close")
}

func TestBothDeadIsReplaced(t *testing.T) {
	name := unique(t)
	reader, writer := newChild(t), newChild(t)
	reader.do("create", name, 64, 1024)
	writer.do("connect", name)
	reader.kill()
	writer.kill()
	r := mustCreate(t, name, Sizes{0, 64})
	if s := state(t, name); s.ReaderPID != uint64(os.Getpid()) || s.WriterPID != 0 || s.PayloadSize != 64 {
		t.Errorf("%+v", s)
	}
	must(t, r.Close())
}

func TestDeadWritersPlaceIsTaken(t *testing.T) {
	name := unique(t)
	mustCreate(t, name, Sizes{0, 64})
	writer := newChild(t)
	writer.do("connect", name)
	_, err := Connect(name)
	if e := wantKind(t, err, WriterExists); e.PID != writer.cmd.Process.Pid {
		t.Errorf("pid %d, want %d", e.PID, writer.cmd.Process.Pid)
	}
	writer.kill()
	mustConnect(t, name)
}

func TestLiveOwnerIsNotTouched(t *testing.T) {
	name := unique(t)
	reader := newChild(t)
	reader.do("create", name, 0, 1024)
	before := state(t, name)
	_, err := Create(name, Sizes{0, 64})
	if e := wantKind(t, err, InUse); e.PID != reader.cmd.Process.Pid {
		t.Errorf("in use by %d, want %d", e.PID, reader.cmd.Process.Pid)
	}
	if got := state(t, name); got != before {
		t.Errorf("%+v, want %+v", got, before)
	}
	w := mustConnect(t, name)
	must(t, w.Write(within(t), frame(100, 1)))
	if a := reader.do("read"); a != "ok 1 100" {
		t.Errorf("the reader's answer is %s", a)
	}
	reader.do("close")
}

// A paused process is not a dead one.
func TestPausedReader(t *testing.T) {
	name := unique(t)
	reader := newChild(t)
	reader.do("create", name, 0, 1024)
	w := mustConnect(t, name, WithTimeout(150*time.Millisecond))
	ctx := within(t)
	must(t, reader.cmd.Process.Signal(syscall.SIGSTOP))
	eventually(t, "the reader is paused", func() bool { return reader.state() == "T" })
	must(t, w.Write(ctx, frame(1008, 1)))
	wantKind(t, w.Write(ctx, frame(10, 2)), BufferFull)
	must(t, reader.cmd.Process.Signal(syscall.SIGCONT))
	reader.do("read")
	reader.do("release")
	must(t, w.Write(ctx, frame(10, 2)))
	if a := reader.do("read"); a != "ok 2 10" {
		t.Errorf("the reader's answer is %s", a)
	}
	reader.do("close")
}

// Sleepers are woken across processes, in both directions.
func TestWakesAcrossProcesses(t *testing.T) {
	name := unique(t)
	r := mustCreate(t, name, Sizes{0, 1024}, WithTimeout(limit), WithSpin(0))
	writer := newChild(t)
	writer.do("connect", name)
	ctx := within(t)
	for seq := uint64(1); seq <= 50; seq += 2 {
		type read struct {
			f   *Frame
			err error
		}
		result := make(chan read, 1)
		go func() { f, err := r.Read(ctx); result <- read{f, err} }()
		eventually(t, "the reader sleeps", func() bool { return *r.semW.data >= oneWaiter })
		writer.do("write", 900, seq)
		got := <-result
		must(t, got.err)
		writer.send("write", 900, seq+1)
		eventually(t, "the writer sleeps", func() bool { return *r.semR.data >= oneWaiter })
		must(t, got.f.Release())
		if a := writer.answer(); a != "ok" {
			t.Fatal(a)
		}
		f, err := r.Read(ctx)
		must(t, err)
		must(t, pattern.CheckFrame(f.Data(), seq+1))
		must(t, f.Release())
	}
	writer.do("close")
}

func TestProcessWithoutPidfd(t *testing.T) {
	c := newChild(t)
	c.ask("nothing")
	pid := c.cmd.Process.Pid
	start, dead := startTime(pid)
	if dead || start == 0 {
		t.Fatalf("start %d, dead %v", start, dead)
	}
	p := &process{pid: pid, pidfd: -1, start: start}
	if p.dead() {
		t.Error("a live process counts as dead")
	}
	if other := (&process{pid: pid, pidfd: -1, start: start - 1}); !other.dead() {
		t.Error("another process of the same id counts as the same")
	}
	if !startedAfter(pid, time.Unix(1, 0)) || startedAfter(pid, time.Now().Add(time.Hour)) {
		t.Error("the start time is wrong")
	}
	must(t, c.cmd.Process.Kill())
	eventually(t, "it is a zombie", func() bool { return c.state() == "Z" })
	if !p.dead() {
		t.Error("a zombie counts as alive")
	}
	c.kill()
	if !p.dead() {
		t.Error("a process that is gone counts as alive")
	}
	if _, err := watch(pid); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("watch: %v", err)
	}
}

// A reader's pid that now belongs to a younger process does not keep the name.
func TestRecycledPidDoesNotKeepTheName(t *testing.T) {
	name := unique(t)
	reader := newChild(t)
	reader.do("create", name, 0, 64)
	reader.kill()
	younger := newChild(t)
	younger.ask("nothing")
	path, _, _, _ := Objects(name)
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	must(t, err)
	pid := younger.cmd.Process.Pid
	_, err = f.WriteAt([]byte{byte(pid), byte(pid >> 8), byte(pid >> 16), 0}, 0x58)
	must(t, errors.Join(err, f.Close()))
	_, err = Create(name, Sizes{0, 64})
	if e := wantKind(t, err, InUse); e.PID != pid {
		t.Errorf("in use by %d, want %d", e.PID, pid)
	}
	long := time.Now().Add(-24 * time.Hour)
	must(t, os.Chtimes(path, long, long))
	mustCreate(t, name, Sizes{0, 64})
}

func TestCreateWithoutDescriptorsLeavesNothing(t *testing.T) {
	name := unique(t)
	c := newChild(t)
	a := c.do("descriptors", name)
	var failed int
	if _, err := fmt.Sscanf(a, "ok %d", &failed); err != nil || failed < 2 {
		t.Errorf("%s: Create did not fail at several points", a)
	}
}

// What Create cannot look at, for want of a descriptor, may be alive.
func TestCreateWithoutDescriptorsKeepsALiveWriter(t *testing.T) {
	name := unique(t)
	reader := newChild(t)
	reader.do("create", name, 0, 64)
	w := mustConnect(t, name)
	reader.kill()
	path, semW, semR, _ := Objects(name)
	var before []os.FileInfo
	for _, p := range []string{path, semW, semR} {
		info, err := os.Lstat(p)
		must(t, err)
		before = append(before, info)
	}
	if a := newChild(t).ask("descriptors", name); !strings.HasPrefix(a, "InUse") {
		t.Errorf("create: %s, want InUse", a)
	}
	for i, p := range []string{path, semW, semR} {
		if info, err := os.Lstat(p); err != nil || !os.SameFile(before[i], info) {
			t.Errorf("%s was taken from a live writer", p)
		}
	}
	must(t, w.Close())
	mustCreate(t, name, Sizes{0, 64})
}
