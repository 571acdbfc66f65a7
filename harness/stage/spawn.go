package stage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// spawner starts every process from one OS thread, because the parent-death
// signal is sent when the thread that forked ends, not when the process does.
type spawner struct {
	requests chan spawnRequest
	stopped  chan struct{}
	once     sync.Once
}

type spawnRequest struct {
	path  string
	argv  []string
	attr  *syscall.ProcAttr
	reply chan spawnReply
}

type spawnReply struct {
	pid int
	err error
}

func newSpawner() *spawner {
	// What this process was given by its own parent is nothing that servants
	// should hold open. A kernel without the call leaves it as it is.
	_ = unix.CloseRange(3, math.MaxInt32, unix.CLOSE_RANGE_CLOEXEC)
	s := &spawner{requests: make(chan spawnRequest), stopped: make(chan struct{})}
	go s.loop()
	return s
}

func (s *spawner) loop() {
	// Never unlocked: the thread ends with the goroutine, and with it whatever
	// should still live of what it started.
	runtime.LockOSThread()
	defer close(s.stopped)
	for r := range s.requests {
		pid, err := syscall.ForkExec(r.path, r.argv, r.attr)
		r.reply <- spawnReply{pid, err}
	}
}

// stop ends the thread. No start may follow.
func (s *spawner) stop() {
	s.once.Do(func() { close(s.requests) })
	<-s.stopped
}

func (s *spawner) fork(path string, argv []string, attr *syscall.ProcAttr) (int, error) {
	r := spawnRequest{path, argv, attr, make(chan spawnReply, 1)}
	s.requests <- r
	reply := <-r.reply
	return reply.pid, reply.err
}

// Launch implements Launcher with real processes: a group of its own, killed
// when the coordinator dies.
func (s *spawner) Launch(ctx context.Context, c Command) (Process, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	path, err := executable(c)
	if err != nil {
		return nil, err
	}
	var ends [3][2]*os.File // standard stream, then reader and writer
	for i := range ends {
		r, w, err := os.Pipe()
		if err != nil {
			for _, e := range ends[:i] {
				e[0].Close()
				e[1].Close()
			}
			return nil, fmt.Errorf("make a pipe for %s: %w", path, err)
		}
		ends[i] = [2]*os.File{r, w}
	}
	child := []*os.File{ends[0][0], ends[1][1], ends[2][1]}
	p := &osProcess{in: ends[0][1], out: ends[1][0], err: ends[2][0]}
	files := make([]uintptr, len(child))
	for i, f := range child {
		files[i] = f.Fd() // also makes the child's end blocking, as programs expect it
	}
	p.pid, err = s.fork(path, c.Argv, &syscall.ProcAttr{
		Dir: c.Dir, Env: c.Env, Files: files,
		Sys: &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL, Credential: c.User.credential()},
	})
	for _, f := range child {
		f.Close()
	}
	if err != nil {
		p.closePipes()
		return nil, explainStart(path, err)
	}
	return p, nil
}

// osProcess is a child of the coordinator.
type osProcess struct {
	pid          int
	in, out, err *os.File

	mu     sync.Mutex
	reaped bool
}

func (p *osProcess) PID() int              { return p.pid }
func (p *osProcess) Stdin() io.WriteCloser { return p.in }
func (p *osProcess) Stdout() io.ReadCloser { return p.out }
func (p *osProcess) Stderr() io.ReadCloser { return p.err }

func (p *osProcess) Signal(sig syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reaped {
		return os.ErrProcessDone
	}
	err := syscall.Kill(-p.pid, sig)
	if errors.Is(err, syscall.ESRCH) { // it moved itself to another group
		err = syscall.Kill(p.pid, sig)
	}
	if err != nil {
		return fmt.Errorf("send %s to process group %d: %w", signalName(sig), p.pid, err)
	}
	return nil
}

func (p *osProcess) Wait() Exit {
	var info unix.Siginfo
	for {
		err := unix.Waitid(unix.P_PID, p.pid, &info, unix.WEXITED|unix.WNOWAIT, nil)
		if err == nil {
			break
		}
		if !errors.Is(err, unix.EINTR) {
			return Exit{Status: unknownStatus}
		}
	}
	// si_status stands behind three ints, padding, si_pid and si_uid on every
	// 64-bit Linux.
	status := *(*int32)(unsafe.Add(unsafe.Pointer(&info), 24))
	const exited = 1 // CLD_EXITED
	if info.Code == exited {
		return Exit{Status: int(status)}
	}
	return Exit{Signal: syscall.Signal(status)}
}

func (p *osProcess) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closePipes()
	if p.reaped {
		return nil
	}
	p.reaped = true
	return reapChild(p.pid)
}

func (p *osProcess) closePipes() {
	p.in.Close()
	p.out.Close()
	p.err.Close()
}
