package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"parley.dev/parley/harness/runlog"
	"parley.dev/parley/servant/contract"
)

// fakeServant is a contract 1.1 servant whose steps do what a script asks of
// them, good or bad. Its arguments change it: see newFake.
type fakeServant struct {
	in       *contract.FrameReader
	out      *os.File
	steps    []fakeStep
	prefix   string
	kept     []string      // files that cleanup removes
	stuck    bool          // cleanup does not answer
	mute     bool          // health is not answered
	limit    time.Duration // of the present step
	stubborn bool          // only SIGKILL ends it
}

type fakeStep struct {
	kind, pattern string
	run           func(f *fakeServant, args []string) contract.StepResult
}

const actor = `the '[^']*' process `

// fakeMain runs the fake servant until its input ends.
func fakeMain() {
	f := newFake(os.Args[1:])
	for {
		body, err := f.in.Read()
		if err != nil {
			if f.stubborn {
				forever()
			}
			os.Exit(0)
		}
		var m struct {
			ID     json.RawMessage   `json:"id"`
			Method string            `json:"method"`
			Params []json.RawMessage `json:"params"`
		}
		if err := json.Unmarshal(body, &m); err != nil || len(m.ID) == 0 {
			continue // a notification
		}
		result := f.answer(m.Method, append(m.Params, json.RawMessage("{}"))[0])
		f.send(map[string]any{"jsonrpc": "2.0", "id": m.ID, "result": result})
		if status, err := strconv.Atoi(os.Getenv("FAKE_ENDS")); err == nil && m.Method == contract.MethodHealth {
			os.Exit(status)
		}
		if m.Method == contract.MethodShutdown {
			os.Exit(0)
		}
	}
}

// newFake makes a servant from its arguments: `refuses` ends before it speaks,
// `mute` never answers health, `stubborn` ends by SIGKILL alone, `without WORD` lacks the definitions that hold
// WORD, `twice WORD` has them twice, `broken WORD` reports one that is no
// regular expression, `as KIND` makes all of that step type.
func newFake(args []string) *fakeServant {
	f := &fakeServant{in: contract.NewFrameReader(os.Stdin, nil, nil), out: os.Stdout, steps: fakeSteps()}
	for len(args) > 0 {
		word := strings.Join(args[1:min(2, len(args))], "")
		switch args[0] {
		case "refuses":
			fmt.Fprintln(os.Stderr, "cannot load libring.so")
			os.Exit(7)
		case "mute":
			f.mute = true
			word = ""
		case "stubborn":
			signal.Ignore(syscall.SIGTERM)
			f.stubborn = true
			word = ""
		case "without":
			f.steps = filter(f.steps, func(s fakeStep) int { return 1 - strings.Count(s.pattern, word) })
		case "twice":
			f.steps = filter(f.steps, func(s fakeStep) int { return 1 + strings.Count(s.pattern, word) })
		case "as":
			for i := range f.steps {
				f.steps[i].kind = word
			}
		case "broken":
			f.steps = append(f.steps, fakeStep{kind: contract.Step, pattern: word + "("})
		}
		args = args[min(len(args), 1+min(1, len(word))):]
	}
	return f
}

// filter keeps each step as often as times says.
func filter(steps []fakeStep, times func(fakeStep) int) []fakeStep {
	var out []fakeStep
	for _, s := range steps {
		for range times(s) {
			out = append(out, s)
		}
	}
	return out
}

func (f *fakeServant) send(message any) {
	body, err := json.Marshal(message)
	if err != nil {
		panic(err)
	}
	if _, err := f.out.Write(contract.AppendFrame(nil, body)); err != nil {
		os.Exit(1)
	}
}

func (f *fakeServant) answer(method string, params json.RawMessage) any {
	switch method {
	case contract.MethodHealth:
		if f.mute {
			touch("hanging")
			forever()
		}
		return contract.Health{OK: true, Contract: contract.Version, SDK: "fake 1", PID: os.Getpid(), Capabilities: []string{contract.CapReset}}
	case contract.MethodDiscover:
		var d contract.Discovery
		for i, s := range f.steps {
			d.Steps = append(d.Steps, contract.Definition{Type: s.kind, Pattern: s.pattern, ID: i + 1, Source: "fake.go:" + strconv.Itoa(i+1)})
		}
		return d
	case contract.MethodInitialize:
		var p contract.Initialize
		_ = json.Unmarshal(params, &p)
		f.prefix = p.ResourcePrefix
		return map[string]bool{"ok": true}
	case contract.MethodExecuteStep:
		var p contract.ExecuteStep
		if err := json.Unmarshal(params, &p); err != nil || p.Definition == nil {
			return contract.StepResult{Status: contract.StatusUndefined}
		}
		f.limit = time.Duration(p.TimeoutMs) * time.Millisecond
		r := f.steps[*p.Definition-1].run(f, p.Arguments)
		r.Success = r.Status == contract.StatusPassed
		return r
	case contract.MethodShutdown:
		if f.stubborn {
			touch("shutting-down")
			forever()
		}
	case contract.MethodCleanup:
		if f.stuck {
			touch("hanging")
			forever()
		}
		for _, path := range f.kept {
			_ = os.Remove(path)
		}
		f.kept = nil
	}
	return nil
}

var passed = contract.StepResult{Status: contract.StatusPassed, ElapsedNs: 1000}

func failedWith(format string, args ...any) contract.StepResult {
	return contract.StepResult{Status: contract.StatusFailed, Failure: &contract.Failure{Type: "Mismatch", Message: fmt.Sprintf(format, args...)}}
}

func fakeSteps() []fakeStep {
	step := func(pattern string, run func(f *fakeServant, args []string) contract.StepResult) fakeStep {
		return fakeStep{contract.Step, actor + pattern, run}
	}
	return []fakeStep{
		step(`passes`, func(*fakeServant, []string) contract.StepResult { return passed }),
		step(`expects '([^']*)' and gets '([^']*)'`, func(_ *fakeServant, args []string) contract.StepResult {
			fmt.Fprintln(os.Stderr, "comparing on stderr")
			r := failedWith("the values differ")
			r.Failure.Expected, r.Failure.Actual, r.Failure.Stack = args[0], args[1], "at fake.go:1"
			r.Logs = []contract.LogEntry{{Timestamp: time.Now(), Level: contract.LevelInformation, Message: "comparing in the log"}}
			return r
		}),
		step(`hangs`, func(*fakeServant, []string) contract.StepResult {
			touch("hanging")
			forever()
			return passed
		}),
		step(`exits with status '(\d+)'`, func(_ *fakeServant, args []string) contract.StepResult {
			fmt.Fprintln(os.Stderr, "assertion failed: the ring is full")
			status, _ := strconv.Atoi(args[0])
			os.Exit(status)
			return passed
		}),
		step(`prints '([^']*)' to standard output`, func(f *fakeServant, args []string) contract.StepResult {
			fmt.Fprintln(f.out, args[0])
			return passed
		}),
		step(`prints '([^']*)' to standard output, and fails`, func(f *fakeServant, args []string) contract.StepResult {
			fmt.Fprintln(f.out, args[0])
			fmt.Fprintln(os.Stderr, "printed it")
			return failedWith("it was wrong to print")
		}),
		step(`leaves a child behind`, func(*fakeServant, []string) contract.StepResult {
			child := exec.Command("sleep", "3600")
			child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
			if err := child.Start(); err != nil {
				return failedWith("%v", err)
			}
			return passed
		}),
		step(`keeps '([^']*)' in shared memory`, func(f *fakeServant, args []string) contract.StepResult {
			return f.create(args[0], true)
		}),
		step(`forgets '([^']*)' in shared memory`, func(f *fakeServant, args []string) contract.StepResult {
			return f.create(args[0], false)
		}),
		step(`will hang in cleanup`, func(f *fakeServant, _ []string) contract.StepResult {
			f.stuck = true
			return passed
		}),
		step(`touches '([^']*)'`, func(_ *fakeServant, args []string) contract.StepResult {
			touch(args[0])
			return passed
		}),
		step(`ends itself at its limit`, func(f *fakeServant, _ []string) contract.StepResult {
			reason := "Step execution timeout after " + f.limit.String()
			return contract.StepResult{Status: contract.StatusTimeout, Error: &reason, ElapsedNs: 1000}
		}),
		step(`has a limit of '([^']*)'`, func(f *fakeServant, args []string) contract.StepResult {
			if got := f.limit.String(); got != args[0] {
				return failedWith("the limit is %s", got)
			}
			return passed
		}),
		step(`reports '([^']*)' of '([^']*)'`, func(_ *fakeServant, args []string) contract.StepResult {
			r := passed
			body, _ := json.Marshal(map[string]any{"title": args[1], "figures": json.RawMessage(args[0])})
			r.Attachments = []contract.Attachment{{Name: "figures.json", MediaType: runlog.MediaFigures, Body: body}}
			return r
		}),
		step(`waits for '([^']*)'`, func(_ *fakeServant, args []string) contract.StepResult {
			for {
				if _, err := os.Stat(args[0]); err == nil {
					return passed
				}
				time.Sleep(time.Millisecond)
			}
		}),
	}
}

// create makes a segment and a lock under the cell's names, and lists their
// paths in the file `made`, where the test finds them.
func (f *fakeServant) create(name string, keep bool) contract.StepResult {
	if err := os.MkdirAll(lockDir, 0o777); err != nil {
		return failedWith("%v", err)
	}
	paths := []string{"/dev/shm/" + f.prefix + name, filepath.Join(lockDir, f.prefix+name+".lock")}
	list, err := os.OpenFile("made", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return failedWith("%v", err)
	}
	defer list.Close()
	for _, path := range paths {
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			return failedWith("%v", err)
		}
		if _, err := io.WriteString(list, path+"\n"); err != nil {
			return failedWith("%v", err)
		}
	}
	if keep {
		f.kept = append(f.kept, paths...)
	}
	return passed
}

const lockDir = "/tmp/zerobuffer"

// touch makes a file in the servant's working directory, the project's folder.
func touch(name string) {
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func forever() {
	for {
		time.Sleep(time.Hour)
	}
}
