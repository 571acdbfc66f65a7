package process

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"parley.dev/parley/harness/packs"
)

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "helper" {
		help(os.Stdin, os.Stdout)
		return
	}
	os.Exit(m.Run())
}

// help is a process that does what the lines on its standard input say, and
// answers each with one line.
func help(in io.Reader, out io.Writer) {
	var (
		open []int
		held [][]byte
		// mapped are mappings of /dev/shm.
		mapped [][]byte
		lines  = bufio.NewScanner(in)
	)
	for lines.Scan() {
		var n int
		verb, rest, _ := strings.Cut(lines.Text(), " ")
		_, _ = fmt.Sscan(rest, &n)
		switch verb {
		case "open": // as many as it may, at most n; how many
			count, err := 0, error(nil)
			for ; count < n && err == nil; count++ {
				var fd int
				if fd, err = syscall.Open("/dev/null", syscall.O_RDONLY, 0); err == nil {
					open = append(open, fd)
				} else {
					count--
				}
			}
			fmt.Fprintln(out, count, err)
		case "close": // the first n
			for _, fd := range open[:n] {
				_ = syscall.Close(fd)
			}
			open = open[n:]
			fmt.Fprintln(out, "ok")
		case "hold": // n MiB
			block := make([]byte, n<<20)
			for i := range block {
				block[i] = 1
			}
			held = append(held, block)
			fmt.Fprintln(out, "ok", len(held))
		case "map": // a file in /dev/shm without a name, n times
			fd, err := unix.Open("/dev/shm", unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, 0o600)
			for range n {
				if err == nil {
					var block []byte
					block, err = unix.Mmap(fd, 0, 4096, unix.PROT_READ, unix.MAP_SHARED)
					mapped = append(mapped, block)
				}
			}
			fmt.Fprintln(out, err, unix.Close(fd))
		case "unmap": // the first n
			for _, block := range mapped[:n] {
				_ = unix.Munmap(block)
			}
			mapped = mapped[n:]
			fmt.Fprintln(out, "ok")
		case "threads": // n more
			for range n {
				go func() { _, _ = syscall.Select(0, nil, nil, nil, nil) }()
			}
			fmt.Fprintln(out, "ok")
		case "spin":
			fmt.Fprintln(out, "ok")
			for {
			}
		}
	}
}

// helper is a running help.
type helper struct {
	*child
	in    io.Writer
	lines *bufio.Scanner
}

func startHelper(t *testing.T) *helper {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "helper")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	return &helper{startCommand(t, cmd), in, bufio.NewScanner(out)}
}

// do has a line done and returns the answer.
func (h *helper) do(t *testing.T, format string, a ...any) string {
	t.Helper()
	if _, err := fmt.Fprintf(h.in, format+"\n", a...); err != nil {
		t.Fatal(err)
	}
	if !h.lines.Scan() {
		t.Fatalf("the helper has ended: %v", h.lines.Err())
	}
	return h.lines.Text()
}

// check performs a step and wants it to pass, or to fail with a text.
func check(t *testing.T, c *cell, text, failure string) *packs.Report {
	t.Helper()
	report := &packs.Report{}
	err := performWith(t, c, text, report)
	switch {
	case failure == "" && err != nil:
		t.Errorf("%s: %v", text, err)
	case failure != "" && (err == nil || !strings.Contains(err.Error(), failure)):
		t.Errorf("%s: got %v, want %q", text, err, failure)
	}
	return report
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it does not come about: %s", what)
		}
	}
}
