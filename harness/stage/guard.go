package stage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"go.uber.org/zap"
)

// The guard is a process of the coordinator's own binary that outlives it when
// it is killed. It holds a pipe from the coordinator; at an end of file without
// a goodbye it takes the run's lock, which the kernel gives only when the
// coordinator is dead, and removes everything that the run owns.
const (
	// guardArg is a flag, so that a binary that does not know it refuses to run.
	guardArg = "--parley-guard"
	// envGuard marks a guard for other stages of the same coordinator.
	envGuard = "PARLEY_GUARD"

	guardReady   = "ready\n"
	guardGoodbye = "goodbye\n"
)

// GuardMain runs the guard and exits, if this process was started as one, and
// returns otherwise. Main functions whose program opens a stage call it first.
func GuardMain() {
	if len(os.Args) == 3 && os.Args[1] == guardArg {
		os.Exit(runGuard(os.Args[2], os.Stdin, os.Stdout))
	}
}

// runGuard returns the guard's exit status.
func runGuard(dir string, in io.Reader, out io.Writer) int {
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGPIPE)
	// A coordinator that is gone already cannot be told; its run is cleaned all the same.
	_, _ = io.WriteString(out, guardReady)
	said, err := io.ReadAll(in)
	if err == nil && string(said) == guardGoodbye {
		return 0
	}
	for {
		o, err := takeDead(dir)
		switch {
		case errors.Is(err, errAlive):
			// The coordinator is still ending, or another cleaner is at work.
			time.Sleep(10 * time.Millisecond)
			continue
		case errors.Is(err, fs.ErrNotExist):
			return 0
		case err != nil:
			return 1
		}
		if _, err := o.cleanUp(); err != nil {
			return 1
		}
		return 0
	}
}

// guard is the coordinator's side.
type guard struct {
	pid  int
	pipe *os.File // open as long as the coordinator lives
	once sync.Once
	up   chan struct{} // closed when it is ready or has failed
	err  error         // valid after up
}

func startGuard(s *spawner, dir string, log *zap.Logger) (*guard, error) {
	fail := func(err error) (*guard, error) { return nil, err }
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return fail(err)
	}
	defer null.Close()
	in, pipe, err := os.Pipe()
	if err != nil {
		return fail(err)
	}
	defer in.Close()
	ready, out, err := os.Pipe()
	if err != nil {
		pipe.Close()
		return fail(err)
	}
	defer out.Close()
	g := &guard{pipe: pipe, up: make(chan struct{})}
	env := environment(os.Environ(), nil, map[string]string{envGuard: dir})
	g.pid, err = s.fork("/proc/self/exe", []string{"parley-guard", guardArg, dir}, &syscall.ProcAttr{
		Dir: "/", Env: env, Files: []uintptr{in.Fd(), out.Fd(), null.Fd()},
		Sys: &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		pipe.Close()
		ready.Close()
		return fail(err)
	}
	go func() {
		defer close(g.up)
		defer ready.Close()
		said := make([]byte, len(guardReady))
		if _, err := io.ReadFull(ready, said); err != nil || string(said) != guardReady {
			g.err = fmt.Errorf("the guard that cleans up after a killed run did not start (it said %q): main must call stage.GuardMain before anything else", said)
			log.Error("no guard", zap.Error(g.err))
		}
	}()
	return g, nil
}

// ready waits until the guard is at its post.
func (g *guard) ready(ctx context.Context) error {
	if g == nil {
		return nil
	}
	select {
	case <-g.up:
		return g.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// dismiss says goodbye and waits for the guard's end. A guard that is gone
// already is fine: the run has ended in order.
func (g *guard) dismiss() {
	g.once.Do(func() {
		_, _ = g.pipe.WriteString(guardGoodbye)
		g.pipe.Close()
		<-g.up
		for {
			_, err := syscall.Wait4(g.pid, nil, 0, nil)
			if !errors.Is(err, syscall.EINTR) {
				return // ended, or reaped as an orphan by another stage
			}
		}
	})
}
