package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"parley.dev/parley/servant/pattern"
	"parley.dev/parley/servant/ring"
)

// pong answers each request with its own bytes until the client closes.
func (c *command) pong(ctx context.Context, stdout io.Writer) (any, error) {
	s, err := ring.Serve(c.name, ring.Sizes{Metadata: c.metadata, Payload: c.payload}, ring.WithTimeout(c.timeout))
	if err != nil {
		return nil, &setupError{err}
	}
	defer func() { _ = s.Close() }()
	fmt.Fprintln(stdout, "ready")
	if err := s.Accept(ctx); err != nil {
		return nil, err
	}
	var result transfer
	start := time.Now()
	for {
		f, err := s.Receive(ctx)
		if errors.Is(err, ring.WriterGone) {
			return result.finish(time.Since(start)), nil
		}
		if err == nil {
			result.Frames++
			result.Bytes += f.Size()
			err = errors.Join(s.Respond(ctx, f.Data()), f.Release())
		}
		if err != nil {
			return nil, fmt.Errorf("after %d requests: %w", result.Frames, err)
		}
	}
}

// ping measures round trips; the clock runs from the commit of a request that
// was filled in place to the response, and not while that is checked.
func (c *command) ping(ctx context.Context) (any, error) {
	wait, cancel := context.WithTimeout(ctx, c.connect)
	defer cancel()
	client, err := ring.DialWait(wait, c.name, ring.Sizes{Metadata: c.metadata, Payload: c.payload}, ring.WithTimeout(c.timeout))
	if err != nil {
		return nil, &setupError{err}
	}
	defer func() { _ = client.Close() }()
	samples := make([]time.Duration, 0, c.count)
	for i := range c.warmup + c.count {
		sequence := uint64(i + 1)
		f, took, err := c.roundTrip(ctx, client, sequence)
		if err != nil {
			return nil, fmt.Errorf("after %d round trips: %w", i, err)
		}
		if f.Size() != c.size {
			return nil, mismatchf("SizeMismatch", "response %d has %d bytes, expected %d", i+1, f.Size(), c.size)
		}
		if err := pattern.CheckFrame(f.Data(), sequence); err != nil {
			return nil, &mismatch{name: "DataMismatch", err: err}
		}
		if err := f.Release(); err != nil {
			return nil, err
		}
		if i >= c.warmup {
			samples = append(samples, took)
		}
	}
	return latency{OK: true, Size: c.size, Count: c.count, Microseconds: distributionOf(samples)}, nil
}

func (c *command) roundTrip(ctx context.Context, client *ring.Client, sequence uint64) (*ring.Frame, time.Duration, error) {
	request, err := client.Requests.Acquire(ctx, c.size)
	if err != nil {
		return nil, 0, err
	}
	pattern.Frame(request.Data(), sequence)
	start := time.Now()
	if err := request.Commit(); err != nil {
		return nil, 0, err
	}
	f, err := client.Receive(ctx)
	return f, time.Since(start), err
}

// inspection is the result of inspect.
type inspection struct {
	OK bool `json:"ok"`
	ring.State
}

func (c *command) inspect() (any, error) {
	s, err := ring.Inspect(c.name)
	if err != nil {
		return nil, &setupError{err}
	}
	return inspection{OK: true, State: s}, nil
}
