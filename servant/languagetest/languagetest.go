// Package languagetest lets `go test ./...` also run the own tests of a
// servant that is written in another language.
package languagetest

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Run builds the sources of servant/LANGUAGE and runs their tests, by
// scripts/build-LANGUAGE.sh test. It is called by a test in that folder, and
// skips it where scripts/setup-LANGUAGE.sh misses something. More are further
// folders, relative to the repository, that these tests read.
func Run(t *testing.T, language string, more ...string) {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range append([]string{"servant/" + language, "servant/golden", "servant/contract", "scripts"}, more...) {
		touch(t, filepath.Join(root, dir))
	}
	script := func(kind string, words ...string) ([]byte, error) {
		return exec.Command(filepath.Join(root, "scripts", kind+"-"+language+".sh"), words...).CombinedOutput()
	}
	if out, err := script("setup", "--check", "test"); err != nil {
		t.Skipf("the toolchain of %s is not here: %s", language, bytes.TrimSpace(out))
	}
	out, err := script("build", "test")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}

// touch reads what tests depend on: go test caches a result for as long as the
// files that the test has opened stay as they were.
func touch(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
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
