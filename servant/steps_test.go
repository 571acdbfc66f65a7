package servant_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"parley.dev/parley/servant"
	"parley.dev/parley/servant/contract"
)

// nothing is a step that passes.
func nothing(context.Context) error { return nil }

func TestStepStatuses(t *testing.T) {
	r := servant.NewRegistry()
	r.Step(`passes`, nothing)
	r.Given(`of Given`, nothing)
	r.Step(`fails`, func(context.Context) error { return errors.New("no luck") })
	r.Step(`fails with (.*)`, func(_ context.Context, what string) error { return servant.Failf("it was %s", what) })
	r.Step(`counts`, func(context.Context) error { return servant.Mismatch("bytes read", 4, 5) })
	r.Step(`is to be written`, func(context.Context) error { return servant.ErrPending })
	r.Step(`cannot be here`, func(context.Context) error { return errors.Join(servant.ErrSkipped, errors.New("no disk")) })
	r.Step(`needs a printer`, func(context.Context) error { return fmt.Errorf("%w: no printer", servant.ErrSkipped) })
	r.Step(`panics`, func(context.Context) error { panic("boom") })
	r.Step(`leaves`, func(context.Context) error { goexit(); return nil })
	r.Step(`twice`, nothing)
	r.Step(`twi.*`, nothing)
	p := serve(t, r, servant.Info{})
	p.initialize()
	tests := []struct {
		stepType, text string
		status         contract.Status
		failure        contract.Failure // compared by what is set
		err            string           // prefix
	}{
		{"When", "passes", contract.StatusPassed, contract.Failure{}, ""},
		{"Given", "of Given", contract.StatusPassed, contract.Failure{}, ""},
		{"When", "of Given", contract.StatusUndefined, contract.Failure{Type: servant.FailureUndefined}, `No matching step definition for When "of Given"`},
		{"Then", "passes not", contract.StatusUndefined, contract.Failure{Type: servant.FailureUndefined}, "No matching step definition"},
		{"When", "fails", contract.StatusFailed, contract.Failure{Type: "errors.errorString", Message: "no luck"}, "no luck"},
		{"When", "fails with a bang", contract.StatusFailed, contract.Failure{Type: servant.FailureAssertion, Message: "it was a bang"}, "it was a bang"},
		{"When", "counts", contract.StatusFailed, contract.Failure{Type: servant.FailureAssertion, Expected: "4", Actual: "5"}, "bytes read: expected 4, got 5"},
		{"When", "is to be written", contract.StatusPending, contract.Failure{}, "pending"},
		{"When", "cannot be here", contract.StatusSkipped, contract.Failure{}, "skipped\nno disk"},
		{"When", "needs a printer", contract.StatusSkipped, contract.Failure{}, "no printer"},
		{"When", "panics", contract.StatusFailed, contract.Failure{Type: servant.FailurePanic}, "panic: boom"},
		{"When", "leaves", contract.StatusFailed, contract.Failure{}, "the step function ended its goroutine"},
		{"When", "twice", contract.StatusAmbiguous, contract.Failure{Type: servant.FailureAmbiguous}, `Ambiguous step "twice": 2 definitions match`},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			result := p.step(test.stepType, test.text)
			if result.Status != test.status || result.Success != (test.status == contract.StatusPassed) {
				t.Errorf("status %s, success %v; want %s", result.Status, result.Success, test.status)
			}
			if result.ElapsedNs <= 0 {
				t.Errorf("elapsedNs is %d", result.ElapsedNs)
			}
			checkError(t, result, test.err)
			checkFailure(t, result.Failure, test.failure)
		})
	}
}

func TestFailureCarriesAStack(t *testing.T) {
	r := servant.NewRegistry()
	r.Step(`fails`, func(context.Context) error { return servant.Failf("here") })
	r.Step(`panics`, func(context.Context) error { panic("here") })
	p := serve(t, r, servant.Info{})
	p.initialize()
	for _, text := range []string{"fails", "panics"} {
		if result := p.step("When", text); result.Failure == nil || !contains(result.Failure.Stack, "steps_test.go") {
			t.Errorf("%s: failure %+v has no stack with this file", text, result.Failure)
		}
	}
}

func TestTypedArguments(t *testing.T) {
	r := servant.NewRegistry()
	var got []any
	r.Step(`(\S+) (\S+) (\S+) (\S+) (\S+) (\S+)`, func(_ context.Context, s string, i int8, u uint64, f float64, b bool, d time.Duration) error {
		got = []any{s, i, u, f, b, d}
		return nil
	})
	p := serve(t, r, servant.Info{})
	p.initialize()

	if result := p.step("When", "a -5 18446744073709551615 2.5 true 150ms"); result.Status != contract.StatusPassed {
		t.Fatalf("%s: %v", result.Status, *result.Error)
	}
	want := []any{"a", int8(-5), uint64(18446744073709551615), 2.5, true, 150 * time.Millisecond}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("argument %d: got %v, want %v", i, got[i], want[i])
		}
	}
	for _, test := range []struct{ text, err string }{
		{"a 128 1 1 true 1s", `argument 2: "128" does not fit into int8`},
		{"a x 1 1 true 1s", `argument 2: "x" is no int8`},
		{"a 1 -1 1 true 1s", `argument 3: "-1" is no uint64`},
		{"a 1 1 x true 1s", `argument 4: "x" is no float64`},
		{"a 1 1 1 maybe 1s", `argument 5: "maybe" is no bool`},
		{"a 1 1 1 true 5", `argument 6: "5" is no duration`},
	} {
		result := p.step("When", test.text)
		if result.Status != contract.StatusFailed || result.Failure.Type != servant.FailureArguments ||
			!contains(*result.Error, test.err) || !contains(*result.Error, `(\S+) (\S+)`) {
			t.Errorf("%q: %s, %+v; want an error that names the definition and says %q", test.text, result.Status, result.Failure, test.err)
		}
	}
}

func TestDefinitionAndArgumentsOfContract11(t *testing.T) {
	r := servant.NewRegistry()
	var got int
	r.Given(`counts to '(\d+)'`, func(_ context.Context, n int) error { got = n; return nil })
	p := serve(t, r, servant.Info{})
	p.initialize()
	one, two := 1, 2

	// The text does not match: the coordinator has matched already.
	result := call[contract.StepResult](p, "1", contract.MethodExecuteStep, contract.ExecuteStep{
		StepType: "Then", Step: "anything", Definition: &one, Arguments: []string{"7"}})
	if result.Status != contract.StatusPassed || got != 7 {
		t.Errorf("got %d, %s", got, result.Status)
	}
	result = call[contract.StepResult](p, "2", contract.MethodExecuteStep, contract.ExecuteStep{
		StepType: "Given", Step: "counts to '7'", Definition: &one, Arguments: []string{"7", "8"}})
	checkError(t, result, "step definition Given `counts to '(\\d+)'`")
	if !contains(*result.Error, "takes 1 argument, 2 came") {
		t.Errorf("error %q", *result.Error)
	}
	p.request("3", contract.MethodExecuteStep, contract.ExecuteStep{StepType: "Given", Definition: &two})
	if a := p.await("3"); a.Error == nil || a.Error.Code != -32602 {
		t.Errorf("a definition that does not exist: %s", a.raw)
	}
}

func TestBlockArguments(t *testing.T) {
	r := servant.NewRegistry()
	var table *servant.Table
	var doc *servant.DocString
	r.Step(`a table of '(\d+)'`, func(_ context.Context, _ int, tab *servant.Table) error { table = tab; return nil })
	r.Step(`a text`, func(_ context.Context, d *servant.DocString) error { doc = d; return nil })
	r.Step(`neither`, nothing)
	p := serve(t, r, servant.Info{})
	p.initialize()
	aTable := &contract.Table{Headers: []string{"k", "v"}, Rows: []map[string]string{{"k": "a", "v": "1"}}}
	aDoc := &contract.DocString{Content: "one\ntwo", MediaType: "text/plain"}
	tests := []struct {
		name string
		step contract.ExecuteStep
		err  string
	}{
		{"table", contract.ExecuteStep{Step: "a table of '1'", Table: aTable}, ""},
		{"doc string", contract.ExecuteStep{Step: "a text", DocString: aDoc}, ""},
		{"no table", contract.ExecuteStep{Step: "a table of '1'"}, "takes a data table; the step has none"},
		{"doc for table", contract.ExecuteStep{Step: "a table of '1'", DocString: aDoc}, "takes a data table; the step has a doc string"},
		{"table for doc", contract.ExecuteStep{Step: "a text", Table: aTable}, "takes a doc string; the step has a data table"},
		{"unexpected", contract.ExecuteStep{Step: "neither", Table: aTable}, "takes neither a data table nor a doc string"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.step.StepType = "When"
			result := call[contract.StepResult](p, "1", contract.MethodExecuteStep, test.step)
			if test.err == "" && result.Status != contract.StatusPassed {
				t.Errorf("%s: %v", result.Status, *result.Error)
			}
			if test.err != "" && (result.Status != contract.StatusFailed || !contains(*result.Error, test.err)) {
				t.Errorf("%s, %+v; want %q", result.Status, result.Failure, test.err)
			}
		})
	}
	if table == nil || table.Rows[0]["v"] != "1" || doc == nil || doc.Content != "one\ntwo" || doc.MediaType != "text/plain" {
		t.Errorf("table %+v, doc string %+v", table, doc)
	}
}

// disposal records the order in which states are disposed of.
type disposal struct{ order *[]string }

type first struct{ disposal }
type second struct {
	disposal
	visits int
}

func (d *first) Close() error  { *d.order = append(*d.order, "first"); return nil }
func (d *second) Close() error { *d.order = append(*d.order, "second"); return nil }

func TestStateLivesForOneScenario(t *testing.T) {
	r := servant.NewRegistry()
	var order []string
	var visits int
	r.Step(`visits`, func(ctx context.Context) error {
		servant.State[first](ctx).order = &order
		s := servant.State[second](ctx)
		s.order = &order
		s.visits++
		visits = s.visits
		return nil
	})
	p := serve(t, r, servant.Info{})
	for range 2 {
		p.initialize()
		p.step("When", "visits")
		p.step("When", "visits")
		if visits != 2 {
			t.Errorf("the state counted %d visits in one scenario, want 2", visits)
		}
		order = nil
		for range 2 {
			call[any](p, "7", contract.MethodCleanup, nil)
		}
		if len(order) != 2 || order[0] != "second" || order[1] != "first" {
			t.Errorf("disposed of in the order %v, want second, first, once", order)
		}
	}
	p.initialize()
	p.step("When", "visits")
	order = nil
	p.initialize() // without a cleanup between
	if len(order) != 2 {
		t.Errorf("initialize disposed of %v of the scenario before", order)
	}
}

type clumsy struct{}

func (*clumsy) Close() error { return errors.New("it is stuck") }

type explosive struct{}

func (*explosive) Close() error { panic("boom") }

func TestCleanupThatFailsSaysSo(t *testing.T) {
	r := servant.NewRegistry()
	r.Step(`opens`, func(ctx context.Context) error {
		servant.State[clumsy](ctx)
		servant.State[explosive](ctx)
		return nil
	})
	p := serve(t, r, servant.Info{})
	p.initialize()
	p.step("When", "opens")
	p.request("1", contract.MethodCleanup, nil)
	a := p.await("1")
	if a.Error == nil || a.Error.Code != -32603 || !contains(a.Error.Message, "servant_test.clumsy: it is stuck") || !contains(a.Error.Message, "panic: boom") {
		t.Errorf("cleanup answered %s", a.raw)
	}
}

func TestScenarioContext(t *testing.T) {
	r := servant.NewRegistry()
	r.Step(`looks`, func(ctx context.Context) error {
		s := servant.Scenario(ctx)
		if v, ok := s.Get("from"); !ok || v != "before" {
			return servant.Mismatch("shared map", "before", v)
		}
		s.Set("to", "after")
		if all := s.All(); all["to"] != "after" || all["from"] != "before" {
			return servant.Failf("map %v", all)
		}
		s.Logf(contract.LevelWarning, "%s in %s at %s, %s, %s", s.Role(), s.Name(), s.WorkDir(), s.ResourceName("frames"), s.Instance())
		return s.Attach("bytes", "application/octet-stream", []byte{1, 2})
	})
	r.Step(`floods`, func(ctx context.Context) error {
		return servant.Scenario(ctx).Attach("much", "text/plain", make([]byte, servant.MaxAttachments+1))
	})
	p := serve(t, r, servant.Info{Instance: "me"})
	p.initialize()
	result := call[contract.StepResult](p, "1", contract.MethodExecuteStep, contract.ExecuteStep{
		StepType: "When", Step: "looks", StepId: "step-9", Context: map[string]string{"from": "before"}})
	if result.Status != contract.StatusPassed {
		t.Fatalf("%s: %v", result.Status, *result.Error)
	}
	if len(result.Context) != 1 || result.Context["to"] != "after" {
		t.Errorf("context %v, want what the step set alone", result.Context)
	}
	const line = "reader in Test 0.0 - Of the SDK at /tmp/cell, prefix-frames, me"
	if len(result.Logs) != 1 || result.Logs[0].Message != line || result.Logs[0].Level != contract.LevelWarning || result.Logs[0].Timestamp.IsZero() {
		t.Errorf("logs %+v", result.Logs)
	}
	if len(result.Attachments) != 1 || string(result.Attachments[0].Body) != "\x01\x02" {
		t.Errorf("attachments %+v", result.Attachments)
	}
	p.awaitNotification(func(n notification) bool {
		return n.Method == contract.MethodLog && contains(string(n.Params), line) && contains(string(n.Params), `"stepId":"step-9"`)
	})
	if result := p.step("When", "floods"); result.Status != contract.StatusFailed || !contains(*result.Error, "exceed the limit") {
		t.Errorf("too large an attachment: %s", result.Status)
	}
}

func TestResourceNameOfContract10(t *testing.T) {
	ctx, end := servant.NewContext(context.Background(), contract.Initialize{HostPid: 12, FeatureId: 5})
	defer func() { _ = end() }()
	if name := servant.Scenario(ctx).ResourceName("frames"); name != "frames_12_5" {
		t.Errorf("resource name %q, want frames_12_5", name)
	}
}
