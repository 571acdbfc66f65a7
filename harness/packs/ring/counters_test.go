package ring

import (
	"testing"

	"parley.dev/parley/servant/ring"
)

const agree = "the counters of buffer 'b' agree with its frames"

func TestCountersAgree(t *testing.T) {
	c := newCell(t)
	c.check(t, agree, "look at buffer 'b'")
	r, w := c.create(t, "b", ring.Sizes{Metadata: 64, Payload: 1024})
	c.check(t, agree, "") // empty
	for _, step := range []func(){
		func() { write(t, w, 400, 300) },
		func() { read(t, r, 1) },
		func() { write(t, w, 200) }, // behind a wrap marker
		func() { read(t, r, 1) },
		func() { write(t, w, 300) },
		func() { read(t, r, 2) },
		func() { write(t, w, 1008) }, // fills the ring
		func() { read(t, r, 1) },
		func() { write(t, w, 484, 508) }, // two frames, an exact fit
	} {
		step()
		c.check(t, agree, "")
	}
}

func TestCountersThatDoNotAgree(t *testing.T) {
	for name, tc := range map[string]struct{ damage, says string }{
		"write position": {"field 'payload_write_pos' of buffer 'b' is set to '640'", "expected payload_write_pos 632, got payload_write_pos 640"},
		"free":           {"field 'payload_free_bytes' of buffer 'b' is set to '0'", "buffer 'b' with 2 frames and 0 wrap markers from 0 on: expected payload_free_bytes 392, got payload_free_bytes 0"},
		"one too few":    {"field 'payload_written_count' of buffer 'b' is set to '1'", "expected payload_write_pos 316, payload_free_bytes 708, frames waiting 1, got payload_write_pos 632, payload_free_bytes 392, frames waiting 2"},
		"one too many":   {"field 'payload_written_count' of buffer 'b' is set to '3'", "1 wrap markers"},
		"far too many":   {"field 'payload_written_count' of buffer 'b' is set to '18446744073709551615'", "the frame at 0 has sequence 1 after 2"},
		"read position":  {"field 'payload_read_pos' of buffer 'b' is set to '1025'", "payload_read_pos 1025 is behind the payload of 1024 bytes"},
		"size":           {"the frame at '316' of buffer 'b' is given the size '693' and the sequence '2'", "2 frames and markers are counted, but number 2 at 316 has size 693, sequence 2, with 708 bytes to the end of the payload"},
		"no size":        {"the frame at '316' of buffer 'b' is given the size '0' and the sequence '2'", "number 2 at 316 has size 0, sequence 2"},
		"sequence":       {"the frame at '316' of buffer 'b' is given the size '300' and the sequence '3'", "the frame at 316 has sequence 3 after 1"},
		"payload":        {"field 'payload_size' of buffer 'b' is set to '2048'", "no payload of 2048 bytes at 128 in its segment of 1152 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCell(t)
			_, w := c.create(t, "b", ring.Sizes{Payload: 1024})
			write(t, w, 300, 300)
			c.check(t, agree, "")
			c.check(t, tc.damage, "")
			c.check(t, agree, tc.says)
		})
	}
}

func TestATokenTooMany(t *testing.T) {
	c := newCell(t)
	_, w := c.create(t, "b", ring.Sizes{Payload: 1024})
	write(t, w, 300)
	_, semW, _, _ := ring.Objects(c.Resource("b"))
	poke(t, semW, 0, 2)
	c.check(t, agree, "expected frames waiting 1, got frames waiting 2")
}

// A peer may wrap without a marker where a header has no room.
func TestATailWithoutAMarker(t *testing.T) {
	payload := make([]byte, 128)
	put := func(at int, size, sequence byte) { payload[at], payload[at+8] = size, sequence }
	put(20, 84, 1) // ends at 120
	put(0, 4, 2)
	f, err := walk(payload, 20, 2)
	if err != nil || f != (found{frames: 2, end: 20, used: 128, sequence: 2}) {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestMoreThanARingCanHold(t *testing.T) {
	if _, err := walk(make([]byte, 128), 64, 3); err == nil || err.Error() != "3 frames and markers are counted, but number 2 ends behind the first" {
		t.Error(err)
	}
}
