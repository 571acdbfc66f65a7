package ring

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"parley.dev/parley/harness/packs"
)

// field is where a field stands in the OIEB, in bytes.
type field struct{ at, size int }

// fields are those of the OIEB (ring protocol, Segment) that scenarios look at.
var fields = map[string]field{
	"oieb_size":              {0x00, 4},
	"version_major":          {0x04, 1},
	"metadata_size":          {0x08, 8},
	"metadata_free_bytes":    {0x10, 8},
	"metadata_written_bytes": {0x18, 8},
	"payload_size":           {0x20, 8},
	"payload_free_bytes":     {0x28, 8},
	"payload_write_pos":      {0x30, 8},
	"payload_read_pos":       {0x38, 8},
	"payload_written_count":  {0x40, 8},
	"payload_read_count":     {0x48, 8},
	"writer_pid":             {0x50, 8},
	"reader_pid":             {0x58, 8},
}

func fieldSteps() []packs.Definition {
	return []packs.Definition{
		{Pattern: `field '([^']*)' of ` + buffer + ` is set to '([^']*)'`, Summary: "writes a field of the OIEB, as a peer that goes wrong would", Changes: true, Run: setField},
		{Pattern: `the fields of ` + buffer + ` are:`, Summary: "the fields of the OIEB that the table's header names have the values of its row", Run: fieldsAre},
	}
}

// fieldOrder has the names of the fields as they follow each other.
func fieldOrder() []string {
	return slices.SortedFunc(maps.Keys(fields), func(a, b string) int { return fields[a].at - fields[b].at })
}

func fieldByName(name string) (field, error) {
	f, ok := fields[name]
	if !ok {
		return f, fmt.Errorf("the OIEB has no field '%s'; it has %s", name, strings.Join(fieldOrder(), ", "))
	}
	return f, nil
}

// value reads a number that fits into the field.
func (f field) value(name, text string) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 8*f.size)
	if err != nil {
		return 0, fmt.Errorf("'%s' is no value of %s, which has 0 to %d", text, name, uint64(1)<<(8*f.size)-1)
	}
	return n, nil
}

func setField(_ context.Context, c packs.Call) error {
	f, err := fieldByName(c.Args[0])
	if err != nil {
		return err
	}
	n, err := f.value(c.Args[0], c.Args[2])
	if err != nil {
		return err
	}
	s, err := openSegment(c, c.Args[1], os.O_RDWR)
	if err != nil {
		return err
	}
	defer s.Close()
	var wide [8]byte
	binary.LittleEndian.PutUint64(wide[:], n)
	if _, err := s.WriteAt(wide[:f.size], int64(f.at)); err != nil {
		return fmt.Errorf("set %s of buffer '%s': %w", c.Args[0], s.buffer, err)
	}
	return nil
}

func fieldsAre(_ context.Context, c packs.Call) error {
	if c.Table == nil || len(c.Table.Rows) != 1 {
		return errors.New("the step needs a table of two rows: names of fields of the OIEB, and their values")
	}
	o, err := readOIEB(c, c.Args[0])
	if err != nil {
		return err
	}
	var d differences
	for _, name := range c.Table.Headers {
		f, err := fieldByName(name)
		if err != nil {
			return err
		}
		want, err := f.value(name, c.Table.Rows[0][name])
		if err != nil {
			return err
		}
		d.compare(name, want, o.u64(f))
	}
	return d.mismatch(fmt.Sprintf("buffer '%s'", c.Args[0]))
}
