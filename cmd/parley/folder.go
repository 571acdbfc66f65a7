package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"parley.dev/parley/harness/plan"
	"parley.dev/parley/harness/runlog"
)

// Files of a run's folder.
const (
	logFile         = "run.ndjson"
	junitFile       = "junit.xml"
	metricsFile     = "metrics.prom"
	coordinatorFile = "coordinator.log"
	lastLink        = "last"
	keptRuns        = 20
)

// newRunID names a run: when it started, and something that no other has.
func newRunID(now time.Time) string {
	var random [3]byte
	_, _ = rand.Read(random[:]) // never fails: crypto/rand
	return now.UTC().Format("20060102-150405-") + hex.EncodeToString(random[:])
}

// runFolder is the folder of a living run. Its lock keeps other runs from taking
// it over, or from removing it as an old one; the kernel frees it in any case.
type runFolder struct {
	path string
	lock *os.File
}

func (f *runFolder) release() { _ = f.lock.Close() }

var errInUse = errors.New("a run that has not ended keeps its files there")

// lockFolder takes the lock of a run's folder, or fails with errInUse.
func lockFolder(path string) (*runFolder, error) {
	dir, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(dir.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = dir.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			err = errInUse
		}
		return nil, err
	}
	return &runFolder{path, dir}, nil
}

// runFolder makes the folder of a run and points `last` to it. A folder that the
// user named is taken over from an earlier run; others are new, and the oldest
// beyond keptRuns go.
func (p *project) runFolder(out, runID string) (_ *runFolder, err error) {
	runs := filepath.Join(p.config.Out, "runs")
	folder := filepath.Join(runs, runID)
	if out != "" {
		folder = out
		if !filepath.IsAbs(folder) {
			folder = filepath.Join(p.dir, out)
		}
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fmt.Errorf("folder of the run: %w; name another with --out DIR", err)
	}
	f, err := lockFolder(folder)
	if err != nil {
		return nil, fmt.Errorf("folder of the run: %s: %w; name another with --out DIR", folder, err)
	}
	defer func() {
		if err != nil {
			f.release()
		}
	}()
	for _, name := range []string{logFile, junitFile, metricsFile, coordinatorFile} {
		if err := os.Remove(filepath.Join(folder, name)); err != nil && !os.IsNotExist(err) {
			return nil, fmt.Errorf("folder of the run: take over %s: %w", folder, err)
		}
	}
	// With --out the project's own folder may be one that cannot be written to.
	if err := p.link(folder); err != nil && out == "" {
		return nil, fmt.Errorf("folder of the run: %w; name another with --out DIR", err)
	}
	if out == "" {
		prune(runs, runID)
	}
	return f, nil
}

// shown is path as the user can open it from where the command was given.
func (p *project) shown(path string) string {
	if rel, err := filepath.Rel(p.dir, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return path
}

// link makes `last` point to folder, in one step: another run may read it.
func (p *project) link(folder string) error {
	if err := os.MkdirAll(p.config.Out, 0o755); err != nil {
		return err
	}
	temporary := filepath.Join(p.config.Out, lastLink+"."+filepath.Base(folder)+fmt.Sprint(os.Getpid()))
	if err := os.Symlink(folder, temporary); err != nil {
		return err
	}
	return os.Rename(temporary, filepath.Join(p.config.Out, lastLink))
}

// prune removes the oldest runs that have ended; names sort by time.
func prune(runs, current string) {
	entries, err := os.ReadDir(runs)
	if err != nil {
		return
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && e.Name() != current {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	for _, name := range names[:max(0, len(names)-keptRuns+1)] {
		old, err := lockFolder(filepath.Join(runs, name))
		if err != nil {
			continue
		}
		_ = os.RemoveAll(old.path)
		old.release()
	}
}

// onlyFailed keeps the cells that did not pass in the last run: bad ones and
// those that never ended.
func (p *project) onlyFailed(cells []*plan.Cell) ([]*plan.Cell, error) {
	path := filepath.Join(p.config.Out, lastLink, logFile)
	last, err := runlog.Read(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("--failed: there is no last run to look at: %s does not exist", p.config.Rel(path))
	case err != nil:
		return nil, fmt.Errorf("--failed: the last run cannot be looked at: %w", err)
	}
	failed := map[string]bool{}
	for _, c := range last.Cells {
		if v := c.Verdict(); v.Bad() || v == "" || interruptedCell(c) {
			failed[withoutRepeat(c.Cell.ID)] = true
		}
	}
	var out []*plan.Cell
	for _, c := range cells {
		if failed[withoutRepeat(c.ID)] {
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("--failed: none of the selected cells failed in the last run (%s)", last.Info.RunID)
	}
	return out, nil
}

// interruptedCell reports whether a cell was skipped because its run ended early.
func interruptedCell(c *runlog.CellRun) bool {
	return c.Verdict() == runlog.Skipped && c.Cell.Skip == ""
}

func withoutRepeat(id string) string {
	id, _, _ = strings.Cut(id, "@")
	return id
}
