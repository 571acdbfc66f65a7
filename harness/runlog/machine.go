package runlog

import (
	"bufio"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// ThisMachine describes the machine that the program runs on. What cannot be
// found out stays empty.
func ThisMachine() Machine {
	m := Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.GOMAXPROCS(0)}
	m.Host, _ = os.Hostname()
	if release, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.Kernel = strings.TrimSpace(string(release))
	}
	if name, ok := strings.CutPrefix(firstLine("/etc/os-release", "PRETTY_NAME="), "PRETTY_NAME="); ok {
		m.OS = strings.Trim(name, `"`)
	}
	if _, model, ok := strings.Cut(firstLine("/proc/cpuinfo", "model name"), ":"); ok {
		m.CPU = strings.TrimSpace(model)
	}
	if f := strings.Fields(firstLine("/proc/meminfo", "MemTotal:")); len(f) >= 2 {
		if kib, err := strconv.ParseUint(f[1], 10, 64); err == nil {
			m.MemoryBytes = kib << 10
		}
	}
	return m
}

// firstLine returns the first line of the file that begins with prefix, or "".
func firstLine(path, prefix string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), prefix) {
			return lines.Text()
		}
	}
	return ""
}
