package stage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"syscall"
	"time"

	"go.uber.org/zap"
)

// ending is how a program was ended.
type ending struct {
	forced    syscall.Signal // TERM or KILL, if it took one
	processes []LeftProcess
	err       error // something is still there
}

// end ends the program with everything it started: the polite way first if
// there is one, then standard input closed, then TERM, then KILL, each after its
// grace, to the whole group; then what is left of the group and its orphans. It
// returns when all are verified gone. Several callers share one end.
func (p *program) end() ending {
	p.ending.Do(func() {
		defer close(p.ended)
		p.report.forced = p.stop()
		p.report.processes, p.report.err = p.bury()
		p.stage.leave(p)
	})
	<-p.ended
	return p.report
}

// stop returns when the process itself has ended, or will not.
func (p *program) stop() (forced syscall.Signal) {
	g := p.stage.graces
	p.mu.Lock()
	paused, doomed := p.stopped, p.reason != "" || p.asked != 0
	p.stopped = false
	p.mu.Unlock()
	if !p.alive() {
		return 0
	}
	if paused {
		if err := p.proc.Signal(syscall.SIGCONT); err != nil {
			p.log.Debug("a paused program could not be resumed", zap.Error(err))
		}
	}
	if !doomed {
		if p.polite != nil {
			ctx, stop := context.WithTimeout(p.stage.hurry, g.Shutdown)
			p.polite(ctx)
			stop()
		}
		if !p.service { // a service's input has been closed from its start
			p.proc.Stdin().Close()
			if p.waitExit(g.Stdin) {
				return 0
			}
		}
		p.signal(syscall.SIGTERM)
		if p.waitExit(g.Term) {
			return syscall.SIGTERM
		}
	}
	p.signal(syscall.SIGKILL)
	p.waitKilled(g.Kill)
	if doomed {
		return 0
	}
	return syscall.SIGKILL
}

// waitExit waits until the process has ended, at most for the grace. KillAll
// cuts it short by killing the process.
func (p *program) waitExit(grace time.Duration) bool {
	limit := time.NewTimer(grace)
	defer limit.Stop()
	select {
	case <-p.exited:
		return true
	case <-limit.C:
		return false
	}
}

// waitKilled waits until a process that was sent SIGKILL has ended, at most for
// the grace, or until only its tracer can still see it.
func (p *program) waitKilled(grace time.Duration) {
	const interval = 20 * time.Millisecond
	for deadline := time.Now().Add(grace); time.Now().Before(deadline) && !p.waitExit(interval); {
		if p.keptByTracer() > 0 {
			return
		}
	}
}

// keptByTracer returns the thread that traces p's, which is dead: a debugger
// keeps what it debugs in the process table until it lets go, and no signal and no
// wait of the parent ends that. 0 when it is not so.
func (p *program) keptByTracer() int {
	if st, ok := readStat(p.proc.PID()); !ok || !st.zombie() {
		return 0
	}
	return Tracer(p.proc.PID())
}

func (p *program) signal(sig syscall.Signal) {
	if err := p.proc.Signal(sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		p.log.Debug("a signal could not be sent", zap.Error(err))
	}
}

// bury kills the rest of the group and the orphans, and gives the process id
// and the pipes back. The process that has ended keeps its id until then: the
// group cannot be another's.
func (p *program) bury() (left []LeftProcess, err error) {
	if tracer := p.keptByTracer(); p.alive() && tracer > 0 {
		p.log.Warn("a process is dead and stays in the process table until its tracer lets go",
			zap.Int("pid", p.proc.PID()), zap.Int("tracer", tracer))
		return nil, nil
	}
	if p.alive() {
		return nil, fmt.Errorf("%s %s (pid %d) did not die within %v of SIGKILL: it may hang inside the kernel; see /proc/%d/stack",
			noun(p.service), p.platform, p.proc.PID(), p.stage.graces.Kill, p.proc.PID())
	}
	if p.stage.real {
		left, err = p.killOrphans(true)
		if p.exit.Signal == syscall.SIGKILL {
			// What was in the group got the same signal, and is no leftover.
			left = slices.DeleteFunc(left, func(l LeftProcess) bool { return !l.Escaped })
		}
	}
	<-p.settled
	return left, errors.Join(err, p.proc.Close())
}
