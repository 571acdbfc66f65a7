package steps

import (
	"context"
	"fmt"
	"time"

	"parley.dev/parley/servant"
	"parley.dev/parley/servant/pattern"
)

func registerBenchmarks(r *servant.Registry) {
	r.Step(role+`measures `+number+` of `+number+` round trips of `+number+` bytes`, measureRoundTrips)
	r.Step(role+`reads frames `+number+` to `+number+` of `+number+` bytes and reports the rate against memcpy`, readAgainstMemcpy)
	r.Step(role+`reports the ratio of its last two rates`, reportRatioOfRates)
	r.Step(role+`measures `+number+` atomic additions against `+number+` plain ones`, measureAdditions)
	r.Step(role+`writes `+number+` time stamps, `+number+` a second`, writeStamps)
	r.Step(role+`reads `+number+` time stamps and reports how long each was on its way`, readStamps)
}

// measureRoundTrips measures from before the request is sent to when its
// response is there; filling the one and checking the other are not part of it.
func measureRoundTrips(ctx context.Context, _ string, measured, all, size int) error {
	c, err := of(ctx).calling()
	if err != nil {
		return err
	}
	if measured < 1 || measured > all {
		return servant.Failf("%d of %d round trips cannot be measured; measure at least 1 and at most all", measured, all)
	}
	durations := make([]time.Duration, 0, measured)
	for trip := range all {
		took, err := c.roundTrip(ctx, size)
		if err != nil {
			return err
		}
		if trip >= all-measured {
			durations = append(durations, took)
		}
	}
	return report(ctx, fmt.Sprintf("round trip of %d bytes", size), distribution(durations)...)
}

func readAgainstMemcpy(ctx context.Context, _ string, from, to uint64, size int) error {
	measured, err := measureRate(ctx, from, to, size)
	if err != nil {
		return err
	}
	memcpy := measureMemcpy(size, (to-from+1)*uint64(size))
	return report(ctx, rateTitle(size), append(measured.figures(),
		figure{"memcpy", memcpy, megabytes}, figure{"of memcpy", measured.megabytes / memcpy, ratio})...)
}

// Bounds of what is copied to measure memcpy, in bytes.
const (
	leastCopied = 1 << 20
	mostCopied  = 1 << 30
)

// measureMemcpy copies size bytes, at least 1, again and again until volume bytes
// are copied, within bounds. It gives megabytes a second.
func measureMemcpy(size int, volume uint64) float64 {
	from, to := make([]byte, size), make([]byte, size)
	// Pages come into being when they are written.
	pattern.Frame(from, 1)
	copy(to, from)
	times := max(1, min(max(volume, leastCopied), mostCopied)/uint64(size))
	start := time.Now()
	for range times {
		copy(to, from)
	}
	seconds := max(time.Since(start), time.Nanosecond).Seconds()
	return float64(times) * float64(size) / seconds / 1e6
}

func reportRatioOfRates(ctx context.Context, _ string) error {
	rates := of(ctx).rates
	if len(rates) < 2 {
		return servant.Failf("this process has reported %d rates; two steps that report one must come first", len(rates))
	}
	before, last := rates[len(rates)-2], rates[len(rates)-1]
	return report(ctx, "last rate against the one before",
		figure{"before", before, framesEach}, figure{"last", last, framesEach}, figure{"last of before", last / before, ratio})
}
