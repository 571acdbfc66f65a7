package probe

import (
	"bufio"
	"os"
	"os/exec"
	"testing"
	"time"
)

// child is a shell that works while it is told to.
type child struct {
	t     *testing.T
	cmd   *exec.Cmd
	in    *os.File
	lines *bufio.Scanner
}

// start runs a shell whose name in /proc holds blanks and parentheses.
func start(t *testing.T) *child {
	t.Helper()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	odd := t.TempDir() + "/a ) (b"
	if err := os.Symlink(sh, odd); err != nil {
		t.Fatal(err)
	}
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(odd)
	cmd.Stdin = in
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in.Close()
	c := &child{t: t, cmd: cmd, in: out, lines: bufio.NewScanner(stdout)}
	t.Cleanup(func() {
		out.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	c.do("")
	return c
}

// do lets the shell perform a command and waits until it has.
func (c *child) do(command string) {
	c.t.Helper()
	if _, err := c.in.WriteString(command + "\necho done\n"); err != nil {
		c.t.Fatal(err)
	}
	if !c.lines.Scan() || c.lines.Text() != "done" {
		c.t.Fatalf("the shell says %q (%v)", c.lines.Text(), c.lines.Err())
	}
}

func TestUseOfAnotherProcess(t *testing.T) {
	c := start(t)
	pid := c.cmd.Process.Pid
	before := Start(pid)
	idle := before.Until(pid)
	if idle.Threads != 1 || idle.Descriptors < 3 || idle.PeakRSS < 64<<10 || idle.PeakRSS > 1<<30 {
		t.Errorf("an idle shell uses %+v", idle)
	}
	c.do("exec 7</dev/null 8</dev/null")
	if now := before.Until(pid); now.Descriptors != idle.Descriptors+2 {
		t.Errorf("%d descriptors, before two more were opened %d", now.Descriptors, idle.Descriptors)
	}
	for round := 0; before.Until(pid).CPU < 30*time.Millisecond; round++ {
		if round == 100 {
			t.Fatalf("counting to 20 million took %v", before.Until(pid).CPU)
		}
		c.do("i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done")
	}
	if again := Start(pid).Until(pid); again.CPU >= before.Until(pid).CPU {
		t.Errorf("a sample taken after the work counts %v of it", again.CPU)
	}
}

// The peak is that since Start: what the process had needed before is not its
// use of the present cell.
func TestThePeakBeginsWithTheSample(t *testing.T) {
	c := start(t)
	pid := c.cmd.Process.Pid
	c.do(`x=y; i=0; while [ $i -lt 23 ]; do x=$x$x; i=$((i+1)); done`)
	high := Sample{}.Until(pid).PeakRSS
	if high < 8<<20 {
		t.Fatalf("8 MiB in a variable, and a peak of %d", high)
	}
	c.do("unset x")
	if low := Start(pid).Until(pid).PeakRSS; low >= high {
		t.Errorf("the peak was not reset: %d, before %d", low, high)
	}
}

func TestAProcessThatIsNotThere(t *testing.T) {
	c := start(t)
	pid := c.cmd.Process.Pid
	before := Start(pid)
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.cmd.Wait()
	for _, pid := range []int{pid, 0, -1} {
		if got := before.Until(pid); got != (Use{}) {
			t.Errorf("process %d uses %+v", pid, got)
		}
		if got := Start(pid); got != (Sample{}) {
			t.Errorf("sample of %d: %+v", pid, got)
		}
	}
}

func TestOwnThreads(t *testing.T) {
	if use := Start(os.Getpid()).Until(os.Getpid()); use.Threads < 2 {
		t.Errorf("a Go program with %d threads", use.Threads)
	}
}
