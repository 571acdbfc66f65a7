package stage

import (
	"errors"
	"io"
	"sync"
	"syscall"
)

// drain reads r into out until its end, so that a program that prints a lot
// never blocks. When r is a pipe of the operating system, Output can also fetch
// at any moment what the pipe holds: a line printed before an answer is then
// there when the answer is.
func drain(r io.Reader, from Source, out *Output) (done chan struct{}) {
	done = make(chan struct{})
	if c, ok := r.(syscall.Conn); ok {
		if raw, err := c.SyscallConn(); err == nil {
			d := &pipeDrain{raw: raw, out: out, from: from, buf: make([]byte, 64<<10)}
			out.pulls = append(out.pulls, d.fetch)
			go func() {
				defer close(done)
				d.run()
			}()
			return done
		}
	}
	go func() {
		defer close(done)
		buf := make([]byte, 64<<10)
		for {
			n, err := r.Read(buf)
			out.write(from, buf[:n])
			if err != nil {
				return
			}
		}
	}()
	return done
}

// pipeDrain reads a pipe that does not block, from two sides: its own goroutine
// waits for data, fetch takes what is there. mu makes reading and keeping one
// step, so lines stay in order.
type pipeDrain struct {
	raw  syscall.RawConn
	out  *Output
	from Source
	mu   sync.Mutex
	buf  []byte
}

func (d *pipeDrain) run() {
	for {
		var end bool
		err := d.raw.Read(func(fd uintptr) bool {
			n, err := d.read(fd)
			end = n == 0 && err == nil
			return !errors.Is(err, syscall.EAGAIN)
		})
		if err != nil || end {
			return
		}
	}
}

func (d *pipeDrain) fetch() {
	// Bounded: a program that prints without pause must not hold the caller.
	for range 16 {
		more := false
		if err := d.raw.Control(func(fd uintptr) {
			n, _ := d.read(fd)
			more = n == len(d.buf)
		}); err != nil || !more {
			return
		}
	}
}

func (d *pipeDrain) read(fd uintptr) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for {
		n, err := syscall.Read(int(fd), d.buf)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if n > 0 {
			d.out.write(d.from, d.buf[:n])
		}
		return n, err
	}
}
