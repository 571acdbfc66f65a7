package servant

import (
	"bytes"
	"fmt"
	"slices"
	"sync"
	"time"

	"parley.dev/parley/servant/contract"
)

// MaxAttachments is the size of all attachments of one step, in bytes. It keeps
// a result, whose attachments travel as base64, below contract.MaxFrame.
const MaxAttachments = 32 << 20

// A result carries the last lines of a step's log; live notifications carry
// all of them.
const (
	maxLogLines = 10_000
	maxLogBytes = 4 << 20
)

// notifier sends a notification to the coordinator.
type notifier func(method string, params any)

// recorder collects what a step says about itself, and tells the coordinator at
// once.
type recorder struct {
	stepID string
	notify notifier // nil when the coordinator takes no notifications

	mu          sync.Mutex
	logs        []contract.LogEntry
	logBytes    int
	dropped     int
	attachments []contract.Attachment
	attached    int
}

func newRecorder(stepID string, notify notifier) *recorder {
	return &recorder{stepID: stepID, notify: notify}
}

func (r *recorder) log(level contract.Level, message string) {
	if len(message) > maxLogBytes {
		message = message[:maxLogBytes] + "… (cut)"
	}
	entry := contract.LogEntry{Timestamp: now(), Level: level, Message: message}
	r.mu.Lock()
	r.logs = append(r.logs, entry)
	r.logBytes += len(message)
	for len(r.logs) > 1 && (len(r.logs) > maxLogLines || r.logBytes > maxLogBytes) {
		r.logBytes -= len(r.logs[0].Message)
		r.logs = r.logs[1:]
		r.dropped++
	}
	r.mu.Unlock()
	if r.notify != nil {
		entry.StepID = r.stepID
		r.notify(contract.MethodLog, []contract.LogEntry{entry})
	}
}

func (r *recorder) progress(done, total float64, unit string) {
	if r.notify != nil {
		r.notify(contract.MethodProgress, []contract.Progress{{StepID: r.stepID, Done: done, Total: total, Unit: unit}})
	}
}

func (r *recorder) attach(a contract.Attachment) error {
	a.Body = bytes.Clone(a.Body)
	if a.Body == nil {
		a.Body = []byte{}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.attached+len(a.Body) > MaxAttachments {
		return fmt.Errorf("attach %q: %d bytes and %d attached before exceed the limit of %d bytes for one step",
			a.Name, len(a.Body), r.attached, MaxAttachments)
	}
	r.attached += len(a.Body)
	r.attachments = append(r.attachments, a)
	return nil
}

func (r *recorder) collected() ([]contract.LogEntry, []contract.Attachment) {
	r.mu.Lock()
	defer r.mu.Unlock()
	logs := slices.Clone(r.logs)
	if logs == nil {
		logs = []contract.LogEntry{}
	}
	if r.dropped > 0 {
		first := contract.LogEntry{Timestamp: logs[0].Timestamp, Level: contract.LevelWarning,
			Message: fmt.Sprintf("%s before this one left out", count(r.dropped, "line"))}
		logs = slices.Insert(logs, 0, first)
	}
	return logs, slices.Clone(r.attachments)
}

// now is the contract's time stamp: UTC, in microseconds.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
