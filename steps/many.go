package steps

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"parley.dev/parley/servant"
)

// manyPrefix is what the names of a series of buffers have in common; a step
// gives it twice, and the numbers go on from 2.
func manyPrefix(first, second string) (string, error) {
	if first != second {
		return "", servant.Failf("'%s1' and '%s2' are not the first two of one series; they must differ in the number only, such as 'many-1', 'many-2'", first, second)
	}
	return first, nil
}

func createUntilRefused(ctx context.Context, _, first, second, expected string) error {
	prefix, err := manyPrefix(first, second)
	if err != nil {
		return err
	}
	p := of(ctx)
	for n := 1; ; n++ {
		name := prefix + strconv.Itoa(n)
		if err := pause(ctx, 0); err != nil {
			return fmt.Errorf("create buffer '%s': nothing was refused so far: %w", name, err)
		}
		r, err := p.create(ctx, name, passingMetadata, passingPayload)
		if err != nil {
			return expectError(fmt.Sprintf("create buffer '%s'", name), expected, err)
		}
		p.many = append(p.many, r)
	}
}

// Connecting needs descriptors too: before frames are written, a few of the
// buffers are destroyed.
const (
	spareBuffers  = 4
	manyFrameSize = 64
)

func haveCreatedAtLeast(ctx context.Context, _ string, least int) error {
	p := of(ctx)
	if len(p.many) < least {
		return servant.Mismatch("buffers created", fmt.Sprintf("at least %d", least), len(p.many))
	}
	keep := max(0, len(p.many)-spareBuffers)
	last := p.many[keep:]
	p.many = p.many[:keep]
	if err := closeAll(last); err != nil {
		return err
	}
	for _, r := range p.many {
		if err := carryFrame(ctx, r); err != nil {
			return fmt.Errorf("buffer %s: %w", r.Name(), err)
		}
	}
	return nil
}

// carryFrame writes one frame to a buffer of this process and reads it.
func carryFrame(ctx context.Context, r *reader) error {
	w, err := join(r.Name(), of(ctx).patience)
	if err != nil {
		return failed("connect", err)
	}
	err = w.writeNext(ctx, manyFrameSize)
	if err == nil {
		err = r.readAndRelease(ctx, w.written, manyFrameSize, 0)
	}
	return errors.Join(err, w.Close())
}

func closeMany(ctx context.Context, _ string) error {
	p := of(ctx)
	closing := p.many
	p.many = nil
	return closeAll(closing)
}

func closeAll(readers []*reader) error {
	var errs []error
	for _, r := range readers {
		if err := r.Close(); err != nil {
			errs = append(errs, failed("close buffer "+r.Name(), err))
		}
	}
	return errors.Join(errs...)
}
