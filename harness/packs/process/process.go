// Package process is the pack that acts on the servants' processes: it kills,
// crashes, pauses, resumes and restarts them, limits their files, gives them
// another user, measures what they use, and waits. The coordinator does this from
// outside; the servant is never asked.
package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"syscall"
	"time"

	"parley.dev/parley/harness/packs"
)

// Name is the pack's name in plans and reports.
const Name = "process"

// role matches every form in which a step names a process: `the 'x' process`,
// `a new 'x' process`, `a second 'x' process`, `two 'x' processes`, `'x'`.
const role = `(?:(?:the|an?|two)\s+)?(?:new\s+|second\s+)?['"][A-Za-z][\w-]*['"](?:\s+process(?:es)?)?\s+`

// Pack returns the process pack.
func Pack() packs.Pack {
	return packs.Pack{Name: Name, Steps: slices.Concat(lifeSteps(), fileSteps(), userSteps(), useSteps(), resourceSteps())}
}

func lifeSteps() []packs.Definition {
	return []packs.Definition{
		{Pattern: role + `(?:is|are) killed`, Summary: "ends the process by SIGKILL", Changes: true, Run: end(syscall.SIGKILL)},
		{Pattern: role + `crash(?:es)?`, Summary: "ends the process by SIGSEGV", Changes: true, Run: end(syscall.SIGSEGV)},
		{Pattern: role + `(?:is|are) paused`, Summary: "stops the process by SIGSTOP", Changes: true, Run: each(pause)},
		{Pattern: role + `resumes?`, Summary: "continues the process by SIGCONT", Changes: true, Run: each(resume)},
		{Pattern: role + `(?:is|are) restarted`, Summary: "ends the process and starts a fresh one in its place", Changes: true, Run: eachInstance(restart)},
		{Pattern: role + `(?:has|have) ended`, Summary: "the process is gone", Run: each(hasEnded)},
		{Pattern: `wait for ['"]?(\d+(?:\.\d+)?)['"]? seconds?`, Summary: "lets time pass", Changes: true, Run: wait},
	}
}

// eachInstance performs f for every instance that the step names. A step in
// whose words the plan finds no process must not pass with nothing done.
func eachInstance(f func(context.Context, packs.Call, int) error) func(context.Context, packs.Call) error {
	return func(ctx context.Context, c packs.Call) error {
		if len(c.Instances) == 0 {
			return errors.New("the step names no process; write: the 'reader' process …, a second 'reader' process …, two 'reader' processes …")
		}
		for _, n := range c.Instances {
			if err := f(ctx, c, n); err != nil {
				return err
			}
		}
		return nil
	}
}

// each performs f for every process that the step names.
func each(f func(context.Context, packs.Process) error) func(context.Context, packs.Call) error {
	return eachProcess(func(ctx context.Context, _ packs.Call, p packs.Process) error { return f(ctx, p) })
}

// eachProcess is each for steps that need their arguments.
func eachProcess(f func(context.Context, packs.Call, packs.Process) error) func(context.Context, packs.Call) error {
	return eachInstance(func(ctx context.Context, c packs.Call, instance int) error {
		p, err := c.Cell.Process(c.Role, instance)
		if err != nil {
			return err
		}
		return f(ctx, c, p)
	})
}

// eachLiving is eachProcess for steps that look into a process; one that has
// ended fails them, and so does one that runs inside the coordinator.
func eachLiving(f func(context.Context, packs.Call, packs.Process) error) func(context.Context, packs.Call) error {
	return eachProcess(func(ctx context.Context, c packs.Call, p packs.Process) error {
		if err := alive(p); err != nil {
			return err
		}
		if p.PID() <= 0 {
			return packs.Skipf("the '%s' process runs inside the coordinator, whose resources are not its own", c.Role)
		}
		return f(ctx, c, p)
	})
}

func end(sig syscall.Signal) func(context.Context, packs.Call) error {
	return each(func(ctx context.Context, p packs.Process) error {
		if err := alive(p); err != nil {
			return err
		}
		if err := p.Signal(sig); err != nil {
			return fmt.Errorf("signal process %d: %w", p.PID(), err)
		}
		// A stopped process takes a fatal signal other than SIGKILL only when it goes on.
		if sig != syscall.SIGKILL {
			if err := p.Signal(syscall.SIGCONT); err != nil && !errors.Is(err, syscall.ESRCH) {
				return fmt.Errorf("signal process %d: %w", p.PID(), err)
			}
		}
		select {
		case <-p.Exited():
			return nil
		case <-ctx.Done():
			return fmt.Errorf("process %d still lives after %v: %w", p.PID(), sig, ctx.Err())
		}
	})
}

func alive(p packs.Process) error {
	select {
	case <-p.Exited():
		return fmt.Errorf("process %d had already ended: %s", p.PID(), p.Ended())
	default:
		return nil
	}
}

func pause(ctx context.Context, p packs.Process) error {
	if err := alive(p); err != nil {
		return err
	}
	if err := p.Signal(syscall.SIGSTOP); err != nil {
		return fmt.Errorf("stop process %d: %w", p.PID(), err)
	}
	return packs.Poll(ctx, func(context.Context) error {
		state, err := state(p.PID())
		if err == nil && state != 'T' {
			err = fmt.Errorf("process %d has been told to stop, but its state is %c", p.PID(), state)
		}
		return err
	})
}

func resume(_ context.Context, p packs.Process) error {
	if err := alive(p); err != nil {
		return err
	}
	if err := p.Signal(syscall.SIGCONT); err != nil {
		return fmt.Errorf("continue process %d: %w", p.PID(), err)
	}
	return nil
}

func restart(ctx context.Context, c packs.Call, instance int) error {
	return c.Cell.Restart(ctx, c.Role, instance)
}

func hasEnded(_ context.Context, p packs.Process) error {
	if err := alive(p); err != nil {
		return nil //nolint:nilerr // that it has ended is what the step asks for
	}
	return &packs.Mismatch{What: fmt.Sprintf("process %d", p.PID()), Expected: "ended", Actual: "still running"}
}

func wait(ctx context.Context, c packs.Call) error {
	d, err := c.Seconds(0)
	if err != nil {
		return err
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// state returns the state letter of /proc/PID/stat.
func state(pid int) (byte, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("state of process %d: %w", pid, err)
	}
	// The command's name stands in parentheses and may itself contain some.
	at := bytes.LastIndexByte(data, ')')
	if at < 0 || at+2 >= len(data) {
		return 0, fmt.Errorf("state of process %d: unreadable: %q", pid, data)
	}
	return data[at+2], nil
}
