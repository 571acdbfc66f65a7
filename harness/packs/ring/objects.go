package ring

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"parley.dev/parley/harness/packs"
	"parley.dev/parley/servant/ring"
)

// object matches what a scenario calls the four files of a buffer.
const object = `(lock|data semaphore|space semaphore|segment)`

func objectSteps() []packs.Definition {
	return []packs.Definition{
		{Pattern: `every object of ` + buffer + ` is at its place with mode '(0[0-7]{3})'`, Summary: "segment, semaphores and lock are regular files with that mode", Run: everyObject},
		{Pattern: `the ` + object + ` of ` + buffer + ` is removed`, Summary: "removes one object of a buffer", Changes: true, Run: removeObject},
		{Pattern: `no buffer exists`, Summary: "no object of any buffer of the cell exists", Run: noBuffer},
	}
}

// place is where one of a buffer's objects is, by its name in scenarios.
type place struct{ object, path string }

// places lists a buffer's objects in the order of the protocol's page.
func places(c packs.Call, buffer string) []place {
	segment, semW, semR, lock := ring.Objects(c.Cell.Resource(buffer))
	return []place{{"segment", segment}, {"data semaphore", semW}, {"space semaphore", semR}, {"lock", lock}}
}

func pathOf(c packs.Call, object, buffer string) string {
	list := places(c, buffer)
	return list[slices.IndexFunc(list, func(p place) bool { return p.object == object })].path
}

// everyObject checks ring protocol, Objects of a buffer.
func everyObject(_ context.Context, c packs.Call) error {
	want, err := strconv.ParseUint(c.Args[1], 8, 32)
	if err != nil {
		return fmt.Errorf("'%s' is no mode of a file", c.Args[1])
	}
	var d differences
	for _, p := range places(c, c.Args[0]) {
		info, err := os.Lstat(p.path)
		switch {
		case err != nil:
			d.add(p.object, "at "+p.path, "not there")
		case !info.Mode().IsRegular():
			d.add(p.object, "a regular file", info.Mode().String())
		case uint64(info.Mode().Perm()) != want:
			d.add(p.object, fmt.Sprintf("with mode %04o", want), fmt.Sprintf("with mode %04o", info.Mode().Perm()))
		}
	}
	return d.mismatch(fmt.Sprintf("buffer '%s'", c.Args[0]))
}

func removeObject(_ context.Context, c packs.Call) error {
	if err := os.Remove(pathOf(c, c.Args[0], c.Args[1])); err != nil {
		return fmt.Errorf("remove the %s of buffer '%s': %w", c.Args[0], c.Args[1], err)
	}
	return nil
}

func noBuffer(_ context.Context, c packs.Call) error {
	var there []string
	// Any name tells the two folders in which buffers are.
	segment, _, _, lock := ring.Objects("x")
	for _, dir := range []string{filepath.Dir(segment), filepath.Dir(lock)} {
		entries, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("look for buffers: %w", err)
		}
		for _, e := range entries {
			if c.Cell.Owns(e.Name()) {
				there = append(there, filepath.Join(dir, e.Name()))
			}
		}
	}
	if len(there) == 0 {
		return nil
	}
	return &packs.Mismatch{What: "buffers of the scenario", Expected: "none", Actual: strings.Join(there, ", ")}
}
