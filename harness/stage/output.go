package stage

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"time"

	"parley.dev/parley/servant/contract"
)

// Source is where a line of output came from.
type Source string

// The sources.
const (
	Stderr      Source = "stderr"
	StrayStdout Source = "stdout" // outside of any frame
	Log         Source = "log"    // the log notification
)

var sources = [...]Source{Stderr, StrayStdout, Log}

// Line is one line of a program's output, without its line end.
type Line struct {
	Time   time.Time // when the coordinator received it
	Source Source
	Level  contract.Level // of Log lines
	StepID string         // of Log lines, as the servant gave it
	Text   string

	Omission bool // it stands for lines of its source that a flood pushed out; Text says how many
}

// Mark is a point in a program's output.
type Mark int

// Bounds of what is kept, in bytes. Between two marks the first and the last
// lines of each source stay; of older parts the oldest go first.
const (
	maxLine    = 16 << 10
	headBytes  = 128 << 10
	tailBytes  = 128 << 10
	olderBytes = 1 << 20
	lineCost   = 96 // a Line's own size
)

// Output keeps what a program prints, bounded in memory however much that is.
// It is safe for concurrent use.
type Output struct {
	mu      sync.Mutex
	parts   []*part // never empty; the last one grows
	first   Mark    // of parts[0]
	older   int     // bytes in all parts but the last
	count   uint64  // of lines so far
	dropped map[Source]*omission
	partial map[Source][]byte // a line that has not ended yet
	last    map[Source]string // the last line that is not blank

	pulls []func() // fetch what the pipes hold; set before the first use
}

func newOutput() *Output {
	return &Output{parts: []*part{newPart()}, dropped: map[Source]*omission{},
		partial: map[Source][]byte{}, last: map[Source]string{}}
}

// Mark returns the present end of the output, for Since. It ends a line that has
// no end yet.
func (o *Output) Mark() Mark {
	o.fetch()
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, source := range []Source{Stderr, StrayStdout} {
		if len(o.partial[source]) > 0 {
			o.endLine(time.Now(), source, nil)
		}
	}
	if p := o.parts[len(o.parts)-1]; !p.empty() {
		o.older += p.size()
		o.parts = append(o.parts, newPart())
		for o.older > olderBytes || len(o.parts) > 1024 {
			o.dropOldest()
		}
	}
	return o.first + Mark(len(o.parts)-1)
}

func (o *Output) dropOldest() {
	p := o.parts[0]
	o.older -= p.size()
	for source, e := range p.excerpts {
		if o.dropped[source] == nil {
			o.dropped[source] = &omission{}
		}
		o.dropped[source].addAll(e)
	}
	o.parts[0] = nil
	o.parts = o.parts[1:]
	o.first++
}

// Since returns the lines that came after m, in the order they came; m = 0
// means from the start. What standard error's pipe already holds is included.
func (o *Output) Since(m Mark) []Line {
	o.fetch()
	o.mu.Lock()
	defer o.mu.Unlock()
	var lines []Line
	if m < o.first {
		for _, source := range sources {
			if d := o.dropped[source]; d != nil {
				lines = append(lines, d.line(time.Time{}, source))
			}
		}
		m = o.first
	}
	for _, p := range o.parts[min(int(m-o.first), len(o.parts)):] {
		lines = append(lines, p.lines()...)
	}
	for _, source := range []Source{Stderr, StrayStdout} {
		if rest := o.partial[source]; len(rest) > 0 {
			lines = append(lines, Line{Time: time.Now(), Source: source, Text: clean(rest)})
		}
	}
	return lines
}

// Last returns the last line that is not blank on standard error, or, when
// there is none, the last stray one on standard output; with its source.
func (o *Output) Last() (string, Source) {
	o.fetch()
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, source := range []Source{Stderr, StrayStdout} {
		if rest := strings.TrimSpace(clean(o.partial[source])); rest != "" {
			return rest, source
		}
		if ended := o.last[source]; ended != "" {
			return ended, source
		}
	}
	return "", ""
}

func (o *Output) fetch() {
	for _, pull := range o.pulls {
		pull()
	}
}

// write takes bytes as they come and keeps them as lines.
func (o *Output) write(source Source, data []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	for len(data) > 0 {
		at := bytes.IndexByte(data, '\n')
		if at < 0 {
			o.partial[source] = append(o.partial[source], data...)
			if len(o.partial[source]) >= maxLine {
				o.endLine(now, source, nil)
			}
			return
		}
		o.endLine(now, source, data[:at])
		data = data[at+1:]
	}
}

// endLine adds the partial line and rest as one line, cut at maxLine.
func (o *Output) endLine(now time.Time, source Source, rest []byte) {
	line := rest
	if p := o.partial[source]; len(p) > 0 {
		line = append(p, rest...)
		o.partial[source] = p[:0]
	}
	cut := line
	if len(cut) > maxLine {
		cut = cut[:maxLine]
	}
	text := clean(cut)
	if lost := len(line) - len(cut); lost > 0 {
		text += fmt.Sprintf(" … (%d bytes more)", lost)
	}
	if strings.TrimSpace(text) != "" {
		o.last[source] = text
	}
	o.add(Line{Time: now, Source: source, Text: text})
}

// log adds a line of the log notification.
func (o *Output) log(e contract.LogEntry) {
	o.mu.Lock()
	defer o.mu.Unlock()
	text := e.Message
	if len(text) > maxLine {
		text = text[:maxLine]
	}
	o.add(Line{Time: time.Now(), Source: Log, Level: e.Level, StepID: e.StepID, Text: text})
}

func (o *Output) add(l Line) {
	o.count++
	o.parts[len(o.parts)-1].add(o.count, l)
}

func clean(raw []byte) string {
	return strings.ToValidUTF8(strings.TrimRight(string(raw), "\r\n"), "\uFFFD")
}

// shorten cuts s to at most limit bytes and says so.
func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + fmt.Sprintf("… (%d bytes more)", len(s)-limit)
}
