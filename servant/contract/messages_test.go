package contract

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestHealth(t *testing.T) {
	tests := []struct {
		text string
		want Health
		err  string
	}{
		{`true`, Health{OK: true, Contract: "1.0"}, ""},
		{` false `, Health{Contract: "1.0"}, ""},
		{`{"ok":true,"contract":"1.1","pid":5,"capabilities":["reset"]}`, Health{OK: true, Contract: "1.1", PID: 5, Capabilities: []string{"reset"}}, ""},
		{`{"OK":true,"Contract":"1.1"}`, Health{OK: true, Contract: "1.1"}, ""},
		{`"yes"`, Health{}, "neither a boolean"},
		{`5`, Health{}, "neither a boolean"},
	}
	for _, test := range tests {
		var got Health
		err := json.Unmarshal([]byte(test.text), &got)
		if test.err != "" {
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%s: %v, want %q", test.text, err, test.err)
			}
			continue
		}
		if err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %+v, %v; want %+v", test.text, got, err, test.want)
		}
	}
}

func TestHealthVersions(t *testing.T) {
	for version, supported := range map[string]bool{"1.0": true, "1.1": true, "1.9": true, "1": true, "2.0": false, "0.9": false, "": false, "10.1": false} {
		err := Health{Contract: version}.Supported()
		if (err == nil) != supported {
			t.Errorf("%q: %v", version, err)
		}
		if err != nil && (!strings.Contains(err.Error(), `"`+version+`"`) || !strings.Contains(err.Error(), Version)) {
			t.Errorf("%q: %v does not name both versions", version, err)
		}
	}
}

func keys(t *testing.T, v any) []string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		t.Fatal(err)
	}
	names := make([]string, 0, len(object))
	for name := range object {
		names = append(names, name)
	}
	return names
}

func TestLegacyKeysAlone(t *testing.T) {
	id := 1
	initialize := Initialize{Role: "r", Platform: "p", Scenario: "s", HostPid: 1, FeatureId: 2, TestRunId: "t",
		ScenarioId: "i", ResourcePrefix: "x", StepTimeoutMs: 5, WorkDir: "/w", TraceParent: "00"}
	if got := keys(t, initialize.Legacy()); len(got) != 6 {
		t.Errorf("initialize of contract 1.0 has the keys %v", got)
	}
	step := ExecuteStep{Process: "r", StepType: "When", Step: "s", Context: map[string]string{"k": "v"}, IsBroadcast: true,
		Definition: &id, Arguments: []string{"a"}, Table: &Table{}, DocString: &DocString{}, TimeoutMs: 5, StepId: "i", TraceParent: "00"}
	legacy := step.Legacy()
	if got := keys(t, legacy); len(got) != 6 {
		t.Errorf("executeStep of contract 1.0 has the keys %v", got)
	}
	if legacy.Context["k"] != "v" || !legacy.IsBroadcast || legacy.Parameters == nil {
		t.Errorf("executeStep of contract 1.0: %+v", legacy)
	}
}

func TestLogEntryTolerance(t *testing.T) {
	at := time.Date(2026, 1, 31, 10, 0, 0, 123456000, time.UTC)
	tests := []struct {
		text  string
		level Level
		time  time.Time
	}{
		{`{"timestamp":"2026-01-31T10:00:00.123456Z","level":3,"message":"m"}`, LevelWarning, at},
		{`{"timestamp":"2026-01-31T11:00:00.123456+01:00","level":"Warning","message":"m"}`, LevelWarning, at},
		{`{"Timestamp":"2026-01-31T10:00:00.123456","Level":"ERROR","Message":"m"}`, LevelError, at},
		{`{"timestamp":"2026-01-31 10:00:00.123456","level":"Information","message":"m"}`, LevelInformation, at},
		{`{"timestamp":"yesterday","level":"odd","message":"m"}`, LevelInformation, time.Time{}},
		{`{"timestamp":null,"level":null,"message":"m"}`, LevelInformation, time.Time{}},
		{`{"message":"m"}`, LevelInformation, time.Time{}},
	}
	for _, test := range tests {
		var got LogEntry
		if err := json.Unmarshal([]byte(test.text), &got); err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		if got.Level != test.level || !got.Timestamp.Equal(test.time) || got.Message != "m" {
			t.Errorf("%s: %+v", test.text, got)
		}
	}
}

func TestLevelNames(t *testing.T) {
	for level, want := range map[Level]string{LevelTrace: "trace", LevelCritical: "critical", -1: "level -1", 6: "level 6"} {
		if got := level.String(); got != want {
			t.Errorf("%d: %q, want %q", int(level), got, want)
		}
	}
}
