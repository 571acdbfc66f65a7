package packs

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestFiguresInOneLine(t *testing.T) {
	f := Figures{Title: "round trip of 1024 bytes", Figures: []Figure{
		{"p50", 12.3456, "µs"}, {"rate", 1234567, "frames/s"}, {"share", 0.25, "%"}, {"ratio", 2, ""},
	}}
	if got, want := f.String(), "round trip of 1024 bytes: p50 12.35 µs, rate 1234567 frames/s, share 0.25 %, ratio 2"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestReport(t *testing.T) {
	var none *Report
	none.Log("nobody hears it")
	none.Measured(Figures{})
	r := &Report{}
	r.Log("%d of %d", 1, 2)
	r.Measured(Figures{Title: "a", Figures: []Figure{{"b", 1, "s"}}})
	if got := strings.Join(r.Lines(), "|"); got != "1 of 2|a: b 1 s" {
		t.Error(got)
	}
	if got := r.Figures(); len(got) != 1 || got[0].Title != "a" {
		t.Errorf("%+v", got)
	}
}

func TestPollEndsAtASkip(t *testing.T) {
	tries := 0
	err := Poll(t.Context(), func(context.Context) error {
		tries++
		return Skipf("not %s", "here")
	})
	var skip *Skip
	if !errors.As(err, &skip) || skip.Reason != "not here" || tries != 1 {
		t.Errorf("%d tries, %v", tries, err)
	}
}

func TestUint(t *testing.T) {
	c := Call{Args: []string{"18446744073709551615", "18446744073709551616", "-1"}}
	if n, err := c.Uint(0); n != 1<<64-1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	for _, i := range []int{1, 2} {
		if n, err := c.Uint(i); err == nil || !strings.Contains(err.Error(), "'"+c.Args[i]+"' is no number from 0 to 18446744073709551615") {
			t.Errorf("%q is %d, %v", c.Args[i], n, err)
		}
	}
}
