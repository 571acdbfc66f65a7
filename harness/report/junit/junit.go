// Package junit writes a run as JUnit XML, in the subset that both the schema of
// Ant's JUnit reports and that of Jenkins accept: one test suite per feature and
// cast, one test case per cell. Steps and logs are the suite's system-out, and the
// figures that steps measured its properties, because Ant knows neither in a test
// case.
//
// failed and leaked are failures; timeout, crashed, undefined, ambiguous, pending
// and a cell that never finished are errors. A failure that the ledger expects is
// skipped, with its reason. A run that did not pass although its cells do not say
// so (interrupted, aborted, without an end, with problems of its own) has a suite
// "run" with an error.
package junit

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley.dev/parley/harness/runlog"
)

type testsuites struct {
	XMLName xml.Name    `xml:"testsuites"`
	Suites  []testsuite `xml:"testsuite"`
}

type testsuite struct {
	Name       string     `xml:"name,attr"`
	Package    string     `xml:"package,attr"`
	ID         int        `xml:"id,attr"`
	Timestamp  string     `xml:"timestamp,attr"`
	Hostname   string     `xml:"hostname,attr"`
	Tests      int        `xml:"tests,attr"`
	Failures   int        `xml:"failures,attr"`
	Errors     int        `xml:"errors,attr"`
	Skipped    int        `xml:"skipped,attr"`
	Time       string     `xml:"time,attr"`
	Properties properties `xml:"properties"`
	Cases      []testcase `xml:"testcase"`
	Out        cdata      `xml:"system-out"`
	Err        cdata      `xml:"system-err"`

	total time.Duration
}

type properties struct {
	All []property `xml:"property"`
}

type property struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

// testcase has at most one of its three elements.
type testcase struct {
	Name      string   `xml:"name,attr"`
	Classname string   `xml:"classname,attr"`
	Time      string   `xml:"time,attr"`
	Skipped   *skipped `xml:"skipped"`
	Error     *problem `xml:"error"`
	Failure   *problem `xml:"failure"`
}

type skipped struct {
	Message string `xml:"message,attr"`
}

type problem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",cdata"`
}

// cdata keeps line ends as they are, so that people can read the file.
type cdata struct {
	Text string `xml:",cdata"`
}

// WriteFile writes the run to the file at path, which it replaces as a whole.
func WriteFile(path string, run *runlog.Run) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("junit report: %w", err)
	}
	defer func() {
		if err != nil {
			_ = file.Close()
			_ = os.Remove(file.Name())
			err = fmt.Errorf("junit report %s: %w", path, err)
		}
	}()
	if err := Write(file, run); err != nil {
		return err
	}
	if err := file.Chmod(0o644); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// Write writes the run to w.
func Write(w io.Writer, run *runlog.Run) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(report(run)); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func report(run *runlog.Run) testsuites {
	var all testsuites
	index := map[[2]string]int{}
	for _, c := range run.Cells {
		key := [2]string{c.URI, c.Cast}
		i, known := index[key]
		if !known {
			i = len(all.Suites)
			index[key] = i
			all.Suites = append(all.Suites, newSuite(run, i, strings.TrimSpace(c.Feature+" "+bracketed(c.Cast)), c.URI))
		}
		all.Suites[i].add(run, c)
	}
	if reason := outcomeReason(run); reason != "" {
		s := newSuite(run, len(all.Suites), "run", cmp.Or(run.Info.RunID, "run"))
		s.Tests, s.Errors = 1, 1
		s.Cases = []testcase{{Name: "outcome", Classname: "run", Time: decimal(0),
			Error: &problem{Message: firstLine(reason), Type: string(run.Outcome.Kind), Text: text(reason)}}}
		all.Suites = append(all.Suites, s)
	}
	for i := range all.Suites {
		all.Suites[i].Time = decimal(all.Suites[i].total)
	}
	return all
}

func bracketed(cast string) string {
	if cast == "" {
		return ""
	}
	return "[" + cast + "]"
}

func newSuite(run *runlog.Run, id int, name, pkg string) testsuite {
	s := testsuite{Name: text(name), Package: text(pkg), ID: id, Hostname: cmp.Or(text(run.Info.Machine.Host), "localhost"),
		Timestamp: run.Started.UTC().Format("2006-01-02T15:04:05"), Time: decimal(0)}
	add := func(name, value string) {
		if value != "" {
			s.Properties.All = append(s.Properties.All, property{text(name), text(value)})
		}
	}
	add("run", run.Info.RunID)
	add("parley", run.Info.Version)
	if run.Info.Seed != nil {
		add("seed", strconv.FormatUint(*run.Info.Seed, 10))
	}
	for _, name := range slices.Sorted(maps.Keys(run.Info.Platforms)) {
		add("platform."+name, run.Info.Platforms[name])
	}
	for _, name := range slices.Sorted(maps.Keys(run.Info.Parameters)) {
		add("parameter."+name, run.Info.Parameters[name])
	}
	if left := run.Info.LeftOut; left != nil {
		add("left-out", left.Note)
	}
	return s
}

func (s *testsuite) add(run *runlog.Run, c *runlog.CellRun) {
	base := strings.TrimSuffix(filepath.Base(c.URI), filepath.Ext(c.URI))
	t := testcase{Name: caseName(c), Classname: text(strings.TrimSuffix(base+"."+c.Cast, ".")), Time: decimal(0)}
	r := c.Result()
	if r != nil {
		t.Time = decimal(r.Duration)
		s.total += r.Duration
	}
	s.Tests++
	switch kind := kindOf(c); kind {
	case "skipped":
		s.Skipped++
		t.Skipped = &skipped{Message: text(skipMessage(c))}
	case "failure", "error":
		p := &problem{Message: firstLine(reasonOf(run, c)), Type: string(cmp.Or(c.Verdict(), "unfinished")), Text: text(details(run, c))}
		if kind == "failure" {
			s.Failures++
			t.Failure = p
		} else {
			s.Errors++
			t.Error = p
		}
	}
	s.Cases = append(s.Cases, t)
	for _, f := range c.Figures() {
		for _, one := range f.Figures {
			name := strings.TrimSpace(fmt.Sprintf("figure.%s.%s.%s.%s %s", cmp.Or(c.Number+c.Row, c.Title()), f.Role, f.Title, one.Name, one.Unit))
			s.Properties.All = append(s.Properties.All, property{text(name), strconv.FormatFloat(one.Value, 'g', -1, 64)})
		}
	}
	out, err := output(c)
	s.Out.Text += text(out)
	s.Err.Text += text(err)
}

func caseName(c *runlog.CellRun) string {
	name := strings.TrimSpace(c.Number + c.Row + " " + c.Title())
	if c.Number == "" {
		name = c.Title() + c.Row
	}
	if c.Repeat > 1 {
		name += fmt.Sprintf(" (repeat %d)", c.Repeat)
	}
	return text(name)
}

// kindOf is the element that the cell has; empty for one that passed.
func kindOf(c *runlog.CellRun) string {
	switch v := c.Verdict(); {
	case v == "":
		return "error"
	case v == runlog.Skipped, v.Bad() && !c.Bad():
		return "skipped"
	case !v.Bad():
		return ""
	case v == runlog.Failed, v == runlog.Leaked:
		return "failure"
	}
	return "error"
}

func skipMessage(c *runlog.CellRun) string {
	if r := c.Result(); r.Expected != "" {
		return fmt.Sprintf("%s as expected: %s", r.Verdict, r.Expected)
	}
	return cmp.Or(c.Reason(), "no reason was given")
}

// outcomeReason says why the run did not pass when its cells do not; empty when
// there is nothing to add to them.
func outcomeReason(run *runlog.Run) string {
	if run.Passed() || run.Outcome == nil {
		return ""
	}
	lines := slices.Clone(run.Outcome.Problems)
	own := run.Outcome.Kind != runlog.OutcomeFailed || run.Counts().Failed == 0
	if own || len(lines) > 0 {
		head := strings.TrimSuffix(fmt.Sprintf("the run ended as %s: %s", run.Outcome.Kind, run.Outcome.Message), ": ")
		return strings.Join(append([]string{head}, lines...), "\n")
	}
	return ""
}

// decimal is a number of seconds as both schemas accept it: Jenkins' allows three
// decimals at most.
func decimal(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }
