package junit

import (
	"bytes"
	"encoding/xml"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/harness/runlog/runlogtest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func read(t *testing.T, path string) *runlog.Run {
	t.Helper()
	run, err := runlog.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func TestReport(t *testing.T) {
	path := filepath.Join(t.TempDir(), "junit.xml")
	if err := WriteFile(path, read(t, runlogtest.Example(t))); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "example.golden.xml")
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("(-want +got; rewrite it with -update):\n%s", diff)
	}
	validate(t, got)
}

func TestRunsThatDidNotPassHaveAnErrorOrFailure(t *testing.T) {
	whole, err := os.ReadFile(runlogtest.Example(t))
	if err != nil {
		t.Fatal(err)
	}
	features, cells := runlogtest.Large(t, 1, 2, "go_cpp")
	ended := func(kind runlog.OutcomeKind, problems ...string) string {
		log, err := runlog.Create(filepath.Join(t.TempDir(), "run.ndjson"))
		if err != nil {
			t.Fatal(err)
		}
		if err := log.Begin(runlog.RunInfo{Started: runlogtest.Start()}, features, cells); err != nil {
			t.Fatal(err)
		}
		for _, c := range cells {
			for i, s := range c.Steps {
				if i == 0 {
					if err := log.CellStarted(c.ID, runlogtest.Start()); err != nil {
						t.Fatal(err)
					}
				}
				if err := log.StepFinished(runlog.StepResult{Cell: c.ID, Step: s.ID, Part: runlog.Part{Verdict: runlog.Passed}}, runlogtest.Start()); err != nil {
					t.Fatal(err)
				}
			}
			if err := log.CellFinished(runlog.CellResult{Cell: c.ID, Verdict: runlog.Passed}, runlogtest.Start()); err != nil {
				t.Fatal(err)
			}
		}
		if err := log.End(runlog.Outcome{Kind: kind, Problems: problems}); err != nil {
			t.Fatal(err)
		}
		return log.Path()
	}
	cut := func(n int) string {
		path := filepath.Join(t.TempDir(), "cut.ndjson")
		if err := os.WriteFile(path, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	passed := ended(runlog.OutcomePassed)
	complete, err := os.ReadFile(passed)
	if err != nil {
		t.Fatal(err)
	}
	lastLine := bytes.LastIndexByte(complete[:len(complete)-1], '\n')
	endless := filepath.Join(t.TempDir(), "endless.ndjson")
	if err := os.WriteFile(endless, complete[:lastLine+1], 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, path string
		bad        bool
	}{
		{"passed", passed, false},
		{"all cells passed, no end", endless, true},
		{"interrupted", ended(runlog.OutcomeInterrupted), true},
		{"aborted", ended(runlog.OutcomeAborted), true},
		{"failed by a problem", ended(runlog.OutcomeFailed, "an entry of the ledger matches nothing"), true},
		{"failed without a word", ended(runlog.OutcomeFailed), true},
		{"torn", cut(len(whole) * 2 / 3), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := Write(&b, read(t, tt.path)); err != nil {
				t.Fatal(err)
			}
			validate(t, b.Bytes())
			bad := strings.Contains(b.String(), "<error ") || strings.Contains(b.String(), "<failure ")
			if bad != tt.bad {
				t.Errorf("holds an error or failure: %v\n%s", bad, b.String())
			}
		})
	}
}

func TestTextIsFitForXML(t *testing.T) {
	for in, want := range map[string]string{
		"plain\ttext\n":    "plain\ttext\n",
		"\x00\x1b[31m\x07": `\x00\x1b[31m\x07`,
		"a\r\nb":           "a\nb",
		"bad \xff utf8":    "bad \uFFFD utf8",
		"\uFFFE":           `\xfffe`,
		"<&>\"']]>":        "<&>\"']]>",
	} {
		if got := text(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestWriteFileLeavesNothingWhenItFails(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "taken")
	if err := os.MkdirAll(filepath.Join(target, "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(target, read(t, runlogtest.Example(t))); err == nil || !strings.Contains(err.Error(), target) {
		t.Errorf("error %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "taken.*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// rules are what the schemas of Ant and of Jenkins both allow: the attributes and
// the children, in order, with ? for optional and * for many.
var rules = map[string]struct{ attrs, children []string }{
	"testsuites": {nil, []string{"testsuite*"}},
	"testsuite": {[]string{"name", "package", "id", "timestamp", "hostname", "tests", "failures", "errors", "skipped", "time"},
		[]string{"properties", "testcase*", "system-out", "system-err"}},
	"properties": {nil, []string{"property*"}},
	"property":   {[]string{"name", "value"}, nil},
	"testcase":   {[]string{"name", "classname", "time"}, []string{"skipped?", "error?", "failure?"}},
	"skipped":    {[]string{"message"}, nil},
	"error":      {[]string{"message", "type"}, nil},
	"failure":    {[]string{"message", "type"}, nil},
	"system-out": {nil, nil},
	"system-err": {nil, nil},
}

// forms are what both schemas allow as values.
var forms = map[string]*regexp.Regexp{
	"time":      regexp.MustCompile(`^\d+\.\d{3}$`),
	"timestamp": regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$`),
	"name":      regexp.MustCompile(`\S`),
	"hostname":  regexp.MustCompile(`\S`),
	"type":      regexp.MustCompile(`\S`),
}

type element struct {
	xml.StartElement
	children []*element
}

func (e *element) attr(name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// validate holds a report to the rules, and the counts of each suite to its cases.
func validate(t *testing.T, data []byte) {
	t.Helper()
	if !utf8.Valid(data) || !bytes.HasPrefix(data, []byte(`<?xml version="1.0" encoding="UTF-8"?>`)) {
		t.Error("not UTF-8 with a declaration")
	}
	root := parse(t, data)
	if root.Name.Local != "testsuites" {
		t.Fatalf("root element %s", root.Name.Local)
	}
	check(t, root)
	for i, s := range root.children {
		if s.attr("id") != strconv.Itoa(i) {
			t.Errorf("suite %d has id %s", i, s.attr("id"))
		}
		counts, names := map[string]int{}, map[string]bool{}
		for _, c := range s.children {
			if c.Name.Local != "testcase" {
				continue
			}
			counts["tests"]++
			if names[c.attr("name")] {
				t.Errorf("suite %s: two test cases %q", s.attr("name"), c.attr("name"))
			}
			names[c.attr("name")] = true
			if len(c.children) > 1 {
				t.Errorf("test case %q has %d results", c.attr("name"), len(c.children))
			}
			for _, r := range c.children {
				counts[map[string]string{"failure": "failures", "error": "errors", "skipped": "skipped"}[r.Name.Local]]++
			}
		}
		for _, name := range []string{"tests", "failures", "errors", "skipped"} {
			if s.attr(name) != strconv.Itoa(counts[name]) {
				t.Errorf("suite %s: %s=%s, but there are %d", s.attr("name"), name, s.attr(name), counts[name])
			}
		}
	}
}

func parse(t *testing.T, data []byte) *element {
	t.Helper()
	var stack []*element
	var root *element
	for d := xml.NewDecoder(bytes.NewReader(data)); ; {
		token, err := d.Token()
		if err == io.EOF {
			return root
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			e := &element{StartElement: token.Copy()}
			if len(stack) > 0 {
				parent := stack[len(stack)-1]
				parent.children = append(parent.children, e)
			} else {
				root = e
			}
			stack = append(stack, e)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		}
	}
}

func check(t *testing.T, e *element) {
	t.Helper()
	rule, known := rules[e.Name.Local]
	if !known {
		t.Errorf("element %s is not in both schemas", e.Name.Local)
		return
	}
	var attrs []string
	for _, a := range e.Attr {
		attrs = append(attrs, a.Name.Local)
	}
	slices.Sort(attrs)
	if want := slices.Sorted(slices.Values(rule.attrs)); !slices.Equal(attrs, want) {
		t.Errorf("%s has attributes %v, not %v", e.Name.Local, attrs, want)
	}
	for name, form := range forms {
		if value := e.attr(name); slices.Contains(rule.attrs, name) && !form.MatchString(value) {
			t.Errorf("%s has %s=%q, which is not of the form %s", e.Name.Local, name, value, form)
		}
	}
	rest := e.children
	for _, child := range rule.children {
		name := strings.TrimRight(child, "?*")
		n := 0
		for n < len(rest) && rest[n].Name.Local == name {
			n++
		}
		if n == 0 && name == child || n > 1 && !strings.HasSuffix(child, "*") {
			t.Errorf("%s has %d of %s", e.Name.Local, n, child)
		}
		rest = rest[n:]
	}
	if len(rest) > 0 {
		t.Errorf("%s: %s is out of place", e.Name.Local, rest[0].Name.Local)
	}
	for _, c := range e.children {
		check(t, c)
	}
}
