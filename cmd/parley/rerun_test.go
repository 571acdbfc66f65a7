package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func TestAShellReadsWordsBack(t *testing.T) {
	words := []string{"parley", "run", "--config", "it's mine.yaml", "4.13#2", "#1", "go_*", "a b", "$HOME", "", `\`, "~", "-c", "x;y", "reader=go,writer=cpp", "ü"}
	out, err := exec.Command("sh", "-c", `printf '%s\0' `+shellWords(words)).Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"); !slices.Equal(got, words) {
		t.Errorf("got %q, want %q", got, words)
	}
	if got := shellWords([]string{"./test.sh", "go_csharp", "4.13#2"}); got != "./test.sh go_csharp 4.13#2" {
		t.Errorf("quoted without need: %s", got)
	}
}
