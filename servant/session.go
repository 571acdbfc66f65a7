package servant

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/sourcegraph/jsonrpc2"

	"parley.dev/parley/servant/contract"
)

// session answers the contract's requests for one connection.
type session struct {
	ctx      context.Context // of the connection
	registry *Registry
	info     Info

	mu      sync.Mutex
	current *scenario
	// extended: the coordinator has sent keys of contract 1.1, so it
	// understands notifications and the object answers.
	extended bool
	closed   bool
}

func newSession(ctx context.Context, registry *Registry, info Info) *session {
	return &session{ctx: ctx, registry: registry, info: info}
}

// call performs one request. Its error is for broken requests alone.
func (s *session) call(ctx context.Context, method string, params *json.RawMessage, notify notifier) (any, *jsonrpc2.Error) {
	switch method {
	case contract.MethodHealth:
		return s.health(), nil
	case contract.MethodInitialize:
		var p contract.Initialize
		if err := decodeParams(params, &p); err != nil {
			return nil, invalidParams(method, err)
		}
		return s.initialize(p)
	case contract.MethodDiscover:
		return s.registry.discovery(), nil
	case contract.MethodExecuteStep:
		var p contract.ExecuteStep
		if err := decodeParams(params, &p); err != nil {
			return nil, invalidParams(method, err)
		}
		return s.executeStep(ctx, p, notify)
	case contract.MethodCleanup:
		return nil, s.cleanup()
	case contract.MethodShutdown:
		if err := s.end(); err != nil {
			return nil, internalError(method, err)
		}
		return nil, nil
	}
	return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeMethodNotFound,
		Message: fmt.Sprintf("no method %q; a servant has health, initialize, discover, executeStep, cleanup and shutdown", method)}
}

func (s *session) health() any {
	if s.info.BareHealth {
		return true
	}
	return contract.Health{OK: true, Contract: contract.Version, Platform: s.info.Platform, SDK: SDK, PID: os.Getpid(),
		Capabilities: []string{contract.CapTable, contract.CapDocString, contract.CapCancel, contract.CapLogs, contract.CapReset}}
}

func (s *session) initialize(p contract.Initialize) (any, *jsonrpc2.Error) {
	// A scenario that was not cleaned up must not leak into this one.
	if failure := s.cleanup(); failure != nil {
		return nil, failure
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, invalidRequest("initialize came after shutdown")
	}
	s.extended = s.extended || p != p.Legacy()
	s.current = newScenario(s.ctx, p, s.info.Instance)
	if !s.extended {
		return true, nil
	}
	return map[string]bool{"ok": true}, nil
}

func (s *session) cleanup() *jsonrpc2.Error {
	if err := s.endScenario(); err != nil {
		return internalError(contract.MethodCleanup, err)
	}
	return nil
}

func (s *session) endScenario() error {
	s.mu.Lock()
	ending := s.current
	s.current = nil
	s.mu.Unlock()
	if ending == nil {
		return nil
	}
	return ending.end(endGrace)
}

// end ends the scenario and lets no other begin.
func (s *session) end() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	return s.endScenario()
}

func (s *session) executeStep(ctx context.Context, p contract.ExecuteStep, notify notifier) (any, *jsonrpc2.Error) {
	s.mu.Lock()
	current := s.current
	if current != nil {
		current.steps.Add(1)
	}
	s.extended = s.extended || p.Definition != nil || p.StepId != "" || p.TimeoutMs != 0
	extended := s.extended
	s.mu.Unlock()
	if current == nil {
		return nil, invalidRequest("executeStep came without a scenario; send initialize first")
	}
	release := sync.OnceFunc(current.steps.Done)
	if !extended {
		notify = nil
	}
	run, failure := s.prepare(current, p, notify)
	if failure != nil {
		release()
		return nil, failure
	}
	return run.perform(ctx, release), nil
}

// prepare finds the definition that the step names, or the ones that its text
// matches.
func (s *session) prepare(current *scenario, p contract.ExecuteStep, notify notifier) (*stepRun, *jsonrpc2.Error) {
	run := &stepRun{scenario: current, params: p, limit: stepLimit(p, current.params)}
	run.recorder = newRecorder(p.StepId, notify)
	if p.Definition != nil {
		d := s.registry.byID(*p.Definition)
		if d == nil {
			return nil, invalidParams(contract.MethodExecuteStep,
				fmt.Errorf("no definition has id %d; discover reports ids 1 to %d", *p.Definition, len(s.registry.definitions)))
		}
		run.found = []match{{d, p.Arguments}}
		return run, nil
	}
	if p.Step == "" {
		return nil, invalidParams(contract.MethodExecuteStep, errors.New("neither Definition nor Step is set"))
	}
	run.found = s.registry.matches(p.StepType, p.Step)
	return run, nil
}

// stepLimit is the step's own limit, the scenario's, or the contract's.
func stepLimit(p contract.ExecuteStep, of contract.Initialize) time.Duration {
	for _, ms := range []int64{p.TimeoutMs, of.StepTimeoutMs} {
		if ms > 0 {
			return time.Duration(ms) * time.Millisecond
		}
	}
	return contract.DefaultStepTimeoutMs * time.Millisecond
}

// decodeParams reads an array with one object into target. Some JSON-RPC peers
// send the object bare; that is accepted too.
func decodeParams(params *json.RawMessage, target any) error {
	if params == nil || string(*params) == "null" {
		return errors.New("params are missing; expected an array with one object")
	}
	if bytes.HasPrefix(*params, []byte("{")) {
		return json.Unmarshal(*params, target)
	}
	var list []json.RawMessage
	if err := json.Unmarshal(*params, &list); err != nil {
		return fmt.Errorf("expected an array with one object, got %.120s", *params)
	}
	if len(list) != 1 {
		return fmt.Errorf("expected an array with one object, got one of length %d", len(list))
	}
	if object := bytes.TrimSpace(list[0]); len(object) == 0 || object[0] != '{' {
		return fmt.Errorf("expected an array with one object, got an array with %.120s", list[0])
	}
	return json.Unmarshal(list[0], target)
}

func invalidParams(method string, err error) *jsonrpc2.Error {
	return &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: fmt.Sprintf("params of %s: %v", method, err)}
}

func invalidRequest(message string) *jsonrpc2.Error {
	return &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidRequest, Message: message}
}

func internalError(method string, err error) *jsonrpc2.Error {
	return &jsonrpc2.Error{Code: jsonrpc2.CodeInternalError, Message: fmt.Sprintf("%s: %v", method, err)}
}
