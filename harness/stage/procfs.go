package stage

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// procStat is the part of /proc/PID/stat that supervision needs.
type procStat struct {
	pid, parent, group, session int
	state                       byte
	start                       uint64 // clock ticks since boot: tells two users of one pid apart
	name                        string
}

func (p procStat) zombie() bool { return p.state == 'Z' || p.state == 'X' }

func readStat(pid int) (procStat, bool) {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return procStat{}, false
	}
	// The name stands in parentheses and may hold any byte.
	open, end := bytes.IndexByte(raw, '('), bytes.LastIndexByte(raw, ')')
	if open < 0 || end < open {
		return procStat{}, false
	}
	f := strings.Fields(string(raw[end+1:]))
	if len(f) < 20 {
		return procStat{}, false
	}
	st := procStat{pid: pid, state: f[0][0], name: string(raw[open+1 : end])}
	for i, into := range []*int{&st.parent, &st.group, &st.session} {
		if *into, err = strconv.Atoi(f[1+i]); err != nil {
			return procStat{}, false
		}
	}
	st.start, err = strconv.ParseUint(f[19], 10, 64)
	return st, err == nil
}

// Tracer returns the id of the thread that traces pid, such as a debugger's; 0 for
// none, and for a process that is gone.
func Tracer(pid int) int {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(status, []byte("\nTracerPid:"))
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	tracer, _ := strconv.Atoi(string(bytes.TrimSpace(line))) // 0 as well when there is no such line
	return tracer
}

// processes returns every process that can be seen.
func processes() []procStat {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
	all := make([]procStat, 0, len(names))
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			if st, ok := readStat(pid); ok {
				all = append(all, st)
			}
		}
	}
	return all
}

// childrenOf returns the ids of pid's children. It is quick, but may miss one
// while another ends; what must be exact looks at [processes].
func childrenOf(pid int) []int {
	dir := "/proc/" + strconv.Itoa(pid) + "/task"
	tasks, err := entries(dir)
	if err != nil {
		return nil // it ended
	}
	var pids []int
	read := false
	for _, task := range tasks {
		children, err := childrenOfThread(dir, task)
		if err != nil {
			continue // the thread ended
		}
		read = true
		pids = append(pids, children...)
	}
	if !read {
		return childrenByScan(pid)
	}
	return pids
}

// adoptedBy returns the ids of the children that pid has got by the end of their
// parents, and of those its first thread has started: the kernel hands orphans to
// the first living thread. Like [childrenOf] it may miss one.
func adoptedBy(pid int) []int {
	children, err := childrenOfThread("/proc/"+strconv.Itoa(pid)+"/task", strconv.Itoa(pid))
	if err != nil {
		return childrenByScan(pid)
	}
	return children
}

func childrenOfThread(tasks, thread string) ([]int, error) {
	raw, err := os.ReadFile(tasks + "/" + thread + "/children")
	if err != nil {
		return nil, err
	}
	var pids []int
	for field := range strings.FieldsSeq(string(raw)) {
		if child, err := strconv.Atoi(field); err == nil {
			pids = append(pids, child)
		}
	}
	return pids, nil
}

// childrenByScan serves kernels without CONFIG_PROC_CHILDREN.
func childrenByScan(pid int) []int {
	var pids []int
	for _, st := range processes() {
		if st.parent == pid {
			pids = append(pids, st.pid)
		}
	}
	return pids
}

// environOf returns the environment pid was started with, nil when it cannot be
// read (another user's, or a zombie's).
func environOf(pid int) procEnviron {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
	if err != nil || len(raw) == 0 {
		return nil
	}
	return procEnviron(bytes.Split(raw, []byte{0}))
}

type procEnviron [][]byte

func (e procEnviron) get(key string) (string, bool) {
	for _, kv := range e {
		if v, ok := bytes.CutPrefix(kv, []byte(key+"=")); ok {
			return string(v), true
		}
	}
	return "", false
}

// commandLine returns pid's arguments, shortened, or its name in brackets.
func commandLine(st procStat) string {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(st.pid) + "/cmdline")
	text := strings.TrimSpace(string(bytes.ReplaceAll(raw, []byte{0}, []byte{' '})))
	if err != nil || text == "" {
		return "[" + st.name + "]"
	}
	return shorten(text, 120)
}

// countEntries returns the number of entries of a directory below /proc/PID.
func countEntries(pid int, dir string) (int, error) {
	names, err := entries("/proc/" + strconv.Itoa(pid) + "/" + dir)
	return len(names), err
}

// entries returns the names in a folder of /proc, in no order. Entries that go
// away meanwhile are no error.
func entries(dir string) ([]string, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return names, nil
}
