package main

import (
	"context"
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

// catchSignals listens for the signals that end a run. A reader of our output
// that has gone away ends it too.
func catchSignals(parent context.Context) *signals {
	ctx, cancel := context.WithCancel(parent)
	s := &signals{ctx: ctx, cancel: cancel, caught: make(chan os.Signal, 2)}
	signal.Notify(s.caught, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGPIPE)
	go s.listen()
	return s
}

func (s *signals) listen() {
	for sig := range s.caught {
		s.mu.Lock()
		if sig == syscall.SIGPIPE && s.count > 0 {
			s.mu.Unlock()
			continue
		}
		s.count++
		first, second := s.count == 1, s.second
		s.mu.Unlock()
		if first {
			s.cancel()
		} else if second != nil {
			second()
		}
	}
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
