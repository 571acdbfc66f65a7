package stage

import (
	"fmt"
	"strings"

	"parley.dev/parley/servant/contract"
)

// What contract 1.0 servants say instead of a status (contract, "Result of
// executeStep").
const (
	saysUndefined   = "No matching step definition"
	logsUndefined   = "Step not found:"
	saysTimeout     = "Step execution timeout"
	saysOnlyFailure = "Step execution failed"
)

// normalise gives r a status if it has none, and refuses one that the contract
// does not know. A step passes only if success and status both say so.
func normalise(r *contract.StepResult) error {
	said := ""
	if r.Error != nil {
		said = *r.Error
	}
	switch r.Status {
	case "":
		r.Status = statusOf(r, said)
	case contract.StatusPassed:
		if !r.Success || said != "" {
			r.Status = contract.StatusFailed
			if said == "" {
				said = `the answer contradicts itself: status "passed", success false`
			}
		}
	case contract.StatusFailed, contract.StatusUndefined, contract.StatusAmbiguous, contract.StatusPending,
		contract.StatusSkipped, contract.StatusTimeout, contract.StatusCancelled:
	default:
		return fmt.Errorf("the status %q, which the contract does not know", r.Status)
	}
	r.Success = r.Status == contract.StatusPassed
	if r.Status == contract.StatusPassed {
		return nil
	}
	if strings.TrimSpace(said) == saysOnlyFailure {
		if reason := lastLog(r.Logs, saysOnlyFailure); reason != "" {
			said = reason
		}
	}
	if said == "" && r.Failure != nil {
		said = r.Failure.Message
	}
	if said != "" {
		r.Error = &said
	}
	return nil
}

func statusOf(r *contract.StepResult, said string) contract.Status {
	switch {
	case r.Success && said == "":
		return contract.StatusPassed
	case strings.HasPrefix(said, saysUndefined), lastLog(r.Logs, logsUndefined) != "":
		return contract.StatusUndefined
	case strings.HasPrefix(said, saysTimeout):
		return contract.StatusTimeout
	}
	return contract.StatusFailed
}

func lastLog(logs []contract.LogEntry, part string) string {
	for i := len(logs) - 1; i >= 0; i-- {
		if strings.Contains(logs[i].Message, part) {
			return logs[i].Message
		}
	}
	return ""
}
