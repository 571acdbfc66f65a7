package servant_test

import (
	"encoding/json"
	"strings"
	"testing"

	"parley.dev/parley/servant"
	"parley.dev/parley/servant/contract"
)

func TestBrokenRequests(t *testing.T) {
	r := servant.NewRegistry()
	r.Step(`passes`, nothing)
	tests := []struct {
		name, body, id string
		code           int
		message        string
	}{
		{"no JSON", `{"jsonrpc":`, "null", -32700, "not JSON"},
		{"empty", ``, "null", -32700, "not JSON"},
		{"batch", `[{"jsonrpc":"2.0","id":1,"method":"health","params":[]}]`, "null", -32600, "batches"},
		{"a number", `5`, "null", -32600, "one JSON object"},
		{"neither request nor answer", `{"jsonrpc":"2.0","id":1}`, "1", -32600, "neither a request"},
		{"method of another type", `{"jsonrpc":"2.0","id":1,"method":5}`, "null", -32600, "not a JSON-RPC message"},
		{"id of another type", `{"jsonrpc":"2.0","id":{},"method":"health"}`, "null", -32600, "an id is a string or a number"},
		{"another version", `{"jsonrpc":"1.0","id":1,"method":"health"}`, "1", -32600, `JSON-RPC "1.0"`},
		{"unknown method", `{"jsonrpc":"2.0","id":1,"method":"dance","params":[]}`, "1", -32601, `no method "dance"`},
		{"no params", `{"jsonrpc":"2.0","id":1,"method":"executeStep"}`, "1", -32602, "params are missing"},
		{"empty params", `{"jsonrpc":"2.0","id":1,"method":"executeStep","params":[]}`, "1", -32602, "one of length 0"},
		{"params that hold no object", `{"jsonrpc":"2.0","id":1,"method":"executeStep","params":["passes"]}`, "1", -32602, "an array with one object"},
		{"params of the wrong type", `{"jsonrpc":"2.0","id":1,"method":"executeStep","params":[{"StepType":1,"Step":"passes"}]}`, "1", -32602, "StepType"},
		{"no step", `{"jsonrpc":"2.0","id":1,"method":"executeStep","params":[{"StepType":"When"}]}`, "1", -32602, "neither Definition nor Step"},
		{"unknown definition", `{"jsonrpc":"2.0","id":1,"method":"executeStep","params":[{"Definition":9}]}`, "1", -32602, "no definition has id 9"},
	}
	p := serve(t, r, servant.Info{})
	p.initialize()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p.sendBody(test.body)
			a := p.await(test.id)
			if a.Error == nil || a.Error.Code != test.code || !contains(a.Error.Message, test.message) {
				t.Errorf("answer %s, want %d with %q", a.raw, test.code, test.message)
			}
			// The servant lives on.
			if result := p.step("When", "passes"); result.Status != contract.StatusPassed {
				t.Errorf("the step after it: %s", result.Status)
			}
		})
	}
}

func TestStepWithoutAScenario(t *testing.T) {
	r := servant.NewRegistry()
	r.Step(`passes`, nothing)
	p := serve(t, r, servant.Info{})
	p.request("1", contract.MethodExecuteStep, executeStep("passes"))
	if a := p.await("1"); a.Error == nil || a.Error.Code != -32600 || !contains(a.Error.Message, "send initialize first") {
		t.Errorf("answer %s", a.raw)
	}
}

func TestIDsAreEchoedAsTheyCame(t *testing.T) {
	p := serve(t, servant.NewRegistry(), servant.Info{})
	for _, id := range []string{`0`, `1`, `-5`, `1.5`, `1e3`, `18446744073709551616`, `"text"`, `""`, `"1"`, `"with \"quotes\""`, `"ü"`} {
		p.request(id, contract.MethodHealth, nil)
		a := p.await(id)
		if string(a.ID) != id || a.Error != nil {
			t.Errorf("id %s came back in %s", id, a.raw)
		}
	}
}

func TestTolerantReading(t *testing.T) {
	r := servant.NewRegistry()
	r.Given(`passes`, nothing)
	p := serve(t, r, servant.Info{})
	p.initialize()
	for _, test := range []struct{ name, body string }{
		{"keys in lower case", `{"jsonrpc":"2.0","id":"s","method":"executeStep","params":[{"steptype":"Given","step":"passes"}]}`},
		{"keys in upper case", `{"jsonrpc":"2.0","id":"s","method":"executeStep","params":[{"STEPTYPE":"Given","STEP":"passes"}]}`},
		{"null is absent", `{"jsonrpc":"2.0","id":"s","method":"executeStep","params":[{"StepType":"Given","Step":"passes","Definition":null,"Arguments":null,"Table":null,"DocString":null,"TimeoutMs":null,"StepId":null,"Context":null,"Parameters":null,"IsBroadcast":null,"Process":null}]}`},
		{"unknown keys", `{"jsonrpc":"2.0","id":"s","method":"executeStep","extra":1,"params":[{"StepType":"Given","Step":"passes","Future":{"a":[1]}}]}`},
		{"a bare object", `{"jsonrpc":"2.0","id":"s","method":"executeStep","params":{"StepType":"Given","Step":"passes"}}`},
		{"without a version", `{"id":"s","method":"executeStep","params":[{"StepType":"Given","Step":"passes"}]}`},
		{"white space", " {\"jsonrpc\" : \"2.0\" ,\n\"id\":\"s\",\"method\":\"executeStep\",\"params\":[ {\"StepType\":\"Given\",\"Step\":\"passes\"} ]}\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p.sendBody(test.body)
			a := p.await(`"s"`)
			if a.Error != nil || !strings.Contains(string(a.Result), `"status":"passed"`) {
				t.Errorf("answer %s", a.raw)
			}
		})
	}
	// Neither a notification that is unknown nor an answer that nobody waits for
	// disturbs the servant.
	p.sendBody(`{"jsonrpc":"2.0","method":"$/setTrace","params":{"value":"off"}}`)
	p.sendBody(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":"gone"}}`)
	p.sendBody(`{"jsonrpc":"2.0","method":"$/cancelRequest"}`)
	p.sendBody(`{"jsonrpc":"2.0","id":99,"result":null}`)
	if result := p.step("Given", "passes"); result.Status != contract.StatusPassed {
		t.Errorf("the step after it: %s", result.Status)
	}
}

func TestNegotiation(t *testing.T) {
	r := servant.NewRegistry()
	r.Step(`logs`, logs)
	legacy := contract.Initialize{Role: "reader", Platform: "go", Scenario: "s", HostPid: 1, FeatureId: 2, TestRunId: "t"}

	t.Run("1.0", func(t *testing.T) {
		p := serve(t, r, servant.Info{BareHealth: true})
		if got := call[json.RawMessage](p, "1", contract.MethodHealth, nil); string(got) != "true" {
			t.Errorf("health answered %s, want true", got)
		}
		if got := call[json.RawMessage](p, "2", contract.MethodInitialize, legacy); string(got) != "true" {
			t.Errorf("initialize answered %s, want true", got)
		}
		if result := p.step("When", "logs"); len(result.Logs) != 1 {
			t.Errorf("logs %v", result.Logs)
		}
		if len(p.notified) != 0 {
			t.Errorf("a coordinator of contract 1.0 got notifications: %v", p.notified)
		}
	})
	t.Run("1.1", func(t *testing.T) {
		p := serve(t, r, servant.Info{Platform: "test"})
		health := call[contract.Health](p, "1", contract.MethodHealth, nil)
		if health.Contract != contract.Version || health.Platform != "test" || health.PID == 0 {
			t.Errorf("health %+v", health)
		}
		for _, capability := range []string{contract.CapTable, contract.CapDocString, contract.CapCancel, contract.CapLogs, contract.CapReset} {
			if !health.Can(capability) {
				t.Errorf("capability %s is missing", capability)
			}
		}
		if got := call[json.RawMessage](p, "2", contract.MethodInitialize, initialize()); string(got) != `{"ok":true}` {
			t.Errorf("initialize answered %s", got)
		}
	})
}

func TestDiscovery(t *testing.T) {
	r := servant.NewRegistry()
	r.Given(`one`, nothing, servant.Summary("The first."))
	r.Step(`two`, nothing)
	p := serve(t, r, servant.Info{})
	steps := call[contract.Discovery](p, "1", contract.MethodDiscover, nil).Steps
	if len(steps) != 2 {
		t.Fatalf("steps %+v", steps)
	}
	if d := steps[0]; d.Type != "Given" || d.Pattern != "one" || d.ID != 1 || d.Summary != "The first." || !strings.HasPrefix(d.Source, "servant/protocol_test.go:") {
		t.Errorf("definition %+v", d)
	}
	if d := steps[1]; d.Type != "step" || d.ID != 2 {
		t.Errorf("definition %+v", d)
	}
}
