package ring

import (
	"context"
	"fmt"

	"parley.dev/parley/harness/packs"
)

func counterSteps() []packs.Definition {
	return []packs.Definition{
		{Pattern: `the counters of ` + buffer + ` agree with its frames`, Summary: "in a ring at rest: counters, positions and data semaphore say what the frames and wrap markers between read and write position say", Run: countersAgree},
	}
}

// found is what lies in a ring between its read position and the end of what is
// counted.
type found struct {
	frames, markers uint64
	end             uint64 // position behind the last one, below P
	used            uint64 // bytes, with the tails that wraps waste
	sequence        uint64 // of the last frame
}

// countersAgree walks a ring at rest, in which nothing is held (ring protocol,
// Writing a frame, Reading a frame).
func countersAgree(_ context.Context, c packs.Call) error {
	state, err := inspect(c)
	if err != nil {
		return err
	}
	n, err := take(c)
	if err != nil {
		return err
	}
	if n.state.PayloadWrittenCount != state.PayloadWrittenCount || n.state.PayloadReadCount != state.PayloadReadCount {
		return fmt.Errorf("buffer '%s' is not at rest: its counters change", c.Args[0])
	}
	p := state.PayloadSize
	start := oiebSize + state.MetadataSize
	if size := uint64(len(n.segment)); p < headerSize || start > size || p > size-start {
		return fmt.Errorf("buffer '%s' has no payload of %d bytes at %d in its segment of %d bytes", c.Args[0], p, start, size)
	}
	counted := state.PayloadWrittenCount - state.PayloadReadCount
	f, err := walk(n.segment[start:start+p], state.PayloadReadPos, counted)
	if err != nil {
		return fmt.Errorf("buffer '%s': %w", c.Args[0], err)
	}
	var d differences
	d.compare("payload_write_pos", f.end, state.PayloadWritePos%p)
	d.compare("payload_free_bytes", p-f.used, state.PayloadFreeBytes)
	d.compare("frames waiting", f.frames, uint64(state.SemW.Value))
	return d.mismatch(fmt.Sprintf("buffer '%s' with %d frames and %d wrap markers from %d on", c.Args[0], f.frames, f.markers, state.PayloadReadPos))
}

// walk follows as many frames and markers as are counted. Its errors say what
// cannot be one.
func walk(payload []byte, from, counted uint64) (found, error) {
	size := uint64(len(payload))
	if from > size {
		return found{}, fmt.Errorf("payload_read_pos %d is behind the payload of %d bytes", from, size)
	}
	f := found{end: from % size}
	for f.frames+f.markers < counted {
		tail := size - f.end
		if tail < headerSize { // a peer's wrap without a marker
			f.used, f.end = f.used+tail, 0
			tail = size
		}
		h := parseHeader(payload[f.end:])
		t := headerSize + h.size
		switch {
		case h == (header{}):
			f.markers++
			t = tail
		case h.size == 0 || h.size > tail-headerSize:
			return f, fmt.Errorf("%d frames and markers are counted, but number %d at %d has %v, with %d bytes to the end of the payload", counted, f.frames+f.markers+1, f.end, h, tail)
		case f.frames > 0 && h.sequence != f.sequence+1:
			return f, fmt.Errorf("the frame at %d has sequence %d after %d", f.end, h.sequence, f.sequence)
		default:
			f.frames++
			f.sequence = h.sequence
		}
		f.used += t
		f.end = (f.end + t) % size
		if f.used > size {
			return f, fmt.Errorf("%d frames and markers are counted, but number %d ends behind the first", counted, f.frames+f.markers)
		}
	}
	return f, nil
}
