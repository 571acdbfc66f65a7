package runlog

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	messages "github.com/cucumber/messages/go/v21"
)

// WriteMessages writes the logs at paths as one stream of Cucumber Messages, whole
// whatever the logs are: shards of one run are merged as Merge does, a torn line is
// left out, and a log without an end gets one that says that the run did not pass.
func WriteMessages(w io.Writer, paths ...string) error {
	runs := make([]*Run, len(paths))
	for i, path := range paths {
		run, err := Read(path)
		if err != nil {
			return err
		}
		runs[i] = run
	}
	merged, err := Merge(runs...)
	if err != nil {
		return err
	}
	x := &export{out: bufio.NewWriter(w), paths: paths, runs: runs, merged: merged,
		owner: map[string]int{}, chosen: map[*CellRun]bool{}}
	for _, c := range merged.Cells {
		x.chosen[c] = true
	}
	if err := x.write(); err != nil {
		return fmt.Errorf("write messages: %w", err)
	}
	return nil
}

type export struct {
	out    *bufio.Writer
	paths  []string
	runs   []*Run
	merged *Run
	owner  map[string]int // feature URI → the log that it is taken from
	chosen map[*CellRun]bool
}

func (x *export) write() error {
	if err := x.checkFeatures(); err != nil {
		return err
	}
	if err := x.put(&messages.Envelope{Meta: x.merged.Meta}); err != nil {
		return err
	}
	for _, phase := range []func(log int, env *messages.Envelope) error{x.features, x.definitions} {
		if err := x.scan(phase); err != nil {
			return err
		}
	}
	err := x.put(&messages.Envelope{TestRunStarted: &messages.TestRunStarted{Timestamp: timestamp(x.merged.Started)}})
	if err == nil {
		err = x.own(mediaRun, x.merged.Info)
	}
	for _, phase := range []func(log int, env *messages.Envelope) error{x.cases, x.events} {
		if err == nil {
			err = x.scan(phase)
		}
	}
	if err == nil {
		err = x.end()
	}
	if err != nil {
		return err
	}
	return x.out.Flush()
}

func (x *export) scan(phase func(int, *messages.Envelope) error) error {
	for i, path := range x.paths {
		if _, err := Scan(path, func(env *messages.Envelope) error { return phase(i, env) }); err != nil {
			return err
		}
	}
	return nil
}

func (x *export) put(env *messages.Envelope) error {
	line, err := json.Marshal(env)
	if err != nil {
		return err
	}
	_, err = x.out.Write(append(line, '\n'))
	return err
}

func (x *export) own(mediaType string, data any) error {
	body, err := json.Marshal(data)
	if err != nil {
		return err
	}
	return x.put(&messages.Envelope{Attachment: &messages.Attachment{Body: string(body), MediaType: mediaType,
		ContentEncoding: messages.AttachmentContentEncoding_IDENTITY}})
}

// checkFeatures makes sure that logs which share a feature have the same text of
// it: then one plan made both, and their ids of it are the same.
func (x *export) checkFeatures() error {
	for i, run := range x.runs {
		for _, f := range run.Features {
			first, known := x.owner[f.URI]
			if !known {
				x.owner[f.URI] = i
				continue
			}
			if !bytes.Equal(x.runs[first].byURI[f.URI].Source, f.Source) {
				return fmt.Errorf("%s is not the same in %s and %s; merge the shards of one run only", f.URI, x.paths[first], x.paths[i])
			}
		}
	}
	return nil
}

func (x *export) features(log int, env *messages.Envelope) error {
	var uri string
	switch {
	case env.Source != nil:
		uri = env.Source.Uri
	case env.GherkinDocument != nil:
		uri = env.GherkinDocument.Uri
	case env.Pickle != nil:
		uri = env.Pickle.Uri
	default:
		return nil
	}
	if x.owner[uri] != log {
		return nil
	}
	return x.put(env)
}

// definitionID tells apart the definitions of several logs, which number them
// each on its own.
func definitionID(log int, id string) string {
	if log == 0 {
		return id
	}
	return fmt.Sprintf("log:%d:%s", log+1, id)
}

func (x *export) definitions(log int, env *messages.Envelope) error {
	switch {
	case env.StepDefinition != nil:
		env.StepDefinition.Id = definitionID(log, env.StepDefinition.Id)
		return x.put(env)
	case env.Hook != nil && log == 0:
		return x.put(env)
	}
	return nil
}

func (x *export) cases(log int, env *messages.Envelope) error {
	switch {
	case env.TestCase != nil && x.chosen[x.runs[log].byCase[env.TestCase.Id]]:
		for _, s := range env.TestCase.TestSteps {
			for i, id := range s.StepDefinitionIds {
				s.StepDefinitionIds[i] = definitionID(log, id)
			}
		}
		return x.put(env)
	case env.Attachment != nil && env.Attachment.MediaType == mediaCell:
		var data cellData
		if err := json.Unmarshal([]byte(env.Attachment.Body), &data); err != nil {
			return err
		}
		if x.chosen[x.runs[log].byCase[data.TestCase]] {
			return x.put(env)
		}
	}
	return nil
}

func (x *export) events(log int, env *messages.Envelope) error {
	attempt := ""
	switch {
	case env.TestCaseStarted != nil:
		attempt = env.TestCaseStarted.Id
	case env.TestStepStarted != nil:
		attempt = env.TestStepStarted.TestCaseStartedId
	case env.TestStepFinished != nil:
		attempt = env.TestStepFinished.TestCaseStartedId
	case env.TestCaseFinished != nil:
		attempt = env.TestCaseFinished.TestCaseStartedId
	case env.Attachment != nil && env.Attachment.MediaType == mediaServant:
		return x.put(env)
	case env.Attachment != nil:
		attempt = env.Attachment.TestCaseStartedId
	}
	if a := x.runs[log].byStarted[attempt]; a != nil && x.chosen[a.Cell] {
		return x.put(env)
	}
	return nil
}

func (x *export) end() error {
	outcome := *x.merged.Outcome
	at := x.merged.Finished
	if at.IsZero() {
		at = x.merged.lastSeen
	}
	if err := x.own(mediaOutcome, outcome); err != nil {
		return err
	}
	finished := &messages.TestRunFinished{Success: x.merged.Passed(), Message: outcome.Message, Timestamp: timestamp(at)}
	return x.put(&messages.Envelope{TestRunFinished: finished})
}
