package servant

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"parley.dev/parley/servant/contract"
)

// exitGrace bounds what a servant may take to clean up before it exits.
const exitGrace = 5 * time.Second

// Main runs this process as a servant: it takes standard input and output for
// the protocol, registers the step definitions, serves them, and exits. The
// status is 0 after shutdown and at the end of input, 143 after SIGTERM, 130
// after SIGINT, and 1 when the connection or the clean-up failed; standard error
// then says why.
//
// From here on descriptor 1 leads to standard error and descriptor 0 to
// /dev/null, for this process and its children: neither a print nor a read of
// user code can touch the protocol. Call it first in main.
//
// A coordinator of contract 1.0 expects a bare `true` from health; it is told by
// its environment, which has HARMONY_HOST_PID and no PARLEY_ROLE.
func Main(register ...func(*Registry)) {
	conn, err := claimStdio()
	if err != nil {
		fmt.Fprintf(os.Stderr, "servant: %v\n", err)
		os.Exit(1)
	}
	if err := openPoller(); err != nil {
		fmt.Fprintf(os.Stderr, "servant: %v\n", err)
		os.Exit(1)
	}
	registry := NewRegistry()
	for _, add := range register {
		if err := definitions(registry, add); err != nil {
			fmt.Fprintf(os.Stderr, "servant: %v\n", err)
			os.Exit(1)
		}
	}
	os.Exit(serveProcess(registry, conn))
}

// definitions registers step definitions. A definition with a mistake is an
// error, which names its place: one line instead of a stack.
func definitions(registry *Registry, add func(*Registry)) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case *definitionError:
			err = p
		default:
			panic(p)
		}
	}()
	add(registry)
	return nil
}

func serveProcess(registry *Registry, conn io.ReadWriteCloser) int {
	// Without a receiver, a write to a pipe that nobody reads would kill the
	// process before it has cleaned up.
	broken := make(chan os.Signal, 1)
	signal.Notify(broken, syscall.SIGPIPE)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	served := make(chan error, 1)
	input := &endOfInput{ReadWriteCloser: conn, ended: make(chan struct{})}
	go func() {
		served <- Serve(ctx, registry, input, Info{
			Instance:    strconv.Itoa(os.Getpid()),
			BareHealth:  coordinatorIsLegacy(),
			Diagnostics: os.Stderr,
		})
	}()

	status := 0
	var deadline <-chan time.Time
	ended := input.ended
	for {
		select {
		case err := <-served:
			if err != nil && !errors.Is(err, context.Canceled) && !endedInsideFrame(err) {
				fmt.Fprintf(os.Stderr, "servant: %v\n", err)
				status = max(status, 1)
			}
			return status
		case s := <-signals:
			status = 128 + int(s.(syscall.Signal))
			cancel()
			deadline = time.After(exitGrace)
		case <-ended:
			ended = nil
			deadline = time.After(exitGrace)
		case <-deadline:
			fmt.Fprintf(os.Stderr, "servant: the clean-up took longer than %v; exiting without its end\n", exitGrace)
			return max(status, 1)
		}
	}
}

// coordinatorIsLegacy reports whether the environment is that of a contract 1.0
// coordinator, which expects a boolean from health: it sets its own variables
// and none of ours.
func coordinatorIsLegacy() bool {
	_, ours := os.LookupEnv(contract.EnvRole)
	_, theirs := os.LookupEnv(contract.EnvLegacyHostPID)
	return theirs && !ours
}

// endedInsideFrame reports whether the coordinator went away while it wrote:
// an end of input like any other.
func endedInsideFrame(err error) bool {
	var partial *contract.PartialFrameError
	return errors.As(err, &partial)
}

// endOfInput tells when reading has failed or ended.
type endOfInput struct {
	io.ReadWriteCloser
	ended chan struct{}
	told  bool
}

func (c *endOfInput) Read(p []byte) (int, error) {
	n, err := c.ReadWriteCloser.Read(p)
	if err != nil && !c.told {
		c.told = true
		close(c.ended)
	}
	return n, err
}

// stdio is the protocol's pair of descriptors.
type stdio struct{ in, out *os.File }

func (s *stdio) Read(p []byte) (int, error)  { return s.in.Read(p) }
func (s *stdio) Write(p []byte) (int, error) { return s.out.Write(p) }

func (s *stdio) Close() error { return errors.Join(s.in.Close(), s.out.Close()) }

// claimStdio moves descriptors 0 and 1 to private ones that children do not
// inherit.
func claimStdio() (*stdio, error) {
	null, err := syscall.Open(os.DevNull, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", os.DevNull, err)
	}
	defer func() { _ = syscall.Close(null) }()
	in, err := claim(0, null)
	if err != nil {
		return nil, fmt.Errorf("take standard input for the protocol: %w", err)
	}
	out, err := claim(1, 2)
	if err != nil {
		return nil, fmt.Errorf("take standard output for the protocol: %w", err)
	}
	return &stdio{in: os.NewFile(uintptr(in), "protocol input"), out: os.NewFile(uintptr(out), "protocol output")}, nil
}

// claim duplicates fd to a private descriptor and makes fd lead where
// replacement does.
func claim(fd, replacement int) (int, error) {
	private, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_DUPFD_CLOEXEC, 3)
	if errno != 0 {
		return 0, fmt.Errorf("duplicate descriptor %d: %w", fd, errno)
	}
	if err := syscall.Dup3(replacement, fd, 0); err != nil {
		return 0, fmt.Errorf("replace descriptor %d: %w", fd, err)
	}
	return int(private), nil
}

// openPoller makes the runtime open its poller. Otherwise it does so at the first
// timer, and ends the process if no descriptor is left then, which scenarios
// bring about.
func openPoller() error {
	r, w, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("open a pipe: %w", err)
	}
	return errors.Join(r.Close(), w.Close())
}
