package stage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
)

// Main is a program that runs inside the coordinator: it reads and writes the
// three streams and returns its exit status, soon after ctx is done.
type Main func(ctx context.Context, c Command, stdin io.Reader, stdout, stderr io.Writer) int

// InProcess returns a Launcher that runs main in a goroutine instead of a
// process: for servants in Go under a debugger, and for tests. SIGKILL and
// SIGTERM end ctx and close the streams; other signals are errors. There is no
// PID, so nothing to sample and no hygiene to check.
func InProcess(main Main) Launcher { return inProcess{main} }

type inProcess struct{ main Main }

func (l inProcess) Launch(ctx context.Context, c Command) (Process, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p := &goroutine{done: make(chan struct{})}
	var ends [3][2]*os.File
	for i := range ends {
		r, w, err := os.Pipe()
		if err != nil {
			for _, e := range ends[:i] {
				e[0].Close()
				e[1].Close()
			}
			return nil, fmt.Errorf("make a pipe: %w", err)
		}
		ends[i] = [2]*os.File{r, w}
	}
	p.in, p.out, p.err = ends[0][1], ends[1][0], ends[2][0]
	p.inner = []*os.File{ends[0][0], ends[1][1], ends[2][1]}
	// The servant outlives the call that starts it.
	inner, cancel := context.WithCancel(context.WithoutCancel(ctx))
	p.cancel = cancel
	go func() {
		status := l.main(inner, c, p.inner[0], p.inner[1], p.inner[2])
		p.finish(Exit{Status: status})
	}()
	return p, nil
}

type goroutine struct {
	in, out, err *os.File
	inner        []*os.File // the program's ends
	cancel       context.CancelFunc
	once         sync.Once
	done         chan struct{}
	exit         Exit
}

func (p *goroutine) finish(e Exit) {
	p.once.Do(func() {
		p.exit = e
		p.cancel()
		for _, f := range p.inner {
			f.Close()
		}
		close(p.done)
	})
}

func (p *goroutine) PID() int              { return 0 }
func (p *goroutine) Stdin() io.WriteCloser { return p.in }
func (p *goroutine) Stdout() io.ReadCloser { return p.out }
func (p *goroutine) Stderr() io.ReadCloser { return p.err }

func (p *goroutine) Signal(sig syscall.Signal) error {
	switch sig {
	case syscall.SIGKILL, syscall.SIGTERM:
		p.finish(Exit{Signal: sig})
		return nil
	}
	return fmt.Errorf("%s cannot be sent to a servant that runs in process", signalName(sig))
}

func (p *goroutine) Wait() Exit {
	<-p.done
	return p.exit
}

func (p *goroutine) Close() error {
	var errs []error
	for _, f := range []*os.File{p.in, p.out, p.err} {
		if err := f.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
