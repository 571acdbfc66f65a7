package stage

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sourcegraph/jsonrpc2"
	"go.uber.org/zap"

	"parley.dev/parley/servant/contract"
)

// wire is the coordinator's end of one servant's JSON-RPC connection. Ids are
// strings; answers to ids that were never asked end it.
type wire struct {
	conn   *jsonrpc2.Conn
	stream *stream
	next   atomic.Uint64

	// send serialises messages, so that the deadline that is set is the one the
	// message gets. jsonrpc2's own lock is taken inside it.
	send sync.Mutex
}

// newWire starts reading. h must be ready for requests at once.
func newWire(s *stream, h *receiver, log *zap.Logger) *wire {
	w := &wire{stream: s}
	h.wire = w
	answered := jsonrpc2.OnRecv(func(req *jsonrpc2.Request, resp *jsonrpc2.Response) {
		if req == nil && resp != nil {
			// jsonrpc2 keeps an id until its answer comes, also when nobody
			// waits any more: a late answer does not get here.
			s.stop(violationf("answered id %s, which was never asked or is answered already: %s", resp.ID, quote(s.body)))
		}
	})
	w.conn = jsonrpc2.NewConn(context.Background(), s, h, answered, jsonrpc2.SetLogger(debugLogger{log}))
	return w
}

type debugLogger struct{ log *zap.Logger }

func (l debugLogger) Printf(format string, v ...any) { l.log.Debug(fmt.Sprintf(format, v...)) }

// pending is a request that was sent.
type pending struct {
	id     string
	waiter jsonrpc2.Waiter
	sent   time.Time
}

// ask sends a request. The servant must have read it by deadline; ctx
// interrupts the sending.
func (w *wire) ask(ctx context.Context, method string, params any, deadline time.Time) (pending, error) {
	p := pending{id: strconv.FormatUint(w.next.Add(1), 10)}
	w.send.Lock()
	defer w.send.Unlock()
	round := w.stream.limitWrites(deadline)
	if ctx.Done() != nil {
		stop := context.AfterFunc(ctx, func() { w.stream.interruptWrite(round) })
		defer stop()
	}
	var err error
	p.sent = time.Now()
	p.waiter, err = w.conn.DispatchCall(ctx, method, params, jsonrpc2.PickID(jsonrpc2.ID{Str: p.id, IsString: true}))
	return p, err
}

// cancel asks the servant to end the request early.
func (w *wire) cancel(p pending, deadline time.Time) error {
	id, err := json.Marshal(p.id)
	if err != nil {
		return err
	}
	w.send.Lock()
	defer w.send.Unlock()
	w.stream.limitWrites(deadline)
	return w.conn.Notify(context.Background(), contract.MethodCancel, contract.Cancel{ID: id})
}

// reply answers a request of the servant.
func (w *wire) reply(conn *jsonrpc2.Conn, resp *jsonrpc2.Response, deadline time.Time) error {
	w.send.Lock()
	defer w.send.Unlock()
	w.stream.limitWrites(deadline)
	return conn.SendResponse(context.Background(), resp)
}

// closed is closed when no answer can come any more.
func (w *wire) closed() <-chan struct{} { return w.conn.DisconnectNotify() }

func (w *wire) close() { _ = w.conn.Close() }
