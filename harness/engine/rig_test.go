package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.uber.org/zap/zaptest"

	"parley.dev/parley/harness/engine"
	"parley.dev/parley/harness/packs"
	"parley.dev/parley/harness/packs/process"
	"parley.dev/parley/harness/plan"
	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/harness/stage"
)

// rig runs features with actors as a coordinator does, from the feature file to
// the run log.
type rig struct {
	actors   map[string]*actor        // by platform
	commands map[string]stage.Command // real processes, by platform, instead of actors
	roles    []string                 // canonical order; reader, writer by default
	words    []string                 // selection
	repeat   int
	packs    []packs.Pack // besides the process pack
	change   func(*engine.Options)
	ctx      context.Context //nolint:containedctx // of one run
}

// story is what the run log tells of a run.
type story struct {
	*testing.T
	*runlog.Run
	failed bool // as the engine says
}

const patience = 20 * time.Second

func (r rig) run(t *testing.T, feature string) story {
	t.Helper()
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	if r.ctx == nil {
		r.ctx = t.Context()
	}
	st := r.stage(t)
	set := packs.NewSet(append([]packs.Pack{process.Pack()}, r.packs...)...)
	features, cells := r.plan(t, feature, set)
	path := filepath.Join(t.TempDir(), "run.ndjson")
	log, err := runlog.Create(path)
	must(t, err)
	found := engine.Discover(r.ctx, st, r.commands)
	definitions := definitionsOf(found)
	o := engine.Options{Cells: cells, Commands: r.commands, Stage: st, Packs: set, Log: log, StepTimeout: patience,
		Unusable: map[string]engine.Unusable{}, Asked: map[*stage.Servant]bool{}, Isolation: engine.PerRun, Zap: zaptest.NewLogger(t)}
	var started []runlog.Servant
	for name, d := range found {
		if d.Err != nil {
			o.Unusable[name] = engine.Unusable{Verdict: runlog.Crashed, Reason: d.Err.Error()}
		}
		if d.Servant != nil {
			o.Asked[d.Servant] = true
			started = append(started, d.Started)
		}
	}
	var planned []runlog.Cell
	for _, c := range cells {
		c.Resolve(definitions)
		planned = append(planned, engine.Planned(c, "again "+c.ID, r.repeat > 1))
	}
	must(t, log.Begin(runlog.RunInfo{RunID: "r", Started: time.Now()}, engine.Features(features), planned))
	for _, s := range started {
		must(t, log.ServantStarted(s, time.Now()))
	}
	if r.change != nil {
		r.change(&o)
	}
	run := engine.New(o)
	must(t, run.Run(r.ctx))
	kind := runlog.OutcomePassed
	switch {
	case r.ctx.Err() != nil:
		kind = runlog.OutcomeInterrupted
	case run.Failed():
		kind = runlog.OutcomeFailed
	}
	must(t, log.End(runlog.Outcome{Kind: kind}))
	checkSchema(t, path)
	read, err := runlog.Read(path)
	must(t, err)
	s := story{t, read, run.Failed()}
	s.checkRules()
	return s
}

// stage opens a stage for the actors, or for real processes.
func (r *rig) stage(t *testing.T) *stage.Stage {
	t.Helper()
	o := stage.Options{RunID: "t" + fmt.Sprintf("%x", time.Now().UnixNano()), StartTimeout: patience, Log: zaptest.NewLogger(t),
		Graces: stage.Graces{Answer: 50 * time.Millisecond, Cancel: patience, Shutdown: patience, Stdin: time.Second, Term: time.Second,
			Kill: patience, Drain: patience, Settle: patience}}
	if r.commands == nil {
		r.commands = map[string]stage.Command{}
		for name := range r.actors {
			r.commands[name] = stage.Command{Platform: name, Argv: []string{name}}
		}
		o.Launcher = stage.InProcess(func(ctx context.Context, c stage.Command, stdin io.Reader, stdout, stderr io.Writer) int {
			return r.actors[c.Platform].main(ctx, c, stdin, stdout, stderr)
		})
	}
	st, err := stage.Open(r.ctx, o)
	must(t, err)
	t.Cleanup(func() { must(t, st.Close(context.Background())) })
	return st
}

// plan writes the feature to a file and plans the cells.
func (r rig) plan(t *testing.T, feature string, set *packs.Set) ([]*plan.Feature, []*plan.Cell) {
	t.Helper()
	root := t.TempDir()
	path := filepath.Join(root, "x.feature")
	must(t, os.WriteFile(path, []byte(feature), 0o600))
	features, err := plan.Load(root, []string{path}, set, nil)
	must(t, err)
	if r.roles == nil {
		r.roles = []string{"reader", "writer"}
	}
	selected, err := plan.Select(features, plan.Request{Selection: plan.Selection{Words: r.words}, Repeat: r.repeat,
		Platforms: slices.Sorted(maps.Keys(r.commands)), Roles: r.roles, Dir: root, Root: root})
	must(t, err)
	return features, selected.Cells
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// cell finds a cell and checks its verdict and, when given, the verdicts of its
// steps: "passed failed skipped".
func (s story) cell(id string, verdict runlog.Verdict, steps string) *runlog.CellRun {
	s.Helper()
	c := s.CellByID(id)
	if c == nil {
		var all []string
		for _, c := range s.Cells {
			all = append(all, c.ID)
		}
		s.Fatalf("no cell %s; there are %v", id, all)
	}
	if c.Verdict() != verdict {
		s.Errorf("%s is %s (%s), want %s", id, c.Verdict(), c.Reason(), verdict)
	}
	var got []string
	for _, st := range c.Last().Steps {
		got = append(got, string(st.Verdict()))
	}
	if steps != "" && strings.Join(got, " ") != steps {
		s.Errorf("%s: steps\ngot  %s\nwant %s", id, strings.Join(got, " "), steps)
		for _, st := range c.Last().Steps {
			s.Logf("%s: %s %s", st.Text, st.Result.Error, st.Result.SkipReason)
		}
	}
	return c
}

func (s story) step(id string, i int) *runlog.StepResult {
	s.Helper()
	return s.CellByID(id).Last().Steps[i].Result
}

// says checks that a text holds all parts.
func (s story) says(what, text string, parts ...string) {
	s.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			s.Errorf("%s does not say %q: %q", what, part, text)
		}
	}
}

// checkRules checks what holds of every run.
func (s story) checkRules() {
	s.Helper()
	if s.failed != (s.Counts().Failed > 0) {
		s.Errorf("the engine says failed=%v, the log counts %+v", s.failed, s.Counts())
	}
	if s.Passed() && (s.failed || s.Outcome.Kind != runlog.OutcomePassed) {
		s.Error("the log passed although the run did not")
	}
	for _, c := range s.Cells {
		if strings.HasPrefix(c.Reason(), "internal error") {
			s.Errorf("%s: %s", c.ID, c.Reason())
		}
		worst := runlog.Passed
		for _, st := range c.Last().Steps {
			r := st.Result
			worst = runlog.Worst(worst, r.Verdict)
			if r.Verdict.Bad() && r.Error == "" {
				s.Errorf("%s: step %q is %s without a reason", c.ID, st.Text, r.Verdict)
			}
			if r.Verdict == runlog.Skipped && r.SkipReason == "" {
				s.Errorf("%s: step %q was skipped without a reason", c.ID, st.Text)
			}
			for _, l := range r.Logs {
				if l.Time.IsZero() {
					s.Errorf("%s: step %q has the log line %q without a time", c.ID, st.Text, l.Text)
				}
			}
		}
		if worst.Worse(c.Verdict()) {
			s.Errorf("%s is %s although a step is %s", c.ID, c.Verdict(), worst)
		}
		if v := c.Verdict(); v != runlog.Passed && v != worst && c.Reason() == "" || v == runlog.Skipped && c.Reason() == "" {
			s.Errorf("%s is %s without a reason", c.ID, v)
		}
	}
}

// envelopes is Cucumber's own schema, kept with the run log.
var envelopes = sync.OnceValues(func() (*jsonschema.Schema, error) {
	const base = "https://cucumber.test/"
	files, err := filepath.Glob("../runlog/testdata/cucumber-messages-21.0.1/*.json")
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("the schema is missing: %w", err)
	}
	compiler := jsonschema.NewCompiler()
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		doc.(map[string]any)["$id"] = base + filepath.Base(file)
		if err := compiler.AddResource(base+filepath.Base(file), doc); err != nil {
			return nil, err
		}
	}
	return compiler.Compile(base + "Envelope.json")
})

func checkSchema(t *testing.T, path string) {
	t.Helper()
	schema, err := envelopes()
	must(t, err)
	data, err := os.ReadFile(path)
	must(t, err)
	for i, line := range bytes.Split(bytes.TrimSpace(data), []byte("\n")) {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
		must(t, err)
		if err := schema.Validate(doc); err != nil {
			t.Errorf("run log, line %d: %v\n%.300s", i+1, err, line)
		}
	}
}

func noPacks() *packs.Set { return packs.NewSet() }

func definitionsOf(found map[string]engine.Discovery) map[string]*plan.Definitions {
	out := map[string]*plan.Definitions{}
	for name, d := range found {
		out[name] = d.Definitions
	}
	return out
}
