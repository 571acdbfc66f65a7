package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"parley.dev/parley/servant/ring"
)

// transfer is the result of read, write and pong.
type transfer struct {
	OK                 bool    `json:"ok"`
	Frames             int     `json:"frames"`
	Bytes              int     `json:"bytes"`
	Seconds            float64 `json:"seconds"`
	MetadataLength     int     `json:"metadataLength"`
	FramesPerSecond    float64 `json:"framesPerSecond"`
	MegabytesPerSecond float64 `json:"megabytesPerSecond"`
}

// finish sets what follows from the time that the transfer took.
func (t *transfer) finish(took time.Duration) *transfer {
	t.OK, t.Seconds = true, took.Seconds()
	if took > 0 {
		t.FramesPerSecond = float64(t.Frames) / t.Seconds
		t.MegabytesPerSecond = float64(t.Bytes) / t.Seconds / 1e6
	}
	return t
}

// latency is the result of ping.
type latency struct {
	OK           bool         `json:"ok"`
	Size         int          `json:"size"`
	Count        int          `json:"count"`
	Microseconds distribution `json:"microseconds"`
}

// distribution is in microseconds.
type distribution struct {
	Min  float64 `json:"min"`
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p999"`
	Max  float64 `json:"max"`
	Mean float64 `json:"mean"`
}

// distributionOf sorts the samples, of which there is at least one.
func distributionOf(samples []time.Duration) distribution {
	slices.Sort(samples)
	var sum time.Duration
	for _, s := range samples {
		sum += s
	}
	micros := func(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
	// The nearest rank: the least sample that the share does not exceed.
	at := func(perMille int) float64 {
		rank := (len(samples)*perMille + 999) / 1000
		return micros(samples[max(rank, 1)-1])
	}
	return distribution{
		Min: micros(samples[0]), P50: at(500), P90: at(900), P99: at(990), P999: at(999),
		Max: micros(samples[len(samples)-1]), Mean: micros(sum) / float64(len(samples)),
	}
}

// failure is the result of a command that failed.
type failure struct {
	OK      bool   `json:"ok"`
	Error   string `json:"error"`
	Message string `json:"message"`
}

// mismatch is an answer of the other side that is not what it must be.
type mismatch struct {
	name string
	err  error
}

func (m *mismatch) Error() string { return m.err.Error() }
func (m *mismatch) Unwrap() error { return m.err }

func mismatchf(name, format string, args ...any) error {
	return &mismatch{name: name, err: fmt.Errorf(format, args...)}
}

// setupError says that the command could not begin.
type setupError struct{ err error }

func (s *setupError) Error() string { return s.err.Error() }
func (s *setupError) Unwrap() error { return s.err }

// errorName is the name that all languages share: the ring's, or that of a
// check of the probe itself.
func errorName(err error) string {
	var m *mismatch
	var e *ring.Error
	switch {
	case errors.As(err, &m):
		return m.name
	case errors.As(err, &e):
		return e.Kind.String()
	}
	return "System"
}

// printJSON prints v as one line and gives the exit status.
func printJSON(stdout, stderr io.Writer, v any, status int) int {
	b, err := json.Marshal(v)
	if err == nil {
		_, err = fmt.Fprintf(stdout, "%s\n", b)
	}
	if err != nil {
		fmt.Fprintf(stderr, "ring-probe: cannot print the result: %v\n", err)
		return max(status, exitFailed)
	}
	return status
}
