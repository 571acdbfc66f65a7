package servant_test

import (
	"context"
	"runtime"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"parley.dev/parley/servant"
	"parley.dev/parley/servant/contract"
)

func TestMain(m *testing.M) {
	if runAsServant() {
		return
	}
	goleak.VerifyTestMain(m)
}

func logs(ctx context.Context) error {
	servant.Scenario(ctx).Logf(contract.LevelInformation, "a line")
	return nil
}

func goexit() { runtime.Goexit() }

func contains(s, part string) bool { return strings.Contains(s, part) }

func checkError(t *testing.T, result contract.StepResult, prefix string) {
	t.Helper()
	got := ""
	if result.Error != nil {
		got = *result.Error
	}
	if prefix == "" && result.Error != nil || !strings.HasPrefix(got, prefix) {
		t.Errorf("error %q, want a prefix %q", got, prefix)
	}
}

// checkFailure compares the fields that are set in want.
func checkFailure(t *testing.T, got *contract.Failure, want contract.Failure) {
	t.Helper()
	if got == nil {
		if want != (contract.Failure{}) {
			t.Errorf("no failure, want %+v", want)
		}
		return
	}
	for _, field := range []struct{ name, got, want string }{
		{"type", got.Type, want.Type}, {"message", got.Message, want.Message},
		{"expected", got.Expected, want.Expected}, {"actual", got.Actual, want.Actual},
	} {
		if field.want != "" && field.got != field.want {
			t.Errorf("failure.%s is %q, want %q", field.name, field.got, field.want)
		}
	}
}
