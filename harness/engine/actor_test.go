package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"parley.dev/parley/harness/stage"
	"parley.dev/parley/servant/contract"
)

// actor is a servant in a goroutine whose behaviour a test chooses. Without any
// choice it defines every step and passes it.
type actor struct {
	legacy       bool                  // contract 1.0
	capabilities []string              // of 1.1
	definitions  []contract.Definition // nil: one that matches every step

	// every sees each message first; true means that it has dealt with it.
	every func(*call) bool
	// step performs a step and answers it; nil passes.
	step func(*call)

	mu       sync.Mutex
	launches int
	calls    []*call // all that came, in order
}

// call is one message to an actor.
type call struct {
	launch   int // which process of the platform, from 1
	env      []string
	method   string
	id       json.RawMessage
	params   map[string]json.RawMessage // of the one object
	step     contract.ExecuteStep
	scenario string // that initialize named last

	in     io.Reader
	frames *contract.FrameReader
	out    io.Writer
	err    io.Writer
}

type exitStatus int

func (c *call) exit(status int)               { panic(exitStatus(status)) }
func (c *call) raw(s string)                  { _, _ = io.WriteString(c.out, s) }
func (c *call) print(format string, a ...any) { fmt.Fprintf(c.err, format+"\n", a...) }
func (c *call) frame(body string)             { _, _ = c.out.Write(contract.AppendFrame(nil, []byte(body))) }
func (c *call) result(answer string) {
	c.frame(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":%s}`, c.id, answer))
}

func (c *call) error(code int, message string) {
	c.frame(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"error":{"code":%d,"message":%q}}`, c.id, code, message))
}

func (c *call) pass() { c.result(`{"success":true,"error":null,"context":null,"logs":null}`) }

func (c *call) fail(why string) {
	c.result(fmt.Sprintf(`{"success":false,"error":%q,"context":{},"logs":[]}`, why))
}

// say passes the step and returns a context map.
func (c *call) say(context map[string]string) {
	body, _ := json.Marshal(map[string]any{"success": true, "context": context})
	c.result(string(body))
}

// hang reads nothing and answers nothing until the process is ended.
func (c *call) hang() {
	_, _ = io.Copy(io.Discard, c.in)
	c.exit(0)
}

// untilCancelled waits for the request that ends the step and obeys it.
func (c *call) untilCancelled() {
	for {
		m, ok := c.next()
		if !ok {
			c.exit(0)
		}
		if m.method == contract.MethodCancel && string(m.params["id"]) == string(c.id) {
			c.result(`{"success":false,"status":"cancelled","error":"cancelled"}`)
			return
		}
	}
}

// next reads a message of the same connection.
func (c *call) next() (*call, bool) {
	body, err := c.frames.Read()
	if err != nil {
		return nil, false
	}
	var m struct {
		ID     json.RawMessage `json:"id"`
		Method string          `json:"method"`
		Params json.RawMessage `json:"params"`
	}
	if json.Unmarshal(body, &m) != nil {
		return nil, false
	}
	n := *c
	n.method, n.id, n.params, n.step = m.Method, m.ID, nil, contract.ExecuteStep{}
	raw := m.Params
	var list []json.RawMessage
	if json.Unmarshal(m.Params, &list) == nil && len(list) == 1 {
		raw = list[0]
	}
	if json.Unmarshal(raw, &n.params) != nil {
		n.params = nil
	}
	switch n.method {
	case contract.MethodExecuteStep:
		_ = json.Unmarshal(raw, &n.step)
	case contract.MethodInitialize:
		var p contract.Initialize
		_ = json.Unmarshal(raw, &p)
		c.scenario, n.scenario = p.Scenario, p.Scenario
	}
	return &n, true
}

// keys are the names of the parameters, sorted.
func (c *call) keys() string {
	var names []string
	for name := range c.params {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// main is a stage.Main.
func (a *actor) main(_ context.Context, cmd stage.Command, stdin io.Reader, stdout, stderr io.Writer) (status int) {
	a.mu.Lock()
	a.launches++
	link := &call{launch: a.launches, env: cmd.Env, in: stdin, frames: contract.NewFrameReader(stdin, nil, nil), out: stdout, err: stderr}
	a.mu.Unlock()
	defer func() {
		switch e := recover().(type) {
		case nil:
		case exitStatus:
			status = int(e)
		default:
			panic(e)
		}
	}()
	for {
		c, ok := link.next()
		if !ok {
			return 0
		}
		a.mu.Lock()
		a.calls = append(a.calls, c)
		a.mu.Unlock()
		if a.every != nil && a.every(c) {
			continue
		}
		a.answer(c)
		if c.method == contract.MethodShutdown {
			return 0
		}
	}
}

func (a *actor) answer(c *call) {
	switch c.method {
	case contract.MethodHealth:
		if a.legacy {
			c.result("true")
			return
		}
		health, _ := json.Marshal(contract.Health{OK: true, Contract: contract.Version, Capabilities: a.capabilities})
		c.result(string(health))
	case contract.MethodInitialize:
		c.result("true")
	case contract.MethodDiscover:
		steps := a.definitions
		if steps == nil {
			steps = []contract.Definition{{Type: contract.Unknown, Pattern: ".*", ID: 1}}
		}
		found, _ := json.Marshal(contract.Discovery{Steps: steps})
		c.result(string(found))
	case contract.MethodExecuteStep:
		if a.step == nil {
			c.pass()
			return
		}
		a.step(c)
	case contract.MethodCleanup, contract.MethodShutdown:
		c.result("null")
	}
}

// came returns the calls of a method, in order.
func (a *actor) came(method string) []*call {
	a.mu.Lock()
	defer a.mu.Unlock()
	var found []*call
	for _, c := range a.calls {
		if c.method == method {
			found = append(found, c)
		}
	}
	return found
}

// texts are the steps that came, with their types.
func (a *actor) texts() []string {
	var out []string
	for _, c := range a.came(contract.MethodExecuteStep) {
		out = append(out, c.step.StepType+" "+c.step.Step)
	}
	return out
}
