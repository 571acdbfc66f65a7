package stage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.uber.org/zap"
)

// Removed is something that a dead run had left.
type Removed struct {
	RunID string
	What  string // "process", "shared memory", "lock file", "run directory"
	Name  string // path, or pid and command line
}

func (r Removed) String() string { return fmt.Sprintf("%s %s (of run %s)", r.What, r.Name, r.RunID) }

// Clean removes what dead runs of this user left on the machine: processes that
// carry the run's id, shared memory, lock files and the run's directory. It
// never touches what a live run owns. log (nil: none) gets a line for each thing
// that was removed; an error names what could not be, the rest is done all the
// same.
func Clean(log *zap.Logger) ([]Removed, error) {
	root, err := runsDir()
	if err != nil {
		return nil, fmt.Errorf("clean: %w", err)
	}
	if log == nil {
		log = zap.NewNop()
	}
	removed, err := cleanDead(root, log)
	if err != nil {
		return removed, fmt.Errorf("clean: %w", err)
	}
	return removed, nil
}

// abandonedAfter is how old a registration that was never finished must be to
// count as dead; finishing takes milliseconds.
const abandonedAfter = time.Minute

// killGrace is how long the processes of a dead run may take to vanish.
const killGrace = 5 * time.Second

func cleanDead(root string, log *zap.Logger) ([]Removed, error) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil, err
	}
	var (
		all  []Removed
		errs []error
	)
	for _, e := range entries {
		dir := filepath.Join(root, e.Name())
		if strings.HasPrefix(e.Name(), ".new-") {
			if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > abandonedAfter {
				errs = append(errs, os.RemoveAll(dir))
			}
			continue
		}
		o, err := takeDead(dir)
		switch {
		case errors.Is(err, errAlive), errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			errs = append(errs, fmt.Errorf("run %s: %w", e.Name(), err))
			continue
		}
		removed, err := o.cleanUp()
		for _, r := range removed {
			log.Info("removed what a dead run had left", zap.Stringer("removed", r))
		}
		all = append(all, removed...)
		errs = append(errs, err)
	}
	return all, errors.Join(errs...)
}

// cleanUp removes everything of a dead run whose lock is held. The directory
// goes last: while something is left, the run stays known.
func (o *ownership) cleanUp() ([]Removed, error) {
	var removed []Removed
	add := func(what, name string) { removed = append(removed, Removed{o.facts.RunID, what, name}) }
	killed, err := killRun(o.facts.RunID, killGrace)
	for _, p := range killed {
		add("process", p.String())
	}
	for _, path := range sweep(o.facts.owns) {
		if strings.HasSuffix(path, ".lock") {
			add("lock file", path)
		} else {
			add("shared memory", path)
		}
	}
	if err != nil {
		o.lock.Close()
		return removed, fmt.Errorf("run %s: %w", o.facts.RunID, err)
	}
	if err := o.remove(); err != nil {
		return removed, fmt.Errorf("run %s: %w", o.facts.RunID, err)
	}
	add("run directory", o.dir)
	return removed, nil
}
