package steps

import (
	"math"
	"slices"
	"testing"
	"time"
)

func TestDistribution(t *testing.T) {
	var durations []time.Duration
	for n := 1000; n > 0; n-- { // from above, to be sorted
		durations = append(durations, time.Duration(n)*time.Microsecond)
	}
	want := []figure{
		{"min", 1, "µs"}, {"mean", 500.5, "µs"}, {"p50", 500, "µs"}, {"p90", 900, "µs"},
		{"p99", 990, "µs"}, {"p99.9", 999, "µs"}, {"max", 1000, "µs"},
	}
	if got := distribution(durations); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if durations[0] != 1000*time.Microsecond {
		t.Error("the durations were sorted in place")
	}
	for _, f := range distribution(durations[999:]) {
		if f.Value != 1 {
			t.Errorf("of one duration of 1 µs, %v", f)
		}
	}
}

func TestFiguresForPeople(t *testing.T) {
	for want, f := range map[string]figure{
		"p50 1.23 µs": {"p50", 1.234, microseconds}, "p50 12.3 µs": {"p50", 12.34, microseconds},
		"rate 123457 frames/s": {"rate", 123456.7, framesEach}, "last of before 0.50": {"last of before", 0.5, ratio},
		"processor 0.00 %": {"processor", 0, percent}, "rate 100 frames/s": {"rate", 100, framesEach},
	} {
		if got := f.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestFiguresAsWritten(t *testing.T) {
	line, body, err := written("round trip of 64 bytes", []figure{{"p50", 1.25, microseconds}, {"of memcpy", 0.5, ratio}})
	if err != nil {
		t.Fatal(err)
	}
	if want := "round trip of 64 bytes: p50 1.25 µs, of memcpy 0.50"; line != want {
		t.Errorf("%q, want %q", line, want)
	}
	want := `{"title":"round trip of 64 bytes","figures":[{"name":"p50","value":1.25,"unit":"µs"},{"name":"of memcpy","value":0.5,"unit":""}]}`
	if string(body) != want {
		t.Errorf("%s, want %s", body, want)
	}
	if _, _, err := written("x", []figure{{"rate", math.Inf(1), framesEach}}); err == nil {
		t.Error("an infinite figure was written")
	}
}
