package ring

import (
	"fmt"
	"testing"

	"parley.dev/parley/servant/ring"
)

func TestFieldsAreSetAndCompared(t *testing.T) {
	c := newCell(t)
	c.create(t, "b", ring.Sizes{Metadata: 64, Payload: 1024})
	for name, f := range fields {
		if name == "oieb_size" || name == "writer_pid" || name == "reader_pid" {
			continue
		}
		most := fmt.Sprint(uint64(1)<<(8*f.size) - 1)
		before, err := readOIEB(packsCall(c), "b")
		must(t, err)
		c.check(t, "field '"+name+"' of buffer 'b' is set to '"+most+"'", "")
		c.check(t, "the fields of buffer 'b' are:", "", []string{name}, []string{most})
		after, err := readOIEB(packsCall(c), "b")
		must(t, err)
		for i := range before {
			if inside := i >= f.at && i < f.at+f.size; inside && after[i] != 0xff || !inside && after[i] != before[i] {
				t.Errorf("%s: byte %d of the OIEB is %#x, was %#x", name, i, after[i], before[i])
			}
		}
	}
}

func TestFieldsDiffer(t *testing.T) {
	c := newCell(t)
	c.create(t, "b", ring.Sizes{Metadata: 64, Payload: 1024})
	header := []string{"oieb_size", "version_major", "payload_size", "payload_write_pos"}
	c.check(t, "the fields of buffer 'b' are:", "", header, []string{"128", "1", "1024", "0"})
	c.check(t, "the fields of buffer 'b' are:", "buffer 'b': expected version_major 2, payload_write_pos 18446744073709551615, got version_major 1, payload_write_pos 0",
		header, []string{"128", "2", "1024", "18446744073709551615"})
}

func TestFieldsThatCannotBe(t *testing.T) {
	c := newCell(t)
	c.check(t, "field 'payload_size' of buffer 'b' is set to '1'", "open the segment of buffer 'b'")
	c.create(t, "b", ring.Sizes{Payload: 1024})
	c.check(t, "field 'size' of buffer 'b' is set to '1'", "the OIEB has no field 'size'; it has oieb_size, version_major, metadata_size")
	c.check(t, "field 'version_major' of buffer 'b' is set to '256'", "'256' is no value of version_major, which has 0 to 255")
	c.check(t, "field 'oieb_size' of buffer 'b' is set to '4294967296'", "which has 0 to 4294967295")
	c.check(t, "field 'payload_size' of buffer 'b' is set to '18446744073709551616'", "which has 0 to 18446744073709551615")
	c.check(t, "field 'payload_size' of buffer 'b' is set to '-1'", "'-1' is no value")
	const needs = "the step needs a table of two rows"
	c.check(t, "the fields of buffer 'b' are:", needs)
	c.check(t, "the fields of buffer 'b' are:", needs, []string{"payload_size"})
	c.check(t, "the fields of buffer 'b' are:", needs, []string{"payload_size"}, []string{"1024"}, []string{"1024"})
	c.check(t, "the fields of buffer 'b' are:", "no field 'free'", []string{"free"}, []string{"1024"})
	c.check(t, "the fields of buffer 'b' are:", "'many' is no value of payload_size", []string{"payload_size"}, []string{"many"})
}
