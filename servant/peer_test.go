package servant_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"parley.dev/parley/servant"
	"parley.dev/parley/servant/contract"
)

// patience bounds what a test waits for; nothing that works takes this long.
const patience = 20 * time.Second

// peer is the coordinator's end of a connection, as bare as possible: the
// servant is tested against frames, not against another JSON-RPC library.
type peer struct {
	t      *testing.T
	conn   io.ReadWriteCloser
	served chan error // what Serve returned; nil for a process

	mu       sync.Mutex
	answers  map[string]chan answer
	notified []notification
	news     chan struct{} // closed and replaced at each notification
	ended    chan struct{} // reading has ended
}

type answer struct {
	ID     json.RawMessage `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  *rpcError       `json:"error"`
	raw    []byte
}

type rpcError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

type notification struct {
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
}

// serve runs a servant with the registry over a pipe; the test's end ends it.
func serve(t *testing.T, registry *servant.Registry, info servant.Info) *peer {
	t.Helper()
	here, there := net.Pipe()
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- servant.Serve(ctx, registry, there, info) }()
	p := newPeer(t, here)
	p.served = served
	t.Cleanup(func() {
		_ = here.Close()
		<-p.ended
		cancel()
		select {
		case <-served:
		case <-time.After(patience):
			t.Error("Serve did not return after its input had ended")
		}
	})
	return p
}

func newPeer(t *testing.T, conn io.ReadWriteCloser) *peer {
	p := &peer{t: t, conn: conn, answers: map[string]chan answer{},
		news: make(chan struct{}), ended: make(chan struct{})}
	go p.read()
	return p
}

func (p *peer) read() {
	defer close(p.ended)
	frames := contract.NewFrameReader(p.conn, func(stray []byte) { p.t.Errorf("stray bytes: %q", stray) }, nil)
	for {
		body, err := frames.Read()
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrClosedPipe) && !errors.Is(err, os.ErrClosed) {
				p.t.Errorf("read a frame: %v", err)
			}
			return
		}
		body = append([]byte(nil), body...)
		checkSent(p.t, body)
		var n notification
		if json.Unmarshal(body, &n) == nil && n.Method != "" {
			p.mu.Lock()
			p.notified = append(p.notified, n)
			close(p.news)
			p.news = make(chan struct{})
			p.mu.Unlock()
			continue
		}
		a := answer{raw: body}
		if err := json.Unmarshal(body, &a); err != nil {
			p.t.Errorf("answer %s: %v", body, err)
			continue
		}
		p.channel(string(a.ID)) <- a
	}
}

// channel is where the answer with the id (as JSON) arrives.
func (p *peer) channel(id string) chan answer {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.answers[id] == nil {
		p.answers[id] = make(chan answer, 16)
	}
	return p.answers[id]
}

func (p *peer) sendBody(body string) {
	p.t.Helper()
	if _, err := p.conn.Write(contract.AppendFrame(nil, []byte(body))); err != nil {
		p.t.Fatalf("send %s: %v", body, err)
	}
}

// request sends a request; params is an array, or nil for [].
func (p *peer) request(id, method string, params any) {
	p.t.Helper()
	encoded := []byte("[]")
	if params != nil {
		var err error
		if encoded, err = json.Marshal([]any{params}); err != nil {
			p.t.Fatal(err)
		}
	}
	p.sendBody(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":%q,"params":%s}`, id, method, encoded))
}

func (p *peer) await(id string) answer {
	p.t.Helper()
	select {
	case a := <-p.channel(id):
		return a
	case <-time.After(patience):
		p.t.Fatalf("no answer to request %s", id)
	case <-p.ended:
		select {
		case a := <-p.channel(id):
			return a
		default:
			p.t.Fatalf("the connection ended before the answer to request %s", id)
		}
	}
	panic("unreachable")
}

// call sends a request and decodes its result.
func call[T any](p *peer, id, method string, params any) T {
	p.t.Helper()
	p.request(id, method, params)
	a := p.await(id)
	if a.Error != nil {
		p.t.Fatalf("%s: error %d: %s", method, a.Error.Code, a.Error.Message)
	}
	var result T
	if err := json.Unmarshal(a.Result, &result); err != nil {
		p.t.Fatalf("%s: result %s: %v", method, a.Result, err)
	}
	return result
}

// step performs one step by its text, as contract 1.0 does.
func (p *peer) step(stepType, text string) contract.StepResult {
	p.t.Helper()
	return call[contract.StepResult](p, `"s"`, contract.MethodExecuteStep, contract.ExecuteStep{
		Process: "reader", StepType: stepType, Step: text, Parameters: map[string]any{}})
}

func (p *peer) initialize() {
	p.t.Helper()
	call[json.RawMessage](p, `"init"`, contract.MethodInitialize, initialize())
}

func initialize() contract.Initialize {
	return contract.Initialize{Role: "reader", Platform: "go", Scenario: "Test 0.0 - Of the SDK", HostPid: 4711,
		FeatureId: 3, TestRunId: "run", ScenarioId: "scenario", ResourcePrefix: "prefix-", WorkDir: "/tmp/cell"}
}

// awaitNotification waits until a notification satisfies is.
func (p *peer) awaitNotification(is func(notification) bool) {
	p.t.Helper()
	deadline := time.After(patience)
	for {
		p.mu.Lock()
		news := p.news
		for _, n := range p.notified {
			if is(n) {
				p.mu.Unlock()
				return
			}
		}
		p.mu.Unlock()
		select {
		case <-news:
		case <-deadline:
			p.t.Fatal("the notification did not come")
		}
	}
}
