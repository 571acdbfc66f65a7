package stage

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"parley.dev/parley/servant/contract"
)

// part is what came between two marks, an excerpt for each source: a flood on
// one pushes nothing of another out.
type part struct {
	excerpts map[Source]*excerpt
}

func newPart() *part { return &part{excerpts: map[Source]*excerpt{}} }

func (p *part) empty() bool { return len(p.excerpts) == 0 }

// size is in bytes, as kept in memory.
func (p *part) size() int {
	size := 0
	for _, e := range p.excerpts {
		size += e.headSize + e.tailSize
	}
	return size
}

func (p *part) add(n uint64, l Line) {
	e := p.excerpts[l.Source]
	if e == nil {
		e = &excerpt{}
		p.excerpts[l.Source] = e
	}
	e.add(numbered{n, l})
}

// lines returns what is kept of all sources in the order it came.
func (p *part) lines() []Line {
	var all []numbered
	for _, source := range sources {
		if e := p.excerpts[source]; e != nil {
			all = append(all, e.all(source)...)
		}
	}
	slices.SortStableFunc(all, func(a, b numbered) int { return cmp.Compare(a.n, b.n) })
	lines := make([]Line, len(all))
	for i, l := range all {
		lines[i] = l.Line
	}
	return lines
}

// numbered is a line with its place among all of the program.
type numbered struct {
	n uint64
	Line
}

func (l numbered) size() int { return len(l.Text) + lineCost }

// excerpt keeps the first lines of one source and the last ones.
type excerpt struct {
	head, tail         []numbered
	headSize, tailSize int
	omitted            omission // between them
}

func (e *excerpt) add(l numbered) {
	if len(e.tail) == 0 && e.headSize+l.size() <= headBytes || len(e.head) == 0 {
		e.head = append(e.head, l)
		e.headSize += l.size()
		return
	}
	e.tail = append(e.tail, l)
	e.tailSize += l.size()
	for e.tailSize > tailBytes && len(e.tail) > 1 {
		gone := e.tail[0]
		e.tail[0] = numbered{}
		e.tail = e.tail[1:]
		e.tailSize -= gone.size()
		e.omitted.add(gone)
	}
}

func (e *excerpt) all(source Source) []numbered {
	all := slices.Clone(e.head)
	if e.omitted.lines > 0 {
		last := e.head[len(e.head)-1]
		all = append(all, numbered{last.n, e.omitted.line(last.Time, source)})
	}
	return append(all, e.tail...)
}

// omission counts lines that are not kept.
type omission struct{ lines, bytes int64 }

func (o *omission) add(l numbered) {
	o.lines++
	o.bytes += int64(len(l.Text))
}

func (o *omission) addAll(e *excerpt) {
	for _, l := range slices.Concat(e.head, e.tail) {
		o.add(l)
	}
	o.lines += e.omitted.lines
	o.bytes += e.omitted.bytes
}

// line stands for the lines that are not kept.
func (o omission) line(at time.Time, source Source) Line {
	return Line{Time: at, Source: source, Level: contract.LevelInformation, Omission: true,
		Text: fmt.Sprintf("… %d lines (%d bytes) of %s omitted …", o.lines, o.bytes, source)}
}
