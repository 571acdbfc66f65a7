package steps

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"parley.dev/parley/servant"
)

func registerMonitoring(r *servant.Registry) {
	r.Step(role+`reads frames `+number+` to `+number+` of `+number+` bytes and reports the rate`, readAndReportRate)
}

func readAndReportRate(ctx context.Context, _ string, from, to uint64, size int) error {
	measured, err := measureRate(ctx, from, to, size)
	if err != nil {
		return err
	}
	return report(ctx, rateTitle(size), measured.figures()...)
}

func rateTitle(size int) string { return fmt.Sprintf("transfer of %d bytes a frame", size) }

// transferRate is how fast frames were read.
type transferRate struct {
	frames    float64 // a second
	megabytes float64 // a second, of 10^6 bytes
	processor float64 // that this process used, in percent of one
}

func (t transferRate) figures() []figure {
	return []figure{{"rate", t.frames, framesEach}, {"throughput", t.megabytes, megabytes}, {"processor", t.processor, percent}}
}

// measureRate reads, checks and releases frames. The clock starts when the first
// of several frames is there, which does not count then: when the writer began
// is not the reader's matter.
func measureRate(ctx context.Context, from, to uint64, size int) (transferRate, error) {
	p := of(ctx)
	r, err := p.reading()
	if err != nil {
		return transferRate{}, err
	}
	if from > to {
		return transferRate{}, servant.Failf("frames %d to %d are none; the first number must not be above the second", from, to)
	}
	counted := float64(to - from)
	start, err := readClocks()
	if err != nil {
		return transferRate{}, err
	}
	for sequence := from; sequence <= to; sequence++ {
		if err := r.readAndRelease(ctx, sequence, size, 0); err != nil {
			return transferRate{}, err
		}
		if sequence == from && from < to {
			if start, err = readClocks(); err != nil {
				return transferRate{}, err
			}
		}
	}
	end, err := readClocks()
	if err != nil {
		return transferRate{}, err
	}
	seconds := max(end.wall-start.wall, time.Nanosecond).Seconds()
	rate := max(counted, 1) / seconds
	p.rates = append(p.rates, rate)
	return transferRate{
		frames:    rate,
		megabytes: rate * float64(size) / 1e6,
		processor: 100 * (end.processor - start.processor).Seconds() / seconds,
	}, nil
}

// clocks are CLOCK_MONOTONIC and what this process has used of
// the processors.
type clocks struct{ wall, processor time.Duration }

func readClocks() (clocks, error) {
	wall, err := clock(unix.CLOCK_MONOTONIC)
	if err != nil {
		return clocks{}, err
	}
	processor, err := clock(unix.CLOCK_PROCESS_CPUTIME_ID)
	return clocks{wall, processor}, err
}
