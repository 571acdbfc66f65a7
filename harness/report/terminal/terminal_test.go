package terminal

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/harness/runlog/runlogtest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; rewrite it with -update):\n%s", path, diff)
	}
}

func end(t *testing.T, features []runlog.Feature, cells []runlog.Cell, outcome runlog.OutcomeKind, passed int, sinks ...runlog.Sink) string {
	t.Helper()
	log, err := runlog.Create(filepath.Join(t.TempDir(), "run.ndjson"), sinks...)
	if err != nil {
		t.Fatal(err)
	}
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	at := runlogtest.Start()
	check(log.Begin(runlog.RunInfo{RunID: "r", Started: at}, features, cells))
	for _, c := range cells[:passed] {
		check(log.CellStarted(c.ID, at))
		for _, s := range c.Steps {
			check(log.StepFinished(runlog.StepResult{Cell: c.ID, Step: s.ID, Part: runlog.Part{Verdict: runlog.Passed}}, at))
		}
		check(log.CellFinished(runlog.CellResult{Cell: c.ID, Verdict: runlog.Passed}, at))
	}
	check(log.End(runlog.Outcome{Kind: outcome, At: at.Add(time.Second)}))
	return log.Path()
}

func printed(t *testing.T, path string, o Options) string {
	t.Helper()
	run, err := runlog.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := Print(&b, run, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestReporterWithoutTerminal(t *testing.T) {
	for _, tt := range []struct {
		name string
		o    Options
	}{
		{"plain", Options{}},
		{"ascii", Options{ASCII: true}},
		{"verbose", Options{Verbose: true}},
		{"color", Options{Color: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			r := New(&b, tt.o)
			runlogtest.Example(t, r)
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
			golden(t, tt.name, b.String())
			if tt.o.ASCII && strings.IndexFunc(b.String(), func(r rune) bool { return r > 126 }) >= 0 {
				t.Error("the ASCII output is not ASCII")
			}
			if !tt.o.Color && strings.Contains(b.String(), "\x1b") {
				t.Error("there are escape sequences without colour")
			}
		})
	}
}

func TestEndingOfEveryKindOfRun(t *testing.T) {
	sixteen := []string{}
	for _, a := range []string{"go", "csharp", "python", "cpp"} {
		for _, b := range []string{"go", "csharp", "python", "cpp"} {
			sixteen = append(sixteen, a+"_"+b)
		}
	}
	tests := []struct {
		name                string
		features, scenarios int
		casts               []string
		skip                string
		passed              int
		outcome             runlog.OutcomeKind
	}{
		{"empty", 0, 0, nil, "", 0, runlog.OutcomePassed},
		{"one-cell", 1, 1, []string{"go"}, "", 1, runlog.OutcomePassed},
		{"all-skipped", 1, 2, []string{"go_cpp"}, "platform 'cpp' is not available", 0, runlog.OutcomePassed},
		{"interrupted", 2, 2, []string{"go_cpp"}, "", 1, runlog.OutcomeInterrupted},
		{"sixteen-casts", 2, 3, sixteen, "", 96, runlog.OutcomePassed},
		{"512-cells", 8, 4, sixteen, "", 500, runlog.OutcomeFailed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			features, cells := runlogtest.Large(t, tt.features, tt.scenarios, tt.casts...)
			for i := range cells {
				cells[i].Skip = tt.skip
			}
			got := printed(t, end(t, features, cells, tt.outcome, tt.passed), Options{})
			golden(t, tt.name, got)
			for line := range strings.Lines(got) {
				if w := ansi.StringWidth(strings.TrimRight(line, "\n")); w > 80 {
					t.Errorf("%d columns: %s", w, line)
				}
			}
		})
	}
}

func TestTornLogIsShownAsIncomplete(t *testing.T) {
	data, err := os.ReadFile(runlogtest.Example(t))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "torn.ndjson")
	if err := os.WriteFile(path, data[:len(data)*2/3], 0o600); err != nil {
		t.Fatal(err)
	}
	got := printed(t, path, Options{Now: runlogtest.Start})
	for _, want := range []string{"incomplete: the log has no end", "is torn after", "never finished\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}
}

func TestLastLineIsForMachines(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(printed(t, runlogtest.Example(t), Options{}), "\n"), "\n")
	if last := lines[len(lines)-1]; !regexp.MustCompile(`^\d+ passed, \d+ failed, \d+ skipped$`).MatchString(last) {
		t.Errorf("last line %q", last)
	}
}

func TestMatrixFitsAnyWidth(t *testing.T) {
	run, err := runlog.Read(runlogtest.Example(t))
	if err != nil {
		t.Fatal(err)
	}
	for width := 20; width <= 120; width += 5 {
		var b bytes.Buffer
		newStyle(Options{}).matrix(&b, matrixRows(run), run.Casts(), width)
		for line := range strings.Lines(b.String()) {
			if w := ansi.StringWidth(strings.TrimRight(line, "\n")); w > width {
				t.Errorf("width %d: a line takes %d columns: %s", width, w, line)
			}
		}
		marks := strings.Count(b.String(), "✓") + strings.Count(b.String(), "✗")
		if marks != 16 {
			t.Errorf("width %d: %d marks of passed and failed, not 16:\n%s", width, marks, b.String())
		}
	}
}

func TestAbbreviationsAreUnique(t *testing.T) {
	got := abbreviations([]string{"go_cpp", "csharp_c", "cs_go"})
	want := map[string]string{"go": "go", "cpp": "cp", "csharp": "csh", "cs": "cs", "c": "c"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestCleanShowsControlCharacters(t *testing.T) {
	if got := clean("a\x1b[2Jb\r\n\tc\x07"); got != "a\\x1b[2Jb\n    c\\x07" {
		t.Errorf("%q", got)
	}
}

// lockedBuffer can be read while the reporter writes.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestLiveRegionIsTakenAwayAgain(t *testing.T) {
	for _, tt := range []struct {
		name string
		ends bool
	}{{"the run ends", true}, {"closed in the middle", false}} {
		t.Run(tt.name, func(t *testing.T) {
			var out lockedBuffer
			r := New(&out, Options{Live: true, Size: func() (int, int) { return 60, 20 }})
			features, cells := runlogtest.Large(t, 1, 2, "go_cpp")
			log, err := runlog.Create(filepath.Join(t.TempDir(), "run.ndjson"), r)
			if err != nil {
				t.Fatal(err)
			}
			must := func(err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
			}
			must(log.Begin(runlog.RunInfo{Started: time.Now()}, features, cells))
			must(log.CellStarted(cells[0].ID, time.Now()))
			must(log.StepStarted(cells[0].ID, cells[0].Steps[0].ID, time.Now()))
			log.Progress(runlog.Progress{Cell: cells[0].ID, Step: cells[0].Steps[0].ID, Done: 1, Total: 4, Unit: "frames"})
			deadline := time.After(30 * time.Second)
			for !strings.Contains(out.String(), "25% (1 of 4 frames)") {
				select {
				case <-deadline:
					t.Fatalf("the live region never showed the progress: %.2000q", out.String())
				case <-time.After(5 * time.Millisecond):
				}
			}
			if tt.ends {
				must(log.End(runlog.Outcome{Kind: runlog.OutcomeInterrupted}))
				must(r.Close())
			} else {
				must(r.Close())
				must(log.End(runlog.Outcome{Kind: runlog.OutcomeInterrupted}))
			}
			got := out.String()
			if strings.Count(got, hideCursor) != 1 || strings.Count(got, showCursor) != 1 || strings.Index(got, showCursor) < strings.Index(got, hideCursor) {
				t.Errorf("the cursor is not hidden and shown once: %q", got)
			}
			if strings.Contains(got, "0 passed, 0 failed, 2 skipped") != tt.ends {
				t.Errorf("ending: %q", got)
			}
		})
	}
}

func TestALiveRunOfOneCellSaysWhichOne(t *testing.T) {
	for scenarios, want := range map[int]int{1: 1, 2: 0} {
		var out lockedBuffer
		r := New(&out, Options{Live: true, Size: func() (int, int) { return 80, 20 }})
		features, cells := runlogtest.Large(t, 1, scenarios, "go_cpp")
		end(t, features, cells, runlog.OutcomePassed, scenarios, r)
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		lines := regexp.MustCompile(`✓ 1\.\d go_cpp  `).FindAllString(ansi.Strip(out.String()), -1)
		if len(lines) != want {
			t.Errorf("%d scenarios: lines %q in %q", scenarios, lines, out.String())
		}
	}
}

func TestRegionFitsTheTerminal(t *testing.T) {
	features, cells := runlogtest.Large(t, 6, 4, "go_csharp", "csharp_go", "go_go")
	model := &struct{ Reporter }{}
	model.style = newStyle(Options{})
	model.progress = map[progressKey]runlog.Progress{}
	model.wake = make(chan struct{}, 1)
	log, err := runlog.Create(filepath.Join(t.TempDir(), "run.ndjson"), &model.Reporter)
	if err != nil {
		t.Fatal(err)
	}
	at := runlogtest.Start()
	if err := log.Begin(runlog.RunInfo{Started: at}, features, cells); err != nil {
		t.Fatal(err)
	}
	for _, c := range cells[:30] {
		if err := errors.Join(log.CellStarted(c.ID, at), log.StepStarted(c.ID, c.Steps[0].ID, at)); err != nil {
			t.Fatal(err)
		}
	}
	for height := 1; height < 40; height++ {
		for width := 1; width < 120; width += 7 {
			lines := model.style.region(&model.run, model.progress, at, width, height)
			if len(lines) > max(height-1, 1) {
				t.Errorf("%d×%d: %d lines", width, height, len(lines))
			}
			for _, line := range lines {
				if w := ansi.StringWidth(line); height > 12 && width > 30 && w >= width {
					t.Errorf("%d×%d: %d columns: %s", width, height, w, line)
				}
			}
		}
	}
	if err := log.End(runlog.Outcome{Kind: runlog.OutcomeAborted}); err != nil {
		t.Fatal(err)
	}
}

// A region that the terminal has broken into more rows is left upwards by all of
// them.
func TestFrameCountsBrokenLines(t *testing.T) {
	var s screen
	s.frame("", []string{strings.Repeat("x", 70), "short"}, 80, 24)
	got := s.frame("", []string{"new"}, 40, 24)
	if want := ansi.CursorUp(3); !strings.Contains(got, want) {
		t.Errorf("%q lacks %q", got, want)
	}
	if got := s.frame("text", nil, 40, 24); !strings.Contains(got, ansi.CursorUp(1)) || !strings.Contains(got, clearBelow+"text\n") || !strings.Contains(got, showCursor) {
		t.Errorf("last frame %q", got)
	}
}

func TestWriteErrorIsReported(t *testing.T) {
	r := New(failing{}, Options{})
	runlogtest.Example(t, r)
	if err := r.Close(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("error %v", err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestDetect(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	env := func(pairs map[string]string) func(string) string { return func(k string) string { return pairs[k] } }
	for _, tt := range []struct {
		env   map[string]string
		ascii bool
	}{
		{map[string]string{"LANG": "de_DE.UTF-8"}, false},
		{map[string]string{"LANG": "C.utf8"}, false},
		{map[string]string{"LANG": "C.UTF-8", "LC_ALL": "C"}, true},
		{nil, true},
	} {
		o := Detect(file, env(tt.env))
		if o.ASCII != tt.ascii || o.Color || o.Live {
			t.Errorf("%v: %+v", tt.env, o)
		}
		if w, h := o.size(); w != 80 || h != 24 {
			t.Errorf("size of a file %d×%d", w, h)
		}
	}
}
