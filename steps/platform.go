package steps

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"parley.dev/parley/servant"
	"parley.dev/parley/servant/ring"
)

func registerPlatform(r *servant.Registry) {
	r.Step(role+`fails to create a buffer under each of these names: `+text, failToCreateUnder)
	r.Step(role+`fails to connect to a buffer under each of these names: `+text, failToConnectUnder)
	r.Step(role+`fails to create a buffer with a name of `+number+` bytes: `+text, failToCreateNameOf)
	r.Step(role+`creates and closes a buffer with a name of `+number+` bytes`, createAndCloseNameOf)
	r.Step(role+`creates and closes buffer `+text, createAndClose)
}

// nameColumn is the column of names: each cell is a string in JSON, so that a
// feature can hold names that a table cannot.
const nameColumn = "name in JSON"

// Sizes of the buffers that are made for their names, in bytes.
const (
	namedMetadata = 64
	namedPayload  = 1024
)

func failToCreateUnder(_ context.Context, _, expected string, table *servant.Table) error {
	return eachName(table, func(name string) error {
		return refuseToCreate(name, fmt.Sprintf("create a buffer named %q", name), expected)
	})
}

func failToConnectUnder(_ context.Context, _, expected string, table *servant.Table) error {
	return eachName(table, func(name string) error {
		doing := fmt.Sprintf("connect to a buffer named %q", name)
		w, err := ring.Connect(name)
		if err == nil {
			return errors.Join(expectError(doing, expected, nil), w.Close())
		}
		return expectError(doing, expected, err)
	})
}

// eachName does something under each name of a table, as it is there: without
// the prefix that keeps cells apart. It ends with the first error.
func eachName(table *servant.Table, do func(name string) error) error {
	if table == nil || len(table.Headers) != 1 || table.Headers[0] != nameColumn || len(table.Rows) == 0 {
		return servant.Failf("the step needs a table with the one column '%s' and at least one name", nameColumn)
	}
	for _, row := range table.Rows {
		var name string
		if err := json.Unmarshal([]byte(row[nameColumn]), &name); err != nil {
			return servant.Failf("%s is no string in JSON: %w", row[nameColumn], err)
		}
		if err := do(name); err != nil {
			return err
		}
	}
	return nil
}

func failToCreateNameOf(ctx context.Context, _ string, size int, expected string) error {
	name, err := nameOf(ctx, size)
	if err != nil {
		return err
	}
	return refuseToCreate(name, fmt.Sprintf("create a buffer with a name of %d bytes", size), expected)
}

// refuseToCreate passes if a buffer of that name cannot be created.
func refuseToCreate(name, doing, expected string) error {
	r, err := ring.Create(name, ring.Sizes{Metadata: namedMetadata, Payload: namedPayload})
	if err == nil {
		return errors.Join(expectError(doing, expected, nil), r.Close())
	}
	return expectError(doing, expected, err)
}

func createAndCloseNameOf(ctx context.Context, _ string, size int) error {
	name, err := nameOf(ctx, size)
	if err != nil {
		return err
	}
	return makeAndClose(name, fmt.Sprintf("a buffer with a name of %d bytes", size))
}

func createAndClose(ctx context.Context, _, name string) error {
	return makeAndClose(servant.Scenario(ctx).ResourceName(name), fmt.Sprintf("buffer '%s'", name))
}

func makeAndClose(name, what string) error {
	r, err := ring.Create(name, ring.Sizes{Metadata: namedMetadata, Payload: namedPayload})
	if err != nil {
		return failed("create "+what, err)
	}
	if err := r.Close(); err != nil {
		return failed("close "+what, err)
	}
	return nil
}

// nameOf gives a name of size bytes that belongs to the running cell.
func nameOf(ctx context.Context, size int) (string, error) {
	name := servant.Scenario(ctx).ResourceName("x")
	if len(name) > size {
		return "", servant.Failf("a name of %d bytes is shorter than this cell's shortest, %s of %d bytes", size, name, len(name))
	}
	return name + strings.Repeat("x", size-len(name)), nil
}
