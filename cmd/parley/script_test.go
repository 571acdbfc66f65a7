package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"parley.dev/parley/harness/stage"
)

// TestMain makes the test binary three programs: the tests, `parley` and
// `fake-servant`, both found in PATH.
func TestMain(m *testing.M) {
	stage.GuardMain()
	testscript.Main(m, map[string]func(){
		"parley":       func() { os.Exit(Main(context.Background(), os.Args[1:])) },
		"fake-servant": fakeMain,
	})
}

// TestScripts runs testdata/*.txtar: the command line as its users meet it. Each
// script has a home and a directory of runs of its own; whatever carries that
// home in its environment at the end has been left behind.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			for _, dir := range []string{"home", "runtime"} {
				if err := os.Mkdir(env.Getenv("WORK")+"/"+dir, 0o700); err != nil {
					return err
				}
			}
			env.Setenv("HOME", env.Getenv("WORK")+"/home")
			env.Setenv("XDG_RUNTIME_DIR", env.Getenv("WORK")+"/runtime")
			env.Setenv("LANG", "C.UTF-8")
			env.Defer(func() {
				if left := processesOf(env.Getenv("HOME")); len(left) > 0 {
					env.T().Fatal("left behind:", left)
				}
			})
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits":  exits,
			"awaits": awaits,
			"absent": absent,
			"again":  again,
			"order":  order,
		},
	})
}

// exits STATUS PROGRAM ARG...: the program ends with exactly that status.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS PROGRAM ARG...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	var ended *exec.ExitError
	got := 0
	switch err := ts.Exec(args[1], args[2:]...); {
	case errors.As(err, &ended):
		got = ended.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// awaits FILE: waits until the file exists.
func awaits(ts *testscript.TestScript, _ bool, args []string) {
	err := until(func() bool {
		_, err := os.Stat(ts.MkAbs(args[0]))
		return err == nil
	})
	if err != nil {
		ts.Fatalf("%s never came", args[0])
	}
}

// absent FILE: none of the paths that the file lists exists.
func absent(ts *testscript.TestScript, _ bool, args []string) {
	for _, path := range strings.Fields(ts.ReadFile(args[0])) {
		if _, err := os.Lstat(path); err == nil {
			ts.Fatalf("%s is still there", path)
		}
	}
}

// again STATUS: types the command that a failure printed as `again` into a
// shell, which must end with that status.
func again(ts *testscript.TestScript, neg bool, args []string) {
	m := againLine.FindStringSubmatch(ts.ReadFile("stdout"))
	if m == nil {
		ts.Fatalf("standard output has no line `again`")
	}
	exits(ts, neg, []string{args[0], "sh", "-c", m[1]})
}

var againLine = regexp.MustCompile(`(?m)^  again +(.*)$`)

// order FILE: writes the cells that standard output names as passed, in its
// order, into the file.
func order(ts *testscript.TestScript, _ bool, args []string) {
	var cells []string
	for _, m := range cellLine.FindAllStringSubmatch(ts.ReadFile("stdout"), -1) {
		cells = append(cells, m[1]+"\n")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Join(cells, "")), 0o600))
}

var cellLine = regexp.MustCompile(`(?m)^✓ (\d\S*) `)

// patience bounds every wait for a condition; only a failing test waits that long.
const patience = 60 * time.Second

var errNever = fmt.Errorf("not within %v", patience)

func until(ok func() bool) error {
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			return errNever
		}
	}
	return nil
}

// processesOf lists the living processes that have that home.
func processesOf(home string) []string {
	var found []string
	environs, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, path := range environs {
		raw, err := os.ReadFile(path)
		if err != nil || !strings.Contains("\x00"+string(raw), "\x00HOME="+home+"\x00") {
			continue
		}
		command, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
		found = append(found, filepath.Base(filepath.Dir(path))+" "+strings.ReplaceAll(string(command), "\x00", " "))
	}
	return found
}
