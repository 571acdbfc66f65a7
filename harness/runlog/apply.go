package runlog

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	messages "github.com/cucumber/messages/go/v21"
)

// Apply adds one envelope of a log, in the order of the log. Messages that the
// model does not need are ignored; a reference to something that the log does not
// hold is an error.
func (r *Run) Apply(env *messages.Envelope) error {
	switch {
	case env.Meta != nil:
		r.Meta = env.Meta
	case env.Source != nil:
		r.feature(env.Source.Uri).Source = []byte(env.Source.Data)
	case env.GherkinDocument != nil:
		r.feature(env.GherkinDocument.Uri).Document = env.GherkinDocument
	case env.Pickle != nil:
		f := r.feature(env.Pickle.Uri)
		f.Pickles = append(f.Pickles, env.Pickle)
	case env.TestRunStarted != nil:
		r.Started = r.seen(env.TestRunStarted.Timestamp)
	case env.TestCase != nil:
		r.applyTestCase(env.TestCase)
	case env.TestCaseStarted != nil:
		return r.applyCellStarted(env.TestCaseStarted)
	case env.TestStepStarted != nil:
		m := env.TestStepStarted
		a, s := r.Attempt(m.TestCaseStartedId, m.TestStepId)
		if a == nil {
			return fmt.Errorf("testStepStarted: testCaseStarted %q is not in the log", m.TestCaseStartedId)
		}
		if s != nil {
			s.Started = r.seen(m.Timestamp)
		}
	case env.TestStepFinished != nil:
		m := env.TestStepFinished
		a, s := r.Attempt(m.TestCaseStartedId, m.TestStepId)
		if a == nil {
			return fmt.Errorf("testStepFinished: testCaseStarted %q is not in the log", m.TestCaseStartedId)
		}
		if s != nil {
			s.Finished = r.seen(m.Timestamp)
		}
	case env.TestCaseFinished != nil:
		a, err := r.attempt(env.TestCaseFinished.TestCaseStartedId)
		if err != nil {
			return fmt.Errorf("testCaseFinished: %w", err)
		}
		a.Finished = r.seen(env.TestCaseFinished.Timestamp)
	case env.TestRunFinished != nil:
		m := env.TestRunFinished
		r.Finished = r.seen(m.Timestamp)
		r.success = m.Success
		if r.Outcome == nil {
			return fmt.Errorf("testRunFinished without Parley's outcome before it")
		}
	case env.Attachment != nil:
		return r.applyAttachment(env.Attachment)
	}
	return nil
}

// seen reads a timestamp and remembers the latest.
func (r *Run) seen(t *messages.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	at := messages.TimestampToGoTime(*t)
	if at.After(r.lastSeen) {
		r.lastSeen = at
	}
	return at
}

func (r *Run) feature(uri string) *Feature {
	if f := r.byURI[uri]; f != nil {
		return f
	}
	if r.byURI == nil {
		r.byURI = map[string]*Feature{}
	}
	f := &Feature{URI: uri}
	r.byURI[uri] = f
	r.Features = append(r.Features, f)
	return f
}

func (r *Run) applyTestCase(m *messages.TestCase) {
	c := &CellRun{positions: map[string]int{}}
	for _, s := range m.TestSteps {
		if s.PickleStepId != "" {
			c.positions[s.Id] = len(c.positions)
		}
	}
	if r.byCase == nil {
		r.byCase = map[string]*CellRun{}
	}
	r.byCase[m.Id] = c
}

func (r *Run) applyCellStarted(m *messages.TestCaseStarted) error {
	c := r.byCase[m.TestCaseId]
	if c == nil {
		return fmt.Errorf("testCaseStarted: test case %q is not in the log", m.TestCaseId)
	}
	a := &Attempt{ID: m.Id, Cell: c, Number: int(m.Attempt) + 1, Started: r.seen(m.Timestamp)}
	for _, s := range c.Steps {
		a.Steps = append(a.Steps, &StepRun{Step: s})
	}
	if r.byStarted == nil {
		r.byStarted = map[string]*Attempt{}
	}
	r.byStarted[m.Id] = a
	c.Attempts = append(c.Attempts, a)
	return nil
}

func (r *Run) applyAttachment(m *messages.Attachment) error {
	if err := r.attached(m); err != nil {
		return fmt.Errorf("attachment %s: %w", m.MediaType, err)
	}
	return nil
}

func (r *Run) attached(m *messages.Attachment) error {
	body := []byte(m.Body)
	switch m.MediaType {
	case mediaRun:
		return json.Unmarshal(body, &r.Info)
	case mediaServant:
		var s servantData
		if err := json.Unmarshal(body, &s); err != nil {
			return err
		}
		r.Servants = append(r.Servants, s.Servant)
		return nil
	case mediaOutcome:
		r.Outcome = &Outcome{}
		return json.Unmarshal(body, r.Outcome)
	case mediaCell:
		return r.applyCell(body)
	case mediaStep, mediaLogs:
		return r.applyStep(m)
	case mediaResult, mediaResources, mediaLeaks:
		return r.applyResult(m)
	}
	if OwnMediaType(m.MediaType) || m.TestStepId == "" {
		return nil
	}
	_, s := r.Attempt(m.TestCaseStartedId, m.TestStepId)
	if s == nil || s.Result == nil {
		return fmt.Errorf("step %q of %q has no result before it", m.TestStepId, m.TestCaseStartedId)
	}
	a, err := decodeAttachment(m)
	if err != nil {
		return err
	}
	// The roles came with the step's result, as attachments that wait for their bodies.
	waiting := slices.IndexFunc(s.Result.Attachments, func(a Attachment) bool { return a.MediaType == "" })
	if waiting < 0 {
		s.Result.Attachments = append(s.Result.Attachments, a)
		return nil
	}
	a.Role = s.Result.Attachments[waiting].Role
	s.Result.Attachments[waiting] = a
	return nil
}

func (r *Run) applyCell(body []byte) error {
	var data cellData
	if err := json.Unmarshal(body, &data); err != nil {
		return err
	}
	c := r.byCase[data.TestCase]
	if c == nil {
		return fmt.Errorf("test case %q is not in the log", data.TestCase)
	}
	if len(data.Cell.Steps) != len(c.positions) {
		return fmt.Errorf("cell %s has %d steps, its test case %d", data.Cell.ID, len(data.Cell.Steps), len(c.positions))
	}
	c.Cell = data.Cell
	c.Document = r.feature(c.URI).Document
	r.Cells = append(r.Cells, c)
	return nil
}

func (r *Run) applyStep(m *messages.Attachment) error {
	a, s := r.Attempt(m.TestCaseStartedId, m.TestStepId)
	if s == nil {
		return fmt.Errorf("step %q of %q is not in the log", m.TestStepId, m.TestCaseStartedId)
	}
	if m.MediaType == mediaLogs {
		if s.Result == nil {
			return fmt.Errorf("step %q of %q has no result before it", m.TestStepId, m.TestCaseStartedId)
		}
		return json.Unmarshal([]byte(m.Body), &s.Result.Logs)
	}
	var data stepData
	if err := json.Unmarshal([]byte(m.Body), &data); err != nil {
		return err
	}
	s.Result = &data.StepResult
	s.Result.Cell, s.Result.Step = a.Cell.ID, s.ID
	for _, role := range data.AttachmentRoles {
		s.Result.Attachments = append(s.Result.Attachments, Attachment{Role: role})
	}
	return nil
}

func (r *Run) applyResult(m *messages.Attachment) error {
	a, err := r.attempt(m.TestCaseStartedId)
	if err != nil {
		return err
	}
	if m.MediaType == mediaResult {
		a.Result = &CellResult{}
		err = json.Unmarshal([]byte(m.Body), a.Result)
		a.Result.Cell = a.Cell.ID
		return err
	}
	if a.Result == nil {
		return fmt.Errorf("%q has no result before it", a.ID)
	}
	if m.MediaType == mediaLeaks {
		return json.Unmarshal([]byte(m.Body), &a.Result.Leaks)
	}
	return json.Unmarshal([]byte(m.Body), &a.Result.Resources)
}
