package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// signals turns the first interrupt into a cancelled context and the second
// into an immediate end.
type signals struct {
	ctx    context.Context
	cancel context.CancelFunc
	caught chan os.Signal

	mu     sync.Mutex
	count  int
	second func()
}

// catchSignals listens for the signals that end a run. SIGPIPE is not one: it
// also comes from the pipe of a servant that has died. Who writes to standard
// output uses writer.
func catchSignals(parent context.Context) *signals {
	ctx, cancel := context.WithCancel(parent)
	s := &signals{ctx: ctx, cancel: cancel, caught: make(chan os.Signal, 2)}
	signal.Notify(s.caught, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGPIPE)
	go s.listen()
	return s
}

func (s *signals) listen() {
	for sig := range s.caught {
		// Caught and dropped rather than ignored: what is ignored would be so in servants too.
		if sig != syscall.SIGPIPE {
			s.interrupt()
		}
	}
}

// interrupt ends the run, the second time at once.
func (s *signals) interrupt() {
	s.mu.Lock()
	s.count++
	first, second := s.count == 1, s.second
	s.mu.Unlock()
	if first {
		s.cancel()
	} else if second != nil {
		second()
	}
}

// writer returns w such that the run ends when nobody reads any more.
func (s *signals) writer(w io.Writer) io.Writer { return &pipeWriter{w: w, s: s} }

type pipeWriter struct {
	w    io.Writer
	s    *signals
	once sync.Once
}

func (p *pipeWriter) Write(b []byte) (int, error) {
	n, err := p.w.Write(b)
	if errors.Is(err, syscall.EPIPE) {
		p.once.Do(func() {
			if !p.s.interrupted() {
				p.s.interrupt()
			}
		})
	}
	return n, err
}

// onSecond sets what a second signal does.
func (s *signals) onSecond(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.second = f
}

func (s *signals) interrupted() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count > 0
}

func (s *signals) stop() {
	signal.Stop(s.caught)
	close(s.caught)
	s.cancel()
}
