package steps

import (
	"context"
	"errors"
	"fmt"

	"parley.dev/parley/servant"
)

func registerProcessLifecycle(r *servant.Registry) {
	r.Step(role+`fails to connect to buffer `+text+`: `+text, failToConnect)
	r.Step(role+`fails to read a frame: `+text, failToRead)
	r.Step(role+`closes its buffer`, closeBuffer)
}

func failToConnect(ctx context.Context, _, name, expected string) error {
	doing := fmt.Sprintf("connect to buffer '%s'", name)
	connected, err := of(ctx).connect(ctx, name)
	if err == nil {
		return errors.Join(expectError(doing, expected, nil), connected.Close())
	}
	return expectError(doing, expected, err)
}

func failToRead(ctx context.Context, _, expected string) error {
	r, err := of(ctx).reading()
	if err != nil {
		return err
	}
	frame, err := r.take(ctx)
	if err == nil {
		return servant.Mismatch("read a frame: error", expected, fmt.Sprintf("frame %d of %d bytes", frame.Sequence(), frame.Size()))
	}
	return expectError("read a frame", expected, err)
}

func closeBuffer(ctx context.Context, _ string) error {
	p := of(ctx)
	if p.latest == nil {
		return servant.Failf("this process has no buffer open; a step that creates or connects must come first")
	}
	closing := p.latest
	switch p.latest = nil; closing {
	case p.writer:
		p.writer = nil
		if p.reader != nil {
			p.latest = p.reader
		}
	case p.reader:
		p.reader = nil
		if p.writer != nil {
			p.latest = p.writer
		}
	}
	if err := closing.Close(); err != nil {
		return failed("close the buffer", err)
	}
	return nil
}
