// Package cpp_test lets `go test ./...` also run the C++ ring's, SDK's and
// steps' own tests.
package cpp_test

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestCpp builds the C++ sources and runs their tests under the sanitizers and the linter too.
func TestCpp(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	touch(t, root)
	check := exec.Command(filepath.Join(root, "scripts", "setup-cpp.sh"), "--check", "test")
	if out, err := check.CombinedOutput(); err != nil {
		t.Skipf("the C++ toolchain is not here: %s", bytes.TrimSpace(out))
	}
	run := exec.Command(filepath.Join(root, "scripts", "build-cpp.sh"), "test")
	out, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}

// touch reads what the tests depend on: go test caches a result for as long as
// the files that the test has opened stay as they were.
func touch(t *testing.T, root string) {
	t.Helper()
	for _, dir := range []string{"servant/cpp", "servant/golden", "servant/contract", "scripts"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			_, err = os.ReadFile(path)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
