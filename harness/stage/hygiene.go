package stage

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// level is what a process holds when it holds nothing of a scenario.
type level struct {
	descriptors, threads, mappings, children int
	known                                    bool
}

// Runtimes open descriptors and start threads when they first need them, and
// keep pools of threads: the first cell may raise the level by firstCell, and
// threads may always be above it by poolThreads.
const (
	firstCell   = 16
	poolThreads = 8
	settleTime  = 150 * time.Millisecond // for what a runtime releases a moment later
)

func measure(pid int) (level, error) {
	var (
		l   level
		err error
	)
	if l.descriptors, err = countEntries(pid, "fd"); err != nil {
		return l, err
	}
	if l.threads, err = countEntries(pid, "task"); err != nil {
		return l, err
	}
	maps, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/maps")
	if err != nil {
		return l, err
	}
	l.mappings = bytes.Count(maps, []byte(" /dev/shm/"))
	l.children = len(childrenOf(pid))
	l.known = true
	return l, nil
}

// exceeds names everything that now holds more of than l allows.
func (l level) exceeds(now level, slack int) []string {
	var over []string
	for _, c := range []struct {
		what            string
		was, now, allow int
	}{
		{"descriptors", l.descriptors, now.descriptors, slack},
		{"threads", l.threads, now.threads, slack + poolThreads},
		{"mappings of /dev/shm", l.mappings, now.mappings, 0},
		{"child processes", l.children, now.children, 0},
	} {
		if c.now > c.was+c.allow {
			over = append(over, fmt.Sprintf("%s: %d before, %d now", c.what, c.was, c.now))
		}
	}
	return over
}

// checkHygiene compares the servant with its level after its start, and from
// the second cell on with its level after the first. It returns what is above,
// once that has had a moment to come down.
func (sv *Servant) checkHygiene() []string {
	pid := sv.PID()
	if pid == 0 {
		return nil // in process there is nothing to compare
	}
	if !sv.level.known {
		return []string{"its level after its start could not be read"}
	}
	slack := 0
	if !sv.served {
		slack = firstCell
	}
	deadline := time.Now().Add(settleTime)
	for {
		now, err := measure(pid)
		if err != nil {
			return []string{fmt.Sprintf("it could not be looked at: %v", err)}
		}
		over := sv.level.exceeds(now, slack)
		if len(over) == 0 {
			// Being asked for its definitions is no cell yet.
			if !sv.served && sv.played.Load() {
				sv.served = true
				sv.level.descriptors, sv.level.threads = now.descriptors, now.threads
			}
			return nil
		}
		if time.Now().After(deadline) || !sv.alive() {
			return over
		}
		time.Sleep(2 * time.Millisecond)
	}
}
