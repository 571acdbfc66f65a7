package steps_test

import (
	"context"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sourcegraph/jsonrpc2"

	"parley.dev/parley/servant"
	"parley.dev/parley/servant/contract"
	"parley.dev/parley/steps"
)

// cells numbers the cells of this test process: names of resources must differ.
var cells atomic.Int64

// cell is one scenario with its servants.
type cell struct {
	t        *testing.T
	name     string
	prefix   string
	memory   *memory
	registry *servant.Registry

	servants map[string]*jsonrpc2.Conn // by role and instance
	running  map[string]chan result    // overlapping steps by role

	mu     sync.Mutex
	shared map[string]string
}

type result struct {
	text string
	step contract.StepResult
	err  error
}

func newCell(t *testing.T, name string) *cell {
	prefix := fmt.Sprintf("parley-steps-%d-%d-", os.Getpid(), cells.Add(1))
	c := &cell{t: t, name: name, prefix: prefix, memory: &memory{prefix: prefix, noted: map[string]string{}},
		registry: servant.NewRegistry(), servants: map[string]*jsonrpc2.Conn{},
		running: map[string]chan result{}, shared: map[string]string{}}
	steps.Register(c.registry)
	// Runs after the servants have ended.
	t.Cleanup(func() {
		if left, _ := filepath.Glob("/dev/shm/*" + prefix + "*"); len(left) > 0 {
			t.Errorf("left behind: %s", strings.Join(left, ", "))
		}
	})
	return c
}

// servant returns the connection to an instance of a role, which it starts and
// initializes at its first use.
func (c *cell) servant(role string, instance int) *jsonrpc2.Conn {
	c.t.Helper()
	key := fmt.Sprintf("%s/%d", role, instance)
	if conn := c.servants[key]; conn != nil {
		return conn
	}
	here, there := net.Pipe()
	served := make(chan error, 1)
	go func() { served <- servant.Serve(context.Background(), c.registry, there, servant.Info{}) }()
	ignore := jsonrpc2.HandlerWithError(func(context.Context, *jsonrpc2.Conn, *jsonrpc2.Request) (any, error) { return nil, nil })
	conn := jsonrpc2.NewConn(context.Background(), jsonrpc2.NewBufferedStream(here, jsonrpc2.VSCodeObjectCodec{}), ignore)
	c.servants[key] = conn
	c.t.Cleanup(func() {
		if err := conn.Call(context.Background(), contract.MethodShutdown, []any{}, nil); err != nil {
			c.t.Errorf("%s: shutdown: %v", key, err)
		}
		if err := <-served; err != nil {
			c.t.Errorf("%s: %v", key, err)
		}
		_ = conn.Close()
	})
	params := contract.Initialize{Role: role, Platform: "go", Scenario: c.name, HostPid: 1, FeatureId: 1,
		TestRunId: "test", ScenarioId: c.name, ResourcePrefix: c.prefix}
	if err := conn.Call(context.Background(), contract.MethodInitialize, []any{params}, nil); err != nil {
		c.t.Fatalf("%s: initialize: %v", key, err)
	}
	return conn
}

func (c *cell) call(conn *jsonrpc2.Conn, stepType, text string) result {
	c.mu.Lock()
	params := contract.ExecuteStep{Process: c.name, StepType: stepType, Step: text,
		Parameters: map[string]any{}, Context: maps.Clone(c.shared)}
	c.mu.Unlock()
	r := result{text: text}
	r.err = conn.Call(context.Background(), contract.MethodExecuteStep, []any{params}, &r.step)
	c.mu.Lock()
	maps.Copy(c.shared, r.step.Context)
	c.mu.Unlock()
	return r
}

func (c *cell) judge(r result) {
	c.t.Helper()
	if r.err != nil {
		c.t.Fatalf("%s: %v", r.text, r.err)
	}
	if r.step.Status != contract.StatusPassed {
		c.t.Fatalf("%s: %s: %s", r.text, r.step.Status, *r.step.Error)
	}
}

func (c *cell) step(conn *jsonrpc2.Conn, stepType, text string) {
	c.t.Helper()
	c.judge(c.call(conn, stepType, text))
}

// together sends a step to several servants at the same moment.
func (c *cell) together(stepType, text string, conns ...*jsonrpc2.Conn) {
	c.t.Helper()
	results := make(chan result, len(conns))
	for _, conn := range conns {
		go func() { results <- c.call(conn, stepType, text) }()
	}
	all := make([]result, 0, len(conns))
	for range conns {
		all = append(all, <-results)
	}
	for _, r := range all {
		c.judge(r)
	}
}

// start sends a step without waiting for its answer.
func (c *cell) start(role, stepType, text string) {
	conn := c.servant(role, 0)
	done := make(chan result, 1)
	c.running[role] = done
	go func() { done <- c.call(conn, stepType, text) }()
}

// settle waits for the role's overlapping step.
func (c *cell) settle(role string) {
	c.t.Helper()
	if done := c.running[role]; done != nil {
		delete(c.running, role)
		c.judge(<-done)
	}
}

func (c *cell) settleAll() {
	c.t.Helper()
	for role := range maps.Clone(c.running) {
		c.settle(role)
	}
}
