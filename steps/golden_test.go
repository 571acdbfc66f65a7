package steps

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
	"time"
)

func readGolden(t *testing.T, file string, into any) {
	t.Helper()
	b, err := os.ReadFile("../servant/golden/" + file)
	if err == nil {
		err = json.Unmarshal(b, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

func TestHoldsAreGolden(t *testing.T) {
	var cases []struct {
		Seed                  uint64 `json:",string"`
		Most, MaxPause, First uint64
		Frames                []struct {
			Release []uint64
			Pause   int64
		}
		Rest []uint64
	}
	readGolden(t, "holds.json", &cases)
	if len(cases) == 0 {
		t.Fatal("no case")
	}
	for _, c := range cases {
		h := newHolds(c.Seed+1, c.Most, c.MaxPause)
		for i, want := range c.Frames {
			sequence := c.First + uint64(i)
			release, pause := h.next(sequence)
			if !slices.Equal(release, want.Release) || pause != time.Duration(want.Pause)*time.Microsecond {
				t.Fatalf("seed %d, frame %d: release %v, pause %v, want %+v", c.Seed, sequence, release, pause, want)
			}
			if held := h.held; len(held) > 0 && held[0]+c.Most <= sequence {
				t.Fatalf("seed %d, frame %d: still holds %v, of which space would not return", c.Seed, sequence, held)
			}
		}
		if rest := h.rest(); !slices.Equal(rest, c.Rest) || len(h.rest()) != 0 {
			t.Errorf("seed %d: rest %v, want %v once", c.Seed, rest, c.Rest)
		}
	}
}

func TestFieldsOfRecordsAreGolden(t *testing.T) {
	var fields []struct {
		Record, Field, Value uint64 `json:",string"`
	}
	readGolden(t, "records.json", &fields)
	if len(fields) == 0 {
		t.Fatal("no field")
	}
	for _, f := range fields {
		if got := fieldOf(f.Record, f.Field); got != f.Value {
			t.Errorf("field %d of record %d is %d, want %d", f.Field, f.Record, got, f.Value)
		}
	}
}

// Every detail that the errors' golden data names can be expected, and no other.
func TestDetailsAreGolden(t *testing.T) {
	var kinds []struct {
		Name    string
		Details []string
	}
	readGolden(t, "errors.json", &kinds)
	for _, kind := range kinds {
		for _, detail := range detailNames {
			_, err := expect(kind.Name + " " + detail + "=1")
			if carried := slices.Contains(kind.Details, detail); carried != (err == nil) {
				t.Errorf("%s %s=1: %v", kind.Name, detail, err)
			}
		}
	}
}
