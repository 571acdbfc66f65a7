package runlog_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/harness/runlog/runlogtest"
)

// shard runs those of the cells that pick chooses; the others are skipped, as in
// a shard that knows the whole plan.
func shard(t *testing.T, features []runlog.Feature, cells []runlog.Cell, at time.Time, verdict runlog.Verdict, pick func(i int) bool) string {
	t.Helper()
	plan := append([]runlog.Cell{}, cells...)
	for i := range plan {
		if !pick(i) {
			plan[i].Skip = "in another shard"
		}
	}
	log := begin(t, features, plan)
	for _, c := range plan {
		if c.Skip != "" {
			continue
		}
		must(t, log.CellStarted(c.ID, at))
		for _, s := range c.Steps {
			must(t, log.StepFinished(runlog.StepResult{Cell: c.ID, Step: s.ID, Part: runlog.Part{Verdict: verdict}}, at))
		}
		must(t, log.CellFinished(runlog.CellResult{Cell: c.ID, Verdict: verdict}, at))
	}
	kind := runlog.OutcomePassed
	if verdict.Bad() {
		kind = runlog.OutcomeFailed
	}
	must(t, log.End(runlog.Outcome{Kind: kind, At: at.Add(time.Second)}))
	return log.Path()
}

func even(i int) bool { return i%2 == 0 }
func odd(i int) bool  { return i%2 == 1 }

func TestMergeShards(t *testing.T) {
	features, cells := runlogtest.Large(t, 2, 3, "go_cpp", "cpp_go")
	at := runlogtest.Start()
	good := shard(t, features, cells, at, runlog.Passed, even)
	later := shard(t, features, cells, at.Add(time.Minute), runlog.Passed, odd)
	bad := shard(t, features, cells, at.Add(time.Minute), runlog.Failed, odd)
	cut := filepath.Join(t.TempDir(), "cut.ndjson")
	data, err := os.ReadFile(later)
	must(t, err)
	must(t, os.WriteFile(cut, data[:len(data)-200], 0o600))
	tests := []struct {
		name   string
		paths  []string
		passed bool
		counts [3]int
		kind   runlog.OutcomeKind
	}{
		{"both passed", []string{good, later}, true, [3]int{12, 0, 0}, runlog.OutcomePassed},
		{"one failed", []string{good, bad}, false, [3]int{6, 6, 0}, runlog.OutcomeFailed},
		{"one has no end", []string{cut, good}, false, [3]int{12, 0, 0}, runlog.OutcomeIncomplete},
		{"one alone", []string{later}, true, [3]int{6, 0, 6}, runlog.OutcomePassed},
	}
	schema := envelopeSchema(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var runs []*runlog.Run
			for _, path := range tt.paths {
				runs = append(runs, read(t, path))
			}
			merged, err := runlog.Merge(runs...)
			must(t, err)
			check := func(what string, run *runlog.Run) {
				t.Helper()
				n := run.Counts()
				if got := [3]int{n.Passed, n.Failed, n.Skipped}; got != tt.counts || run.Passed() != tt.passed || run.Outcome.Kind != tt.kind {
					t.Errorf("%s: counts %v, passed %v, outcome %+v", what, got, run.Passed(), run.Outcome)
				}
			}
			check("merged", merged)
			var stream bytes.Buffer
			must(t, runlog.WriteMessages(&stream, tt.paths...))
			for i, line := range bytes.Split(bytes.TrimSuffix(stream.Bytes(), []byte{'\n'}), []byte{'\n'}) {
				doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
				must(t, err)
				if err := schema.Validate(doc); err != nil {
					t.Errorf("line %d: %v", i+1, err)
				}
			}
			path := filepath.Join(t.TempDir(), "merged.ndjson")
			must(t, os.WriteFile(path, stream.Bytes(), 0o600))
			check("written and read again", read(t, path))
			for _, f := range features {
				if n := strings.Count(stream.String(), `{"source":{"uri":"`+f.URI+`"`); n != 1 {
					t.Errorf("source %s is there %d times", f.URI, n)
				}
			}
		})
	}
}

func TestMergeRefusesWhatIsNotOneRun(t *testing.T) {
	features, cells := runlogtest.Large(t, 1, 2, "go_cpp")
	at := runlogtest.Start()
	one := shard(t, features, cells, at, runlog.Passed, even)
	if _, err := runlog.Merge(read(t, one), read(t, one)); err == nil || !strings.Contains(err.Error(), "ran in two of them") {
		t.Errorf("error %v", err)
	}
	if _, err := runlog.Merge(); err == nil {
		t.Error("nothing was merged without an error")
	}
	features[0].Source = append(features[0].Source, "# changed\n"...)
	changed := shard(t, features, cells, at, runlog.Passed, odd)
	if err := runlog.WriteMessages(&bytes.Buffer{}, one, changed); err == nil || !strings.Contains(err.Error(), "is not the same in") {
		t.Errorf("error %v", err)
	}
}

func TestDurationOfALogWithoutAnEnd(t *testing.T) {
	features, cells := runlogtest.Large(t, 1, 1, "go_cpp")
	at := runlogtest.Start()
	log := begin(t, features, cells)
	must(t, log.CellStarted(cells[0].ID, at.Add(3*time.Second)))
	if d := read(t, log.Path()).Duration(at.Add(time.Hour)); d != 3*time.Second {
		t.Errorf("duration %s, want that to the last message", d)
	}
}

func TestMergeTakesAnUnknownOutcomeForTheWorst(t *testing.T) {
	features, cells := runlogtest.Large(t, 1, 2, "go_cpp")
	at := runlogtest.Start()
	one, other := shard(t, features, cells, at, runlog.Passed, even), shard(t, features, cells, at, runlog.Passed, odd)
	for _, paths := range [][2]string{{one, other}, {other, one}} {
		strange := read(t, paths[1])
		strange.Outcome.Kind = "fine"
		merged, err := runlog.Merge(read(t, paths[0]), strange)
		must(t, err)
		if merged.Passed() || merged.Outcome.Kind != "fine" {
			t.Errorf("passed %v, outcome %+v", merged.Passed(), merged.Outcome)
		}
	}
}

// A log that says it passed, but not how a cell ended, is not believed.
func TestALogWithoutTheEndOfACellHasNotPassed(t *testing.T) {
	features, cells := runlogtest.Large(t, 1, 2, "go_cpp")
	path := shard(t, features, cells, runlogtest.Start(), runlog.Passed, even)
	if !read(t, path).Passed() {
		t.Fatal("the whole log has not passed")
	}
	data, err := os.ReadFile(path)
	must(t, err)
	var kept []byte
	for line := range bytes.Lines(data) {
		if !bytes.HasPrefix(line, []byte(`{"testCaseFinished"`)) {
			kept = append(kept, line...)
		}
	}
	cut := filepath.Join(t.TempDir(), "cut.ndjson")
	must(t, os.WriteFile(cut, kept, 0o600))
	if run := read(t, cut); run.Passed() || run.Counts().Running == 0 {
		t.Errorf("passed %v, %+v", run.Passed(), run.Counts())
	}
}
