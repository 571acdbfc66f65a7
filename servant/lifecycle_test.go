package servant_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"parley.dev/parley/servant"
	"parley.dev/parley/servant/contract"
)

// gate is a step's means to say that it runs and to wait for the test.
type gate struct{ entered, open chan struct{} }

func newGate() gate { return gate{make(chan struct{}, 8), make(chan struct{})} }

func (g gate) await(t *testing.T) {
	t.Helper()
	select {
	case <-g.entered:
	case <-time.After(patience):
		t.Fatal("the step did not start")
	}
}

func executeStep(text string) contract.ExecuteStep {
	return contract.ExecuteStep{Process: "reader", StepType: "When", Step: text, Parameters: map[string]any{}}
}

func TestTimeoutOfAStepThatHeedsItsContext(t *testing.T) {
	r := servant.NewRegistry()
	r.Step(`waits`, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
	r.Step(`goes on`, nothing)
	p := serve(t, r, servant.Info{})
	p.initialize()
	step := executeStep("waits")
	step.TimeoutMs = 30
	result := call[contract.StepResult](p, "1", contract.MethodExecuteStep, step)
	if result.Status != contract.StatusTimeout || result.Failure.Type != contract.FailureTimeout {
		t.Errorf("%s, %+v", result.Status, result.Failure)
	}
	checkError(t, result, `Step execution timeout: "waits" took longer than its limit of 30ms; it ended with: context deadline exceeded`)
	if result := p.step("When", "goes on"); result.Status != contract.StatusPassed {
		t.Errorf("the step after it: %s, %v", result.Status, *result.Error)
	}
}

func TestLimitOfTheScenario(t *testing.T) {
	r := servant.NewRegistry()
	r.Step(`waits`, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
	p := serve(t, r, servant.Info{})
	params := initialize()
	params.StepTimeoutMs = 40
	call[json.RawMessage](p, "1", contract.MethodInitialize, params)
	checkError(t, p.step("When", "waits"), `Step execution timeout: "waits" took longer than its limit of 40ms`)
}

func TestAStepThatIgnoresItsContextIsAbandoned(t *testing.T) {
	g := newGate()
	r := servant.NewRegistry()
	r.Step(`hangs`, func(context.Context) error { blockHere(g.open); return nil })
	r.Step(`goes on`, nothing)
	p := serve(t, r, servant.Info{})
	p.initialize()
	step := executeStep("hangs")
	step.TimeoutMs = 30
	result := call[contract.StepResult](p, "1", contract.MethodExecuteStep, step)
	if result.Status != contract.StatusTimeout {
		t.Fatalf("%s: %v", result.Status, *result.Error)
	}
	checkError(t, result, `Step execution timeout: "hangs" took longer than its limit of 30ms and still runs`)
	if !strings.Contains(result.Failure.Stack, "blockHere") {
		t.Errorf("the failure does not say where the step is: %q", result.Failure.Stack)
	}
	result = p.step("When", "goes on")
	if result.Status != contract.StatusFailed || result.Failure.Type != servant.FailureStuck {
		t.Errorf("a further step of the scenario: %s, %+v", result.Status, result.Failure)
	}
	checkError(t, result, `step "hangs" still runs after its end`)

	// A new scenario is not concerned.
	p.initialize()
	if result := p.step("When", "goes on"); result.Status != contract.StatusPassed {
		t.Errorf("a step of the next scenario: %s, %v", result.Status, *result.Error)
	}
	close(g.open)
}

//go:noinline
func blockHere(until chan struct{}) { <-until }

func TestCancellation(t *testing.T) {
	for _, test := range []struct{ name, id, cancel string }{
		{"numeric id", `7`, `{"id":7}`},
		{"string id", `"seven"`, `{"id":"seven"}`},
		{"in an array", `"\u0073even"`, `[{"Id":"seven"}]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := newGate()
			r := servant.NewRegistry()
			r.Step(`waits`, func(ctx context.Context) error {
				g.entered <- struct{}{}
				<-ctx.Done()
				return context.Cause(ctx)
			})
			p := serve(t, r, servant.Info{})
			p.initialize()
			p.request(test.id, contract.MethodExecuteStep, executeStep("waits"))
			g.await(t)
			p.sendBody(fmt.Sprintf(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":%s}`, test.cancel))
			var canonical string
			if json.Unmarshal([]byte(test.id), &canonical) == nil {
				test.id = fmt.Sprintf("%q", canonical)
			}
			a := p.await(test.id)
			var result contract.StepResult
			if err := json.Unmarshal(a.Result, &result); err != nil || result.Status != contract.StatusCancelled {
				t.Errorf("answer %s", a.raw)
			}
		})
	}
}

func TestCancellationOfAStepThatIgnoresIt(t *testing.T) {
	g := newGate()
	r := servant.NewRegistry()
	r.Step(`hangs`, func(context.Context) error { g.entered <- struct{}{}; blockHere(g.open); return nil })
	p := serve(t, r, servant.Info{})
	p.initialize()
	p.request("7", contract.MethodExecuteStep, executeStep("hangs"))
	g.await(t)
	p.sendBody(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":7}}`)
	if a := p.await("7"); !strings.Contains(string(a.Result), `"status":"cancelled"`) {
		t.Errorf("answer %s", a.raw)
	}
	close(g.open)
}

func TestOverlappingRequestsAreBounded(t *testing.T) {
	g := newGate()
	r := servant.NewRegistry()
	r.Step(`waits`, func(ctx context.Context) error {
		select {
		case <-g.open:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	p := serve(t, r, servant.Info{})
	p.initialize()
	const bound = 64
	for i := range bound + 1 {
		p.request(fmt.Sprint(i+1), contract.MethodExecuteStep, executeStep("waits"))
	}
	if a := p.await(fmt.Sprint(bound + 1)); a.Error == nil || a.Error.Code != -32603 || !contains(a.Error.Message, "64 requests") {
		t.Errorf("the request above the bound: %s", a.raw)
	}
	close(g.open)
	for i := range bound {
		if a := p.await(fmt.Sprint(i + 1)); a.Error != nil {
			t.Errorf("request %d: %s", i+1, a.raw)
		}
	}
}

// leftovers is a state whose disposal the test sees.
type leftovers struct{ disposed chan struct{} }

func (l *leftovers) Close() error { close(l.disposed); return nil }

func TestTheEndDisposesOfTheScenario(t *testing.T) {
	ends := map[string]func(t *testing.T, p *peer, cancel context.CancelFunc) error{
		"end of input": func(t *testing.T, p *peer, _ context.CancelFunc) error { return p.conn.Close() },
		"shutdown": func(t *testing.T, p *peer, _ context.CancelFunc) error {
			call[any](p, "9", contract.MethodShutdown, nil)
			return nil
		},
		"context": func(t *testing.T, p *peer, cancel context.CancelFunc) error { cancel(); return nil },
		"frame too large": func(t *testing.T, p *peer, _ context.CancelFunc) error {
			_, err := io.WriteString(p.conn, "Content-Length: 67108865\r\n\r\n")
			return err
		},
		"end inside a frame": func(t *testing.T, p *peer, _ context.CancelFunc) error {
			_, err := io.WriteString(p.conn, "Content-Length: 10\r\n\r\n{}")
			_ = p.conn.Close()
			return err
		},
	}
	wantErr := map[string]string{"context": "context canceled", "frame too large": "frame above 64 MiB",
		"end inside a frame": "in the middle of a frame (2 of 10 bytes came)"}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			disposed := make(chan struct{})
			g := newGate()
			r := servant.NewRegistry()
			r.Step(`opens`, func(ctx context.Context) error { servant.State[leftovers](ctx).disposed = disposed; return nil })
			r.Step(`waits`, func(ctx context.Context) error { g.entered <- struct{}{}; <-ctx.Done(); return ctx.Err() })
			here, there := net.Pipe()
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			served := make(chan error, 1)
			go func() { served <- servant.Serve(ctx, r, there, servant.Info{}) }()
			p := newPeer(t, here)
			p.initialize()
			p.step("When", "opens")
			p.request("8", contract.MethodExecuteStep, executeStep("waits"))
			g.await(t)
			if err := end(t, p, cancel); err != nil {
				t.Fatal(err)
			}
			select {
			case <-disposed:
			case <-time.After(patience):
				t.Error("the scenario was not disposed of")
			}
			select {
			case err := <-served:
				if want := wantErr[name]; want == "" && err != nil || want != "" && (err == nil || !contains(err.Error(), want)) {
					t.Errorf("Serve returned %v, want %q", err, want)
				}
			case <-time.After(patience):
				t.Error("Serve did not return")
			}
			_ = here.Close()
			<-p.ended
		})
	}
}

func TestServantsInOneProcessAreIndependent(t *testing.T) {
	r := servant.NewRegistry()
	r.Step(`visits`, func(ctx context.Context) error {
		s := servant.State[second](ctx)
		s.order = new([]string)
		s.visits++
		servant.Scenario(ctx).Set("visits", fmt.Sprint(s.visits))
		servant.Scenario(ctx).Set("instance", servant.Scenario(ctx).Instance())
		return nil
	})
	instances := map[string]bool{}
	for range 3 {
		p := serve(t, r, servant.Info{})
		p.initialize()
		result := p.step("When", "visits")
		if result.Context["visits"] != "1" {
			t.Errorf("another servant's state: %v", result.Context)
		}
		instances[result.Context["instance"]] = true
	}
	if len(instances) != 3 {
		t.Errorf("instances %v, want three", instances)
	}
}
