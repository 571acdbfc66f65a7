package steps

import (
	"context"

	"parley.dev/parley/servant"
)

func registerSynchronization(r *servant.Registry) {
	r.Step(role+`writes `+number+` frames of `+number+` bytes without waiting`, writeFramesAtOnce)
}

func writeFramesAtOnce(ctx context.Context, role string, frames, size int) error {
	p := of(ctx)
	w, err := p.writing()
	if err != nil {
		return err
	}
	w.SetTimeout(0)
	defer w.SetTimeout(p.patience)
	return writeFrames(ctx, role, frames, size)
}
