package steps

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley.dev/parley/servant"
	"parley.dev/parley/servant/pattern"
	"parley.dev/parley/servant/ring"
)

// channel is one end of a duplex channel. A process has one at a time.
type channel interface {
	Close() error
	SetTimeout(d time.Duration)
}

// server answers requests.
type server struct {
	*ring.Server
	// answered counts the requests since the channel was opened.
	answered uint64
}

// client sends requests. Request n, counted from 1, carries the test pattern of
// the frame with that sequence number.
type client struct {
	*ring.Client
	// sent and answered count requests since the client connected.
	sent, answered uint64
	scratch        []byte
}

func (p *process) serving() (*server, error) {
	s, ok := p.channel.(*server)
	if !ok {
		return nil, servant.Failf("this process has opened no channel, or has closed it; a step that opens one must come first")
	}
	return s, nil
}

func (p *process) asking() (*client, error) {
	c, ok := p.channel.(*client)
	if !ok {
		return nil, servant.Failf("this process is connected to no channel; a step that connects to one must come first")
	}
	return c, nil
}

// calling is asking for a call whose response is the next to come.
func (p *process) calling() (*client, error) {
	c, err := p.asking()
	if err != nil {
		return nil, err
	}
	if c.sent != c.answered {
		return nil, servant.Failf("%d requests have no response yet; a step that gets their responses must come first", c.sent-c.answered)
	}
	return c, nil
}

func (p *process) closeChannel() error {
	if p.channel == nil {
		return nil
	}
	closing := p.channel
	p.channel = nil
	if err := closing.Close(); err != nil {
		return failed("close the channel", err)
	}
	return nil
}

// answer answers requests by respond, accepting the client first if there is
// none. Each request is checked before.
func answer(ctx context.Context, requests int, respond func(*server, *ring.Frame) error) error {
	s, err := of(ctx).serving()
	if err != nil {
		return err
	}
	if _, err := s.Responses(); errors.Is(err, ring.NoReader) {
		if err := s.Accept(ctx); err != nil {
			return failed("accept the client", err)
		}
	}
	for range requests {
		if err := s.answerOne(ctx, respond); err != nil {
			return err
		}
	}
	return nil
}

func (s *server) answerOne(ctx context.Context, respond func(*server, *ring.Frame) error) (err error) {
	request, err := s.Receive(ctx)
	if err != nil {
		return failed(fmt.Sprintf("get a request, having answered %d", s.answered), err)
	}
	sequence := request.Sequence()
	defer func() { err = errors.Join(err, request.Release()) }()
	if err := checkRequest(request); err != nil {
		return err
	}
	if err := respond(s, request); err != nil {
		return failed(fmt.Sprintf("answer request %d of %d bytes", sequence, request.Size()), err)
	}
	s.answered++
	return nil
}

// respondFlipped answers with the request's bytes, each XOR 0xff, made in place.
func (s *server) respondFlipped(ctx context.Context, request *ring.Frame) error {
	responses, err := s.Responses()
	if err != nil {
		return err
	}
	slot, err := responses.Acquire(ctx, request.Size())
	if err != nil {
		return err
	}
	flip(slot.Data(), request.Data())
	return slot.Commit()
}

// checkRequest checks every byte of a request against the test pattern.
func checkRequest(request *ring.Frame) error {
	return checkPattern("request", request.Data(), request.Sequence())
}

// checkFlipped checks content that is the test pattern with every bit flipped.
func checkFlipped(what string, data []byte, sequence uint64) error {
	want := make([]byte, len(data))
	pattern.Frame(want, sequence)
	flip(want, want)
	return compare(fmt.Sprintf("%s %d", what, sequence), want, data)
}

func flip(dst, src []byte) {
	for i, b := range src {
		dst[i] = ^b
	}
}

// send sends the next request.
func (c *client) send(ctx context.Context, size int) error {
	doing := c.next(size)
	if err := c.write(ctx, size); err != nil {
		return failed(doing, err)
	}
	return nil
}

// next describes the request that send would send.
func (c *client) next(size int) string {
	return fmt.Sprintf("send request %d of %d bytes", c.sent+1, size)
}

func (c *client) write(ctx context.Context, size int) error {
	if err := c.Send(ctx, c.content(size)); err != nil {
		return err
	}
	c.sent++
	return nil
}

// content is that of the next request, valid until it is called again.
func (c *client) content(size int) []byte {
	if cap(c.scratch) < size {
		c.scratch = make([]byte, size)
	}
	data := c.scratch[:size]
	pattern.Frame(data, c.sent+1)
	return data
}

func (c *client) sendInPlace(ctx context.Context, size int) error {
	doing := c.next(size)
	slot, err := c.Requests.Acquire(ctx, size)
	if err != nil {
		return failed(doing, err)
	}
	pattern.Frame(slot.Data(), c.sent+1)
	if err := slot.Commit(); err != nil {
		return failed(doing, err)
	}
	c.sent++
	return nil
}

// receive gets the response to the oldest request that has none yet, which must
// have that size, and checks its content.
func (c *client) receive(ctx context.Context, size int, check func(what string, data []byte, request uint64) error) (err error) {
	request := c.answered + 1
	response, err := c.Receive(ctx)
	if err != nil {
		return failed(fmt.Sprintf("get response %d of %d bytes", request, size), err)
	}
	c.answered++
	defer func() { err = errors.Join(err, response.Release()) }()
	if response.Size() != size {
		return servant.Mismatch(fmt.Sprintf("bytes of response %d", request), size, response.Size())
	}
	return check("response", response.Data(), request)
}

// roundTrip sends a request and gets its response, and gives how long that took.
func (c *client) roundTrip(ctx context.Context, size int) (took time.Duration, err error) {
	doing := fmt.Sprintf("round trip %d of %d bytes", c.sent+1, size)
	content := c.content(size)
	start := time.Now()
	response, err := c.Call(ctx, content)
	took = time.Since(start)
	if err != nil {
		return 0, failed(doing, err)
	}
	c.sent++
	c.answered++
	defer func() { err = errors.Join(err, response.Release()) }()
	if response.Size() != size {
		return 0, servant.Mismatch(fmt.Sprintf("bytes of response %d", c.answered), size, response.Size())
	}
	return took, checkPattern("response", response.Data(), c.answered)
}
