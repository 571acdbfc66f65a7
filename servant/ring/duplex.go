package ring

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Names of the two buffers of a duplex channel ("Duplex channel").
const (
	requestSuffix  = "_request"
	responseSuffix = "_response"
)

// Server is the serving end of a duplex channel: it reads requests and writes
// responses, which correspond in order. It serves one client after the other.
type Server struct {
	name string
	opts []Option
	// Requests is the request buffer.
	Requests *Reader

	mu        sync.Mutex
	timeout   time.Duration
	responses *Writer
	closed    bool
}

// Serve makes the request buffer NAME_request; both its sizes and opts are as
// for [Create].
//
// Errors: as [Create].
func Serve(name string, sizes Sizes, opts ...Option) (*Server, error) {
	r, err := Create(name+requestSuffix, sizes, opts...)
	if err != nil {
		return nil, fmt.Errorf("serve %q: %w", name, err)
	}
	return &Server{name: name, opts: opts, timeout: gather(opts).timeout, Requests: r}, nil
}

// Accept waits for a client and its response buffer, at most the timeout. It
// gives up the client before.
//
// Errors: [ReadTimeout] without a client; as [Connect] without its response
// buffer.
func (s *Server) Accept(ctx context.Context) error {
	if err := s.dismiss(); err != nil {
		return err
	}
	if err := s.Requests.WaitWriter(ctx); err != nil {
		return fmt.Errorf("serve %q: no client: %w", s.name, err)
	}
	s.mu.Lock()
	timeout := s.timeout
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, max(timeout, time.Millisecond))
	defer cancel()
	w, err := ConnectWait(ctx, s.name+responseSuffix, s.opts...)
	if err != nil {
		return fmt.Errorf("serve %q: %w", s.name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		_ = w.Close()
		return s.Requests.fail(Closed)
	}
	w.SetTimeout(s.timeout)
	s.responses = w
	return nil
}

// Receive gives the next request, in place. Once the client has gone or died,
// and its requests are read, it says so ([WriterGone], [WriterDead]) and the
// client is dismissed: Accept takes the next.
//
// Errors: as [Reader.Read].
func (s *Server) Receive(ctx context.Context) (*Frame, error) {
	f, err := s.Requests.Read(ctx)
	if errors.Is(err, WriterGone) || errors.Is(err, WriterDead) {
		err = errors.Join(err, s.dismiss())
	}
	return f, err
}

// Respond answers the oldest request that is not answered yet.
//
// Errors: as [Writer.Write]; [NoReader] before Accept.
func (s *Server) Respond(ctx context.Context, data []byte) error {
	w, err := s.Responses()
	if err != nil {
		return err
	}
	return w.Write(ctx, data)
}

// Responses is the response buffer of the client, for writing in place.
//
// Errors: [NoReader] before Accept.
func (s *Server) Responses() (*Writer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.responses == nil {
		return nil, &Error{Kind: NoReader, Name: s.name + responseSuffix, Err: errors.New("no client was accepted")}
	}
	return s.responses, nil
}

// dismiss gives up the client.
func (s *Server) dismiss() error {
	s.mu.Lock()
	w := s.responses
	s.responses = nil
	s.mu.Unlock()
	if w == nil {
		return nil
	}
	return w.Close()
}

// Close ends the server and removes the request buffer; the client learns of
// it.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	return errors.Join(s.Requests.Close(), s.dismiss())
}

// Client is the asking end of a duplex channel.
type Client struct {
	// Requests and Responses are the two buffers, for batches and for writing
	// in place.
	Requests  *Writer
	Responses *Reader
}

// Dial connects to the request buffer NAME_request and makes the response
// buffer NAME_response, with sizes as for [Create]. It waits, at most the
// timeout, until the server has read what an earlier client left: it could not
// tell those requests from ours, and we would get their responses.
//
// Errors: as [Connect] and [Create]; [BufferFull] if an earlier client's
// requests stay unread.
func Dial(name string, sizes Sizes, opts ...Option) (*Client, error) {
	if err := awaitEarlier(context.Background(), name, opts); err != nil {
		return nil, err
	}
	w, err := Connect(name+requestSuffix, opts...)
	if err != nil {
		return nil, fmt.Errorf("dial %q: %w", name, err)
	}
	return dial(name, w, sizes, opts)
}

// DialWait is [Dial] that waits until there is a server, until ctx ends.
func DialWait(ctx context.Context, name string, sizes Sizes, opts ...Option) (*Client, error) {
	if err := awaitEarlier(ctx, name, opts); err != nil {
		return nil, err
	}
	w, err := ConnectWait(ctx, name+requestSuffix, opts...)
	if err != nil {
		return nil, fmt.Errorf("dial %q: %w", name, err)
	}
	return dial(name, w, sizes, opts)
}

// awaitEarlier waits until no requests of a client that is gone are unread. What
// else is wrong with the buffer, connecting will say.
func awaitEarlier(ctx context.Context, name string, opts []Option) error {
	timeout := gather(opts).timeout
	alive := func(pid uint64) bool { return pid != 0 && pid <= maxPID && !processDead(int(pid)) }
	for start := now(); ; time.Sleep(time.Millisecond) {
		s, err := Inspect(name + requestSuffix)
		if err != nil || s.PayloadFreeBytes >= s.PayloadSize || !alive(s.ReaderPID) || alive(s.WriterPID) {
			return nil
		}
		if err := cancelled(ctx, name, "dial"); err != nil {
			return err
		}
		if now()-start >= timeout {
			return &Error{Kind: BufferFull, Name: name + requestSuffix, Timeout: timeout, Err: errors.New("an earlier client's requests are not read")}
		}
	}
}

func dial(name string, w *Writer, sizes Sizes, opts []Option) (*Client, error) {
	r, err := Create(name+responseSuffix, sizes, opts...)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("dial %q: %w", name, err), w.Close())
	}
	return &Client{Requests: w, Responses: r}, nil
}

// Call sends a request and waits for its response, which the caller releases.
// Calls must not overlap; for several requests on the way use Send and Receive.
//
// Errors: as [Writer.Write] and [Reader.Read].
func (c *Client) Call(ctx context.Context, request []byte) (*Frame, error) {
	if err := c.Send(ctx, request); err != nil {
		return nil, err
	}
	return c.Receive(ctx)
}

// Send sends a request.
//
// Errors: as [Writer.Write].
func (c *Client) Send(ctx context.Context, request []byte) error {
	return c.Requests.Write(ctx, request)
}

// Receive gives the response to the oldest request that has none yet.
//
// Errors: as [Reader.Read].
func (c *Client) Receive(ctx context.Context) (*Frame, error) { return c.Responses.Read(ctx) }

// Close ends the client and removes the response buffer; the server learns of
// it.
func (c *Client) Close() error { return errors.Join(c.Requests.Close(), c.Responses.Close()) }
