package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"parley.dev/parley/harness/engine"
	"parley.dev/parley/harness/plan"
	"parley.dev/parley/harness/report/junit"
	"parley.dev/parley/harness/report/metrics"
	"parley.dev/parley/harness/report/terminal"
	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/harness/stage"
)

// session is one run from its folder to its exit status.
type session struct {
	project  *project
	flags    runFlags
	seed     *uint64
	id       string
	folder   string
	cells    []*plan.Cell
	leftOut  plan.LeftOut
	missing  map[string]error // platforms that are not available here
	stage    *stage.Stage
	progress *engine.Progress
	zap      *zap.Logger
	found    map[string]engine.Discovery
	broken   []string // what the harness could not do
}

// run performs the selection and returns nil only when everything passed.
func (p *project) run(ctx context.Context, out io.Writer, f runFlags, seed *uint64) (err error) {
	s := &session{project: p, flags: f, seed: seed, id: newRunID(time.Now())}
	selected, missing, err := p.plannedCells(f, seed)
	if err != nil {
		return err
	}
	s.cells, s.missing, s.leftOut = selected.Cells, missing, selected.CountLeftOut(p.config.OnDemand)
	if err := s.checkAttach(); err != nil {
		return err
	}
	signals := catchSignals(ctx)
	defer signals.stop()
	if f.dryRun {
		return s.dryRun(signals, out)
	}
	meter := metrics.New()
	if f.metrics != "" {
		endpoint, err := meter.Serve(signals.ctx, f.metrics)
		if err != nil {
			return fmt.Errorf("--metrics: %w", err)
		}
		defer endpoint.Wait() //nolint:errcheck // a scrape that failed is no verdict
		defer signals.cancel()
		fmt.Fprintf(os.Stderr, "metrics: %s\n", endpoint.URL)
	}
	folder, err := p.runFolder(f.out, s.id)
	if err != nil {
		return &statusError{exitBroken, err}
	}
	defer folder.release()
	s.folder = folder.path
	closeLog, err := s.openLog()
	if err != nil {
		return &statusError{exitBroken, err}
	}
	defer closeLog()
	return s.perform(signals, meter)
}

// openLog starts the coordinator's structured log.
func (s *session) openLog() (func(), error) {
	file, err := os.OpenFile(filepath.Join(s.folder, coordinatorFile), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("coordinator's log: %w", err)
	}
	encoder := zap.NewProductionEncoderConfig()
	encoder.EncodeTime = zapcore.RFC3339NanoTimeEncoder
	s.zap = zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(encoder), file, zapcore.DebugLevel)).With(zap.String("run", s.id))
	return func() {
		_ = s.zap.Sync()
		_ = file.Close()
	}, nil
}

// perform opens the stage, runs the cells and reports.
func (s *session) perform(signals *signals, meter *metrics.Metrics) error {
	ctx := signals.ctx
	var log *runlog.Log
	s.progress = engine.NewProgress(func(p runlog.Progress) { log.Progress(p) })
	// A run that is interrupted this early still gets a log that says so.
	options := stage.Options{RunID: s.id, Log: s.zap, Handler: s.progress}
	if s.flags.attach != "" {
		options.CallTimeout = engine.Unlimited
	}
	st, err := s.project.openStage(context.WithoutCancel(ctx), options)
	if err != nil {
		return err
	}
	s.stage = st
	signals.onSecond(st.KillAll)
	screen := s.screen(signals)
	if log, err = runlog.Create(filepath.Join(s.folder, logFile), screen, meter); err != nil {
		return errors.Join(&statusError{exitBroken, err}, screen.Close(), st.Close(ctx))
	}
	outcome := s.runCells(ctx, log)
	if err := st.Close(ctx); err != nil {
		outcome.Kind, outcome.Problems = runlog.OutcomeAborted, append(outcome.Problems, err.Error())
	}
	problems := []error{log.End(outcome), screen.Close()}
	run, err := runlog.Read(filepath.Join(s.folder, logFile))
	if err == nil {
		err = s.writeReports(run, meter)
	}
	if err := errors.Join(append(problems, err)...); err != nil {
		if errors.Is(err, syscall.EPIPE) && signals.interrupted() {
			return &statusError{exitInterrupted, errors.New("nobody reads standard output any more: the run was ended")}
		}
		return &statusError{exitBroken, err}
	}
	return s.status(signals, run, outcome)
}

func (s *session) screen(signals *signals) *terminal.Reporter {
	o := terminal.Detect(os.Stdout, os.Getenv)
	o.Verbose = s.flags.verbose
	o.Color = o.Color && !s.flags.noColor
	o.Live = o.Live && s.flags.attach == "" // what is said to whoever attaches must stay
	return terminal.New(signals.writer(os.Stdout), o)
}

// runCells asks the servants for their definitions, matches, and runs.
func (s *session) runCells(ctx context.Context, log *runlog.Log) runlog.Outcome {
	started := time.Now()
	unusable := s.discover(ctx)
	cells := make([]runlog.Cell, len(s.cells))
	for i, c := range s.cells {
		cells[i] = engine.Planned(c, s.project.rerun(c, s.flags), s.flags.repeat > 1)
	}
	if err := log.Begin(s.info(started), engine.Features(featuresOf(s.cells)), cells); err != nil {
		return runlog.Outcome{Kind: runlog.OutcomeAborted, Message: err.Error()}
	}
	asked := map[*stage.Servant]bool{}
	for _, name := range s.available() {
		if d := s.found[name]; d.Servant != nil {
			asked[d.Servant] = true
			if err := log.ServantStarted(d.Started, time.Now()); err != nil {
				return runlog.Outcome{Kind: runlog.OutcomeAborted, Message: err.Error()}
			}
		}
	}
	timeout := s.project.config.StepTimeout
	if s.flags.stepTimeout > 0 {
		timeout = s.flags.stepTimeout
	}
	run := engine.New(engine.Options{
		Cells: s.cells, Commands: s.project.commands(s.available()), Stage: s.stage, Packs: s.project.packs, Log: log,
		Jobs: s.flags.jobs, Lanes: s.lanes(), StepTimeout: timeout, Isolation: engine.Isolation(s.flags.isolation), Unusable: unusable, Asked: asked, Progress: s.progress,
		Attach: s.attach(), FailFast: s.flags.failFast, WorkDir: s.folder, Zap: s.zap,
	})
	err := run.Run(ctx)
	switch {
	case err != nil:
		return runlog.Outcome{Kind: runlog.OutcomeAborted, Message: err.Error(), Problems: s.broken}
	case ctx.Err() != nil:
		return runlog.Outcome{Kind: runlog.OutcomeInterrupted, Problems: s.broken}
	case len(s.broken) > 0, run.Failed():
		return runlog.Outcome{Kind: runlog.OutcomeFailed, Problems: s.broken}
	}
	return runlog.Outcome{Kind: runlog.OutcomePassed}
}

func (s *session) lanes() engine.Lanes {
	return engine.Lanes{Waiting: s.project.config.Waiting, Alone: s.project.config.Alone}
}

// available are the platforms of the run that can be started here.
func (s *session) available() []string {
	return slices.DeleteFunc(plan.Platforms(s.cells, s.project.config.PlatformNames()), func(name string) bool {
		return s.missing[name] != nil
	})
}

// discover fills the cells' calls, and says which platforms cannot be used.
func (s *session) discover(ctx context.Context) map[string]engine.Unusable {
	s.found = engine.Discover(ctx, s.stage, s.project.commands(s.available()))
	unusable := map[string]engine.Unusable{}
	definitions := map[string]*plan.Definitions{}
	for _, name := range s.project.config.PlatformNames() {
		if err := s.missing[name]; err != nil {
			unusable[name] = engine.Unusable{Verdict: runlog.Failed, Reason: err.Error()}
			continue
		}
		d, asked := s.found[name]
		if !asked {
			continue
		}
		definitions[name] = d.Definitions
		if d.Err != nil && ctx.Err() == nil {
			unusable[name] = engine.Unusable{Verdict: runlog.Crashed, Reason: d.Err.Error()}
			s.broken = append(s.broken, d.Err.Error())
		}
	}
	for _, c := range s.cells {
		c.Resolve(definitions)
	}
	return unusable
}

func featuresOf(cells []*plan.Cell) []*plan.Feature {
	var out []*plan.Feature
	for _, c := range cells {
		if !slices.Contains(out, c.Scenario.Feature) {
			out = append(out, c.Scenario.Feature)
		}
	}
	return out
}

func (s *session) info(started time.Time) runlog.RunInfo {
	platforms := map[string]string{}
	for name, d := range s.found {
		platforms[name] = strings.TrimSpace(d.Health.SDK + " contract " + d.Health.Contract)
	}
	info := runlog.RunInfo{
		RunID: s.id, Version: version, Started: started, Args: os.Args[1:], Seed: s.seed, Jobs: s.flags.jobs,
		WaitingJobs: s.lanes().WaitingJobs(s.cells, s.flags.jobs),
		Platforms:   platforms, Machine: runlog.ThisMachine(), Folder: s.project.shown(s.folder), Parameters: s.project.config.Parameters,
	}
	if s.leftOut.Scenarios > 0 {
		info.LeftOut = &runlog.LeftOut{Scenarios: s.leftOut.Scenarios, Tags: s.leftOut.Tags, Note: s.leftOut.String()}
	}
	return info
}

// writeReports renders the log into the run's folder.
func (s *session) writeReports(run *runlog.Run, meter *metrics.Metrics) error {
	return errors.Join(
		junit.WriteFile(filepath.Join(s.folder, junitFile), run),
		meter.WriteTextfile(filepath.Join(s.folder, metricsFile)))
}

// status turns the outcome, as the log records it, into the exit status.
func (s *session) status(signals *signals, run *runlog.Run, outcome runlog.Outcome) error {
	switch {
	case signals.interrupted():
		return &statusError{exitInterrupted, nil}
	case outcome.Kind == runlog.OutcomeAborted, len(s.broken) > 0:
		return &statusError{exitBroken, nil}
	case !run.Passed():
		return &statusError{exitFailed, nil}
	}
	return nil
}
