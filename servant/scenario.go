package servant

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"sync"
	"time"

	"parley.dev/parley/servant/contract"
)

// scenario is what lives from initialize to cleanup.
type scenario struct {
	params   contract.Initialize
	instance string

	ctx    context.Context
	cancel context.CancelCauseFunc

	mu      sync.Mutex
	states  map[reflect.Type]any
	closers []io.Closer // in the order of creation
	ended   bool

	steps     sync.WaitGroup // steps whose function has not returned
	abandoned map[*stepRun]struct{}
}

func newScenario(ctx context.Context, params contract.Initialize, instance string) *scenario {
	ctx, cancel := context.WithCancelCause(ctx)
	return &scenario{params: params, instance: instance, ctx: ctx, cancel: cancel,
		states: map[reflect.Type]any{}, abandoned: map[*stepRun]struct{}{}}
}

var errScenarioEnded = errors.New("the scenario ended")

// end cancels what still runs, waits at most grace for it, and disposes of the
// state in the reverse order of its creation. It is safe to call twice.
func (s *scenario) end(grace time.Duration) error {
	s.cancel(errScenarioEnded)
	returned := make(chan struct{})
	go func() { s.steps.Wait(); close(returned) }()
	select {
	case <-returned:
	case <-time.After(grace):
	}
	s.mu.Lock()
	s.ended = true
	closers := s.closers
	s.closers, s.states = nil, nil
	s.mu.Unlock()
	var errs []error
	for i := len(closers) - 1; i >= 0; i-- {
		if err := closeSafely(closers[i]); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func closeSafely(c io.Closer) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("dispose of %T: panic: %v", c, p)
		}
	}()
	if err := c.Close(); err != nil {
		return fmt.Errorf("dispose of %T: %w", c, err)
	}
	return nil
}

// stuck returns a step that was abandoned and still runs, or nil.
func (s *scenario) stuck() *stepRun {
	s.mu.Lock()
	defer s.mu.Unlock()
	for run := range s.abandoned {
		return run
	}
	return nil
}

type contextKey struct{}

// NewContext returns a context in which State and Scenario work, for running
// step functions outside of Serve: in another Gherkin runner, or in a test.
// end disposes of the state; log lines go to no one.
func NewContext(ctx context.Context, params contract.Initialize) (scenarioCtx context.Context, end func() error) {
	s := newScenario(ctx, params, "")
	view := &ScenarioContext{scenario: s, recorder: newRecorder("", nil), shared: map[string]string{}}
	return context.WithValue(s.ctx, contextKey{}, view), func() error { return s.end(0) }
}

// State returns the scenario's value of type T. The first call in a scenario
// creates it as new(T); the scenario's end disposes of it when *T is an
// io.Closer, the last created first. Every role and scenario has its own. It
// panics outside of a step.
func State[T any](ctx context.Context) *T {
	s := Scenario(ctx).scenario
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		panic(fmt.Sprintf("servant.State[%s]: the scenario has ended; the step outlived its limit", reflect.TypeFor[T]()))
	}
	key := reflect.TypeFor[T]()
	if v, ok := s.states[key]; ok {
		return v.(*T)
	}
	v := new(T)
	s.states[key] = v
	if c, ok := any(v).(io.Closer); ok {
		s.closers = append(s.closers, c)
	}
	return v
}

// ScenarioContext is a step's view of its scenario. It is safe for concurrent
// use by the step's goroutines.
type ScenarioContext struct {
	scenario *scenario
	recorder *recorder

	mu      sync.Mutex
	shared  map[string]string // as it came with the step
	changed map[string]string // by this step
}

// Scenario returns the view of the scenario that ctx belongs to. It panics
// outside of a step.
func Scenario(ctx context.Context) *ScenarioContext {
	view, ok := ctx.Value(contextKey{}).(*ScenarioContext)
	if !ok {
		panic("servant.Scenario: the context is not that of a step; pass on the one that the step function received")
	}
	return view
}

// Role is the role that this servant plays, as the feature writes it.
func (c *ScenarioContext) Role() string { return c.scenario.params.Role }

// Name is the scenario's name.
func (c *ScenarioContext) Name() string { return c.scenario.params.Scenario }

// WorkDir is a folder of the running cell for files, or "" when the
// coordinator gave none.
func (c *ScenarioContext) WorkDir() string { return c.scenario.params.WorkDir }

// Instance tells this servant from others of the same role: its process id,
// with a suffix when several servants share one process.
func (c *ScenarioContext) Instance() string { return c.scenario.instance }

// ResourceName makes a plain name of the feature unique to the running cell:
// every role of the cell gets the same name, no other cell does.
func (c *ScenarioContext) ResourceName(plain string) string {
	p := c.scenario.params
	if p.ResourcePrefix != "" {
		return p.ResourcePrefix + plain
	}
	return fmt.Sprintf("%s_%d_%d", plain, p.HostPid, p.FeatureId)
}

// Get reads the string map that all roles of the scenario share, as it was when
// the step was sent, with this step's own changes.
func (c *ScenarioContext) Get(key string) (value string, ok bool) {
	value, ok = c.All()[key]
	return value, ok
}

// All returns a copy of the shared map; see Get.
func (c *ScenarioContext) All() map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := maps.Clone(c.shared)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, c.changed)
	return all
}

// Set writes to the shared map; later steps of every role see it.
func (c *ScenarioContext) Set(key, value string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.changed == nil {
		c.changed = map[string]string{}
	}
	c.changed[key] = value
}

func (c *ScenarioContext) changes() map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.changed == nil {
		return map[string]string{}
	}
	return maps.Clone(c.changed)
}

// Logf adds a line to the step's log: it is sent at once, and again with the
// step's result.
func (c *ScenarioContext) Logf(level contract.Level, format string, args ...any) {
	c.recorder.log(level, fmt.Sprintf(format, args...))
}

// Progress tells how far a long step has come: done of total units, such as
// frames.
func (c *ScenarioContext) Progress(done, total float64, unit string) {
	c.recorder.progress(done, total, unit)
}

// Attach hands data to the reports. A step may attach MaxAttachments bytes in
// all; more is an error.
func (c *ScenarioContext) Attach(name, mediaType string, body []byte) error {
	return c.recorder.attach(contract.Attachment{Name: name, MediaType: mediaType, Body: body})
}
