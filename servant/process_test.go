package servant_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley.dev/parley/servant"
	"parley.dev/parley/servant/contract"
)

// envServant makes the test binary a servant; its value is a file that the
// scenario's state keeps for as long as it lives.
const envServant = "PARLEY_TEST_SERVANT_FILE"

// runAsServant serves when the test binary was started as a servant.
func runAsServant() bool {
	path, ok := os.LookupEnv(envServant)
	if !ok {
		return false
	}
	servant.Main(func(r *servant.Registry) {
		r.Step(`passes`, nothing)
		r.Step(`keeps a file`, func(ctx context.Context) error {
			servant.State[keeper](ctx).path = path
			return os.WriteFile(path, nil, 0o600)
		})
		r.Step(`prints`, prints)
		r.Step(`hangs`, func(context.Context) error { fmt.Fprintln(os.Stderr, "hanging"); select {} })
		r.Step(`prints until it is cancelled`, func(ctx context.Context) error {
			for ctx.Err() == nil {
				fmt.Fprintln(os.Stderr, "noise")
			}
			return ctx.Err()
		})
	})
	return true
}

// keeper removes its file when the scenario ends.
type keeper struct{ path string }

func (k *keeper) Close() error { return os.Remove(k.path) }

// prints writes to standard output in every way that user code may, and reads
// from standard input.
func prints(context.Context) error {
	fmt.Println("noise of the language")
	if _, err := syscall.Write(1, []byte("Content-Length: 5\r\n\r\nnoise of the system\n")); err != nil {
		return err
	}
	child := exec.Command("/bin/sh", "-c", "echo noise of a child; ls -l /proc/self/fd | grep -c protocol; cat")
	child.Stdout, child.Stdin = os.Stdout, os.Stdin
	if err := child.Run(); err != nil {
		return err
	}
	if n, err := os.Stdin.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		return servant.Failf("standard input gave %d bytes and %v", n, err)
	}
	return nil
}

// child is a servant in a process of its own.
type child struct {
	*peer
	cmd    *exec.Cmd
	file   string
	stderr *bytes.Buffer
	lines  chan string // of standard error
}

// processPipe joins the two ends of the process.
type processPipe struct {
	io.Reader
	io.WriteCloser
}

func startServant(t *testing.T, env ...string) *child {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &child{file: filepath.Join(t.TempDir(), "state"), stderr: &bytes.Buffer{}, lines: make(chan string, 1024)}
	c.cmd = exec.Command(self)
	c.cmd.Env = append([]string{envServant + "=" + c.file, "PATH=" + os.Getenv("PATH")}, env...)
	stdin, err := c.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := c.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(c.lines)
		for scanner := bufio.NewScanner(stderr); scanner.Scan(); {
			c.stderr.WriteString(scanner.Text() + "\n")
			select {
			case c.lines <- scanner.Text():
			default:
			}
		}
	}()
	c.peer = newPeer(t, processPipe{stdout, stdin})
	return c
}

// exit waits for the process and returns its status, -1 for death by a signal.
func (c *child) exit(t *testing.T) int {
	t.Helper()
	timer := time.AfterFunc(patience, func() { _ = c.cmd.Process.Kill() })
	defer timer.Stop()
	<-c.ended
	for range c.lines {
		// until standard error has ended
	}
	var failed *exec.ExitError
	if err := c.cmd.Wait(); err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	return c.cmd.ProcessState.ExitCode()
}

func (c *child) awaitLine(t *testing.T, want string) {
	t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case line, ok := <-c.lines:
			if !ok {
				t.Fatalf("standard error ended without %q", want)
			}
			if line == want {
				return
			}
		case <-deadline:
			t.Fatalf("standard error lacks %q", want)
		}
	}
}

func (c *child) fileExists() bool {
	_, err := os.Stat(c.file)
	return err == nil
}

func TestStandardOutputIsTheProtocolsAlone(t *testing.T) {
	c := startServant(t)
	c.initialize()
	// newPeer reports every stray byte as an error.
	if result := c.step("When", "prints"); result.Status != contract.StatusPassed {
		t.Errorf("%s: %v", result.Status, *result.Error)
	}
	call[any](c.peer, "9", contract.MethodShutdown, nil)
	if status := c.exit(t); status != 0 {
		t.Errorf("exit status %d", status)
	}
	for _, want := range []string{"noise of the language\n", "noise of the system\n", "noise of a child\n"} {
		if !strings.Contains(c.stderr.String(), want) {
			t.Errorf("standard error lacks %q; it has %q", want, c.stderr)
		}
	}
}

func TestTheProcessEndsInOrder(t *testing.T) {
	tests := []struct {
		name   string
		end    func(c *child) error
		status int
	}{
		{"end of input", func(c *child) error { return c.conn.Close() }, 0},
		{"end of input inside a frame", func(c *child) error {
			_, err := io.WriteString(c.conn, "Content-Length: 10\r\n\r\n{}")
			return errors.Join(err, c.conn.Close())
		}, 0},
		{"shutdown", func(c *child) error { call[any](c.peer, "9", contract.MethodShutdown, nil); return nil }, 0},
		{"SIGTERM", func(c *child) error { return c.cmd.Process.Signal(syscall.SIGTERM) }, 143},
		{"SIGINT", func(c *child) error { return c.cmd.Process.Signal(syscall.SIGINT) }, 130},
		{"a frame too large", func(c *child) error {
			_, err := io.WriteString(c.conn, "Content-Length: 67108865\r\n\r\n")
			return err
		}, 1},
	}
	for _, test := range tests {
		for _, during := range []string{"", "hangs"} {
			t.Run(test.name+" "+during, func(t *testing.T) {
				c := startServant(t)
				c.initialize()
				if result := c.step("When", "keeps a file"); result.Status != contract.StatusPassed || !c.fileExists() {
					t.Fatalf("keeps a file: %s", result.Status)
				}
				if during != "" {
					c.request("8", contract.MethodExecuteStep, executeStep(during))
					c.awaitLine(t, "hanging")
				}
				if err := test.end(c); err != nil {
					t.Fatal(err)
				}
				if status := c.exit(t); status != test.status {
					t.Errorf("exit status %d, want %d; standard error: %s", status, test.status, c.stderr)
				}
				if c.fileExists() {
					t.Error("the scenario's state was not disposed of")
				}
			})
		}
	}
}

// TestACoordinatorThatDies takes both the input and the readers of output away
// while a step prints: what would kill a process by SIGPIPE must not keep it
// from cleaning up.
func TestACoordinatorThatDies(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = []string{envServant + "=" + file, "PATH=" + os.Getenv("PATH")}
	stdin, _ := cmd.StdinPipe()
	stdout, _ := cmd.StdoutPipe()
	stderr, _ := cmd.StderrPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := newPeer(t, processPipe{stdout, stdin})
	p.initialize()
	p.step("When", "keeps a file")
	p.request("8", contract.MethodExecuteStep, executeStep("prints until it is cancelled"))
	if _, err := bufio.NewReader(stderr).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	_ = stderr.Close()
	_ = stdout.Close()
	_ = stdin.Close()
	timer := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	_ = cmd.Wait()
	if status := cmd.ProcessState.ExitCode(); status != 0 {
		t.Errorf("the servant ended with %v", cmd.ProcessState)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("the scenario's state was not disposed of")
	}
}

func TestHealthByEnvironment(t *testing.T) {
	for _, test := range []struct {
		name string
		env  []string
		bare bool
	}{
		{"contract 1.1", []string{"PARLEY_ROLE=reader", "HARMONY_HOST_PID=1"}, false},
		{"contract 1.0", []string{"HARMONY_HOST_PID=1", "HARMONY_FEATURE_ID=2"}, true},
		{"by hand", nil, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := startServant(t, test.env...)
			got := string(call[json.RawMessage](c.peer, "1", contract.MethodHealth, nil))
			if (got == "true") != test.bare {
				t.Errorf("health answered %s", got)
			}
			_ = c.conn.Close()
			if status := c.exit(t); status != 0 {
				t.Errorf("exit status %d", status)
			}
		})
	}
}
