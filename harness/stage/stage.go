package stage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sys/unix"
)

// Graces are how long the stage waits. Zero means the default in parentheses.
type Graces struct {
	Answer   time.Duration // for an answer after a step's limit (1 s, the contract's)
	Cancel   time.Duration // for the answer to a cancelled step (500 ms)
	Shutdown time.Duration // for the answer to shutdown and the end after it (2 s)
	Stdin    time.Duration // for the end after standard input was closed (1 s)
	Term     time.Duration // for the end after SIGTERM (1 s)
	Kill     time.Duration // for a killed group to be gone (5 s)
	Drain    time.Duration // for the rest of the output of a process that has ended (250 ms)
	Settle   time.Duration // for the end of a process that has closed its pipes (1 s)
	Read     time.Duration // for a servant to read the answer to its own request (10 s)
}

func (g Graces) withDefaults() Graces {
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{
		{&g.Answer, time.Second}, {&g.Cancel, 500 * time.Millisecond}, {&g.Shutdown, 2 * time.Second},
		{&g.Stdin, time.Second}, {&g.Term, time.Second}, {&g.Kill, 5 * time.Second},
		{&g.Drain, 250 * time.Millisecond}, {&g.Settle, time.Second}, {&g.Read, 10 * time.Second},
	} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	return g
}

// DefaultStartTimeout is the limit of health and discover, and unless CallTimeout
// says otherwise of initialize and cleanup.
const DefaultStartTimeout = 10 * time.Second

// Options configure a stage.
type Options struct {
	RunID        string        // 1 to 64 of A-Z a-z 0-9 . _ -, not starting with a dot; one run per id
	Launcher     Launcher      // nil: real processes, with guard and clean-up of what they leave
	Log          *zap.Logger   // nil: none
	Handler      Handler       // requests of servants; nil: all unknown
	Graces       Graces        // zero: defaults
	StartTimeout time.Duration // 0: DefaultStartTimeout
	CallTimeout  time.Duration // of initialize and cleanup; 0: StartTimeout
	Doctor       string        // command that examines a platform, named in messages; empty: ./test.sh doctor
}

// Stage runs the servants and services of one run. Its methods are safe for
// concurrent use.
type Stage struct {
	runID        string
	log          *zap.Logger
	handler      Handler
	graces       Graces
	startTimeout time.Duration
	callTimeout  time.Duration
	doctor       string
	launcher     Launcher
	real         bool // processes of the operating system

	spawner   *spawner
	ownership *ownership
	guard     *guard
	recovered []Removed

	hurry   context.Context // done: every grace is over
	killAll context.CancelFunc
	numbers atomic.Int64 // of programs
	cells   atomic.Int64

	// gate is held for reading while a program starts, so that Close knows all.
	gate sync.RWMutex

	mu     sync.Mutex // may be taken under gate
	closed bool
	live   map[*program]struct{}
	idle   map[string][]*Servant
}

// Open registers the run on this machine, removes what dead runs left, starts
// the guard and makes the coordinator the parent of orphans. The caller must
// Close the stage.
func Open(ctx context.Context, o Options) (*Stage, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !validRunID(o.RunID) {
		return nil, fmt.Errorf("open stage: run id %q is not 1 to 64 of A-Z a-z 0-9 . _ - (not starting with a dot)", o.RunID)
	}
	s := &Stage{
		runID: o.RunID, log: o.Log, handler: o.Handler, graces: o.Graces.withDefaults(),
		startTimeout: o.StartTimeout, doctor: cmp.Or(o.Doctor, "./test.sh doctor"), launcher: o.Launcher, real: o.Launcher == nil,
		live: map[*program]struct{}{}, idle: map[string][]*Servant{},
	}
	if s.log == nil {
		s.log = zap.NewNop()
	}
	if s.startTimeout <= 0 {
		s.startTimeout = DefaultStartTimeout
	}
	s.callTimeout = cmp.Or(o.CallTimeout, s.startTimeout)
	s.hurry, s.killAll = context.WithCancel(context.Background())
	root, err := runsDir()
	if err != nil {
		return nil, fmt.Errorf("open stage: %w", err)
	}
	if s.recovered, err = cleanDead(root, s.log); err != nil {
		// What dead runs left does not concern this run's results.
		s.log.Warn("not everything that dead runs left could be removed", zap.Error(err))
	}
	if s.ownership, err = register(root, o.RunID); err != nil {
		return nil, fmt.Errorf("open stage: %w", err)
	}
	if !s.real {
		return s, nil
	}
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return nil, errors.Join(fmt.Errorf("open stage: become parent of orphans: %w", err), s.ownership.remove())
	}
	s.spawner = newSpawner()
	s.launcher = s.spawner
	if s.guard, err = startGuard(s.spawner, s.ownership.dir, s.log); err != nil {
		s.spawner.stop()
		return nil, errors.Join(fmt.Errorf("open stage: start the guard: %w", err), s.ownership.remove())
	}
	return s, nil
}

// RunID is the run's name, PARLEY_RUN_ID of everything it starts.
func (s *Stage) RunID() string { return s.runID }

// Recovered is what Open removed of dead runs.
func (s *Stage) Recovered() []Removed { return s.recovered }

// KillAll kills everything at once and cuts every grace short, also those of a
// Close or Release that is going on. Close must still be called.
func (s *Stage) KillAll() {
	s.killAll()
	s.mu.Lock()
	defer s.mu.Unlock()
	for p := range s.live {
		p.kill(endedAtOnce)
	}
}

const endedAtOnce = "by the coordinator, because the run was ended at once"

// Close ends every servant and service with its group and its orphans, removes
// the run's shared memory and lock files, verifies that nothing is left, and
// unregisters the run. It does so also when the context is done; KillAll makes
// it quick.
// An error names what could not be ended. Further calls do nothing.
func (s *Stage) Close(_ context.Context) error {
	s.gate.Lock()
	defer s.gate.Unlock()
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	clear(s.idle)
	programs := make([]*program, 0, len(s.live))
	for p := range s.live {
		programs = append(programs, p)
	}
	s.mu.Unlock()

	errs := make([]error, len(programs))
	var wg sync.WaitGroup
	for i, p := range programs {
		wg.Go(func() {
			e := p.end()
			errs[i] = e.err
			for _, left := range e.processes {
				s.log.Warn("a process outlived its servant and was killed", zap.Stringer("process", left))
			}
		})
	}
	wg.Wait()
	if s.real {
		killed, err := killRun(s.runID, s.graces.Kill)
		errs = append(errs, err)
		for _, left := range killed {
			s.log.Warn("a process of the run was still there and was killed", zap.Stringer("process", left))
		}
		s.spawner.stop()
	}
	for _, name := range sweep(s.ownership.facts.owns) {
		s.log.Warn("shared memory or a lock of the run was still there and was removed", zap.String("name", name))
	}
	if s.guard != nil {
		s.guard.dismiss()
	}
	s.killAll()
	errs = append(errs, s.ownership.remove())
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close stage: %w", err)
	}
	return nil
}

var errStageClosed = errors.New("the stage is closed")

// spawn starts p's process and counts it among the living. It fails once Close
// or KillAll has begun.
func (s *Stage) spawn(ctx context.Context, p *program, c Command) error {
	s.gate.RLock()
	defer s.gate.RUnlock()
	s.mu.Lock()
	closed := s.closed
	s.mu.Unlock()
	if closed || s.hurry.Err() != nil {
		return fmt.Errorf("start %s: %w", c.Platform, errStageClosed)
	}
	var err error
	p.started = time.Now()
	if p.proc, err = s.launcher.Launch(ctx, c); err != nil {
		return err
	}
	s.mu.Lock()
	s.live[p] = struct{}{}
	s.mu.Unlock()
	if s.hurry.Err() != nil { // KillAll may have come too early to see it
		p.kill(endedAtOnce)
	}
	return nil
}

func (s *Stage) leave(p *program) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.live, p)
}
