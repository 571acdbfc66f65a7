package stage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"

	"go.uber.org/zap"
)

// program is a started process under supervision: what servants and services
// have in common.
type program struct {
	stage    *Stage
	number   int64 // PARLEY_SERVANT
	platform string
	service  bool
	log      *zap.Logger
	proc     Process
	out      *Output
	started  time.Time
	ticks    uint64

	exited  chan struct{}         // closed when the process has ended
	settled chan struct{}         // closed when in addition what it had printed was read
	exit    Exit                  // valid after exited
	polite  func(context.Context) // asks it to end; nil: closing its input does
	ending  sync.Once
	report  ending // valid once ended is closed
	ended   chan struct{}

	mu      sync.Mutex
	role    string
	asked   syscall.Signal // KILL or SEGV that the scenario sent
	stopped bool           // by SIGSTOP
	reason  string         // why the coordinator killed it, empty if it did not
}

// supervise takes a process that was just started. readers are closed when a
// pipe's end was read.
func (p *program) supervise(readers ...<-chan struct{}) {
	p.exited, p.settled = make(chan struct{}), make(chan struct{})
	go func() {
		p.exit = p.proc.Wait()
		close(p.exited)
		// An orphan that holds a pipe keeps it open; it must not keep us waiting.
		limit := time.NewTimer(p.stage.graces.Drain)
		defer limit.Stop()
		for _, r := range readers {
			select {
			case <-r:
			case <-limit.C:
				limit.Reset(0)
			}
		}
		close(p.settled)
	}()
}

// Platform is the platform, or the name of a service.
func (p *program) Platform() string { return p.platform }

// StartTicks is the start time of the process in clock ticks since boot, as in
// /proc/PID/stat: with the PID it names one process for good. 0 in process.
func (p *program) StartTicks() uint64 { return p.ticks }

// Started is when the process was started.
func (p *program) Started() time.Time { return p.started }

// Output is what it prints.
func (p *program) Output() *Output { return p.out }

// Exited is closed when the process has ended.
func (p *program) Exited() <-chan struct{} { return p.exited }

// Role is the role that Assign or the Command gave.
func (p *program) Role() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.role
}

// Ended says how the process ended, like "exited with status 134" or "was
// killed by SIGKILL (as the scenario asked)"; empty while it lives.
func (p *program) Ended() string {
	select {
	case <-p.exited:
	default:
		return ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	how := p.exit.String()
	switch {
	case p.asked != 0 && p.exit.Signal == p.asked:
		how += " (as the scenario asked)"
	case p.asked != 0:
		how += fmt.Sprintf(" (after the %s that the scenario asked for)", signalName(p.asked))
	case p.reason != "" && p.exit.Signal == syscall.SIGKILL:
		how += " (" + p.reason + ")"
	}
	return how
}

// EndExpected reports whether the scenario ended it with SIGKILL or SIGSEGV.
func (p *program) EndExpected() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked != 0
}

// Signal sends sig to the whole process group on behalf of the scenario. After
// SIGKILL and SIGSEGV its end is expected. An error means that it has ended
// already, or cannot get signals (in process, all but SIGKILL).
func (p *program) Signal(sig syscall.Signal) error {
	select {
	case <-p.exited:
		return fmt.Errorf("send %s to %s %s: it %s", signalName(sig), noun(p.service), p.platform, p.Ended())
	default:
	}
	p.mu.Lock()
	switch sig {
	case syscall.SIGKILL, syscall.SIGSEGV:
		if p.asked == 0 {
			p.asked = sig
		}
	case syscall.SIGSTOP, syscall.SIGTSTP:
		p.stopped = true
	case syscall.SIGCONT:
		p.stopped = false
	}
	p.mu.Unlock()
	if err := p.proc.Signal(sig); err != nil {
		return fmt.Errorf("send %s to %s %s: %w", signalName(sig), noun(p.service), p.platform, err)
	}
	return nil
}

// kill ends the group at once, for a reason that messages will name.
func (p *program) kill(reason string) {
	p.mu.Lock()
	if p.reason == "" {
		p.reason = reason
	}
	p.mu.Unlock()
	if err := p.proc.Signal(syscall.SIGKILL); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.log.Warn("a program could not be killed", zap.Error(err))
	}
}

// alive reports whether the process has not ended.
func (p *program) alive() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}
