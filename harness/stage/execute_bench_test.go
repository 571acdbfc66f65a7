package stage

import (
	"os"
	"testing"
	"time"

	"parley.dev/parley/servant/contract"
)

// BenchmarkExecute measures a whole step: the coordinator's cost, two pipes and
// the fake servant's own parsing.
func BenchmarkExecute(b *testing.B) {
	b.Setenv("XDG_RUNTIME_DIR", b.TempDir())
	s, err := Open(b.Context(), Options{RunID: "bench"})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close(b.Context())
	exe, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	sv, err := s.Acquire(b.Context(), Command{Platform: "fake", Argv: []string{exe, "fake-servant", "obeys"}}, s.NewIdentity("cell"))
	if err != nil {
		b.Fatal(err)
	}
	p := contract.ExecuteStep{Process: "writer", StepType: contract.When, Step: "the writer writes a frame of 1024 bytes"}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := sv.Execute(b.Context(), p, time.Minute); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReuse measures what lies between two cells: release with the hygiene
// check, and acquire.
func BenchmarkReuse(b *testing.B) {
	b.Setenv("XDG_RUNTIME_DIR", b.TempDir())
	s, err := Open(b.Context(), Options{RunID: "bench"})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close(b.Context())
	exe, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	c := Command{Platform: "fake", Argv: []string{exe, "fake-servant", "obeys"}}
	for b.Loop() {
		sv, err := s.Acquire(b.Context(), c, s.NewIdentity("cell"))
		if err != nil {
			b.Fatal(err)
		}
		if left := s.Release(b.Context(), sv, true); !left.Reused {
			b.Fatalf("%+v", left)
		}
	}
}
