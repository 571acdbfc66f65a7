package stage

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"parley.dev/parley/servant/contract"
)

func TestWhatTheContractDoesNotAllow(t *testing.T) {
	for _, c := range []struct {
		name string
		send func(f *fake) string
		kind Kind
		says []string
	}{
		{"an id that was never asked", func(f *fake) string {
			f.id = json.RawMessage(`"4711"`)
			return passes
		}, Protocol, []string{`during step "x": it answered id "4711", which was never asked`, `\"passed\"`}},
		{"an id of another type", func(f *fake) string {
			f.id = json.RawMessage(strings.Trim(string(f.id), `"`))
			return passes
		}, Protocol, []string{"which was never asked"}},
		{"a second answer", func(f *fake) string {
			f.result(passes)
			return passes
		}, "", nil},
		{"no JSON", func(f *fake) string {
			f.frame("<html>500</html>")
			return ""
		}, Protocol, []string{"sent a frame that is no JSON-RPC message", "<html>500</html>"}},
		{"neither request nor answer", func(f *fake) string {
			f.frame(`{"jsonrpc":"2.0"}`)
			return ""
		}, Protocol, []string{"no JSON-RPC message"}},
		{"a frame that is too large", func(f *fake) string {
			f.raw("Content-Length: 67108865\r\n\r\n")
			return ""
		}, Protocol, []string{"frame above 64 MiB", "67108865"}},
		{"another shape", func(f *fake) string { return `["passed"]` }, Protocol, []string{"something else than the contract says", "passed"}},
		{"an unknown status", func(f *fake) string { return `{"success":true,"status":"green"}` }, Protocol, []string{`the status "green"`}},
		{"a JSON-RPC error", func(f *fake) string {
			f.frame(`{"jsonrpc":"2.0","id":` + string(f.id) + `,"error":{"code":-32603,"message":"registry is gone"}}`)
			return ""
		}, BrokenRPC, []string{"the JSON-RPC error -32603 (internal error): registry is gone"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := inGoroutine(t, func(f *fake) int { return f.serve(func(string) string { return c.send(f) }) })
			sv := acquire(t, s, Command{Platform: "fake", Role: "writer"})
			_, _, err := sv.Execute(t.Context(), step("x"), time.Minute)
			if c.kind == "" {
				// The answer itself is good; what follows it is not.
				if err != nil {
					t.Fatal(err)
				}
				<-sv.wire.closed()
				_, _, err = sv.Execute(t.Context(), step("y"), time.Minute)
				failure(t, err, Protocol, "answered already")
				return
			}
			failure(t, err, c.kind, c.says...)
			if left := s.Release(t.Context(), sv, true); left.Reused {
				t.Error("it was reused")
			}
		})
	}
}

func TestHalfAFrame(t *testing.T) {
	s := inGoroutine(t, func(f *fake) int {
		exit := make(chan struct{})
		go func() {
			f.serve(func(string) string {
				f.raw("Content-Length: 100\r\n\r\n{\"id\":")
				close(exit)
				return ""
			})
		}()
		<-exit
		return 0
	})
	sv := acquire(t, s, Command{Platform: "fake"})
	_, _, err := sv.Execute(t.Context(), step("x"), time.Minute)
	failure(t, err, Protocol, "in the middle of a frame (6 of 100 bytes came)", `{\"id\":`, "it exited with status 0")
}

func TestStrayOutputIsKeptAndHarmless(t *testing.T) {
	s := inGoroutine(t, func(f *fake) int {
		f.raw("Build started...\nno line end")
		return f.serve(func(string) string {
			f.raw("printed by a step\n")
			return passes
		})
	})
	sv := acquire(t, s, Command{Platform: "fake"})
	mark := sv.Output().Mark()
	r, _, err := sv.Execute(t.Context(), step("x"), time.Minute)
	if err != nil || r.Status != contract.StatusPassed {
		t.Fatalf("%+v %v", r, err)
	}
	lines := sv.Output().Since(mark)
	if len(lines) != 1 || lines[0].Source != StrayStdout || lines[0].Text != "printed by a step" {
		t.Errorf("of the step: %+v", lines)
	}
	if all := sv.Output().Since(0); !slices.ContainsFunc(all, func(l Line) bool { return l.Text == "Build started..." }) {
		t.Errorf("of the start: %+v", all)
	}
}

func TestGarbageInsteadOfHealth(t *testing.T) {
	s := inGoroutine(t, func(f *fake) int {
		f.raw("usage: servant [options]\n")
		for {
			if _, ok := f.read(); !ok {
				return 0
			}
		}
	}, func(o *Options) { o.StartTimeout = 100 * time.Millisecond })
	_, err := s.Acquire(t.Context(), Command{Platform: "fake"}, s.NewIdentity("cell"))
	failure(t, err, HandshakeFailed, "within 100ms", "its last line on stdout, outside of any frame: usage: servant [options]")
}

func TestHealthAnswers(t *testing.T) {
	for _, c := range []struct {
		health string
		says   []string // empty: accepted
	}{
		{`true`, nil},
		{`{"ok":true,"contract":"1.7"}`, nil},
		{`{"ok":true,"contract":"2.0"}`, []string{`contract "2.0"`, "1.1"}},
		{`false`, []string{"not well"}},
		{`{"ok":false,"contract":"1.1"}`, []string{"not well"}},
	} {
		t.Run(c.health, func(t *testing.T) {
			s := inGoroutine(t, func(f *fake) int {
				f.health = c.health
				return f.serve(func(string) string { return passes })
			})
			_, err := s.Acquire(t.Context(), Command{Platform: "fake"}, s.NewIdentity("cell"))
			if c.says == nil {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			failure(t, err, HandshakeFailed, c.says...)
		})
	}
}

func TestAContract10ServantGetsItsKeysAlone(t *testing.T) {
	var f10 *fake
	s := inGoroutine(t, func(f *fake) int {
		f.health, f10 = "true", f
		return f.serve(func(string) string {
			return `{"success":false,"error":"Step execution failed","context":null,"logs":[{"level":"ERROR","message":"Step execution failed: expected 5"}]}`
		})
	})
	sv := acquire(t, s, Command{Platform: "fake"})
	if err := sv.Initialize(t.Context(), contract.Initialize{Role: "writer", ResourcePrefix: "p", StepTimeoutMs: 5}); err != nil {
		t.Fatal(err)
	}
	if want := []string{"FeatureId", "HostPid", "Platform", "Role", "Scenario", "TestRunId"}; !slices.Equal(f10.seen, want) {
		t.Errorf("initialize: %v", f10.seen)
	}
	p := step("x")
	p.StepId, p.TimeoutMs, p.Arguments = "1", 5, []string{"a"}
	r, _, err := sv.Execute(t.Context(), p, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"Context", "IsBroadcast", "Parameters", "Process", "Step", "StepType"}; !slices.Equal(f10.seen, want) {
		t.Errorf("executeStep: %v", f10.seen)
	}
	if r.Status != contract.StatusFailed || *r.Error != "Step execution failed: expected 5" {
		t.Errorf("%s: %s", r.Status, *r.Error)
	}
	if left := s.Release(t.Context(), sv, true); left.Reused || !strings.Contains(left.Reason, "contract 1.0") {
		t.Errorf("%+v", left)
	}
}

func TestALateAnswerIsNoViolation(t *testing.T) {
	release := make(chan struct{})
	s := inGoroutine(t, func(f *fake) int {
		return f.serve(func(text string) string {
			if text == "slow" {
				<-release
			}
			return passes
		})
	})
	sv := acquire(t, s, Command{Platform: "fake"})
	// Asked and given up below Execute, which would end the servant.
	asked, err := sv.wire.ask(t.Context(), contract.MethodExecuteStep, []contract.ExecuteStep{step("slow")}, time.Now().Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := asked.waiter.Wait(gone, nil); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	close(release)
	if _, _, err := sv.Execute(t.Context(), step("quick"), time.Minute); err != nil {
		t.Errorf("after the late answer: %v", err)
	}
}

// recorder is a Handler.
type recorder struct {
	logs     chan contract.LogEntry
	progress chan contract.Progress
}

func (r recorder) Log(_ *Servant, e contract.LogEntry)      { r.logs <- e }
func (r recorder) Progress(_ *Servant, p contract.Progress) { r.progress <- p }
func (r recorder) Request(_ context.Context, sv *Servant, method string, params json.RawMessage) (any, error) {
	switch method {
	case "variables/get":
		return map[string]string{"of": sv.Platform(), "got": string(params)}, nil
	case "variables/panic":
		panic("boom")
	}
	return nil, ErrUnknownMethod
}

func TestRequestsOfTheServant(t *testing.T) {
	h := recorder{make(chan contract.LogEntry, 8), make(chan contract.Progress, 8)}
	s := inGoroutine(t, func(f *fake) int {
		return f.serve(func(text string) string {
			f.frame(`{"jsonrpc":"2.0","method":"log","params":[{"level":3,"message":"careful","stepId":"s1"}]}`)
			f.frame(`{"jsonrpc":"2.0","method":"progress","params":[{"stepId":"s1","done":1,"total":2,"unit":"frames"}]}`)
			f.frame(`{"jsonrpc":"2.0","method":"never/heard","params":[]}`)
			step := f.id
			f.frame(`{"jsonrpc":"2.0","id":"r1","method":"` + text + `","params":[{"k":1}]}`)
			body, err := f.in.Read()
			if err != nil {
				return ""
			}
			f.id = step
			answer, _ := json.Marshal(string(body))
			return `{"success":true,"context":{"answer":` + string(answer) + `}}`
		})
	}, func(o *Options) { o.Handler = h })
	sv := acquire(t, s, Command{Platform: "fake"})
	for method, want := range map[string]string{
		"variables/get":   `"got":"{\"k\":1}"`,
		"variables/panic": `panicked: boom`,
		"variables/none":  `-32601`,
	} {
		mark := sv.Output().Mark()
		r, _, err := sv.Execute(t.Context(), step(method), time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if answer := r.Context["answer"]; !strings.Contains(answer, want) || !strings.Contains(answer, `"id":"r1"`) {
			t.Errorf("%s was answered %s", method, answer)
		}
		if e := <-h.logs; e.Message != "careful" || e.StepID != "s1" {
			t.Errorf("log %+v", e)
		}
		if p := <-h.progress; p.Done != 1 || p.Unit != "frames" {
			t.Errorf("progress %+v", p)
		}
		lines := sv.Output().Since(mark)
		if len(lines) != 1 || lines[0].Source != Log || lines[0].Level != contract.LevelWarning {
			t.Errorf("output %+v", lines)
		}
	}
}
