package runlog

import (
	"fmt"
	"reflect"
	"runtime"

	messages "github.com/cucumber/messages/go/v21"
)

const (
	protocolVersion = "21.0.1"
	hookID          = "hook:after"
	implementation  = "parley"
)

// Begin writes everything that is known before the first cell: the features, the
// definitions that steps match, the run and all cells in plan order. Cells with a
// Skip reason are written as skipped at once and need no further call.
//
// Errors: ids that are not unique over the features; two cells with one id; a
// cell whose pickle or steps are not among the features; a run that has begun.
func (l *Log) Begin(info RunInfo, features []Feature, cells []Cell) error {
	l.mu.Lock()
	if l.begun {
		l.mu.Unlock()
		return fmt.Errorf("run log %s: the run has already begun", l.file.Name())
	}
	l.begun = true
	l.mu.Unlock()
	return l.locked(func() error {
		pickles, err := indexPickles(features)
		if err != nil {
			return err
		}
		states, err := cellStates(cells, pickles)
		if err != nil {
			return err
		}
		definitions := newDefinitions(cells)
		l.writePreamble(info, features, definitions)
		for _, s := range states {
			l.write(&messages.Envelope{TestCase: testCase(s, definitions)})
			l.attach(mediaCell, cellData{TestCase: s.caseID(), Cell: s.cell}, "", "")
			l.cells[s.cell.ID] = s
		}
		l.order = states
		for _, s := range states {
			if s.cell.Skip != "" {
				l.startCell(s, info.Started)
				l.finishCell(s, CellResult{Verdict: Skipped, Reason: s.cell.Skip}, info.Started)
			}
		}
		return nil
	})
}

func (l *Log) writePreamble(info RunInfo, features []Feature, definitions *definitions) {
	l.write(&messages.Envelope{Meta: &messages.Meta{
		ProtocolVersion: protocolVersion,
		Implementation:  &messages.Product{Name: implementation, Version: info.Version},
		Runtime:         &messages.Product{Name: "go", Version: runtime.Version()},
		Os:              &messages.Product{Name: runtime.GOOS, Version: info.Machine.Kernel},
		Cpu:             &messages.Product{Name: runtime.GOARCH},
		Ci:              info.CI,
	}})
	for _, f := range features {
		l.write(&messages.Envelope{Source: &messages.Source{Uri: f.URI, Data: string(f.Source),
			MediaType: messages.SourceMediaType_TEXT_X_CUCUMBER_GHERKIN_PLAIN}})
		if f.Document != nil {
			l.write(&messages.Envelope{GherkinDocument: f.Document})
		}
		for _, p := range f.Pickles {
			l.write(&messages.Envelope{Pickle: p})
		}
	}
	for _, d := range definitions.all {
		l.write(&messages.Envelope{StepDefinition: d})
	}
	l.write(&messages.Envelope{Hook: &messages.Hook{Id: hookID, Name: "checks after the scenario",
		SourceReference: &messages.SourceReference{}}})
	l.write(&messages.Envelope{TestRunStarted: &messages.TestRunStarted{Timestamp: timestamp(info.Started)}})
	l.attach(mediaRun, info, "", "")
}

// pickleIndex finds pickles by their own id and by the id of any of their steps.
type pickleIndex struct {
	byID, byStep map[string]*messages.Pickle
}

func indexPickles(features []Feature) (pickleIndex, error) {
	index := pickleIndex{byID: map[string]*messages.Pickle{}, byStep: map[string]*messages.Pickle{}}
	owner := map[string]string{}
	for _, f := range features {
		for _, node := range []any{f.Document, f.Pickles} {
			for _, id := range nodeIDs(reflect.ValueOf(node), nil) {
				if first, taken := owner[id]; taken {
					return index, fmt.Errorf("id %q is used twice, in %s and in %s: parse all features with one id generator", id, first, f.URI)
				}
				owner[id] = f.URI
			}
		}
		for _, p := range f.Pickles {
			index.byID[p.Id] = p
			for _, s := range p.Steps {
				index.byStep[s.Id] = p
			}
		}
	}
	return index, nil
}

// nodeIDs appends the Id fields of every node of a document or of pickles.
func nodeIDs(v reflect.Value, ids []string) []string {
	switch v.Kind() {
	case reflect.Pointer:
		return nodeIDs(v.Elem(), ids)
	case reflect.Slice:
		for i := range v.Len() {
			ids = nodeIDs(v.Index(i), ids)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Name == "Id" {
				ids = append(ids, v.Field(i).String())
			} else {
				ids = nodeIDs(v.Field(i), ids)
			}
		}
	}
	return ids
}

func (x pickleIndex) of(c Cell) (*messages.Pickle, error) {
	if c.Pickle != "" {
		if p := x.byID[c.Pickle]; p != nil {
			return p, nil
		}
		return nil, fmt.Errorf("cell %s: its pickle %q is in none of the features", c.ID, c.Pickle)
	}
	if len(c.Steps) == 0 {
		return nil, fmt.Errorf("cell %s: it has no steps, so its pickle must be named", c.ID)
	}
	if p := x.byStep[c.Steps[0].ID]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("cell %s: no pickle of the features has its step %q (%s)", c.ID, c.Steps[0].ID, c.Steps[0].Text)
}

func cellStates(cells []Cell, pickles pickleIndex) ([]*cellState, error) {
	states := make([]*cellState, 0, len(cells))
	seen := map[string]bool{}
	for _, c := range cells {
		if c.ID == "" || seen[c.ID] {
			return nil, fmt.Errorf("cell %q (%s %s): its id is empty or not unique", c.ID, c.Label(), c.Cast)
		}
		seen[c.ID] = true
		pickle, err := pickles.of(c)
		if err != nil {
			return nil, err
		}
		c.Pickle = pickle.Id
		s := &cellState{cell: c, index: make(map[string]int, len(c.Steps))}
		for i, step := range c.Steps {
			if pickles.byStep[step.ID] != pickle {
				return nil, fmt.Errorf("cell %s: step %q (%s) is not a step of its pickle %q", c.ID, step.ID, step.Text, pickle.Id)
			}
			if _, twice := s.index[step.ID]; twice {
				return nil, fmt.Errorf("cell %s: step %q (%s) is planned twice", c.ID, step.ID, step.Text)
			}
			s.index[step.ID] = i
		}
		states = append(states, s)
	}
	return states, nil
}

func testCase(s *cellState, definitions *definitions) *messages.TestCase {
	steps := make([]*messages.TestStep, 0, len(s.cell.Steps)+1)
	for i, step := range s.cell.Steps {
		t := &messages.TestStep{Id: s.stepID(i), PickleStepId: step.ID}
		t.StepDefinitionIds, t.StepMatchArgumentsLists = definitions.match(step)
		steps = append(steps, t)
	}
	steps = append(steps, &messages.TestStep{Id: s.hookStepID(), HookId: hookID})
	return &messages.TestCase{Id: s.caseID(), PickleId: s.cell.Pickle, TestSteps: steps}
}
