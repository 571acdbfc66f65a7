package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"parley.dev/parley/harness/runlog"
)

var attachLine = regexp.MustCompile(`^attach: 'reader' \(go\) is process (\d+); debug it with:$`)

// attaching starts a run that waits for a debugger, and returns it with what it
// says from then on and the process that waits.
func (s *site) attaching(args ...string) (r *running, said *bufio.Scanner, pid int) {
	s.t.Helper()
	in, out, err := os.Pipe()
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { in.Close() })
	r = &running{Cmd: s.command(append([]string{"run", "--attach", "reader"}, args...)...), ended: make(chan struct{})}
	r.Stdout, r.Stderr, r.WaitDelay = &r.out, out, patience
	if err := r.Start(); err != nil {
		s.t.Fatal(err)
	}
	out.Close()
	go func() {
		defer close(r.ended)
		_ = r.Wait()
		r.status = r.ProcessState.ExitCode()
	}()
	said = bufio.NewScanner(in)
	m := attachLine.FindStringSubmatch(next(said))
	if m == nil {
		s.t.Fatalf("instead of the process: %s", said.Text())
	}
	pid, _ = strconv.Atoi(m[1])
	if hint := next(said); strings.TrimSpace(hint) != "gdb -p "+m[1] {
		s.t.Errorf("hint %q", hint)
	}
	if waits := next(said); !strings.Contains(waits, "it waits for a debugger, and no step has a limit; Ctrl-C ends the run") {
		s.t.Errorf("then %q", waits)
	}
	return r, said, pid
}

func next(lines *bufio.Scanner) string {
	lines.Scan()
	return lines.Text()
}

// traced attaches to a process as a debugger does, calls during, and lets go.
func traced(t *testing.T, pid int, during func()) {
	t.Helper()
	runtime.LockOSThread() // the thread is the tracer
	defer runtime.UnlockOSThread()
	if err := unix.PtraceAttach(pid); errors.Is(err, unix.EPERM) {
		t.Skip("this system lets nobody but root trace a process of another parent")
	} else if err != nil {
		t.Fatal(err)
	}
	if _, err := unix.Wait4(pid, nil, 0, nil); err != nil {
		t.Fatal(err)
	}
	during()
	if err := unix.PtraceDetach(pid); err != nil && !errors.Is(err, unix.ESRCH) {
		t.Fatal(err)
	}
}

func TestAttachGoesOnWhenADebuggerComes(t *testing.T) {
	s := newSite(t, "", "has a limit of '576h0m0s'", "leaves a child behind", "touches 'done'")
	r, said, pid := s.attaching("--step-timeout", "50ms")
	traced(t, pid, func() {
		want := fmt.Sprintf("attach: process %d is traced; the scenario goes on", pid)
		if got := next(said); got != want {
			t.Errorf("said %q, want %q", got, want)
		}
		if _, err := os.Stat(s.dir + "/done"); err == nil {
			t.Error("the scenario has run before the debugger came")
		}
	})
	s.assertEnded(r, exitPassed)
	s.assertClear()
	// A child is ended as ever, but debuggers bring some of their own: it is no leak.
	if cell := s.log().Cells[0]; cell.Verdict() != runlog.Passed || len(cell.Result().Notes) == 0 {
		t.Errorf("%s: %s", cell.Verdict(), cell.Reason())
	}
}

// While a debugger holds it, a killed process stays in the process table: the
// run must not wait for what only the debugger can end.
func TestAttachIsInterruptedWhileADebuggerHoldsTheProcess(t *testing.T) {
	s := newSite(t, "", "keeps 'data' in shared memory", "hangs")
	r, said, pid := s.attaching()
	traced(t, pid, func() {
		next(said)
		s.signal(r, syscall.SIGINT)
		s.assertEnded(r, exitInterrupted)
		if len(s.there())+len(s.registered()) > 0 {
			t.Errorf("left behind: %v %v", s.there(), s.registered())
		}
	})
	if _, err := unix.Wait4(pid, nil, 0, nil); err != nil && !errors.Is(err, unix.ECHILD) {
		t.Fatal(err)
	}
	s.eventually("nothing is left", s.clear)
}

func TestAttachWaitsUntilInterrupted(t *testing.T) {
	s := newSite(t, "", "hangs")
	r, _, _ := s.attaching()
	s.signal(r, syscall.SIGINT)
	s.assertEnded(r, exitInterrupted)
	s.assertClear()
}

func TestAttachToAServantThatEnds(t *testing.T) {
	s := newSite(t, "", "passes")
	r, _, pid := s.attaching()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	s.assertEnded(r, exitFailed)
	s.assertClear()
	if want := "crashed: servant go (role reader) was killed by SIGKILL"; !strings.Contains(r.out.String(), want) {
		t.Errorf("standard output does not say %q: %s", want, &r.out)
	}
}

func TestEnterGoesOn(t *testing.T) {
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	d := &debugging{in: in, out: &bytes.Buffer{}, terminal: true}
	if pressed, err := d.enter(); pressed || err != nil {
		t.Errorf("nothing was typed: %v, %v", pressed, err)
	}
	if _, err := out.WriteString("\n"); err != nil {
		t.Fatal(err)
	}
	if pressed, err := d.enter(); !pressed || err != nil {
		t.Errorf("Enter: %v, %v", pressed, err)
	}
	out.Close()
	if pressed, err := d.enter(); pressed || err != nil || d.terminal {
		t.Errorf("the end of the input: %v, %v, still a terminal: %v", pressed, err, d.terminal)
	}
}
