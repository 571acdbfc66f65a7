package steps

import (
	"context"
	"errors"
	"fmt"

	"parley.dev/parley/servant"
	"parley.dev/parley/servant/ring"
)

func registerErrors(r *servant.Registry) {
	r.Step(role+`fails to write `+number+` bytes of metadata: `+text, failToWriteMetadata)
	r.Then(role+`finds no metadata`, findNoMetadata)
}

func failToWriteMetadata(ctx context.Context, _ string, size int, expected string) error {
	w, err := of(ctx).writing()
	if err != nil {
		return err
	}
	return expectError(fmt.Sprintf("write %d bytes of metadata", size), expected, w.WriteMetadata(metadataOf(size)))
}

// findNoMetadata passes for a buffer without a metadata block, and for one
// whose block is unwritten.
func findNoMetadata(ctx context.Context, _ string) error {
	r, err := of(ctx).reading()
	if err != nil {
		return err
	}
	data, err := r.Metadata()
	switch {
	case errors.Is(err, ring.NoMetadataBlock):
		return nil
	case err != nil:
		return failed("read the metadata", err)
	case data != nil:
		return servant.Mismatch("metadata", "none", fmt.Sprintf("%d bytes", len(data)))
	}
	return nil
}
