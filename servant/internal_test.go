package servant

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"parley.dev/parley/servant/contract"
)

func TestSourceFile(t *testing.T) {
	for _, test := range []struct{ function, file, want string }{
		{"example.org/m/steps.Register", "/home/x/m/steps/basic.go", "steps/basic.go"},
		{"example.org/m/steps.Register.func1", "example.org/m/steps/basic.go", "steps/basic.go"},
		{"example.org/m/steps.(*T).Add", "/m/steps/basic.go", "steps/basic.go"},
		{"example.org/m.Register", "/m/all.go", "all.go"},
		{"main.main", "/m/cmd/servant/main.go", "cmd/servant/main.go"},
		{"example.org/m/steps_test.TestX", "/m/steps/basic_test.go", "steps/basic_test.go"},
		{"example.org/other/steps.Register", "/o/steps/basic.go", "example.org/other/steps/basic.go"},
	} {
		if got := sourceFile(test.function, test.file, "example.org/m", "example.org/m/cmd/servant"); got != test.want {
			t.Errorf("%s in %s: %s, want %s", test.function, test.file, got, test.want)
		}
	}
}

func TestVerdict(t *testing.T) {
	for _, test := range []struct {
		err    error
		status contract.Status
		kind   string
	}{
		{nil, contract.StatusPassed, ""},
		{fmt.Errorf("later: %w", ErrPending), contract.StatusPending, ""},
		{fmt.Errorf("%w: no disk", ErrSkipped), contract.StatusSkipped, ""},
		{&Failure{Type: "FrameTooLarge", Message: "m"}, contract.StatusFailed, "FrameTooLarge"},
		{fmt.Errorf("wrapped: %w", &Failure{Message: "m"}), contract.StatusFailed, FailureAssertion},
		{Failf("because %w", fs.ErrNotExist), contract.StatusFailed, FailureAssertion},
		{fmt.Errorf("open: %w", &fs.PathError{Op: "open", Path: "p", Err: fs.ErrNotExist}), contract.StatusFailed, "errors.errorString"},
		{fmt.Errorf("read: %w", context.Canceled), contract.StatusFailed, "ContextEnded"},
	} {
		status, failure := verdict(test.err)
		if status != test.status || (failure == nil) != (test.kind == "") || failure != nil && failure.Type != test.kind {
			t.Errorf("%v: %s, %+v; want %s, type %q", test.err, status, failure, test.status, test.kind)
		}
	}
	if !errors.Is(Failf("because %w", fs.ErrNotExist), fs.ErrNotExist) {
		t.Error("Failf hides what it wraps")
	}
}

func TestRecorderKeepsTheLastLines(t *testing.T) {
	live := 0
	r := newRecorder("id", func(string, any) { live++ })
	const lines = maxLogLines + 5
	for i := range lines {
		r.log(contract.LevelDebug, fmt.Sprint(i))
	}
	logs, _ := r.collected()
	if len(logs) != maxLogLines+1 || logs[0].Message != "5 lines before this one left out" || logs[len(logs)-1].Message != fmt.Sprint(lines-1) {
		t.Errorf("%d lines, from %q to %q", len(logs), logs[0].Message, logs[len(logs)-1].Message)
	}
	if live != lines {
		t.Errorf("%d lines were sent live, want all %d", live, lines)
	}
	r.log(contract.LevelDebug, strings.Repeat("x", 2*maxLogBytes))
	logs, _ = r.collected()
	if total := len(logs[len(logs)-1].Message); len(logs) != 2 || total > maxLogBytes+20 {
		t.Errorf("%d lines, the last of %d bytes", len(logs), total)
	}
}

func TestNewContext(t *testing.T) {
	ctx, end := NewContext(context.Background(), contract.Initialize{Role: "reader"})
	closed := 0
	*State[tally](ctx) = tally{&closed}
	if role := Scenario(ctx).Role(); role != "reader" {
		t.Errorf("role %q", role)
	}
	Scenario(ctx).Set("k", "v")
	if v, ok := Scenario(ctx).Get("k"); !ok || v != "v" {
		t.Errorf("shared map: %q, %v", v, ok)
	}
	for range 2 {
		if err := end(); err != nil {
			t.Error(err)
		}
	}
	if closed != 1 || ctx.Err() == nil {
		t.Errorf("disposed of %d times, context error %v", closed, ctx.Err())
	}
}

type tally struct{ n *int }

func (t *tally) Close() error { *t.n++; return nil }

func TestScenarioOutsideOfAStepPanics(t *testing.T) {
	defer func() {
		if message := fmt.Sprint(recover()); !strings.Contains(message, "pass on the one that the step function received") {
			t.Errorf("panic %q", message)
		}
	}()
	Scenario(context.Background())
	t.Error("it returned")
}
