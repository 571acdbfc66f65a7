package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Health is the answer to health. A contract 1.0 servant answers `true`, which
// decodes to Health{OK: true, Contract: "1.0"}.
type Health struct {
	OK           bool     `json:"ok"`
	Contract     string   `json:"contract"`
	Platform     string   `json:"platform,omitempty"`
	SDK          string   `json:"sdk,omitempty"`
	PID          int      `json:"pid,omitempty"`
	Capabilities []string `json:"capabilities,omitempty"`
}

// UnmarshalJSON accepts both forms: the boolean of contract 1.0 and the object
// of 1.1.
func (h *Health) UnmarshalJSON(data []byte) error {
	switch trimmed := bytes.TrimSpace(data); {
	case bytes.Equal(trimmed, []byte("true")), bytes.Equal(trimmed, []byte("false")):
		*h = Health{OK: trimmed[0] == 't', Contract: LegacyVersion}
		return nil
	case len(trimmed) == 0 || trimmed[0] != '{':
		return fmt.Errorf("health answer is neither a boolean (contract 1.0) nor an object (1.1): %.80s", trimmed)
	}
	type object Health
	return json.Unmarshal(data, (*object)(h))
}

// Legacy reports whether the servant speaks contract 1.0.
func (h Health) Legacy() bool { return h.Contract == LegacyVersion }

// Can reports whether the servant has the capability.
func (h Health) Can(capability string) bool { return slices.Contains(h.Capabilities, capability) }

// Supported returns an error that names both versions when the servant's
// contract has another major version than ours.
func (h Health) Supported() error {
	if major, _, _ := strings.Cut(h.Contract, "."); major != "1" {
		return fmt.Errorf("it speaks servant contract %q; this coordinator speaks %s (and %s)", h.Contract, Version, LegacyVersion)
	}
	return nil
}

// Initialize prepares a servant for one scenario.
type Initialize struct {
	Role      string `json:"Role"`
	Platform  string `json:"Platform"`
	Scenario  string `json:"Scenario"`
	HostPid   int    `json:"HostPid"`
	FeatureId int    `json:"FeatureId"` //nolint:revive // the wire's spelling
	TestRunId string `json:"TestRunId"` //nolint:revive // the wire's spelling

	ScenarioId     string `json:"ScenarioId,omitempty"` //nolint:revive // the wire's spelling
	ResourcePrefix string `json:"ResourcePrefix,omitempty"`
	StepTimeoutMs  int64  `json:"StepTimeoutMs,omitempty"`
	WorkDir        string `json:"WorkDir,omitempty"`
	TraceParent    string `json:"TraceParent,omitempty"`
}

// Legacy returns the keys of contract 1.0 alone.
func (p Initialize) Legacy() Initialize {
	return Initialize{Role: p.Role, Platform: p.Platform, Scenario: p.Scenario,
		HostPid: p.HostPid, FeatureId: p.FeatureId, TestRunId: p.TestRunId}
}

// Types of a step definition. Unknown and Step match a step of any type.
const (
	Given   = "Given"
	When    = "When"
	Then    = "Then"
	Unknown = "unknown"
	Step    = "step"
)

// Definition is one step definition as a servant reports it. Pattern is a
// regular expression in the RE2 subset, anchored on both sides by the matcher.
type Definition struct {
	Type    string `json:"type"`
	Pattern string `json:"pattern"`
	ID      int    `json:"id,omitempty"`
	Source  string `json:"source,omitempty"`
	Summary string `json:"summary,omitempty"`
}

// Discovery is the answer to discover.
type Discovery struct {
	Steps []Definition `json:"steps"`
}

// Table is a step's data table; the first row of the feature file is Headers.
type Table struct {
	Headers []string            `json:"headers"`
	Rows    []map[string]string `json:"rows"`
}

// DocString is a step's doc string.
type DocString struct {
	Content   string `json:"content"`
	MediaType string `json:"mediaType,omitempty"`
}

// ExecuteStep asks a servant to perform one step. The keys from Definition on
// are contract 1.1. Definition is the id from discover; without it the servant
// matches Step by itself.
type ExecuteStep struct {
	Process     string            `json:"Process"`
	StepType    string            `json:"StepType"`
	Step        string            `json:"Step"`
	Parameters  map[string]any    `json:"Parameters"`
	Context     map[string]string `json:"Context"`
	IsBroadcast bool              `json:"IsBroadcast"`

	Definition  *int       `json:"Definition,omitempty"`
	Arguments   []string   `json:"Arguments,omitempty"`
	Table       *Table     `json:"Table,omitempty"`
	DocString   *DocString `json:"DocString,omitempty"`
	TimeoutMs   int64      `json:"TimeoutMs,omitempty"`
	StepId      string     `json:"StepId,omitempty"` //nolint:revive // the wire's spelling
	TraceParent string     `json:"TraceParent,omitempty"`
}

// Legacy returns the keys of contract 1.0 alone.
func (p ExecuteStep) Legacy() ExecuteStep {
	return ExecuteStep{Process: p.Process, StepType: p.StepType, Step: p.Step,
		Parameters: map[string]any{}, Context: p.Context, IsBroadcast: p.IsBroadcast}
}

// Status is how a step ended (contract 1.1).
type Status string

// The statuses of contract 1.1.
const (
	StatusPassed    Status = "passed"
	StatusFailed    Status = "failed"
	StatusUndefined Status = "undefined"
	StatusAmbiguous Status = "ambiguous"
	StatusPending   Status = "pending"
	StatusSkipped   Status = "skipped"
	StatusTimeout   Status = "timeout"
	StatusCancelled Status = "cancelled"
)

// FailureTimeout is Failure.Type of a step that the servant itself stopped.
const FailureTimeout = "STEP_EXECUTION_TIMEOUT"

// StepResult is the answer to executeStep. Success, Error, Context and Logs are
// contract 1.0, the rest is 1.1. ElapsedNs is the servant's own clock, in
// nanoseconds.
type StepResult struct {
	Success bool              `json:"success"`
	Error   *string           `json:"error"`
	Context map[string]string `json:"context"`
	Logs    []LogEntry        `json:"logs"`

	Status      Status       `json:"status,omitempty"`
	ElapsedNs   int64        `json:"elapsedNs,omitempty"`
	Attachments []Attachment `json:"attachments,omitempty"`
	Failure     *Failure     `json:"failure,omitempty"`
}

// Failure says why a step failed.
type Failure struct {
	Type     string `json:"type"`
	Message  string `json:"message"`
	Stack    string `json:"stack,omitempty"`
	Expected string `json:"expected,omitempty"`
	Actual   string `json:"actual,omitempty"`
}

// Attachment is data that a step hands to the reports. Body is base64 on the wire.
type Attachment struct {
	Name      string `json:"name"`
	MediaType string `json:"mediaType"`
	Body      []byte `json:"body"`
}

// Level is the severity of a log entry.
type Level int

// The levels of the contract.
const (
	LevelTrace Level = iota
	LevelDebug
	LevelInformation
	LevelWarning
	LevelError
	LevelCritical
)

var levelNames = [...]string{"trace", "debug", "info", "warn", "error", "critical"}

func (l Level) String() string {
	if l < 0 || int(l) >= len(levelNames) {
		return fmt.Sprintf("level %d", int(l))
	}
	return levelNames[l]
}

// LogEntry is one log line of a servant, inside a step's result or live as the
// log notification (then with StepID).
type LogEntry struct {
	Timestamp time.Time `json:"timestamp"`
	Level     Level     `json:"level"`
	Message   string    `json:"message"`
	StepID    string    `json:"stepId,omitempty"`
}

// UnmarshalJSON tolerates what contract 1.0 peers send: a level by name, a
// timestamp without a zone (taken as UTC) or none at all.
func (e *LogEntry) UnmarshalJSON(data []byte) error {
	var raw struct {
		Timestamp any    `json:"timestamp"`
		Level     any    `json:"level"`
		Message   string `json:"message"`
		StepID    string `json:"stepId"`
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return fmt.Errorf("log entry: %w", err)
	}
	*e = LogEntry{Message: raw.Message, StepID: raw.StepID, Level: levelOf(raw.Level)}
	if s, ok := raw.Timestamp.(string); ok {
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999"} {
			if t, err := time.Parse(layout, s); err == nil {
				e.Timestamp = t
				break
			}
		}
	}
	return nil
}

func levelOf(v any) Level {
	switch v := v.(type) {
	case float64:
		return Level(v)
	case string:
		name := strings.ToLower(v)
		for i, n := range levelNames {
			if strings.HasPrefix(name, n) {
				return Level(i)
			}
		}
	}
	return LevelInformation
}

// Progress is the progress notification of a long step.
type Progress struct {
	StepID string  `json:"stepId"`
	Done   float64 `json:"done"`
	Total  float64 `json:"total"`
	Unit   string  `json:"unit"`
}

// Cancel is the parameter of $/cancelRequest.
type Cancel struct {
	ID json.RawMessage `json:"id"`
}
