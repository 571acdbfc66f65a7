package runlog

import (
	"fmt"
	"strings"
	"time"

	messages "github.com/cucumber/messages/go/v21"
)

// cellState is what the writer must know of a cell to keep its messages in order.
type cellState struct {
	cell     Cell
	index    map[string]int // step id → position
	attempts int
	running  bool
	done     bool
	started  time.Time
	steps    []stepState // of the running attempt
	last     Verdict     // of the attempt before
}

type stepState struct {
	started  time.Time
	running  bool
	finished bool
	verdict  Verdict
}

// Ids of different kinds differ in their first word, so that none can collide
// whatever the ids of cells look like.
func (s *cellState) caseID() string        { return "case:" + s.cell.ID }
func (s *cellState) stepID(i int) string   { return fmt.Sprintf("step:%s:%d", s.cell.ID, i+1) }
func (s *cellState) hookStepID() string    { return "after:" + s.cell.ID }
func (s *cellState) startedID() string     { return fmt.Sprintf("attempt:%s:%d", s.cell.ID, s.attempts) }
func (s *cellState) step(i int) *stepState { return &s.steps[i] }

func (l *Log) cell(id string) (*cellState, error) {
	if s := l.cells[id]; s != nil {
		return s, nil
	}
	return nil, fmt.Errorf("cell %q is not in the plan", id)
}

func (l *Log) runningStep(cellID, stepID string) (*cellState, int, error) {
	s, err := l.cell(cellID)
	if err != nil {
		return nil, 0, err
	}
	i, ok := s.index[stepID]
	switch {
	case !ok:
		return nil, 0, fmt.Errorf("cell %s: step %q is not in its plan", cellID, stepID)
	case !s.running:
		return nil, 0, fmt.Errorf("cell %s: step %q: the cell is not running", cellID, stepID)
	case s.step(i).finished:
		return nil, 0, fmt.Errorf("cell %s: step %q has already finished", cellID, stepID)
	}
	return s, i, nil
}

// CellStarted records the start of an attempt at a cell: the first, or one that
// the result before it announced with WillBeRetried.
func (l *Log) CellStarted(cellID string, at time.Time) error {
	return l.locked(func() error {
		s, err := l.cell(cellID)
		switch {
		case err != nil:
			return err
		case s.cell.Skip != "":
			return fmt.Errorf("cell %s is planned as skipped (%s)", cellID, s.cell.Skip)
		case s.running || s.done:
			return fmt.Errorf("cell %s has already started", cellID)
		}
		l.startCell(s, at)
		return nil
	})
}

// StepStarted records that a step was sent. Steps of one cell may overlap.
func (l *Log) StepStarted(cellID, stepID string, at time.Time) error {
	return l.locked(func() error {
		s, i, err := l.runningStep(cellID, stepID)
		if err != nil {
			return err
		}
		if s.step(i).running {
			return fmt.Errorf("cell %s: step %q has already started", cellID, stepID)
		}
		l.startStep(s, i, at)
		return nil
	})
}

// StepFinished records how a step ended, with its logs and attachments. A step
// that never started, because it was skipped or is undefined, needs no
// StepStarted.
func (l *Log) StepFinished(result StepResult, at time.Time) error {
	return l.locked(func() error {
		s, i, err := l.runningStep(result.Cell, result.Step)
		if err != nil {
			return err
		}
		result, err = result.summarised()
		if err != nil {
			return fmt.Errorf("cell %s: step %q: %w", result.Cell, result.Step, err)
		}
		l.finishStep(s, i, result, at)
		return nil
	})
}

// CellFinished records how an attempt at a cell ended. Steps that have not
// finished are closed as skipped. A verdict is never better than the steps: a
// cell that is said to have passed although a step did not is recorded with the
// verdict of that step, or as failed when the step never finished.
//
// A cell that could not be started needs no CellStarted. The result of a cell
// that was planned as skipped may be reported again as skipped; it is recorded
// once.
func (l *Log) CellFinished(result CellResult, at time.Time) error {
	return l.locked(func() error {
		s, err := l.cell(result.Cell)
		switch {
		case err != nil:
			return err
		case s.done && s.cell.Skip != "" && result.Verdict == Skipped:
			return nil
		case s.done:
			return fmt.Errorf("cell %s has already finished", result.Cell)
		}
		if err := result.Verdict.check(); err != nil {
			return fmt.Errorf("cell %s: %w", result.Cell, err)
		}
		if !s.running {
			l.startCell(s, at.Add(-result.Duration))
		}
		l.finishCell(s, result, at)
		return nil
	})
}

func (l *Log) startCell(s *cellState, at time.Time) {
	s.attempts++
	s.running, s.started = true, at
	s.steps = make([]stepState, len(s.cell.Steps))
	l.write(&messages.Envelope{TestCaseStarted: &messages.TestCaseStarted{
		Id: s.startedID(), TestCaseId: s.caseID(), Attempt: int64(s.attempts - 1), Timestamp: timestamp(at)}})
}

func (l *Log) startStep(s *cellState, i int, at time.Time) {
	s.step(i).running, s.step(i).started = true, at
	l.write(&messages.Envelope{TestStepStarted: &messages.TestStepStarted{
		TestCaseStartedId: s.startedID(), TestStepId: s.stepID(i), Timestamp: timestamp(at)}})
}

func (l *Log) finishStep(s *cellState, i int, r StepResult, at time.Time) {
	step := s.step(i)
	if !step.running {
		l.startStep(s, i, at.Add(-r.Coordinator))
	}
	if r.Coordinator == 0 && r.Verdict != Skipped {
		r.Coordinator = max(at.Sub(step.started), 0)
	}
	started, id := s.startedID(), s.stepID(i)
	data := stepData{StepResult: r}
	for _, a := range r.Attachments {
		data.AttachmentRoles = append(data.AttachmentRoles, a.Role)
	}
	l.attach(mediaStep, data, started, id)
	if len(r.Logs) > 0 {
		l.attach(mediaLogs, r.Logs, started, id)
	}
	for _, a := range r.Attachments {
		l.write(&messages.Envelope{Attachment: encodeAttachment(a, started, id)})
	}
	*step = stepState{started: step.started, finished: true, verdict: r.Verdict}
	result := &messages.TestStepResult{Duration: duration(r.Coordinator), Status: r.Verdict.status(), Message: r.message()}
	if r.FailureType != "" {
		result.Exception = &messages.Exception{Type: r.FailureType, Message: r.Error}
	}
	l.write(&messages.Envelope{TestStepFinished: &messages.TestStepFinished{
		TestCaseStartedId: started, TestStepId: id, TestStepResult: result, Timestamp: timestamp(at)}})
}

// message is what a tool that knows Cucumber alone shows for the step.
func (r StepResult) message() string {
	if r.Verdict == Skipped {
		return r.SkipReason
	}
	if !r.Verdict.Bad() {
		return ""
	}
	var lines []string
	for _, p := range r.Processes() {
		if !p.Verdict.Bad() {
			continue
		}
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s: %s", p.Role, p.Verdict, p.Error)))
		if p.Expected != "" || p.Actual != "" {
			lines = append(lines, "expected: "+p.Expected, "actual:   "+p.Actual)
		}
		if p.Stack != "" {
			lines = append(lines, p.Stack)
		}
	}
	return strings.Join(lines, "\n")
}

func (l *Log) finishCell(s *cellState, r CellResult, at time.Time) {
	r = l.closeSteps(s, r, at)
	if r.Verdict == Passed && s.last.Bad() {
		r.Verdict = Flaky
	}
	s.last = r.Verdict
	if r.Duration == 0 {
		r.Duration = max(at.Sub(s.started), 0)
	}
	started := s.startedID()
	l.finishHook(s, r, at)
	l.attach(mediaResult, r, started, "")
	if len(r.Resources) > 0 {
		l.attach(mediaResources, r.Resources, started, "")
	}
	if len(r.Leaks) > 0 {
		l.attach(mediaLeaks, r.Leaks, started, "")
	}
	s.running, s.done = false, !r.WillBeRetried
	if s.done && r.Verdict.Bad() && r.Expected == "" {
		l.bad++
	}
	l.write(&messages.Envelope{TestCaseFinished: &messages.TestCaseFinished{
		TestCaseStartedId: started, Timestamp: timestamp(at), WillBeRetried: r.WillBeRetried}})
}

// closeSteps finishes what has not finished and holds the cell's verdict to its
// steps.
func (l *Log) closeSteps(s *cellState, r CellResult, at time.Time) CellResult {
	green := !r.Verdict.Bad() && r.Verdict != Skipped
	for i := range s.steps {
		step, text := s.step(i), s.cell.Steps[i].Text
		switch {
		case !step.finished:
			reason := "not reached"
			if step.running {
				reason = "it had not answered when the scenario ended"
			} else if r.Verdict == Skipped && r.Reason != "" {
				reason = r.Reason
			}
			if green {
				r.Verdict = Worst(r.Verdict, Failed)
				if r.Reason == "" {
					r.Reason = fmt.Sprintf("it was reported as passed, but the step %q did not finish", text)
				}
			}
			l.finishStep(s, i, StepResult{Part: Part{Verdict: Skipped}, SkipReason: reason}, at)
		case step.verdict.Worse(r.Verdict):
			r.Verdict = step.verdict
		}
	}
	return r
}

// finishHook writes the test step that carries a bad verdict which no step shows.
func (l *Log) finishHook(s *cellState, r CellResult, at time.Time) {
	result := &messages.TestStepResult{Duration: duration(0), Status: messages.TestStepResultStatus_PASSED}
	shown := false
	for _, step := range s.steps {
		shown = shown || step.verdict.Bad()
	}
	switch {
	case r.Verdict.Bad() && !shown:
		result.Status = messages.TestStepResultStatus_FAILED
		result.Message = strings.Join(append([]string{string(r.Verdict) + ": " + r.Reason}, r.Leaks...), "\n")
	case r.Verdict == Skipped:
		result.Status = messages.TestStepResultStatus_SKIPPED
		result.Message = r.Reason
	}
	started, id := s.startedID(), s.hookStepID()
	l.write(&messages.Envelope{TestStepStarted: &messages.TestStepStarted{
		TestCaseStartedId: started, TestStepId: id, Timestamp: timestamp(at)}})
	l.write(&messages.Envelope{TestStepFinished: &messages.TestStepFinished{
		TestCaseStartedId: started, TestStepId: id, TestStepResult: result, Timestamp: timestamp(at)}})
}
