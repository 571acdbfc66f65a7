package process

import (
	"context"
	"errors"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"parley.dev/parley/harness/packs"
)

// child is a real process as the engine would hand it to the pack.
type child struct {
	cmd    *exec.Cmd
	exited chan struct{}
}

func startChild(t *testing.T) *child {
	t.Helper()
	return startCommand(t, exec.Command("sleep", "60"))
}

func startCommand(t *testing.T, cmd *exec.Cmd) *child {
	t.Helper()
	c := &child{cmd: cmd, exited: make(chan struct{})}
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = c.cmd.Wait()
		close(c.exited)
	}()
	t.Cleanup(func() {
		_ = c.cmd.Process.Kill()
		<-c.exited
	})
	return c
}

func (c *child) PID() int                        { return c.cmd.Process.Pid }
func (c *child) Signal(sig syscall.Signal) error { return syscall.Kill(-c.PID(), sig) }
func (c *child) Exited() <-chan struct{}         { return c.exited }
func (c *child) Ended() string                   { return c.cmd.ProcessState.String() }

type cell struct {
	process   *child
	restarted int
	user      string
	refused   error // by RunAs
	notes     sync.Map
	undo      []func() error
}

func (c *cell) Resource(name string) string { return name }
func (c *cell) Owns(string) bool            { return false }
func (c *cell) AtEnd(undo func() error)     { c.undo = append(c.undo, undo) }
func (c *cell) Notes() *sync.Map            { return &c.notes }
func (c *cell) Process(role string, instance int) (packs.Process, error) {
	if role != "reader" || instance != 1 {
		return nil, errors.New("no such process")
	}
	return c.process, nil
}

// ended does what the engine does at the cell's end.
func (c *cell) ended() error {
	var errs []error
	for _, undo := range slices.Backward(c.undo) {
		errs = append(errs, undo())
	}
	return errors.Join(errs...)
}

func (c *cell) Restart(context.Context, string, int) error {
	c.restarted++
	return nil
}

func (c *cell) RunAs(_ context.Context, _ string, _ int, user string) error {
	c.user = user
	return c.refused
}

func perform(t *testing.T, c *cell, text string) error {
	t.Helper()
	return performWith(t, c, text, nil)
}

func performWith(t *testing.T, c *cell, text string, report *packs.Report) error {
	t.Helper()
	def, args, ok := packs.NewSet(Pack()).Match(text)
	if !ok {
		t.Fatalf("%q is no step of the pack", text)
	}
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	return def.Run(ctx, packs.Call{Cell: c, Role: "reader", Instances: []int{1}, Args: args, Report: report})
}

func TestSignals(t *testing.T) {
	c := &cell{process: startChild(t)}
	for _, text := range []string{"the 'reader' process is paused", "the 'reader' process resumes"} {
		if err := perform(t, c, text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	if s, err := state(c.process.PID()); err != nil || s == 'T' {
		t.Errorf("after resuming the state is %c, %v", s, err)
	}
	if err := perform(t, c, "the 'reader' process has ended"); err == nil {
		t.Error("a living process has not ended")
	}
	if err := perform(t, c, "the 'reader' process is paused"); err != nil {
		t.Fatal(err)
	}
	if err := perform(t, c, "the 'reader' process crashes"); err != nil {
		t.Fatalf("a stopped process takes the signal too: %v", err)
	}
	if got := c.process.Ended(); !strings.Contains(got, "segmentation fault") {
		t.Errorf("it ended by: %s", got)
	}
	if err := perform(t, c, "'reader' has ended"); err != nil {
		t.Error(err)
	}
	if err := perform(t, c, "the 'reader' process is killed"); err == nil || !strings.Contains(err.Error(), "had already ended") {
		t.Errorf("killing the dead: %v", err)
	}
}

func TestKill(t *testing.T) {
	c := &cell{process: startChild(t)}
	if err := perform(t, c, "a new 'reader' process is killed"); err != nil {
		t.Fatal(err)
	}
	if got := c.process.Ended(); !strings.Contains(got, "killed") {
		t.Errorf("it ended by: %s", got)
	}
}

func TestRestart(t *testing.T) {
	c := &cell{}
	if err := perform(t, c, "the 'reader' process is restarted"); err != nil || c.restarted != 1 {
		t.Errorf("restarted %d times, %v", c.restarted, err)
	}
}

// The plan finds no process in "the 'reader' is killed", which the pack takes.
func TestAStepThatNamesNoProcessFails(t *testing.T) {
	c := &cell{process: startChild(t)}
	for _, verb := range []string{"is killed", "crashes", "is paused", "resumes", "is restarted", "has ended"} {
		def, args, ok := packs.NewSet(Pack()).Match("the 'reader' " + verb)
		if !ok {
			t.Fatalf("%s is no step of the pack", verb)
		}
		if err := def.Run(t.Context(), packs.Call{Cell: c, Args: args}); err == nil || !strings.Contains(err.Error(), "the step names no process; write: the 'reader' process") {
			t.Errorf("%s: %v", verb, err)
		}
	}
	if c.restarted != 0 {
		t.Error("something was restarted")
	}
}

func TestWait(t *testing.T) {
	start := time.Now()
	if err := perform(t, &cell{}, "wait for '0.05' seconds"); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took < 50*time.Millisecond {
		t.Errorf("waited %v", took)
	}
	def, args, _ := packs.NewSet(Pack()).Match("wait for 60 seconds")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := def.Run(ctx, packs.Call{Args: args}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled wait: %v", err)
	}
}

func TestWhatIsNoStepOfThePack(t *testing.T) {
	set := packs.NewSet(Pack())
	for _, text := range []string{"the 'reader' process is killed twice", "the reader is killed", "the 'reader' process waits", "I wait for '2' seconds"} {
		if _, _, ok := set.MatchPack(text); ok {
			t.Errorf("%q is taken", text)
		}
	}
}
