package runlog

import (
	"fmt"
	"slices"
	"time"

	messages "github.com/cucumber/messages/go/v21"
)

// End closes the run and the file. Cells that have not finished are closed as
// skipped, with the reason that the outcome gives. An outcome of passed does not
// stand when a cell never finished, or ended badly and the ledger does not expect
// it: the run is then recorded as failed.
func (l *Log) End(outcome Outcome) error {
	if outcome.At.IsZero() {
		outcome.At = time.Now()
	}
	err := l.locked(func() error {
		switch outcome.Kind {
		case OutcomePassed, OutcomeFailed, OutcomeInterrupted, OutcomeAborted:
		default:
			return fmt.Errorf("outcome %q is none of passed, failed, interrupted, aborted", string(outcome.Kind))
		}
		if unfinished := l.closeCells(outcome); unfinished > 0 && outcome.Kind == OutcomePassed {
			outcome.Kind = OutcomeFailed
			outcome.Problems = append(slices.Clip(outcome.Problems), fmt.Sprintf("reported as passed, but %d cells never finished", unfinished))
		}
		if l.bad > 0 && outcome.Kind == OutcomePassed {
			outcome.Kind = OutcomeFailed
			outcome.Problems = append(slices.Clip(outcome.Problems), fmt.Sprintf("reported as passed, but %d cells ended badly", l.bad))
		}
		l.attach(mediaOutcome, outcome, "", "")
		finished := &messages.TestRunFinished{Success: outcome.Kind == OutcomePassed, Timestamp: timestamp(outcome.At), Message: outcome.Message}
		if finished.Message == "" && !finished.Success {
			finished.Message = string(outcome.Kind)
		}
		l.ended = true
		l.write(&messages.Envelope{TestRunFinished: finished})
		return nil
	})
	if closed := l.close(); err == nil {
		err = closed
	}
	return err
}

// close closes the file once; a log that has not begun may be closed too.
func (l *Log) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	if l.closed {
		return nil
	}
	l.closed = true
	if err := l.file.Close(); err != nil {
		return fmt.Errorf("close run log: %w", err)
	}
	return nil
}

// closeCells finishes every cell that has not, and counts them. One that waited for
// a further attempt keeps the verdict of the last.
func (l *Log) closeCells(outcome Outcome) int {
	reason := "not run"
	switch {
	case outcome.Message != "":
		reason += ": " + outcome.Message
	case outcome.Kind == OutcomeInterrupted, outcome.Kind == OutcomeAborted:
		reason += ": the run was " + string(outcome.Kind)
	}
	unfinished := 0
	for _, s := range l.order {
		if s.done {
			continue
		}
		unfinished++
		result := CellResult{Verdict: Worst(Skipped, s.last), Reason: reason}
		if s.running {
			result.Reason = "the run was " + string(outcome.Kind) + " while it ran"
		} else {
			l.startCell(s, outcome.At)
		}
		l.finishCell(s, result, outcome.At)
	}
	return unfinished
}
