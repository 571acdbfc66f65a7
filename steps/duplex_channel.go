package steps

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley.dev/parley/servant"
	"parley.dev/parley/servant/ring"
)

func registerDuplexChannel(r *servant.Registry) {
	r.Step(role+`opens channel `+text+` with `+number+` bytes for requests`, openChannel)
	r.Step(role+`connects to channel `+text+` with `+number+` bytes for responses`, connectToChannel)
	r.Step(role+`accepts the client`, acceptClient)
	r.Step(role+`echoes `+number+` requests`, echo)
	r.Step(role+`echoes `+number+` requests, taking `+number+` milliseconds over each`, echoSlowly)
	r.Step(role+`answers `+number+` requests with every bit flipped, the request unchanged`, answerFlipped)
	r.Then(role+`has answered `+number+` requests`, hasAnswered)
	r.Step(role+`sends `+number+` requests of `+number+` bytes`, sendRequests)
	r.Step(role+`sends a request of `+number+` bytes and gets it back`, exchange)
	r.Step(role+`sends a request of `+number+` bytes written in place and gets it back`, exchangeInPlace)
	r.Step(role+`sends a request of `+number+` bytes and gets every bit flipped`, exchangeFlipped)
	r.Step(role+`sends `+number+` requests of `+number+` bytes and gets each back before the next`, exchangeOneByOne)
	r.Step(role+`sends `+number+` requests of `+number+` bytes and has all of them back after `+number+` milliseconds at the earliest`, exchangeWithin)
	r.Step(role+`gets `+number+` responses of `+number+` bytes back, in order`, getResponses)
	r.Step(role+`fails to get a response: `+text, failToGetResponse)
	r.Step(role+`fails to send a request of `+number+` bytes: `+text, failToSend)
	r.Step(role+`fails to get a request: `+text, failToGetRequest)
	r.Step(role+`closes its channel`, closeChannel)
}

func openChannel(ctx context.Context, _, name string, requests int) error {
	p := of(ctx)
	if err := p.closeChannel(); err != nil {
		return err
	}
	opened, err := ring.Serve(servant.Scenario(ctx).ResourceName(name), ring.Sizes{Payload: requests}, ring.WithTimeout(p.patience))
	if err != nil {
		return failed(fmt.Sprintf("open channel '%s'", name), err)
	}
	p.channel = &server{Server: opened}
	return nil
}

// connectToChannel waits for the server as long as for anything of the other
// side.
func connectToChannel(ctx context.Context, _, name string, responses int) error {
	p := of(ctx)
	if err := p.closeChannel(); err != nil {
		return err
	}
	waiting, cancel := context.WithTimeout(ctx, p.patience)
	defer cancel()
	connected, err := ring.DialWait(waiting, servant.Scenario(ctx).ResourceName(name), ring.Sizes{Payload: responses}, ring.WithTimeout(p.patience))
	if err != nil {
		return failed(fmt.Sprintf("connect to channel '%s'", name), err)
	}
	p.channel = &client{Client: connected}
	return nil
}

func acceptClient(ctx context.Context, _ string) error {
	s, err := of(ctx).serving()
	if err != nil {
		return err
	}
	if err := s.Accept(ctx); err != nil {
		return failed("accept the client", err)
	}
	return nil
}

func echo(ctx context.Context, role string, requests int) error {
	return echoSlowly(ctx, role, requests, 0)
}

func echoSlowly(ctx context.Context, _ string, requests int, milliseconds int64) error {
	delay := time.Duration(milliseconds) * time.Millisecond
	return answer(ctx, requests, func(s *server, request *ring.Frame) error {
		if err := pause(ctx, delay); err != nil {
			return err
		}
		return s.Respond(ctx, request.Data())
	})
}

func answerFlipped(ctx context.Context, _ string, requests int) error {
	return answer(ctx, requests, func(s *server, request *ring.Frame) error {
		if err := s.respondFlipped(ctx, request); err != nil {
			return err
		}
		return checkRequest(request)
	})
}

func hasAnswered(ctx context.Context, _ string, requests uint64) error {
	s, err := of(ctx).serving()
	if err != nil {
		return err
	}
	if s.answered != requests {
		return servant.Mismatch("requests answered since the channel was opened", requests, s.answered)
	}
	return nil
}

func sendRequests(ctx context.Context, _ string, requests, size int) error {
	c, err := of(ctx).asking()
	if err != nil {
		return err
	}
	for range requests {
		if err := c.send(ctx, size); err != nil {
			return err
		}
	}
	return nil
}

func exchange(ctx context.Context, role string, size int) error {
	return exchangeOneByOne(ctx, role, 1, size)
}

func exchangeInPlace(ctx context.Context, _ string, size int) error {
	c, err := of(ctx).calling()
	if err != nil {
		return err
	}
	if err := c.sendInPlace(ctx, size); err != nil {
		return err
	}
	return c.receive(ctx, size, checkPattern)
}

func exchangeFlipped(ctx context.Context, _ string, size int) error {
	c, err := of(ctx).calling()
	if err != nil {
		return err
	}
	if err := c.send(ctx, size); err != nil {
		return err
	}
	return c.receive(ctx, size, checkFlipped)
}

func exchangeOneByOne(ctx context.Context, _ string, requests, size int) error {
	c, err := of(ctx).calling()
	if err != nil {
		return err
	}
	for range requests {
		if err := c.send(ctx, size); err != nil {
			return err
		}
		if err := c.receive(ctx, size, checkPattern); err != nil {
			return err
		}
	}
	return nil
}

// exchangeWithin fails if the last response is there too early: then the
// requests were not answered one after the other.
func exchangeWithin(ctx context.Context, role string, requests, size int, milliseconds int64) error {
	c, err := of(ctx).calling()
	if err != nil {
		return err
	}
	start := time.Now()
	if err := sendRequests(ctx, role, requests, size); err != nil {
		return err
	}
	for range requests {
		if err := c.receive(ctx, size, checkPattern); err != nil {
			return err
		}
	}
	earliest := time.Duration(milliseconds) * time.Millisecond
	if took := time.Since(start); took < earliest {
		return servant.Mismatch("time until all responses were there", fmt.Sprintf("at least %v", earliest), took)
	}
	return nil
}

func getResponses(ctx context.Context, _ string, responses, size int) error {
	c, err := of(ctx).asking()
	if err != nil {
		return err
	}
	for range responses {
		if err := c.receive(ctx, size, checkPattern); err != nil {
			return err
		}
	}
	return nil
}

func failToGetResponse(ctx context.Context, _, expected string) error {
	c, err := of(ctx).asking()
	if err != nil {
		return err
	}
	return failToReceive("get a response", expected, func() (*ring.Frame, error) { return c.Receive(ctx) })
}

func failToSend(ctx context.Context, _ string, size int, expected string) error {
	c, err := of(ctx).asking()
	if err != nil {
		return err
	}
	doing := c.next(size)
	return expectError(doing, expected, c.write(ctx, size))
}

func failToGetRequest(ctx context.Context, _, expected string) error {
	s, err := of(ctx).serving()
	if err != nil {
		return err
	}
	return failToReceive("get a request", expected, func() (*ring.Frame, error) { return s.Receive(ctx) })
}

// failToReceive passes if receive ends with the expected error.
func failToReceive(doing, expected string, receive func() (*ring.Frame, error)) error {
	frame, err := receive()
	if err == nil {
		came := servant.Mismatch(doing+": error", expected, fmt.Sprintf("%d bytes", frame.Size()))
		return errors.Join(came, frame.Release())
	}
	return expectError(doing, expected, err)
}

func closeChannel(ctx context.Context, _ string) error {
	p := of(ctx)
	if p.channel == nil {
		return servant.Failf("this process has no channel open; a step that opens or connects to one must come first")
	}
	return p.closeChannel()
}
