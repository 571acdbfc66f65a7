package ring

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// process is another process, held so that its end is noticed even when its id
// is given to a new process ("Death").
type process struct {
	pid int
	// pidfd is -1 where the kernel has none; then start tells the process
	// from a later one of the same id.
	pidfd int
	start uint64
	ended bool
}

// watch holds the process pid. It fails only if there is no such process.
func watch(pid int) (*process, error) {
	p := &process{pid: pid, pidfd: -1}
	fd, err := unix.PidfdOpen(pid, 0)
	if err == nil {
		p.pidfd = fd
	} else {
		p.start, _ = startTime(pid)
	}
	if p.dead() {
		p.close()
		return nil, fmt.Errorf("process %d: %w", pid, unix.ESRCH)
	}
	return p, nil
}

// dead reports whether the process has ended; a zombie has.
func (p *process) dead() bool {
	switch {
	case p.ended:
	case p.pidfd < 0:
		start, dead := startTime(p.pid)
		p.ended = dead || p.start != 0 && start != 0 && start != p.start
	default:
		fds := [1]unix.PollFd{{Fd: int32(p.pidfd), Events: unix.POLLIN}}
		n, err := unix.Poll(fds[:], 0)
		p.ended = err == nil && n > 0 && fds[0].Revents&unix.POLLIN != 0
	}
	return p.ended
}

func (p *process) close() {
	if p != nil && p.pidfd >= 0 {
		_ = unix.Close(p.pidfd)
		p.pidfd = -1
	}
}

// processDead reports whether no live process has the id pid.
func processDead(pid int) bool {
	_, dead := startTime(pid)
	return dead
}

// startTime gives the start of the process pid in clock ticks since boot, 0 if
// it cannot be known, and whether the process is dead. A process that may not
// be looked at is alive.
func startTime(pid int) (ticks uint64, dead bool) {
	if err := unix.Kill(pid, 0); errors.Is(err, unix.ESRCH) {
		return 0, true
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		// It may have ended since, or /proc may hide it.
		return 0, errors.Is(unix.Kill(pid, 0), unix.ESRCH)
	}
	// The command, in parentheses, may hold anything, parentheses included.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 20 {
		return 0, false
	}
	if s := fields[0][0]; s == 'Z' || s == 'X' {
		return 0, true
	}
	ticks, _ = strconv.ParseUint(string(fields[19]), 10, 64)
	return ticks, false
}

// startedAfter reports whether the process pid started after t, and so cannot
// be the one that did something at t. Unknown is false.
func startedAfter(pid int, t time.Time) bool {
	// Both clocks are read to the tick, and not at the same moment.
	const slack = time.Second
	const ticksPerSecond = 100
	ticks, dead := startTime(pid)
	var boot unix.Timespec
	if dead || ticks == 0 || unix.ClockGettime(unix.CLOCK_BOOTTIME, &boot) != nil {
		return false
	}
	age := time.Duration(boot.Nano()) - time.Duration(ticks)*(time.Second/ticksPerSecond)
	return time.Now().Add(-age).After(t.Add(slack))
}
