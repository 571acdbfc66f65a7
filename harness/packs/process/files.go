package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"

	"parley.dev/parley/harness/packs"
)

func fileSteps() []packs.Definition {
	return []packs.Definition{
		{Pattern: role + `may open ['"](\d+)['"] more files`, Summary: "limits the process to that many descriptors besides those it has open", Changes: true, Run: eachLiving(limitFiles)},
		{Pattern: role + `may open files without this limit`, Summary: "gives the process back the limit it had", Changes: true, Run: eachLiving(freeFiles)},
	}
}

// filesKey is the note of the limit that a process had.
func filesKey(pid int) string { return fmt.Sprintf("%s files of %d", Name, pid) }

// limitFiles sets the soft limit so that exactly n numbers below it are free:
// the kernel gives a new descriptor the lowest free number and limits the number,
// not how many there are.
func limitFiles(_ context.Context, c packs.Call, p packs.Process) error {
	n, err := c.Uint(0)
	if err != nil {
		return err
	}
	pid := p.PID()
	had, err := fileLimit(pid)
	if err != nil {
		return err
	}
	if kept, known := c.Cell.Notes().LoadOrStore(filesKey(pid), had); known {
		had = kept.(unix.Rlimit)
	} else {
		c.Cell.AtEnd(func() error {
			if _, limited := c.Cell.Notes().Load(filesKey(pid)); !limited || alive(p) != nil {
				return nil
			}
			return restoreFiles(c.Cell, pid)
		})
	}
	used, err := numbers(pid)
	if err != nil {
		return err
	}
	limit, ok := limitFor(used, n, had.Cur)
	if !ok {
		return fmt.Errorf("process %d may not open %d more files: it has %d open, and its limit is %d", pid, n, len(used), had.Cur)
	}
	return setFileLimit(pid, unix.Rlimit{Cur: limit, Max: had.Max})
}

// limitFor returns the highest limit under which n numbers are free besides those
// in use, which are sorted. It is no higher than most.
func limitFor(used []uint64, n, most uint64) (limit uint64, ok bool) {
	if n > most {
		return 0, false
	}
	limit = n
	for _, fd := range used {
		if fd > limit {
			break // it takes no number below the limit
		}
		limit++
	}
	return limit, limit <= most
}

// numbers returns the numbers of a process's descriptors, sorted.
func numbers(pid int) ([]uint64, error) {
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		return nil, fmt.Errorf("look at the descriptors of process %d: %w", pid, err)
	}
	list := make([]uint64, 0, len(entries))
	for _, e := range entries {
		fd, err := strconv.ParseUint(e.Name(), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("look at the descriptors of process %d: %w", pid, err)
		}
		list = append(list, fd)
	}
	slices.Sort(list)
	return list, nil
}

func freeFiles(_ context.Context, c packs.Call, p packs.Process) error {
	if _, limited := c.Cell.Notes().Load(filesKey(p.PID())); !limited {
		return errors.New("the process has no such limit; put a step before this one: the 'x' process may open 'n' more files")
	}
	return restoreFiles(c.Cell, p.PID())
}

func restoreFiles(cell packs.Cell, pid int) error {
	had, _ := cell.Notes().Load(filesKey(pid))
	if err := setFileLimit(pid, had.(unix.Rlimit)); err != nil {
		return err
	}
	// A further limit registers its own end.
	cell.Notes().Delete(filesKey(pid))
	return nil
}

func fileLimit(pid int) (unix.Rlimit, error) {
	var l unix.Rlimit
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &l); err != nil {
		return l, fmt.Errorf("read the limit of files of process %d: %w", pid, err)
	}
	return l, nil
}

func setFileLimit(pid int, l unix.Rlimit) error {
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, &l, nil); err != nil {
		return fmt.Errorf("set the limit of files of process %d to %d: %w", pid, l.Cur, err)
	}
	return nil
}
