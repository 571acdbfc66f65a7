package stage

import (
	"io"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A process gets its three pipes and nothing that the coordinator was given by
// its own parent.
func TestProcessesInheritNothingElse(t *testing.T) {
	inherited, err := unix.Open("/dev/null", unix.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Close(inherited) }()
	s := newSpawner()
	defer s.stop()
	p, err := s.Launch(t.Context(), Command{Argv: []string{"/bin/sh", "-c", "for fd in /proc/$$/fd/*; do echo ${fd##*/}; done"}})
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(p.Stdout())
	if err != nil {
		t.Fatal(err)
	}
	if exit := p.Wait(); exit.Status != 0 {
		t.Errorf("the shell ended with %+v", exit)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	open := strings.Fields(string(out))
	for _, fd := range open {
		if fd == strconv.Itoa(inherited) {
			t.Errorf("the process has descriptors %v, %d of them is not its own", open, inherited)
		}
	}
	if len(open) < 3 {
		t.Errorf("the process sees only descriptors %v", open)
	}
}
