package stage

import (
	"encoding/json"
	"testing"

	"parley.dev/parley/servant/contract"
)

func TestEveryResultGetsAStatus(t *testing.T) {
	for _, c := range []struct {
		answer string
		status contract.Status
		reason string
	}{
		{`{"success":true}`, contract.StatusPassed, ""},
		{`{"success":true,"error":""}`, contract.StatusPassed, ""},
		{`{"success":true,"error":"but no"}`, contract.StatusFailed, "but no"},
		{`{"success":false,"error":"expected 5"}`, contract.StatusFailed, "expected 5"},
		{`{"success":false}`, contract.StatusFailed, ""},
		{`{"success":false,"error":"No matching step definition found for: x"}`, contract.StatusUndefined, "No matching step definition found for: x"},
		{`{"success":false,"error":"Step execution failed","logs":[{"level":4,"message":"Step not found: x"}]}`, contract.StatusUndefined, "Step execution failed"},
		{`{"success":false,"error":"Step execution failed","logs":[{"message":"Step execution failed: a"},{"message":"Step execution failed: b"},{"message":"bye"}]}`, contract.StatusFailed, "Step execution failed: b"},
		{`{"success":false,"error":"Step execution timeout after 5s"}`, contract.StatusTimeout, "Step execution timeout after 5s"},
		{`{"success":true,"status":"passed"}`, contract.StatusPassed, ""},
		{`{"success":false,"status":"passed"}`, contract.StatusFailed, `the answer contradicts itself: status "passed", success false`},
		{`{"success":true,"status":"failed"}`, contract.StatusFailed, ""},
		{`{"success":true,"status":"skipped"}`, contract.StatusSkipped, ""},
		{`{"success":false,"status":"pending","failure":{"type":"x","message":"later"}}`, contract.StatusPending, "later"},
	} {
		var r contract.StepResult
		if err := json.Unmarshal([]byte(c.answer), &r); err != nil {
			t.Fatal(err)
		}
		if err := normalise(&r); err != nil {
			t.Errorf("%s: %v", c.answer, err)
			continue
		}
		reason := ""
		if r.Error != nil {
			reason = *r.Error
		}
		if r.Status != c.status || reason != c.reason || r.Success != (c.status == contract.StatusPassed) {
			t.Errorf("%s: %s %v %q", c.answer, r.Status, r.Success, reason)
		}
	}
}
