package steps_test

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"parley.dev/parley/harness/packs"
	"parley.dev/parley/harness/runlog"
)

// checkFigures checks what a measuring step attached: figures that can be, and
// agree with each other.
func checkFigures(t *testing.T, step *runlog.StepRun) {
	t.Helper()
	attachments := step.Result.Attachments
	at := slices.IndexFunc(attachments, func(a runlog.Attachment) bool { return a.MediaType == packs.FiguresMediaType })
	if at < 0 {
		t.Errorf("%s: no figures among %d attachments", step.Text, len(attachments))
		return
	}
	var figures packs.Figures
	if err := json.Unmarshal(attachments[at].Body, &figures); err != nil || attachments[at].Name != packs.FiguresName || figures.Title == "" {
		t.Errorf("%s: %v, %s %s", step.Text, err, attachments[at].Name, attachments[at].Body)
		return
	}
	values := map[string]float64{}
	for _, f := range figures.Figures {
		if _, twice := values[f.Name]; twice || f.Name == "" || f.Value < 0 {
			t.Errorf("%s: %+v cannot be", step.Text, f)
		}
		values[f.Name] = f.Value
	}
	for words, check := range agreements {
		if strings.Contains(step.Text, words) && !check(values) {
			t.Errorf("%s: these do not agree: %v", step.Text, values)
		}
	}
}

// agreements are what figures of steps with certain words must fulfil, whatever
// was measured.
var agreements = map[string]func(map[string]float64) bool{
	"reports the rate": func(v map[string]float64) bool {
		_, processor := v["processor"]
		return processor && v["rate"] > 0 && v["throughput"] > 0
	},
	"against memcpy":               func(v map[string]float64) bool { return quotient(v, "of memcpy", "throughput", "memcpy") },
	"ratio of its last two rates":  func(v map[string]float64) bool { return quotient(v, "last of before", "last", "before") },
	"atomic additions":             func(v map[string]float64) bool { return quotient(v, "atomic of plain", "atomic", "plain") },
	"round trips":                  rising,
	"how long each was on its way": rising,
}

func quotient(v map[string]float64, name, of, by string) bool {
	return v[by] > 0 && math.Abs(v[name]-v[of]/v[by]) <= 1e-9*v[name]
}

func rising(v map[string]float64) bool {
	order := []float64{v["min"], v["p50"], v["p90"], v["p99"], v["p99.9"], v["max"]}
	return len(v) == 7 && slices.IsSorted(order) && v["min"] <= v["mean"] && v["mean"] <= v["max"]
}
