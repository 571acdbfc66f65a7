package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"parley.dev/parley/harness/config"
	"parley.dev/parley/harness/engine"
	"parley.dev/parley/harness/nearest"
	"parley.dev/parley/harness/plan"
	"parley.dev/parley/harness/stage"
)

// defaultDebug is for platforms whose `debug` parley.yaml does not name.
const defaultDebug = "gdb -p {pid}"

// attachInterval is how often a servant is looked at that waits for a debugger.
const attachInterval = 50 * time.Millisecond

// checkAttach refuses what --attach cannot be used with.
func (s *session) checkAttach() error {
	role := s.flags.attach
	switch {
	case role == "":
		return nil
	case s.flags.dryRun:
		return errors.New("--attach: a dry run starts no scenario that could be debugged")
	case len(s.cells) != 1:
		return fmt.Errorf("--attach: %s are selected, and it takes exactly one; name its scenario and its cast, like: %s",
			counted(len(s.cells), "cell"), s.project.rerun(s.cells[0], s.flags))
	}
	if roles := rolesOf(s.cells[0].Cast); !slices.Contains(roles, role) {
		return fmt.Errorf("--attach: %s has no role '%s'%s; there are: %s", s.cells[0].ID, role, nearest.Hint(role, roles), strings.Join(roles, ", "))
	}
	return nil
}

// attach is what the engine does for --attach, nil without it.
func (s *session) attach() *engine.Attach {
	if s.flags.attach == "" {
		return nil
	}
	d := &debugging{platforms: s.project.config, in: os.Stdin, out: os.Stderr}
	d.terminal = term.IsTerminal(int(d.in.Fd()))
	a := &engine.Attach{Role: s.flags.attach, Await: d.await}
	for name, value := range s.project.config.Platform(s.cells[0].Cast.Platform(a.Role)).DebugEnv {
		a.Env = append(a.Env, name+"="+value)
	}
	return a
}

// debugging waits for debuggers, one servant at a time.
type debugging struct {
	platforms *config.Config
	in        *os.File
	out       io.Writer
	terminal  bool // somebody can press Enter
	mu        sync.Mutex
}

// await says how to debug a servant, and returns when it is: when a process
// traces it, or Enter is pressed on the terminal, for debuggers that need no
// tracing.
func (d *debugging) await(ctx context.Context, who plan.Instance, sv *stage.Servant) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	pid := sv.PID()
	p := d.platforms.Platform(who.Platform)
	hint := strings.ReplaceAll(strings.TrimSpace(cmp.Or(p.Debug, defaultDebug)), "{pid}", strconv.Itoa(pid))
	waits := "it waits for a debugger"
	switch {
	case p.DebugEnter && d.terminal:
		waits = "it waits for Enter here: press it once the debugger is there"
	case p.DebugEnter:
		waits = "it waits for Enter, and standard input is no terminal where that could be pressed"
	case d.terminal:
		waits = "it waits for a debugger, or for Enter here"
	}
	fmt.Fprintf(d.out, "attach: '%s' (%s) is process %d; debug it with:\n    %s\nattach: %s, and no step has a limit; Ctrl-C ends the run\n", who, who.Platform, pid,
		strings.ReplaceAll(hint, "\n", "\n    "), waits)
	if restricted() {
		fmt.Fprintln(d.out, "attach: this system lets nobody but root trace a process of another parent: sudo sysctl kernel.yama.ptrace_scope=0, or sudo before the debugger")
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-sv.Exited():
			return fmt.Errorf("process %d %s before a debugger came", pid, sv.Ended()) // the cell says it in its own words
		default:
		}
		if !p.DebugEnter && stage.Tracer(pid) > 0 {
			fmt.Fprintf(d.out, "attach: process %d is traced; the scenario goes on\n", pid)
			return nil
		}
		pressed, err := d.enter()
		if err != nil {
			return fmt.Errorf("read the terminal: %w", err)
		}
		if pressed {
			fmt.Fprintln(d.out, "attach: the scenario goes on")
			return nil
		}
	}
}

// enter waits a moment for a line on the terminal. Without one it only waits.
func (d *debugging) enter() (bool, error) {
	if !d.terminal {
		time.Sleep(attachInterval)
		return false, nil
	}
	ready := []unix.PollFd{{Fd: int32(d.in.Fd()), Events: unix.POLLIN}}
	n, err := unix.Poll(ready, int(attachInterval/time.Millisecond))
	if err != nil && !errors.Is(err, unix.EINTR) {
		return false, err
	}
	if n <= 0 {
		return false, nil
	}
	n, err = d.in.Read(make([]byte, 1024))
	if n == 0 && errors.Is(err, io.EOF) { // Ctrl-D
		d.terminal = false
		return false, nil
	}
	return n > 0, err
}

// restricted reports whether only a process's parents and root may trace it.
func restricted() bool {
	scope, err := os.ReadFile("/proc/sys/kernel/yama/ptrace_scope")
	return err == nil && os.Geteuid() != 0 && strings.TrimSpace(string(scope)) != "0"
}
