package runlog

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Merge puts runs together that share a plan: the shards of one run. A cell that
// several runs hold counts once: as the run says that ran it. A cell that ran in
// two of them is an error, because neither result is the better one.
//
// The merged run has the first run's RunID, seed and machine; it started when the
// first of them did, ended when the last did, and ended as badly as the worst.
func Merge(runs ...*Run) (*Run, error) {
	switch len(runs) {
	case 0:
		return nil, fmt.Errorf("merge run logs: there is none")
	case 1:
		return runs[0], nil
	}
	merged := &Run{Info: runs[0].Info, Meta: runs[0].Meta, Started: runs[0].Started, Finished: runs[0].Finished, success: true}
	merged.Info.Platforms = map[string]string{}
	merged.Outcome = &Outcome{Kind: OutcomePassed}
	cells, uris := map[string]int{}, map[string]bool{}
	for _, r := range runs {
		for _, c := range r.Cells {
			i, known := cells[c.ID]
			switch {
			case !known:
				cells[c.ID] = len(merged.Cells)
				merged.Cells = append(merged.Cells, c)
			case c.ran() && merged.Cells[i].ran():
				return nil, fmt.Errorf("merge run logs: cell %s ran in two of them; merge the shards of one run only", c.ID)
			case c.ran():
				merged.Cells[i] = c
			}
		}
		for _, f := range r.Features {
			if !uris[f.URI] {
				uris[f.URI] = true
				merged.Features = append(merged.Features, f)
			}
		}
		maps.Copy(merged.Info.Platforms, r.Info.Platforms)
		merged.Servants = append(merged.Servants, r.Servants...)
		merged.mergeEnds(r)
	}
	return merged, nil
}

// ran reports whether the cell was really run: whether any attempt had a verdict
// that is not skipped, or is still without one.
func (c *CellRun) ran() bool {
	return slices.ContainsFunc(c.Attempts, func(a *Attempt) bool { return a.Result == nil || a.Result.Verdict != Skipped })
}

func (r *Run) mergeEnds(other *Run) {
	if other.Started.Before(r.Started) {
		r.Started = other.Started
	}
	switch {
	case other.Finished.IsZero() || r.Finished.IsZero():
		// A shard without an end leaves the whole without one.
		r.Finished = time.Time{}
	case other.Finished.After(r.Finished):
		r.Finished = other.Finished
	}
	if other.lastSeen.After(r.lastSeen) {
		r.lastSeen = other.lastSeen
	}
	r.success = r.success && other.success
	if r.Torn == nil {
		r.Torn = other.Torn
	}
	if other.Outcome == nil {
		return
	}
	if other.Outcome.Kind.worse(r.Outcome.Kind) {
		r.Outcome.Kind, r.Outcome.Message = other.Outcome.Kind, other.Outcome.Message
	}
	r.Outcome.Problems = append(r.Outcome.Problems, other.Outcome.Problems...)
	if other.Outcome.At.After(r.Outcome.At) {
		r.Outcome.At = other.Outcome.At
	}
}

// worse orders outcomes by how little can be said about the run; an unknown one
// says nothing.
func (k OutcomeKind) worse(other OutcomeKind) bool { return k.severity() > other.severity() }

func (k OutcomeKind) severity() int {
	order := []OutcomeKind{OutcomePassed, OutcomeFailed, OutcomeInterrupted, OutcomeAborted, OutcomeIncomplete}
	if i := slices.Index(order, k); i >= 0 {
		return i
	}
	return len(order)
}
