package stage

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestIdentitiesAreUnique(t *testing.T) {
	s := open(t)
	seen := map[string]bool{}
	for range 1000 {
		id := s.NewIdentity("cell")
		if id.HostPid <= 0 || id.FeatureId <= 0 || id.FeatureId > 1<<31-1 || id.HostPid > 1<<31-1 {
			t.Fatalf("%+v", id)
		}
		for _, key := range []string{id.ResourcePrefix, fmt.Sprintf("%d_%d", id.HostPid, id.FeatureId)} {
			if seen[key] {
				t.Fatalf("%s twice", key)
			}
			seen[key] = true
		}
	}
}

func TestWhatACellOwns(t *testing.T) {
	id := Identity{HostPid: 71, FeatureId: 90, ResourcePrefix: "p0a1b2c3dc1-"}
	for name, want := range map[string]bool{
		"p0a1b2c3dc1-frames":                      true,
		"sem.sem-w-p0a1b2c3dc1-frames":            true,
		"p0a1b2c3dc1-frames.lock":                 true,
		"p0a1b2c3dc12-frames":                     false,
		"frames_71_90":                            true,
		"sem.sem-r-frames_71_90":                  true,
		"frames_71_90.lock":                       true,
		"frames_71_90_request":                    true,
		"sem.sem-r-two_words_71_90_response":      true,
		"frames_71_9":                             false,
		"frames_71_900":                           false,
		"frames_171_90":                           false,
		"71_90":                                   false,
		"frames_71_90_old":                        false,
		"frames":                                  false,
		"frames_99999999999999999999_90":          false,
		"frames_-71_90":                           false,
		"sem.sem-w-p0a1b2c3dc1frames":             false,
		strings.Repeat("x", 200) + "p0a1b2c3dc1-": true,
	} {
		if got := id.Owns(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
	run := runFacts{RunID: "r", Prefix: "p0a1b2c3dc", HostPid: 71, FeatureFrom: 90, FeatureTo: 92}
	for name, want := range map[string]bool{
		"p0a1b2c3dc9-x": true, "x_71_90": true, "x_71_91": true, "x_71_92": false, "x_71_89": false, "x_72_90": false,
	} {
		if got := run.owns(name); got != want {
			t.Errorf("run, %s: %v", name, got)
		}
	}
	if (runFacts{RunID: "r", HostPid: 71, FeatureFrom: 1, FeatureTo: 2}).owns("anything") {
		t.Error("facts without a prefix own something")
	}
}

func TestRunIDs(t *testing.T) {
	for id, want := range map[string]bool{"a": true, "2026-01-31_x.1": true, "": false, ".": false, "..": false, ".new-1": false, "a/b": false, "a b": false, strings.Repeat("x", 65): false} {
		if validRunID(id) != want {
			t.Errorf("%q", id)
		}
	}
	if _, err := Open(t.Context(), Options{RunID: "a/b"}); err == nil || !strings.Contains(err.Error(), `run id "a/b"`) {
		t.Errorf("%v", err)
	}
}

func TestARunIDServesOneRun(t *testing.T) {
	s := open(t)
	if _, err := Open(t.Context(), Options{RunID: s.RunID()}); err == nil || !strings.Contains(err.Error(), "another run with the id "+s.RunID()+" is alive") {
		t.Errorf("%v", err)
	}
	entries, err := os.ReadDir(filepath.Dir(s.ownership.dir))
	if err != nil || len(entries) != 1 {
		t.Errorf("%v %v", entries, err)
	}
}

func TestAStrangersDirectoryIsRefused(t *testing.T) {
	base := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", base)
	own := filepath.Join(base, fmt.Sprintf("parley-%d", os.Getuid()))
	if err := os.Symlink(t.TempDir(), own); err != nil {
		t.Fatal(err)
	}
	if _, err := Clean(nil); err == nil || !strings.Contains(err.Error(), own) || !strings.Contains(err.Error(), "remove it, or set XDG_RUNTIME_DIR") {
		t.Errorf("a symbolic link: %v", err)
	}
	os.Remove(own)
	if err := os.Mkdir(own, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(own, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Options{RunID: "r"}); err == nil || !strings.Contains(err.Error(), own) {
		t.Errorf("writable by all: %v", err)
	}
}

func TestDamagedFactsAreNotActedOn(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	root, err := runsDir()
	if err != nil {
		t.Fatal(err)
	}
	o, err := register(root, "r")
	if err != nil {
		t.Fatal(err)
	}
	o.lock.Close()
	if err := os.WriteFile(filepath.Join(o.dir, factsFile), []byte(`{"runId":"r","prefix":"p"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	removed, err := Clean(nil)
	if len(removed) > 0 || err == nil || !strings.Contains(err.Error(), "its facts are damaged; look at it and remove "+o.dir+" by hand") {
		t.Errorf("%v, %v", removed, err)
	}
}
