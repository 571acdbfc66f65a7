package steps

import (
	"context"
	"fmt"

	"parley.dev/parley/servant"
)

func registerEdgeCases(r *servant.Registry) {
	r.Then(role+`still holds frame `+number+` unchanged`, stillHolds)
	r.Step(role+`race to create buffers `+text+` to `+text, raceToCreate)
	r.Then(role+`sees exactly one winner in each of `+number+` races, the other told `+text, seeOneWinnerEach)
	r.Step(role+`writes a frame of `+number+` bytes to each of buffers `+text+` to `+text, writeToEach)
	r.Step(role+`read frame `+number+` of `+number+` bytes from each buffer they won`, readFromEachWon)
}

func stillHolds(ctx context.Context, _ string, sequence uint64) error {
	r, err := of(ctx).reading()
	if err != nil {
		return err
	}
	frame, err := r.holding(sequence)
	if err != nil {
		return err
	}
	return checkFrame(frame)
}

// Sizes of the buffers that processes race for, in bytes.
const (
	raceMetadata = 0
	racePayload  = 4096
)

func raceToCreate(ctx context.Context, _, first, last string) error {
	names, err := nameRange(first, last)
	if err != nil {
		return err
	}
	p := of(ctx)
	outcomes := make([]outcome, 0, len(names))
	for _, name := range names {
		created, err := p.create(ctx, name, raceMetadata, racePayload)
		if err == nil {
			p.won = append(p.won, created)
		}
		o, err := outcomeOf(name, err)
		if err != nil {
			return err
		}
		outcomes = append(outcomes, o)
	}
	s := servant.Scenario(ctx)
	s.Set(raceKey+s.Instance(), formatOutcomes(outcomes))
	return nil
}

func seeOneWinnerEach(ctx context.Context, _ string, races int, kind string) error {
	reports, err := raceReports(servant.Scenario(ctx).All())
	if err != nil {
		return err
	}
	return judgeRaces(reports, races, kind)
}

func writeToEach(ctx context.Context, _ string, size int, first, last string) error {
	names, err := nameRange(first, last)
	if err != nil {
		return err
	}
	p := of(ctx)
	for _, name := range names {
		w, err := p.connect(ctx, name)
		if err != nil {
			return failed(fmt.Sprintf("connect to buffer '%s'", name), err)
		}
		p.others = append(p.others, w)
		if err := w.write(ctx, size); err != nil {
			return failed(fmt.Sprintf("buffer '%s': write frame 1 of %d bytes", name, size), err)
		}
	}
	return nil
}

func readFromEachWon(ctx context.Context, _ string, sequence uint64, size int) error {
	p := of(ctx)
	for _, r := range p.won {
		if err := r.readAndRelease(ctx, sequence, size, 0); err != nil {
			return fmt.Errorf("buffer %s: %w", r.Name(), err)
		}
	}
	return nil
}
