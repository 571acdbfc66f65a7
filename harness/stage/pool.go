package stage

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"

	"go.uber.org/zap"

	"parley.dev/parley/servant/contract"
)

// Leftovers is what Release found.
type Leftovers struct {
	Reused    bool           // the servant waits for its next cell; otherwise it is gone
	Reason    string         // why it was not reused although keep was asked
	Unclean   []string       // what it still held after cleanup, like "descriptors: 9 before, 12 now"
	Forced    syscall.Signal // SIGTERM or SIGKILL, if it did not end by itself; 0 if it did or was meant to be killed
	Processes []LeftProcess  // what outlived it, killed by now
	Err       error          // something could not be ended
}

// Acquire lends a servant of the command's platform to a cell: one that served
// before and is clean, or a fresh process that has answered health. A contract
// 1.0 servant is always fresh and lives under the cell's HARMONY numbers. Errors
// are *Failure, except that of a closed stage. The caller must Release it.
func (s *Stage) Acquire(ctx context.Context, c Command, cell Identity) (*Servant, error) {
	key := poolKey(c)
	for {
		sv := s.takeIdle(key)
		if sv == nil {
			return s.launchServant(ctx, c, cell, key)
		}
		if sv.alive() {
			sv.Assign(c.Role, 0)
			return sv, nil
		}
		how := sv.Ended()
		sv.end()
		s.log.Warn("a servant ended while it waited for its next cell", zap.String("platform", sv.platform), zap.String("how", how))
	}
}

// poolKey is the same for commands that start the same program the same way.
func poolKey(c Command) string {
	user := ""
	if c.User != nil {
		user = c.User.Name
	}
	parts := append([]string{c.Platform, c.Dir, user}, c.Argv...)
	return strings.Join(append(append(parts, ""), c.Env...), "\x00")
}

func (s *Stage) takeIdle(key string) *Servant {
	s.mu.Lock()
	defer s.mu.Unlock()
	idle := s.idle[key]
	if s.closed || len(idle) == 0 {
		return nil
	}
	sv := idle[len(idle)-1]
	s.idle[key] = idle[:len(idle)-1]
	return sv
}

// launchServant starts a process and asks for its health.
func (s *Stage) launchServant(ctx context.Context, c Command, cell Identity, key string) (*Servant, error) {
	p, err := s.launch(ctx, c, cell, false)
	if err != nil {
		return nil, err
	}
	sv := &Servant{program: p, key: key}
	p.polite = sv.shutdown
	st := newStream(p.proc.Stdin(), p.proc.Stdout(), func(raw []byte) { p.out.write(StrayStdout, raw) })
	stderr := drain(p.proc.Stderr(), Stderr, p.out)
	sv.wire = newWire(st, newReceiver(sv, s.handler), p.log)
	p.supervise(sv.wire.closed(), stderr)
	go func() {
		<-p.settled
		sv.wire.close()
	}()
	if err := sv.handshake(ctx); err != nil {
		sv.end()
		return nil, err
	}
	if pid := sv.PID(); pid != 0 {
		if sv.level, err = measure(pid); err != nil {
			s.log.Debug("a servant's level could not be measured", zap.Error(err))
		}
	}
	if err := s.guard.ready(ctx); err != nil {
		sv.end()
		return nil, sv.failure(StartFailed, fmt.Sprintf("cannot be used: %v", err), err)
	}
	return sv, nil
}

// launch starts a process, or fails with a *Failure.
func (s *Stage) launch(ctx context.Context, c Command, cell Identity, service bool) (*program, error) {
	p := &program{
		stage: s, number: s.numbers.Add(1), platform: c.Platform, role: c.Role, service: service,
		out: newOutput(), ended: make(chan struct{}),
		log: s.log.With(zap.String("platform", c.Platform), zap.String("cell", cell.Cell)),
	}
	c.Env = s.environment(c, cell, p.number)
	if err := s.spawn(ctx, p, c); err != nil {
		if errors.Is(err, errStageClosed) {
			return nil, err
		}
		f := &Failure{Kind: StartFailed, Platform: c.Platform, Service: service, Role: c.Role, Err: err,
			What: "could not be started: " + err.Error()}
		if !service {
			f.Hint = s.hintFor(StartFailed, c.Platform)
		}
		return nil, f
	}
	if st, ok := readStat(p.proc.PID()); ok && p.proc.PID() != 0 {
		p.ticks = st.start
	}
	p.log.Debug("started", zap.Int("pid", p.proc.PID()), zap.Strings("argv", c.Argv))
	return p, nil
}

// handshake asks for the servant's health and checks that its contract is ours.
func (sv *Servant) handshake(ctx context.Context) error {
	limit := sv.stage.startTimeout
	q := question{method: contract.MethodHealth, limit: limit, kind: HandshakeFailed}
	if err := sv.call(ctx, q, &sv.health); err != nil {
		return err
	}
	if !sv.health.OK {
		return sv.spoil(HandshakeFailed, "says in its answer to health that it is not well", nil)
	}
	if err := sv.health.Supported(); err != nil {
		return sv.spoil(HandshakeFailed, fmt.Sprintf("cannot be used: %v", err), err)
	}
	return nil
}

// Release takes a servant back. With keep it goes back to the pool if it may be
// reused: it has the capability reset, answered everything, and holds no more
// than before; cleanup is asked of it if the cell did not do so. Otherwise, and
// always for contract 1.0, it is ended with its group and its orphans, verified.
// ctx limits cleanup only.
func (s *Stage) Release(ctx context.Context, sv *Servant, keep bool) Leftovers {
	var left Leftovers
	if keep {
		if left.Reason = sv.unfit(ctx); left.Reason == "" {
			left.Unclean, left.Processes = sv.inspect()
			switch {
			case len(left.Unclean) > 0:
				left.Reason = "it is not clean: " + strings.Join(left.Unclean, "; ")
			case s.shelve(sv):
				left.Reused = true
				return left
			default:
				left.Reason = "the stage is closed"
			}
		}
	}
	e := sv.end()
	left.Forced, left.Err = e.forced, e.err
	left.Processes = append(left.Processes, e.processes...)
	return left
}

// unfit says why the servant may not serve another cell, "" if it may.
func (sv *Servant) unfit(ctx context.Context) string {
	if sv.health.Legacy() {
		return "contract 1.0 servants serve one cell"
	}
	if !sv.health.Can(contract.CapReset) {
		return "it does not have the capability reset"
	}
	if sv.spoilt.Load() == nil && sv.alive() && sv.inScenario.Load() {
		if err := sv.Cleanup(ctx); err != nil {
			return "cleanup failed: " + err.Error()
		}
	}
	if f := sv.spoilt.Load(); f != nil {
		return "it " + f.What
	}
	if !sv.alive() {
		return "it " + sv.Ended()
	}
	sv.mu.Lock()
	defer sv.mu.Unlock()
	if sv.stopped {
		return "it is paused"
	}
	return ""
}

// inspect checks the servant's hygiene and ends what it left behind.
func (sv *Servant) inspect() (unclean []string, orphans []LeftProcess) {
	unclean = sv.checkHygiene()
	if !sv.stage.real {
		return unclean, nil
	}
	orphans, err := sv.killOrphans(false)
	for _, o := range orphans {
		unclean = append(unclean, "process "+o.String()+" lives on")
	}
	if err != nil {
		unclean = append(unclean, err.Error())
	}
	return unclean, orphans
}

// shelve puts the servant into the pool, unless the stage is closed.
func (s *Stage) shelve(sv *Servant) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.idle[sv.key] = append(s.idle[sv.key], sv)
	return true
}

// shutdown asks the servant to end, and does not mind if it cannot answer.
func (sv *Servant) shutdown(ctx context.Context) {
	if sv.spoilt.Load() != nil {
		return
	}
	asked, err := sv.wire.ask(ctx, contract.MethodShutdown, []struct{}{}, time.Now().Add(sv.stage.graces.Shutdown))
	if err == nil {
		err = asked.waiter.Wait(ctx, nil)
	}
	if err != nil {
		sv.log.Debug("no orderly answer to shutdown", zap.Error(err))
	}
}
