package steps

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"parley.dev/parley/servant/ring"
)

func TestExpectError(t *testing.T) {
	full := &ring.Error{Kind: ring.System, Name: "b", Call: "fallocate", Err: fmt.Errorf("/dev/shm/b: %w", unix.ENOSPC)}
	strange := &ring.Error{Kind: ring.System, Name: "b", Call: "open", Err: unix.Errno(4000)}
	corrupt := &ring.Error{Kind: ring.Corrupt, Name: "b", Field: "frame_size", Value: 1<<64 - 1, Limit: 9208}
	gap := &ring.Error{Kind: ring.SequenceGap, Name: "b", Expected: 2, Actual: 7}
	late := &ring.Error{Kind: ring.BufferFull, Name: "b", Timeout: 50 * time.Millisecond}
	for _, test := range []struct {
		expected string
		err      error
		want     string // "" passes
	}{
		{"Corrupt", corrupt, ""},
		{"Corrupt field=frame_size value=18446744073709551615 limit=9208", corrupt, ""},
		{"Corrupt limit=9208", fmt.Errorf("wrapped: %w", corrupt), ""},
		{"Corrupt field=frame_size value=-1", corrupt, "expected Corrupt field=frame_size value=-1, got Corrupt field=frame_size value=18446744073709551615 limit=9208 (ring"},
		{"Corrupt field=payload_free_bytes", corrupt, "got Corrupt field=frame_size value="},
		{"SequenceGap expected=2 actual=7", gap, ""},
		{"SequenceGap expected=7 actual=2", gap, "got SequenceGap expected=2 actual=7"},
		{"BufferFull timeout=50", late, ""},
		{"BufferFull timeout=5", late, "got BufferFull timeout=50"},
		{"FrameTooLarge size=2 largest=1", &ring.Error{Kind: ring.FrameTooLarge, Value: 2, Limit: 1}, ""},
		{"System errno=ENOSPC call=fallocate", full, ""},
		{"System errno=ENOSPC naming /dev/shm/b", full, ""},
		{"System naming /dev/shm/b: no space", full, ""},
		{"System errno=28", full, "got System call=fallocate errno=ENOSPC"},
		{"System naming /dev/shm/c", full, "expected System naming /dev/shm/c, got System call=fallocate errno=ENOSPC (ring"},
		{"System errno=4000", strange, ""},
		{"WriterGone", gap, "expected WriterGone, got SequenceGap"},
		{"WriterGone", nil, "do it: error: expected WriterGone, got success"},
		{"WriterGone", errors.New("no ring error"), "expected WriterGone, got no ring error"},
		{"Writergone", nil, "no error named 'Writergone'"},
		{"", nil, "has no name"},
		{"Corrupt feld=x", corrupt, "carries no detail named 'feld'"},
		{"WriterGone field=x", nil, "WriterGone carries no detail named 'field'"},
		{"Corrupt field", corrupt, "'field' in the error 'Corrupt field' is no detail"},
		{"Corrupt field=a field=b", corrupt, "has the detail 'field' twice"},
		{"System naming ", full, "names nothing"},
	} {
		t.Run(test.expected, func(t *testing.T) {
			err := expectError("do it", test.expected, test.err)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
