package stage

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap/zaptest"

	"parley.dev/parley/servant/contract"
)

// fake is a small servant whose behaviour the test chooses, either in a process
// of its own (the test binary again) or in a goroutine.
type fake struct {
	in     *contract.FrameReader
	out    io.Writer
	stderr io.Writer
	id     json.RawMessage
	health string
	seen   []string // keys of the last params
}

type message struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
}

func newFake(stdin io.Reader, stdout, stderr io.Writer) *fake {
	return &fake{
		in: contract.NewFrameReader(stdin, nil, nil), out: stdout, stderr: stderr,
		health: `{"ok":true,"contract":"1.1","platform":"fake","sdk":"t","capabilities":["cancel","reset","logs"]}`,
	}
}

func (f *fake) raw(s string) { _, _ = io.WriteString(f.out, s) }

func (f *fake) frame(body string) { _, _ = f.out.Write(contract.AppendFrame(nil, []byte(body))) }

func (f *fake) result(json string) {
	f.frame(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":%s}`, f.id, json))
}

func (f *fake) read() (message, bool) {
	body, err := f.in.Read()
	if err != nil {
		return message{}, false
	}
	var m message
	if json.Unmarshal(body, &m) != nil {
		return message{}, false
	}
	return m, true
}

// serve answers until the end of its input; step performs a step's text and
// returns the result, "" to send none.
func (f *fake) serve(step func(text string) string) int {
	for {
		m, ok := f.read()
		if !ok {
			return 0
		}
		f.id = m.ID
		switch m.Method {
		case contract.MethodHealth:
			f.result(f.health)
		case contract.MethodInitialize:
			f.seen = keys(m.Params)
			f.result("true")
		case contract.MethodDiscover:
			f.result(`{"steps":[{"type":"Given","pattern":"it works","id":1}]}`)
		case contract.MethodExecuteStep:
			f.seen = keys(m.Params)
			var p contract.ExecuteStep
			_ = json.Unmarshal(firstParam(&m.Params), &p)
			if answer := step(p.Step); answer != "" {
				f.result(answer)
			}
		case contract.MethodCleanup:
			f.result("null")
		case contract.MethodShutdown:
			f.result("null")
			return 0
		}
	}
}

func keys(params json.RawMessage) []string {
	var object map[string]json.RawMessage
	_ = json.Unmarshal(firstParam(&params), &object)
	var names []string
	for name := range object {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

const passes = `{"success":true,"status":"passed","elapsedNs":1000}`

// fakeServant is the helper mode: args[0] names the behaviour.
func fakeServant(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	f := newFake(stdin, stdout, stderr)
	switch args[0] {
	case "exits-at-once":
		fmt.Fprintln(stderr, "cannot load libring.so")
		return 134
	case "hangs-on-health":
		for {
			if _, ok := f.read(); !ok {
				return 0
			}
		}
	case "never-reads":
		// Health is answered blind: ids count up from 1.
		f.id = json.RawMessage(`"1"`)
		f.result(f.health)
		time.Sleep(time.Hour)
	case "closes-stdout":
		return f.serve(func(string) string {
			_ = stdout.(io.Closer).Close()
			time.Sleep(time.Hour)
			return ""
		})
	case "ignores-term":
		signal.Ignore(syscall.SIGTERM)
		f.serveThen(func() { time.Sleep(time.Hour) })
	case "slow-shutdown":
		f.serveThen(func() { time.Sleep(50 * time.Millisecond) })
		return 0
	case "floods":
		return f.serve(func(string) string {
			fmt.Fprintln(stderr, "first line")
			block := []byte(strings.Repeat(strings.Repeat("x", 99)+"\n", 10_000))
			for range 100 {
				_, _ = stderr.Write(block)
			}
			fmt.Fprintln(stderr, "last line")
			return passes
		})
	}
	return f.serve(func(text string) string { return f.act(text, args[1:]) })
}

// serveThen serves, and does not end when it should.
func (f *fake) serveThen(more func()) {
	f.serve(func(string) string { return passes })
	more()
}

// act performs what the text of a step says.
func (f *fake) act(text string, args []string) string {
	verb, rest, _ := strings.Cut(text, " ")
	switch verb {
	case "exit":
		fmt.Fprintln(f.stderr, "assertion failed: ring is full")
		os.Exit(3)
	case "hang":
		for {
			if m, ok := f.read(); !ok || m.Method == contract.MethodShutdown {
				return ""
			}
		}
	case "until-cancelled":
		fmt.Fprintln(f.stderr, "waiting")
		step := f.id
		for {
			m, ok := f.read()
			if !ok {
				return ""
			}
			if m.Method == contract.MethodCancel && bytes.Contains(m.Params, step) {
				return `{"success":false,"status":"cancelled","error":"cancelled"}`
			}
		}
	case "fork":
		c := exec.Command("sleep", "1000")
		if rest == "with-pipes" {
			c.Stdout, c.Stderr = os.Stdout, os.Stderr
		}
		c.SysProcAttr = &syscall.SysProcAttr{Setsid: rest == "session"}
		if rest == "session-without-environment" {
			c.SysProcAttr.Setsid = true
			c.Env = []string{"NOTHING=1"}
		}
		if err := c.Start(); err != nil {
			return `{"success":false,"error":"` + err.Error() + `"}`
		}
		return fmt.Sprintf(`{"success":true,"context":{"pid":"%d"}}`, c.Process.Pid)
	case "shm":
		if err := os.WriteFile("/dev/shm/"+rest, []byte("x"), 0o600); err != nil {
			return `{"success":false,"error":"` + err.Error() + `"}`
		}
	case "leak":
		n, _ := strconv.Atoi(rest)
		for range n {
			fd, _ := syscall.Dup(2)
			_ = fd
		}
	case "environment":
		env, _ := json.Marshal(map[string]any{"success": true, "context": map[string]string{"env": strings.Join(os.Environ(), "\n")}})
		return string(env)
	case "stderr":
		fmt.Fprintln(f.stderr, rest)
	}
	return passes
}

// open opens a stage for real processes with short graces.
func open(t *testing.T, change ...func(*Options)) *Stage {
	t.Helper()
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	return openHere(t, change...)
}

// testGraces are long where a test counts on the servant, so that a busy machine
// does not fail it; a test that waits them out shortens them.
var testGraces = Graces{Answer: 50 * time.Millisecond, Cancel: 20 * time.Second, Shutdown: 20 * time.Second,
	Stdin: 20 * time.Second, Term: 20 * time.Second, Kill: 20 * time.Second, Drain: 2 * time.Second, Settle: 20 * time.Second}

// impatient shortens the graces of an end.
func impatient(o *Options) {
	o.Graces.Shutdown, o.Graces.Stdin, o.Graces.Term = 100*time.Millisecond, 100*time.Millisecond, 100*time.Millisecond
}

func openHere(t *testing.T, change ...func(*Options)) *Stage {
	t.Helper()
	o := Options{RunID: "t" + strings.ToLower(fmt.Sprintf("%x", time.Now().UnixNano())), Graces: testGraces,
		StartTimeout: 20 * time.Second, Log: zaptest.NewLogger(t)}
	for _, c := range change {
		c(&o)
	}
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
		assertNothingLeft(t, s)
	})
	return s
}

// assertNothingLeft checks that the run has left no process, no file in
// /dev/shm, and no registration.
func assertNothingLeft(t *testing.T, s *Stage) {
	t.Helper()
	for _, p := range carriers(s.runID) {
		t.Errorf("process %d (%s) is left", p.pid, commandLine(p))
	}
	if names := sweep(s.ownership.facts.owns); len(names) > 0 {
		t.Errorf("left: %v", names)
	}
	if _, err := os.Stat(s.ownership.dir); err == nil {
		t.Errorf("%s is left", s.ownership.dir)
	}
}

func carriers(runID string) []procStat {
	var found []procStat
	for _, st := range processes() {
		if run, ok := environOf(st.pid).get(contract.EnvRunID); ok && run == runID {
			found = append(found, st)
		}
	}
	return found
}

// self is the command of a fake servant in a process.
func self(t *testing.T, args ...string) Command {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return Command{Platform: "fake", Role: "writer", Argv: append([]string{exe, "fake-servant"}, args...)}
}

func acquire(t *testing.T, s *Stage, c Command) *Servant {
	t.Helper()
	sv, err := s.Acquire(t.Context(), c, s.NewIdentity("cell"))
	if err != nil {
		t.Fatal(err)
	}
	return sv
}

func step(text string) contract.ExecuteStep {
	return contract.ExecuteStep{Process: "writer", StepType: contract.When, Step: text}
}

// inGoroutine opens a stage whose servants run in a goroutine.
func inGoroutine(t *testing.T, main func(f *fake) int, change ...func(*Options)) *Stage {
	t.Helper()
	return open(t, append(change, func(o *Options) {
		o.Launcher = InProcess(func(_ context.Context, _ Command, stdin io.Reader, stdout, stderr io.Writer) int {
			return main(newFake(stdin, stdout, stderr))
		})
	})...)
}

// failure checks that err is a Failure of the kind whose message holds all parts.
func failure(t *testing.T, err error, kind Kind, parts ...string) *Failure {
	t.Helper()
	f, ok := err.(*Failure)
	if !ok {
		t.Fatalf("got %v (%T), want a Failure of kind %s", err, err, kind)
	}
	if f.Kind != kind {
		t.Errorf("kind %s, want %s", f.Kind, kind)
	}
	for _, part := range parts {
		if !strings.Contains(f.Error(), part) {
			t.Errorf("the message does not name %q: %s", part, f)
		}
	}
	return f
}

// eventually waits until ok holds.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("never happened: %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

func alive(pid int) bool {
	st, ok := readStat(pid)
	return ok && !st.zombie()
}
