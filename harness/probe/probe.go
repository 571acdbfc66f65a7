// Package probe measures what a process uses: CPU time, memory, descriptors and
// threads, read from /proc.
package probe

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// clockTicks is the kernel's USER_HZ, fixed at 100 for every Linux ABI.
const clockTicks = 100

// Sample is a process's state at one moment. The zero Sample is that of a
// process which cannot be read.
type Sample struct {
	CPU time.Duration // user and system time since the process started
}

// Use is what a process used between two moments.
type Use struct {
	CPU         time.Duration
	PeakRSS     uint64 // bytes, the largest resident set since Start
	Descriptors int    // open at the end
	Threads     int    // at the end; 0 when the process could not be read
}

// Start samples pid and resets the kernel's record of its largest resident set.
func Start(pid int) Sample {
	if pid <= 0 {
		return Sample{}
	}
	// Without the right to reset, the peak is that of the process's whole life.
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0)
	cpu, _ := cpuTime(pid)
	return Sample{CPU: cpu}
}

// Until returns what pid has used since s.
func (s Sample) Until(pid int) Use {
	if pid <= 0 {
		return Use{}
	}
	cpu, threads := cpuTime(pid)
	if threads == 0 {
		return Use{}
	}
	return Use{CPU: max(0, cpu-s.CPU), PeakRSS: peakRSS(pid), Descriptors: descriptors(pid), Threads: threads}
}

// cpuTime reads utime, stime (fields 14 and 15) and num_threads (20) of
// /proc/PID/stat, counted after the name, which may hold blanks.
func cpuTime(pid int) (cpu time.Duration, threads int) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0
	}
	fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
	if len(fields) < 18 {
		return 0, 0
	}
	user, _ := strconv.ParseInt(string(fields[11]), 10, 64)
	system, _ := strconv.ParseInt(string(fields[12]), 10, 64)
	threads, _ = strconv.Atoi(string(fields[17]))
	return time.Duration(user+system) * time.Second / clockTicks, threads
}

func peakRSS(pid int) uint64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, ok := bytes.Cut(data, []byte("VmHWM:"))
	if !ok {
		return 0
	}
	line, _, _ := bytes.Cut(rest, []byte("kB"))
	kib, _ := strconv.ParseUint(string(bytes.TrimSpace(line)), 10, 64)
	return kib << 10
}

func descriptors(pid int) int {
	dir, err := os.Open(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		return 0
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
	return len(names)
}
