package stage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/sourcegraph/jsonrpc2"
	"go.uber.org/zap"

	"parley.dev/parley/servant/contract"
)

// Handler receives what servants ask and tell on their own (contract,
// "Requests from the servant to the coordinator"). Its methods are called from
// several goroutines.
type Handler interface {
	// Request answers a request. ErrUnknownMethod becomes -32601, a
	// *jsonrpc2.Error is sent as it is, any other error becomes -32603. params
	// is the one object of the array, or null. ctx ends with the connection.
	Request(ctx context.Context, sv *Servant, method string, params json.RawMessage) (any, error)
	// Log is told of a live log line, which sv.Output has as well; Progress of a
	// long step's progress. Both are called in the order of the notifications
	// and hold up the servant's answers until they return.
	Log(sv *Servant, e contract.LogEntry)
	Progress(sv *Servant, p contract.Progress)
}

// ErrUnknownMethod is Handler.Request's answer to a method it does not have.
var ErrUnknownMethod = errors.New("method not found")

// maxRequests is how many of one servant's requests are answered at a time;
// further ones wait, and the servant with them.
const maxRequests = 16

// receiver takes one servant's requests and notifications.
type receiver struct {
	sv    *Servant
	wire  *wire
	h     Handler // may be nil
	slots chan struct{}
}

func newReceiver(sv *Servant, h Handler) *receiver {
	return &receiver{sv: sv, h: h, slots: make(chan struct{}, maxRequests)}
}

// Handle implements jsonrpc2.Handler.
func (r *receiver) Handle(ctx context.Context, conn *jsonrpc2.Conn, req *jsonrpc2.Request) {
	if req.Notif {
		if err := r.notify(req); err != nil {
			r.sv.log.Warn("a servant's notification could not be used",
				zap.String("method", req.Method), zap.Error(err))
		}
		return
	}
	select {
	case r.slots <- struct{}{}:
	case <-ctx.Done():
		return
	}
	go func() {
		defer func() { <-r.slots }()
		resp := &jsonrpc2.Response{ID: req.ID}
		result, err := r.answer(ctx, req)
		if err == nil {
			err = resp.SetResult(result)
		}
		resp.Error = rpcError(req.Method, err)
		if err := r.wire.reply(conn, resp, time.Now().Add(r.sv.stage.graces.Read)); err != nil {
			r.sv.log.Debug("an answer to a servant's request was not taken",
				zap.String("method", req.Method), zap.Error(err))
		}
	}()
}

func (r *receiver) notify(req *jsonrpc2.Request) (err error) {
	defer recovered(&err)
	params := firstParam(req.Params)
	switch req.Method {
	case contract.MethodLog:
		var e contract.LogEntry
		if err := json.Unmarshal(params, &e); err != nil {
			return err
		}
		r.sv.out.log(e)
		if r.h != nil {
			r.h.Log(r.sv, e)
		}
	case contract.MethodProgress:
		var p contract.Progress
		if err := json.Unmarshal(params, &p); err != nil {
			return fmt.Errorf("progress: %w", err)
		}
		if r.h != nil {
			r.h.Progress(r.sv, p)
		}
	}
	return nil // an unknown notification has no answer: JSON-RPC 2.0, 4.1
}

func (r *receiver) answer(ctx context.Context, req *jsonrpc2.Request) (result any, err error) {
	defer recovered(&err)
	if r.h == nil {
		return nil, ErrUnknownMethod
	}
	return r.h.Request(ctx, r.sv, req.Method, firstParam(req.Params))
}

func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("the coordinator's handler panicked: %v", p)
	}
}

func rpcError(method string, err error) *jsonrpc2.Error {
	var own *jsonrpc2.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &own):
		return own
	case errors.Is(err, ErrUnknownMethod):
		return &jsonrpc2.Error{Code: jsonrpc2.CodeMethodNotFound, Message: "the coordinator has no method " + method}
	}
	return &jsonrpc2.Error{Code: jsonrpc2.CodeInternalError, Message: err.Error()}
}

// firstParam takes the object out of `[{…}]`; other forms are taken as they are.
func firstParam(params *json.RawMessage) json.RawMessage {
	if params == nil {
		return json.RawMessage("null")
	}
	raw := bytes.TrimSpace(*params)
	if len(raw) > 0 && raw[0] == '[' {
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) == nil {
			if len(list) == 0 {
				return json.RawMessage("null")
			}
			return list[0]
		}
	}
	return raw
}
