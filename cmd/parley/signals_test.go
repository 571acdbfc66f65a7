package main

import (
	"os"
	"syscall"
	"testing"
)

// The pipe of a servant that has died makes this signal too.
func TestABrokenPipeElsewhereEndsNoRun(t *testing.T) {
	s := catchSignals(t.Context())
	defer s.stop()
	for range 3 {
		if err := syscall.Kill(os.Getpid(), syscall.SIGPIPE); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	<-s.ctx.Done()
	if s.mu.Lock(); s.count != 1 {
		t.Errorf("%d interrupts, want the one by SIGHUP", s.count)
	}
	s.mu.Unlock()
}

func TestAWriterWithoutReaderInterruptsOnce(t *testing.T) {
	s := catchSignals(t.Context())
	defer s.stop()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	out := s.writer(w)
	if _, err := out.Write([]byte("x")); err != nil || s.interrupted() {
		t.Fatal("a reader that is there ends nothing", err)
	}
	r.Close()
	for range 2 {
		if _, err := out.Write([]byte("x")); err == nil {
			t.Fatal("nobody reads, and the write is said to have worked")
		}
	}
	if s.count != 1 {
		t.Errorf("%d interrupts, want 1", s.count)
	}
}
