package ring

import (
	"context"
	"errors"
	"strings"
	"testing"

	"parley.dev/parley/harness/packs"
	"parley.dev/parley/servant/ring"
)

func untilFull(ctx context.Context, c *cell, text string) (*packs.Report, error) {
	def, args, _ := packs.NewSet(Pack()).Match(text)
	report := &packs.Report{}
	return report, def.Run(ctx, packs.Call{Cell: c, Args: args, Report: report})
}

func TestTheTimeUntilFull(t *testing.T) {
	c := newCell(t)
	c.check(t, "the time until buffer 'b' is '80' percent full is reported", "open the segment of buffer 'b'")
	r, w := c.create(t, "b", ring.Sizes{Payload: 1024})
	c.check(t, "the time until buffer 'b' is '101' percent full is reported", "'101' percent is more than a buffer can be full")
	c.check(t, "the time until buffer 'b' is '0' percent full is reported", "")

	// The second frame comes while the step waits.
	write(t, w, 496)
	limited, stop := context.WithCancel(t.Context())
	stop()
	_, err := untilFull(limited, c, "the time until buffer 'b' is '80' percent full is reported")
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "buffer 'b' is 50 percent full, not 80: ") {
		t.Errorf("a step that is cut short: %v", err)
	}
	done := make(chan error, 1)
	go func() { done <- w.Write(t.Context(), make([]byte, 400)) }()
	report, err := untilFull(t.Context(), c, "the time until buffer 'b' is '80' percent full is reported")
	must(t, err)
	must(t, <-done)
	f := report.Figures()
	if len(f) != 1 || f[0].Title != "buffer 'b' until 80 percent full" || len(f[0].Figures) != 2 ||
		f[0].Figures[0].Name != "time" || f[0].Figures[0].Unit != "µs" || f[0].Figures[0].Value < 0 ||
		f[0].Figures[1] != (packs.Figure{Name: "full", Value: 100 * 928.0 / 1024, Unit: "%"}) {
		t.Errorf("figures %+v", f)
	}

	read(t, r, 1)
	_, err = untilFull(limited, c, "the time until buffer 'b' is '0' percent full is reported")
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "percent full, not 0: ") {
		t.Errorf("a ring that is not empty: %v", err)
	}
	read(t, r, 1)
	_, err = untilFull(limited, c, "the time until buffer 'b' is '0' percent full is reported")
	must(t, err)

	c.check(t, "field 'payload_free_bytes' of buffer 'b' is set to '1025'", "")
	c.check(t, "the time until buffer 'b' is '0' percent full is reported", "buffer 'b' cannot be: 1025 of 1024 bytes free")
	c.check(t, "field 'payload_free_bytes' of buffer 'b' is set to '1024'", "")
}
