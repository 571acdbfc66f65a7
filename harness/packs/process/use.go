package process

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"parley.dev/parley/harness/packs"
)

func useSteps() []packs.Definition {
	return []packs.Definition{
		{Pattern: role + `uses? at most ['"](\d+(?:\.\d+)?)['"] percent of a processor over ['"](\d+(?:\.\d+)?)['"] seconds?`,
			Summary: "the processor time of all its threads over that long", Run: eachLiving(usesAtMost)},
	}
}

func usesAtMost(ctx context.Context, c packs.Call, p packs.Process) error {
	most, err := strconv.ParseFloat(c.Args[0], 64)
	if err != nil {
		return fmt.Errorf("'%s' is no number of percent", c.Args[0])
	}
	span, err := c.Seconds(1)
	if err != nil {
		return err
	}
	if span == 0 {
		return fmt.Errorf("over '%s' seconds nothing can be measured", c.Args[1])
	}
	start := time.Now()
	before, err := processorTime(p.PID())
	if err != nil {
		return err
	}
	timer := time.NewTimer(span)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-p.Exited():
		return fmt.Errorf("process %d ended while it was measured: %s", p.PID(), p.Ended())
	case <-ctx.Done():
		return ctx.Err()
	}
	after, err := processorTime(p.PID())
	if err != nil {
		return err
	}
	percent := 100 * float64(after-before) / float64(time.Since(start))
	c.Report.Measured(packs.Figures{
		Title: fmt.Sprintf("process of '%s'", c.Role), Figures: []packs.Figure{{Name: "processor", Value: percent, Unit: "%"}},
	})
	if percent <= most {
		return nil
	}
	return &packs.Mismatch{What: fmt.Sprintf("process %d, share of a processor over %v", p.PID(), span),
		Expected: fmt.Sprintf("at most %s %%", c.Args[0]), Actual: fmt.Sprintf("%.1f %%", percent)}
}

// processorTime is what all threads of a process have used so far, those that
// have ended included: the kernel's clock of that process, in nanoseconds, where
// /proc/PID/stat counts in hundredths of a second.
func processorTime(pid int) (time.Duration, error) {
	const scheduled = 2 // CPUCLOCK_SCHED of a whole process
	var ts unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|scheduled), &ts); err != nil {
		return 0, fmt.Errorf("read the processor time of process %d: %w", pid, err)
	}
	return time.Duration(ts.Nano()), nil
}
