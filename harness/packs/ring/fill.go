package ring

import (
	"context"
	"fmt"
	"os"
	"time"

	"parley.dev/parley/harness/packs"
)

func fillSteps() []packs.Definition {
	return []packs.Definition{
		{Pattern: `the time until ` + buffer + ` is '(\d+)' percent full is reported`, Summary: "waits until that much of the payload is used, 0 for all of it free, and reports how long that took", Changes: true, Run: timeUntilFull},
	}
}

// fillInterval is the time between two looks at a ring, and so the resolution.
const fillInterval = time.Millisecond

func timeUntilFull(ctx context.Context, c packs.Call) error {
	percent, err := c.Uint(1)
	if err != nil {
		return err
	}
	if percent > 100 {
		return fmt.Errorf("'%d' percent is more than a buffer can be full", percent)
	}
	s, err := openSegment(c, c.Args[0], os.O_RDONLY)
	if err != nil {
		return err
	}
	defer s.Close()
	start := time.Now()
	ticker := time.NewTicker(fillInterval)
	defer ticker.Stop()
	for {
		full, err := s.percentFull()
		if err != nil {
			return err
		}
		if percent == 0 && full == 0 || percent > 0 && full >= float64(percent) {
			c.Report.Measured(packs.Figures{
				Title:   fmt.Sprintf("buffer '%s' until %d percent full", c.Args[0], percent),
				Figures: []packs.Figure{{Name: "time", Value: float64(time.Since(start)) / float64(time.Microsecond), Unit: "µs"}, {Name: "full", Value: full, Unit: "%"}},
			})
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("buffer '%s' is %.0f percent full, not %d: %w", c.Args[0], full, percent, ctx.Err())
		case <-ticker.C:
		}
	}
}

// percentFull is the share of the payload that is used.
func (s *segment) percentFull() (float64, error) {
	o, err := s.oieb()
	if err != nil {
		return 0, err
	}
	free, size := o.get("payload_free_bytes"), o.get("payload_size")
	if size == 0 || free > size {
		return 0, fmt.Errorf("buffer '%s' cannot be: %d of %d bytes free", s.buffer, free, size)
	}
	return 100 * float64(size-free) / float64(size), nil
}
