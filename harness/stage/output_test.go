package stage

import (
	"fmt"
	"strings"
	"testing"

	"parley.dev/parley/servant/contract"
)

func TestAFloodKeepsHeadAndTail(t *testing.T) {
	s := open(t)
	sv := acquire(t, s, self(t, "floods"))
	mark := sv.Output().Mark()
	r, _, err := sv.Execute(t.Context(), step("flood"), 0)
	if err != nil || r.Status != contract.StatusPassed {
		t.Fatalf("%+v %v", r, err)
	}
	lines := sv.Output().Since(mark)
	if lines[0].Text != "first line" || lines[len(lines)-1].Text != "last line" {
		t.Errorf("from %q to %q", lines[0].Text, lines[len(lines)-1].Text)
	}
	kept, omitted := 0, ""
	for _, l := range lines {
		if l.Omission {
			omitted = l.Text
		} else {
			kept += len(l.Text)
		}
	}
	if kept > headBytes+tailBytes {
		t.Errorf("%d bytes kept", kept)
	}
	var n, size int
	if _, err := fmt.Sscanf(omitted, "… %d lines (%d bytes) of stderr omitted …", &n, &size); err != nil || size != 99*n || n+len(lines)-1 != 1_000_002 {
		t.Errorf("%d lines and %q", len(lines), omitted)
	}
}

func TestALinePrintedBeforeTheAnswerIsThereWithIt(t *testing.T) {
	s := open(t)
	sv := acquire(t, s, self(t, "obeys"))
	for i := range 300 {
		mark := sv.Output().Mark()
		text := fmt.Sprintf("line %d", i)
		if _, _, err := sv.Execute(t.Context(), step("stderr "+text), 0); err != nil {
			t.Fatal(err)
		}
		if got := texts(sv.Output().Since(mark)); got != text {
			t.Fatalf("step %d printed %q", i, got)
		}
	}
}

func TestOutputByMarks(t *testing.T) {
	o := newOutput()
	o.write(Stderr, []byte("one\ntwo"))
	first := o.Mark()
	o.write(Stderr, []byte("three\nfo"))
	if got := texts(o.Since(first)); got != "three|fo" {
		t.Errorf("since the mark: %s", got)
	}
	o.write(Stderr, []byte("ur\r\n"))
	second := o.Mark()
	if got := texts(o.Since(0)); got != "one|two|three|four" {
		t.Errorf("all: %s", got)
	}
	if got := texts(o.Since(second)); got != "" {
		t.Errorf("since the last mark: %s", got)
	}
	o.write(Stderr, []byte(" \n\n"))
	if last, source := o.Last(); last != "four" || source != Stderr {
		t.Errorf("last: %q of %s", last, source)
	}
}

func TestOldOutputGoesFirst(t *testing.T) {
	o := newOutput()
	line := strings.Repeat("x", 1000) + "\n"
	for range 3000 {
		o.Mark()
		o.write(Stderr, []byte(line))
	}
	lines := o.Since(0)
	if !lines[0].Omission || len(lines) > 1+(olderBytes+headBytes)/1000 {
		t.Errorf("%d lines, first %+v", len(lines), lines[0])
	}
	var n, size int
	if _, err := fmt.Sscanf(lines[0].Text, "… %d lines (%d bytes) of stderr", &n, &size); err != nil || n != 3000-(len(lines)-1) || size != 1000*n {
		t.Errorf("%q with %d lines kept", lines[0].Text, len(lines)-1)
	}
}

// A flood of one source leaves the lines of the others where they came.
func TestAFloodPushesNothingOfAnotherSourceOut(t *testing.T) {
	flood := []byte(strings.Repeat(strings.Repeat("x", 999)+"\n", 1000))
	for _, tc := range []struct{ flood, quiet Source }{{Stderr, StrayStdout}, {StrayStdout, Stderr}} {
		o := newOutput()
		say := func(text string) {
			o.write(tc.quiet, []byte(text+"\n"))
			o.log(contract.LogEntry{Message: "logged " + text})
		}
		mark := o.Mark()
		say("before")
		o.write(tc.flood, flood)
		say("in between")
		o.write(tc.flood, flood)
		say("after")
		var quiet []string
		omissions := 0
		for _, l := range o.Since(mark) {
			switch {
			case l.Omission:
				omissions++
				if l.Source != tc.flood {
					t.Errorf("of %s was omitted: %s", l.Source, l.Text)
				}
			case l.Source != tc.flood:
				quiet = append(quiet, l.Text)
			}
		}
		if got := strings.Join(quiet, "; "); got != "before; logged before; in between; logged in between; after; logged after" || omissions != 1 {
			t.Errorf("a flood on %s leaves %q, %d omissions", tc.flood, got, omissions)
		}
	}
}

func TestLinesOfSeveralSourcesKeepTheirOrder(t *testing.T) {
	o := newOutput()
	for i := range 5 {
		o.write(Stderr, fmt.Appendf(nil, "a%d\n", i))
		o.log(contract.LogEntry{Message: fmt.Sprintf("b%d", i)})
		o.write(StrayStdout, fmt.Appendf(nil, "c%d\n", i))
	}
	if got := texts(o.Since(0)); got != "a0|b0|c0|a1|b1|c1|a2|b2|c2|a3|b3|c3|a4|b4|c4" {
		t.Error(got)
	}
}

func TestLongLinesAreCut(t *testing.T) {
	o := newOutput()
	o.write(Stderr, append([]byte(strings.Repeat("y", 3*maxLine)), "\nnext\n"...))
	lines := o.Since(0)
	if len(lines) != 2 || !strings.HasSuffix(lines[0].Text, fmt.Sprintf(" … (%d bytes more)", 2*maxLine)) || lines[1].Text != "next" {
		t.Errorf("%d lines, the first ends %q", len(lines), lines[0].Text[maxLine:])
	}
	o.write(Stderr, []byte{0xff, 'a', '\n'})
	if last, _ := o.Last(); last != "\uFFFDa" {
		t.Errorf("%q", last)
	}
}

func texts(lines []Line) string {
	var all []string
	for _, l := range lines {
		all = append(all, l.Text)
	}
	return strings.Join(all, "|")
}
