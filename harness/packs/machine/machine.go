// Package machine is the pack that asks what the machine offers. A scenario that
// needs something else is skipped with the reason; nothing here fails one.
package machine

import (
	"context"
	"path/filepath"
	"runtime"

	"golang.org/x/sys/unix"

	"parley.dev/parley/harness/packs"
	"parley.dev/parley/servant/ring"
)

// Name is the pack's name in plans and reports.
const Name = "machine"

// Pack returns the machine pack.
func Pack() packs.Pack {
	segment, _, _, _ := ring.Objects("x")
	return packs.Pack{Name: Name, Steps: []packs.Definition{
		{Pattern: `this machine runs '([^']+)'`, Summary: "skips the scenario on another system; names as Go has them: linux, windows", Run: runs},
		{Pattern: `shared memory has a limit`, Summary: "skips the scenario where the file system of shared memory has no size", Run: limited(filepath.Dir(segment))},
	}}
}

func runs(_ context.Context, c packs.Call) error {
	if c.Args[0] != runtime.GOOS {
		return packs.Skipf("needs %s, this machine runs %s", c.Args[0], runtime.GOOS)
	}
	return nil
}

// limited asks for the size of the file system at dir, which is 0 for a tmpfs
// without a limit.
func limited(dir string) func(context.Context, packs.Call) error {
	return func(_ context.Context, c packs.Call) error {
		var fs unix.Statfs_t
		if err := unix.Statfs(dir, &fs); err != nil {
			return packs.Skipf("needs shared memory with a limit: %s: %v", dir, err)
		}
		size := fs.Blocks * uint64(fs.Bsize)
		if size == 0 {
			return packs.Skipf("needs shared memory with a limit, %s has none here", dir)
		}
		c.Report.Log("%s has %d bytes, %d of them free", dir, size, fs.Bavail*uint64(fs.Bsize))
		return nil
	}
}
