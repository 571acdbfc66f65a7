package ring

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"parley.dev/parley/servant/pattern"
	"parley.dev/parley/servant/ring"
)

// operation is what a step of a vector does; the pack needs its result alone.
type operation struct {
	Op           string
	Arg          int
	MetadataSize int `json:"metadata_size"`
	PayloadSize  int `json:"payload_size"`
}

func vectors(t *testing.T) map[string][]operation {
	t.Helper()
	data, err := os.ReadFile("../../../servant/golden/ring-vectors.json")
	must(t, err)
	var list []struct {
		Name  string
		Steps []operation
	}
	must(t, json.Unmarshal(data, &list))
	if len(list) == 0 {
		t.Fatal("there are no vectors")
	}
	out := map[string][]operation{}
	for _, v := range list {
		out[v.Name] = v.Steps
	}
	return out
}

// replay performs a vector's operations on buffer 'b' and calls each after every
// one, with its number.
func replay(t *testing.T, c *cell, steps []operation, each func(int)) {
	t.Helper()
	var (
		r    *ring.Reader
		w    *ring.Writer
		held []*ring.Frame
		err  error
	)
	written := uint64(0)
	for i, s := range steps {
		switch s.Op {
		case "create":
			r, err = ring.Create(c.Resource("b"), ring.Sizes{Metadata: s.MetadataSize, Payload: s.PayloadSize})
			must(t, err)
			defer r.Close()
		case "connect":
			w, err = ring.Connect(c.Resource("b"))
			must(t, err)
			defer w.Close()
		case "meta":
			m := make([]byte, s.Arg)
			pattern.Metadata(m)
			must(t, w.WriteMetadata(m))
		case "write", "wbuf":
			written++
			slot, err := w.Acquire(t.Context(), s.Arg)
			must(t, err)
			pattern.Frame(slot.Data(), written)
			must(t, slot.Commit())
		case "read":
			f, err := r.Read(t.Context())
			must(t, err)
			held = append(held, f)
		case "release":
			must(t, held[0].Release())
			held = held[1:]
		default:
			t.Fatalf("unknown operation %q", s.Op)
		}
		each(i + 1)
	}
}

func TestEveryVector(t *testing.T) {
	for name, steps := range vectors(t) {
		t.Run(name, func(t *testing.T) {
			c := newCell(t)
			replay(t, c, steps, func(k int) {
				c.check(t, fmt.Sprintf("buffer 'b' is as vector '%s' after step '%d'", name, k), "")
				if k > 1 { // each step changes something
					c.check(t, fmt.Sprintf("buffer 'b' is as vector '%s' after step '%d'", name, k-1), "expected ")
				}
			})
		})
	}
}

func TestWhatDiffersFromAVector(t *testing.T) {
	c := newCell(t)
	const text = "buffer 'b' is as vector 'basic' after step '5'"
	c.check(t, text, "open the segment of buffer 'b'")
	segment, semW, semR, _ := ring.Objects(c.Resource("b"))
	replay(t, c, vectors(t)["basic"][:5], func(k int) {
		if k < 5 {
			return
		}
		c.check(t, text, "")
		for _, tc := range []struct {
			path  string
			at    int64
			value byte
			says  string
		}{
			{segment, 0x31, 0, "expected payload_write_pos 332, got payload_write_pos 76"},
			{segment, 0x05, 1, "expected OIEB byte 5 00, got OIEB byte 5 01"},
			{segment, 0x60, 7, "expected OIEB byte 96 00, got OIEB byte 96 07"},
			{segment, 128 + 20, 7, "expected metadata byte 20 00, got metadata byte 20 07"},
			{segment, 256 + 20, 0xee, "expected payload byte 20 05, got payload byte 20 ee"},
			{segment, 256 + 1023, 1, "expected payload byte 1023 00, got payload byte 1023 01"},
			{semW, 0, 3, "expected data semaphore with value 2, got data semaphore with value 3"},
			{semR, 0, 1, "expected space semaphore with value 0 to 0, got space semaphore with value 1"},
		} {
			was := peek(t, tc.path, tc.at)
			poke(t, tc.path, tc.at, tc.value)
			c.check(t, text, "buffer 'b' after step 5 (write) of vector 'basic': "+tc.says)
			poke(t, tc.path, tc.at, was)
		}
		c.check(t, "field 'writer_pid' of buffer 'b' is set to '0'", "")
		c.check(t, text, "expected writer_pid set, got writer_pid 0")
		c.check(t, "field 'writer_pid' of buffer 'b' is set to '"+fmt.Sprint(os.Getpid())+"'", "")
		must(t, os.Truncate(segment, 1281))
		c.check(t, text, "expected segment of bytes 1280, got segment of bytes 1281")
		must(t, os.Truncate(segment, 1280))
		c.check(t, text, "")
	})
}

func peek(t *testing.T, path string, at int64) byte {
	t.Helper()
	data, err := os.ReadFile(path)
	must(t, err)
	return data[at]
}

func TestVectorsThatAreNone(t *testing.T) {
	c := newCell(t)
	c.check(t, "buffer 'b' is as vector 'best' after step '1'", "there is no vector 'best'; there are basic, zero-metadata, ")
	c.check(t, "buffer 'b' is as vector 'basic' after step '0'", "vector 'basic' has steps 1 to 9, and no step 0")
	c.check(t, "buffer 'b' is as vector 'basic' after step '10'", "and no step 10")
}

// Both freedoms of an implementation.
func TestWhatAVectorLeavesOpen(t *testing.T) {
	c := newCell(t)
	steps := vectors(t)["exact-fit"]
	_, _, semR, _ := ring.Objects(c.Resource("b"))
	replay(t, c, steps[:8], func(k int) {
		text := fmt.Sprintf("buffer 'b' is as vector 'exact-fit' after step '%d'", k)
		switch k {
		case 3:
			c.check(t, "field 'payload_write_pos' of buffer 'b' is set to '0'", "")
			c.check(t, text, "")
			c.check(t, "field 'payload_write_pos' of buffer 'b' is set to '1024'", "")
			c.check(t, text, "")
			c.check(t, "field 'payload_write_pos' of buffer 'b' is set to '960'", "")
			c.check(t, text, "expected payload_write_pos 0, got payload_write_pos 960")
			c.check(t, "field 'payload_write_pos' of buffer 'b' is set to '1024'", "")
		case 8:
			for value, says := range map[byte]string{0: "expected space semaphore with value 1 to 2, got space semaphore with value 0", 1: "", 2: "", 3: "got space semaphore with value 3"} {
				poke(t, semR, 0, value)
				c.check(t, text, says)
			}
		}
	})
}

func TestEqualBuffers(t *testing.T) {
	c := newCell(t)
	const text = "buffers 'b' and 'other' are equal but for their processes"
	c.check(t, text, "look at buffer 'b'")
	_, w := c.create(t, "b", ring.Sizes{Metadata: 64, Payload: 1024})
	c.check(t, text, "look at buffer 'other'")
	_, other := c.create(t, "other", ring.Sizes{Metadata: 64, Payload: 1024})
	c.check(t, text, "")
	c.check(t, "field 'reader_pid' of buffer 'b' is set to '77'", "")
	c.check(t, "field 'writer_pid' of buffer 'b' is set to '78'", "")
	c.check(t, text, "")
	c.check(t, "field 'reader_pid' of buffer 'b' is set to '"+fmt.Sprint(os.Getpid())+"'", "")
	c.check(t, "field 'writer_pid' of buffer 'b' is set to '"+fmt.Sprint(os.Getpid())+"'", "")

	write(t, w, 100)
	c.check(t, text, "buffer 'other' against buffer 'b': expected payload_free_bytes 908, payload_write_pos 116, payload_written_count 1, "+
		"segment from byte 128 on: byte 64 64, segment from byte 128 on: byte 72 01, data semaphore with value 1, got payload_free_bytes 1024")
	write(t, other, 100)
	c.check(t, text, "")
	_, semW, semR, _ := ring.Objects(c.Resource("other"))
	segment, _, _, _ := ring.Objects(c.Resource("other"))
	for _, tc := range []struct {
		path       string
		at         int64
		value, was byte
		says       string
	}{
		{semR, 0, 1, 0, "expected space semaphore with value 0, got space semaphore with value 1"},
		{semW, 8, 0, 128, "expected data semaphore with private 128, got data semaphore with private 0"},
		{segment, 0x60, 1, 0, "expected OIEB byte 96 00, got OIEB byte 96 01"},
		{segment, 1100, 1, 0, "expected segment from byte 128 on: byte 972 00, got segment from byte 128 on: byte 972 01"},
	} {
		poke(t, tc.path, tc.at, tc.value)
		c.check(t, text, tc.says)
		poke(t, tc.path, tc.at, tc.was)
	}
	c.create(t, "large", ring.Sizes{Metadata: 64, Payload: 2048})
	c.check(t, "buffers 'b' and 'large' are equal but for their processes", "expected segment of bytes 1216, data semaphore with value 1, got segment of bytes 2240, data semaphore with value 0")
}

func TestManyDifferencesAreCounted(t *testing.T) {
	var d differences
	expected, actual := make([]byte, 40), make([]byte, 40)
	for _, i := range []int{0, 2, 3, 10, 20, 30, 32, 33, 34, 35, 36, 37, 38, 39} {
		actual[i] = byte(i + 1)
	}
	d.compareBytes("block", expected, actual)
	got := d.mismatch("x").Error()
	want := "x: expected block byte 0 00, block bytes 2 to 3 00 00, block byte 10 00, block byte 20 00, block equal in 2 more places, " +
		"got block byte 0 01, block bytes 2 to 3 03 04, block byte 10 0b, block byte 20 15, block different"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	d = differences{}
	d.compareBytes("block", expected[:10], make([]byte, 9))
	if got := d.mismatch("x").Error(); got != "x: expected block of 10 bytes, got block of 9 bytes" {
		t.Error(got)
	}
}
