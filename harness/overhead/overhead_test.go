package overhead

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/sourcegraph/jsonrpc2"

	"parley.dev/parley/harness/engine"
	"parley.dev/parley/harness/packs"
	"parley.dev/parley/harness/plan"
	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/harness/stage"
	"parley.dev/parley/servant"
	"parley.dev/parley/servant/contract"
)

const (
	envServant = "PARLEY_OVERHEAD_SERVANT"
	text       = "the 'reader' process does nothing"
	steps      = 100 // of one scenario
	repeats    = 20  // of the scenario
	warmUp     = 200 // steps that are not counted
)

// TestMain serves as the servant when it is started as one.
func TestMain(m *testing.M) {
	stage.GuardMain()
	if os.Getenv(envServant) != "" {
		servant.Main(func(r *servant.Registry) {
			r.Step(`the '([^']*)' process does nothing`, func(context.Context, string) error { return nil })
		})
	}
	os.Exit(m.Run())
}

// histogram keeps nanoseconds up to ten seconds with three digits.
func histogram() *hdrhistogram.Histogram { return hdrhistogram.New(1, int64(10*time.Second), 3) }

// BenchmarkStep reports, in microseconds, the period of a step through the whole
// coordinator (godog, engine, stage, run log), the round trip of the same call
// by a bare client, and the difference: the coordinator's own cost.
func BenchmarkStep(b *testing.B) {
	whole, bare := histogram(), histogram()
	for b.Loop() {
		throughBareClient(b, bare)
		throughCoordinator(b, whole)
	}
	report := func(name string, value int64) { b.ReportMetric(float64(value)/1000, name) }
	for _, q := range []float64{50, 99} {
		w, c := whole.ValueAtQuantile(q), bare.ValueAtQuantile(q)
		report(fmt.Sprintf("µs/step-p%v", q), w)
		report(fmt.Sprintf("µs/bare-p%v", q), c)
		report(fmt.Sprintf("µs/own-p%v", q), w-c)
	}
	b.ReportMetric(0, "ns/op")
}

func throughBareClient(b *testing.B, into *hdrhistogram.Histogram) {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), envServant+"=1", "PARLEY_ROLE=reader")
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	ctx := b.Context()
	conn := jsonrpc2.NewConn(ctx, bareStream{contract.NewFrameReader(stdout, nil, nil), stdin}, nil)
	call := func(method string, params, result any) {
		if err := conn.Call(ctx, method, params, result); err != nil {
			b.Fatal(err)
		}
	}
	call(contract.MethodHealth, []any{}, nil)
	call(contract.MethodInitialize, []contract.Initialize{{Role: "reader", ScenarioId: "bare", ResourcePrefix: "overhead-bare-"}}, nil)
	var discovered contract.Discovery
	call(contract.MethodDiscover, []any{}, &discovered)
	definition := discovered.Steps[0].ID
	request := []contract.ExecuteStep{{Process: "reader", StepType: contract.When, Step: text, Parameters: map[string]any{},
		Context: map[string]string{}, Definition: &definition, Arguments: []string{"reader"}, TimeoutMs: 30_000}}
	for i := range steps * repeats {
		var result contract.StepResult
		start := time.Now()
		call(contract.MethodExecuteStep, request, &result)
		took := time.Since(start)
		if !result.Success {
			b.Fatalf("the step failed: %+v", result)
		}
		if i >= warmUp {
			_ = into.RecordValue(took.Nanoseconds())
		}
	}
	call(contract.MethodShutdown, []any{}, nil)
	_ = stdin.Close()
	if err := cmd.Wait(); err != nil {
		b.Fatal(err)
	}
}

type bareStream struct {
	frames *contract.FrameReader
	to     io.WriteCloser
}

func (s bareStream) ReadObject(v any) error {
	body, err := s.frames.Read()
	if err != nil {
		return err
	}
	return json.Unmarshal(body, v)
}

func (s bareStream) WriteObject(v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = s.to.Write(contract.AppendFrame(nil, body))
	return err
}

func (s bareStream) Close() error { return nil }

// recorder notes how long after the one before each step was finished, behind a
// real run log. The first step of a cell is not counted: servants are lent there.
type recorder struct {
	*runlog.Log
	last time.Time
	n    int
	into *hdrhistogram.Histogram
}

func (r *recorder) StepFinished(result runlog.StepResult, at time.Time) error {
	err := r.Log.StepFinished(result, at)
	now := time.Now()
	if r.n++; r.n > warmUp && r.n%steps != 1 {
		_ = r.into.RecordValue(now.Sub(r.last).Nanoseconds())
	}
	r.last = now
	return err
}

func throughCoordinator(b *testing.B, into *hdrhistogram.Histogram) {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	source := "Feature: overhead\n  Scenario: Test 1.1 - steps\n" + strings.Repeat("    When "+text+"\n", steps)
	path := filepath.Join(dir, "overhead.feature")
	if err := os.WriteFile(path, []byte(source), 0o600); err != nil {
		b.Fatal(err)
	}
	set := packs.NewSet()
	features, err := plan.Load(dir, []string{path}, set, nil)
	if err != nil {
		b.Fatal(err)
	}
	selected, err := plan.Select(features, plan.Request{Platforms: []string{"go"}, Roles: []string{"reader"}, Dir: dir, Root: dir, Repeat: repeats})
	if err != nil {
		b.Fatal(err)
	}
	cells := selected.Cells
	st, err := stage.Open(b.Context(), stage.Options{RunID: fmt.Sprintf("overhead-%d", time.Now().UnixNano())})
	if err != nil {
		b.Fatal(err)
	}
	commands := map[string]stage.Command{"go": {Platform: "go", Argv: []string{self}, Env: []string{envServant + "=1"}}}
	found := engine.Discover(b.Context(), st, commands)["go"]
	if found.Err != nil {
		b.Fatal(found.Err)
	}
	planned := make([]runlog.Cell, len(cells))
	for i, c := range cells {
		c.Resolve(map[string]*plan.Definitions{"go": found.Definitions})
		planned[i] = engine.Planned(c, "", true)
	}
	log, err := runlog.Create(filepath.Join(dir, "run.ndjson"))
	if err != nil {
		b.Fatal(err)
	}
	if err := log.Begin(runlog.RunInfo{RunID: "overhead", Started: time.Now()}, engine.Features(features), planned); err != nil {
		b.Fatal(err)
	}
	e := engine.New(engine.Options{Cells: cells, Commands: commands, Stage: st, Packs: set, Log: &recorder{Log: log, into: into},
		Jobs: 1, StepTimeout: 30 * time.Second, Isolation: engine.PerRun, WorkDir: dir})
	if err := e.Run(b.Context()); err != nil {
		b.Fatal(err)
	}
	if err := st.Close(context.Background()); err != nil {
		b.Fatal(err)
	}
	if err := log.End(runlog.Outcome{Kind: runlog.OutcomePassed}); err != nil {
		b.Fatal(err)
	}
	if e.Failed() {
		b.Fatal("the scenario did not pass")
	}
}
