// Package runlog is the append-only record of a run, and the model that every
// report is derived from.
//
// A run log is a file of Cucumber Messages (protocol 21), one JSON envelope per
// line, written as things happen. What Cucumber has no message for (cast, role,
// platform, clocks, resources, leaks) are attachments of the media types
// application/vnd.parley.*+json, tied to the test case or the step that they
// describe. Any tool for Cucumber Messages reads the file and leaves those aside.
//
// Every cell is one test case. Its last test step belongs to a hook: it carries
// what no step of the scenario can, such as a leak, so that a bad cell is never
// green in a tool that knows steps alone.
//
// The order is meta; source, gherkinDocument and pickles of each feature;
// stepDefinitions and the hook; testRunStarted; the run; the testCases with their
// cells; then, interleaved as cells run at the same time, testCaseStarted,
// testStepStarted, attachments, testStepFinished, testCaseFinished; and at the
// end testRunFinished. A log without testRunFinished is of a run that was killed,
// and is never read as passed.
package runlog

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	messages "github.com/cucumber/messages/go/v21"
)

// Sink sees every envelope in the order of the log, one at a time, after it was
// written. Observe must return quickly and must not call the Log.
type Sink interface {
	Observe(*messages.Envelope)
}

// ProgressSink is a Sink that also wants the progress of long steps.
type ProgressSink interface {
	Sink
	ObserveProgress(Progress)
}

// Log writes a run log. Its methods may be called from several goroutines at a
// time; steps of one cell may overlap. The first write error is returned by every
// call after it.
type Log struct {
	mu    sync.Mutex
	file  *os.File
	sinks []Sink
	err   error
	lines []byte // of the present call, not yet written
	begun bool
	ended bool
	// closed is whether the file is; bad counts the cells that the ledger does not excuse.
	closed bool
	bad    int
	cells  map[string]*cellState
	order  []*cellState
}

// Create makes the log file, which must not exist yet: a record of a run is
// never overwritten. The folder must exist.
func Create(path string, sinks ...Sink) (*Log, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o644)
	switch {
	case errors.Is(err, os.ErrExist):
		return nil, fmt.Errorf("run log %s: it exists already; give the run a folder of its own or remove the file", path)
	case err != nil:
		return nil, fmt.Errorf("run log: %w", err)
	}
	return &Log{file: file, sinks: sinks, cells: map[string]*cellState{}}, nil
}

// Path returns the path that the log was created with.
func (l *Log) Path() string { return l.file.Name() }

// ServantStarted records a process that was started to play roles.
func (l *Log) ServantStarted(s Servant, at time.Time) error {
	return l.locked(func() error {
		l.attach(mediaServant, servantData{s, at}, "", "")
		return nil
	})
}

// Progress shows how far a step has come to the sinks that want it. Nothing is
// written.
func (l *Log) Progress(p Progress) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, sink := range l.sinks {
		if s, ok := sink.(ProgressSink); ok {
			s.ObserveProgress(p)
		}
	}
}

// locked runs f in a log that has begun and not ended, and returns its error or
// the log's first write error.
func (l *Log) locked(f func() error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.ended:
		return fmt.Errorf("run log %s: the run has already ended", l.file.Name())
	case !l.begun:
		return fmt.Errorf("run log %s: the run has not begun", l.file.Name())
	}
	err := f()
	l.flush()
	if err != nil {
		return fmt.Errorf("run log %s: %w", l.file.Name(), err)
	}
	return l.err
}

// flush appends what one call wrote, in one write. l.mu is held.
func (l *Log) flush() {
	if l.err == nil {
		if _, err := l.file.Write(l.lines); err != nil {
			l.err = fmt.Errorf("write run log %s: %w", l.file.Name(), err)
		}
	}
	l.lines = l.lines[:0]
}

// write adds one envelope to the lines of the present call and shows it to the
// sinks, which see it also when the file cannot be written: the reports should
// still say what happened. l.mu is held.
func (l *Log) write(env *messages.Envelope) {
	line, err := json.Marshal(env)
	if err != nil && l.err == nil {
		l.err = fmt.Errorf("write run log %s: %w", l.file.Name(), err)
	}
	l.lines = append(append(l.lines, line...), '\n')
	for _, sink := range l.sinks {
		sink.Observe(env)
	}
}

// attach writes Parley's own data; startedID and stepID are empty for the run.
// l.mu is held.
func (l *Log) attach(mediaType string, data any, startedID, stepID string) {
	body, err := json.Marshal(data)
	if err != nil {
		if l.err == nil {
			l.err = fmt.Errorf("write run log %s: %s: %w", l.file.Name(), mediaType, err)
		}
		return
	}
	l.write(&messages.Envelope{Attachment: &messages.Attachment{
		Body: string(body), ContentEncoding: messages.AttachmentContentEncoding_IDENTITY,
		MediaType: mediaType, TestCaseStartedId: startedID, TestStepId: stepID,
	}})
}

func timestamp(at time.Time) *messages.Timestamp {
	if at.IsZero() {
		at = time.Now()
	}
	t := messages.GoTimeToTimestamp(at)
	return &t
}

func duration(d time.Duration) *messages.Duration {
	m := messages.GoDurationToDuration(max(d, 0))
	return &m
}
