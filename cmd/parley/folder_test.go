package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"parley.dev/parley/harness/config"
)

func TestOldRunsGoAndLivingOnesStay(t *testing.T) {
	p := &project{config: &config.Config{Root: t.TempDir(), Out: t.TempDir()}}
	runs := filepath.Join(p.config.Out, "runs")
	for i := range keptRuns + 5 {
		if err := os.MkdirAll(filepath.Join(runs, fmt.Sprintf("2026%04d", i)), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	living, err := lockFolder(filepath.Join(runs, "20260000"))
	if err != nil {
		t.Fatal(err)
	}
	defer living.release()
	f, err := p.runFolder("", "20270000")
	if err != nil {
		t.Fatal(err)
	}
	defer f.release()
	left, err := os.ReadDir(runs)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != keptRuns+1 || left[0].Name() != "20260000" || left[len(left)-1].Name() != "20270000" {
		t.Errorf("%d runs are kept: %v", len(left), left)
	}
	if _, err := p.runFolder(f.path, "20270001"); !errors.Is(err, errInUse) {
		t.Errorf("a living run's folder was taken over: %v", err)
	}
	if last, err := os.Readlink(filepath.Join(p.config.Out, lastLink)); err != nil || last != f.path {
		t.Errorf("the last run is %q, %v", last, err)
	}
}

func TestAFolderThatCannotBeMade(t *testing.T) {
	p := &project{config: &config.Config{Root: t.TempDir(), Out: t.TempDir()}}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := p.runFolder(file, "x"); err == nil {
		t.Error("a file was taken for a folder")
	}
}
