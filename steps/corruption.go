package steps

import (
	"context"
	"strconv"
	"strings"

	"parley.dev/parley/servant"
)

func registerCorruption(r *servant.Registry) {
	r.Step(role+`fails to commit the acquired frame: `+text, failToCommit)
	r.Step(role+`fails to read the metadata: `+text, failToReadMetadata)
	r.Step(role+`fails to read and release a frame: `+text, failToReadAndRelease)
	r.Step(role+`fails to write a frame of `+number+` bytes at once: `+text, failToWriteAtOnce)
	r.Step(role+`writes frames of `+text+` bytes`, writeListed)
	r.Step(role+`reads frames of `+text+` bytes from frame `+number+` on`, readListed)
}

func failToCommit(ctx context.Context, _, expected string) error {
	w, err := acquired(ctx)
	if err != nil {
		return err
	}
	return expectError("commit the acquired frame", expected, w.commit())
}

func failToReadMetadata(ctx context.Context, _, expected string) error {
	r, err := of(ctx).reading()
	if err != nil {
		return err
	}
	_, err = r.Metadata()
	return expectError("read the metadata", expected, err)
}

func failToReadAndRelease(ctx context.Context, _, expected string) error {
	r, err := of(ctx).reading()
	if err != nil {
		return err
	}
	frame, err := r.take(ctx)
	if err == nil {
		delete(r.held, frame.Sequence())
		err = frame.Release()
	}
	return expectError("read and release a frame", expected, err)
}

func failToWriteAtOnce(ctx context.Context, role string, size int, expected string) error {
	p := of(ctx)
	w, err := p.writing()
	if err != nil {
		return err
	}
	w.SetTimeout(0)
	defer w.SetTimeout(p.patience)
	return failToWrite(ctx, role, size, expected)
}

func writeListed(ctx context.Context, role, list string) error {
	sizes, err := sizesIn(list)
	if err != nil {
		return err
	}
	for _, size := range sizes {
		if err := writeFrame(ctx, role, size); err != nil {
			return err
		}
	}
	return nil
}

func readListed(ctx context.Context, role, list string, first uint64) error {
	sizes, err := sizesIn(list)
	if err != nil {
		return err
	}
	for i, size := range sizes {
		if err := readAndReleaseFrame(ctx, role, first+uint64(i), size); err != nil {
			return err
		}
	}
	return nil
}

// sizesIn parses sizes with commas between; nothing is no sizes.
func sizesIn(list string) ([]int, error) {
	if strings.TrimSpace(list) == "" {
		return nil, nil
	}
	var sizes []int
	for part := range strings.SplitSeq(list, ",") {
		size, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || size < 0 {
			return nil, servant.Failf("'%s' in '%s' is no size; write sizes in bytes with commas between, such as '100, 200'", strings.TrimSpace(part), list)
		}
		sizes = append(sizes, size)
	}
	return sizes, nil
}
