package servant

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/sourcegraph/jsonrpc2"

	"parley.dev/parley/servant/contract"
)

// SDK is what a servant reports of its SDK in its health answer.
const SDK = "parley-go 0.1"

// maxRequests bounds the requests that are served at a time.
const maxRequests = 64

// endGrace is how long a step may take to return once its scenario ends,
// before the scenario's state is disposed of under it.
const endGrace = 500 * time.Millisecond

// Info describes a servant to the coordinator.
type Info struct {
	// Platform is the servant's platform; "go" when empty.
	Platform string
	// Instance tells servants of one role apart, see ScenarioContext.Instance.
	// When empty it is the process id with a random suffix, so that several
	// servants may share a process.
	Instance string
	// BareHealth answers health with `true`, as contract 1.0 does, for a
	// coordinator that does not understand the object of 1.1.
	BareHealth bool
	// Diagnostics receives a line for what goes wrong outside of any request;
	// nil discards it.
	Diagnostics io.Writer
}

// Serve performs steps for the coordinator at the other end of conn until the
// coordinator asks for shutdown, conn ends or ctx does; then it disposes of the
// running scenario and closes conn. It returns nil after shutdown and at the
// end of input between frames, ctx's error when that ended, and otherwise what
// broke the connection or the disposal.
//
// Several servants may run in one process, and may share a registry.
func Serve(ctx context.Context, registry *Registry, conn io.ReadWriteCloser, info Info) error {
	if info.Platform == "" {
		info.Platform = "go"
	}
	if info.Instance == "" {
		info.Instance = fmt.Sprintf("%d.%s", os.Getpid(), randomSuffix())
	}
	if info.Diagnostics == nil {
		info.Diagnostics = io.Discard
	}
	diagnostics := log.New(info.Diagnostics, "servant: ", 0)

	stream := newObjectStream(conn, func(stray []byte) {
		diagnostics.Printf("ignored %s outside of any frame: %.120q", count(len(stray), "byte"), stray)
	})
	// The connection's context must outlive ctx: the answer to a request that
	// ctx cancelled still goes out.
	base, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	server := &server{
		session:     newSession(base, registry, info),
		diagnostics: diagnostics,
		slots:       make(chan struct{}, maxRequests),
		requests:    map[string]context.CancelCauseFunc{},
		shutdown:    make(chan struct{}),
	}
	rpc := jsonrpc2.NewConn(base, stream, server, jsonrpc2.SetLogger(log.New(io.Discard, "", 0)))

	var cause error
	select {
	case <-rpc.DisconnectNotify():
		cause = stream.readErr
	case <-server.shutdown:
	case <-ctx.Done():
		cause = ctx.Err()
	}
	server.cancelAll(errConnectionEnded)
	err := server.session.end()
	server.drain(endGrace)
	// A connection that ended is closed already.
	_ = rpc.Close()
	server.serving.Wait()
	if cause != nil && !errors.Is(cause, io.EOF) && !errors.Is(cause, io.ErrClosedPipe) {
		return errors.Join(fmt.Errorf("serve: %w", cause), err)
	}
	return err
}

func randomSuffix() string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

var (
	errConnectionEnded = errors.New("the connection to the coordinator ended")
	errCancelRequest   = errors.New("cancelled by the coordinator")
)

// server dispatches what jsonrpc2 reads: requests to goroutines, up to a bound,
// notifications in order.
type server struct {
	session     *session
	diagnostics *log.Logger
	slots       chan struct{}
	shutdown    chan struct{}
	once        sync.Once

	mu       sync.Mutex
	requests map[string]context.CancelCauseFunc // by id, as JSON
	serving  sync.WaitGroup
}

// Handle implements jsonrpc2.Handler. It runs on the reading goroutine.
func (s *server) Handle(_ context.Context, conn *jsonrpc2.Conn, request *jsonrpc2.Request) {
	if request.Notif {
		s.notification(request)
		return
	}
	select {
	case s.slots <- struct{}{}:
	default:
		s.reply(conn, request, nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInternalError,
			Message: fmt.Sprintf("%d requests are being served already; wait for an answer", maxRequests)})
		return
	}
	id := request.ID.Str
	// Registered before the next message is read: a cancellation that follows
	// at once must find it.
	ctx, cancel := context.WithCancelCause(s.session.ctx)
	s.mu.Lock()
	s.requests[id] = cancel
	s.mu.Unlock()
	s.serving.Go(func() {
		result, failure := s.serve(ctx, conn, request)
		s.mu.Lock()
		delete(s.requests, id)
		s.mu.Unlock()
		cancel(nil)
		<-s.slots
		s.reply(conn, request, result, failure)
		if request.Method == contract.MethodShutdown && failure == nil {
			s.once.Do(func() { close(s.shutdown) })
		}
	})
}

func (s *server) serve(ctx context.Context, conn *jsonrpc2.Conn, request *jsonrpc2.Request) (result any, failure *jsonrpc2.Error) {
	defer func() {
		if p := recover(); p != nil {
			s.diagnostics.Printf("%s: panic: %v\n%s", request.Method, p, debug.Stack())
			result, failure = nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInternalError,
				Message: fmt.Sprintf("the servant itself is broken: %s: panic: %v", request.Method, p)}
		}
	}()
	return s.session.call(ctx, request.Method, request.Params, func(method string, params any) {
		if err := conn.Notify(ctx, method, params); err != nil && !errors.Is(err, jsonrpc2.ErrClosed) {
			s.diagnostics.Printf("send %s: %v", method, err)
		}
	})
}

func (s *server) reply(conn *jsonrpc2.Conn, request *jsonrpc2.Request, result any, failure *jsonrpc2.Error) {
	response := &jsonrpc2.Response{ID: request.ID, Error: failure}
	if failure == nil {
		if err := response.SetResult(result); err != nil {
			response.Error = &jsonrpc2.Error{Code: jsonrpc2.CodeInternalError, Message: fmt.Sprintf("encode the answer: %v", err)}
		}
	}
	if err := conn.SendResponse(s.session.ctx, response); err != nil && !errors.Is(err, jsonrpc2.ErrClosed) {
		s.diagnostics.Printf("answer %s: %v", request.Method, err)
	}
}

func (s *server) notification(request *jsonrpc2.Request) {
	if request.Method != contract.MethodCancel {
		return // notifications that a servant does not know are ignored
	}
	cancel, err := decodeCancel(request.Params)
	if err != nil {
		s.diagnostics.Printf("%s: %v", contract.MethodCancel, err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if end, ok := s.requests[cancel]; ok {
		end(errCancelRequest)
	}
}

// decodeCancel reads the id, as JSON, from params that are the object itself
// (as in the language server protocol) or, like every other params, an array
// with it.
func decodeCancel(params *json.RawMessage) (string, error) {
	if params == nil {
		return "", errors.New("it has no params")
	}
	var cancel contract.Cancel
	if err := json.Unmarshal(*params, &cancel); err != nil {
		var list []contract.Cancel
		if json.Unmarshal(*params, &list) != nil || len(list) != 1 {
			return "", fmt.Errorf("its params hold no id: %.120s", *params)
		}
		cancel = list[0]
	}
	id, err := canonicalID(cancel.ID)
	return string(id), err
}

// drain waits at most grace for the answers that are still to be sent.
func (s *server) drain(grace time.Duration) {
	sent := make(chan struct{})
	go func() { s.serving.Wait(); close(sent) }()
	select {
	case <-sent:
	case <-time.After(grace):
	}
}

func (s *server) cancelAll(cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, cancel := range s.requests {
		cancel(cause)
	}
}
