package ring

import (
	"bytes"
	"fmt"
	"strings"

	"parley.dev/parley/harness/packs"
)

// differences collects what is not as it should be, each with its name.
type differences struct{ expected, actual []string }

func (d *differences) add(what string, expected, actual any) {
	d.expected = append(d.expected, fmt.Sprintf("%s %v", what, expected))
	d.actual = append(d.actual, fmt.Sprintf("%s %v", what, actual))
}

// compare adds what unless both are equal.
func (d *differences) compare(what string, expected, actual uint64) {
	if expected != actual {
		d.add(what, expected, actual)
	}
}

// Of a block that differs in many places, the first ones tell enough.
const (
	shownRuns  = 4
	shownBytes = 8
)

// compareBytes adds the runs of bytes that differ in a block, by their offset in
// it.
func (d *differences) compareBytes(block string, expected, actual []byte) {
	if len(expected) != len(actual) {
		d.add(block, fmt.Sprintf("of %d bytes", len(expected)), fmt.Sprintf("of %d bytes", len(actual)))
		return
	}
	if bytes.Equal(expected, actual) {
		return
	}
	runs := 0
	for from := 0; from < len(expected); from++ {
		if expected[from] == actual[from] {
			continue
		}
		to := from + 1
		for to < len(expected) && expected[to] != actual[to] {
			to++
		}
		if runs++; runs <= shownRuns {
			what := fmt.Sprintf("%s byte %d", block, from)
			if to > from+1 {
				what = fmt.Sprintf("%s bytes %d to %d", block, from, to-1)
			}
			d.add(what, inHex(expected[from:to]), inHex(actual[from:to]))
		}
		from = to
	}
	if more := runs - shownRuns; more > 0 {
		d.add(block, fmt.Sprintf("equal in %d more places", more), "different")
	}
}

func inHex(b []byte) string {
	if len(b) > shownBytes {
		return fmt.Sprintf("% x …", b[:shownBytes])
	}
	return fmt.Sprintf("% x", b)
}

// mismatch is nil when nothing differs.
func (d *differences) mismatch(what string) error {
	if len(d.expected) == 0 {
		return nil
	}
	return &packs.Mismatch{What: what, Expected: strings.Join(d.expected, ", "), Actual: strings.Join(d.actual, ", ")}
}
