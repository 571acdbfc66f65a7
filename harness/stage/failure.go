package stage

import (
	"fmt"
	"strings"
)

// Kind is what went wrong with a servant or service.
type Kind string

// The kinds.
const (
	StartFailed     Kind = "start-failed"     // no process came to be
	HandshakeFailed Kind = "handshake-failed" // no usable answer to health
	Exited          Kind = "exited"           // it ended although nobody asked it to
	Timeout         Kind = "timeout"          // no answer, or input not read, within the limit
	Protocol        Kind = "protocol"         // it sent what the contract does not allow
	BrokenRPC       Kind = "broken-rpc"       // it answered with a JSON-RPC error
	Killed          Kind = "killed"           // the scenario or the coordinator ended it
)

// Failure is one way in which a servant went wrong. Error is one sentence: who,
// what, how it ended, its last words, and what to try.
type Failure struct {
	Kind     Kind
	Platform string // or the service's name
	Service  bool   // it is not a servant
	Role     string // empty before it has one
	PID      int    // 0 when no process came to be
	What     string // "did not answer health within 10s"
	Ended    string // "exited with status 134"; empty while it lives
	LastLine string // the last line it printed
	LastFrom Source // where to: Stderr or StrayStdout
	Hint     string // what to do about it
	Err      error  // the cause, when there is one; its text is part of What
}

func (f *Failure) Error() string {
	var b strings.Builder
	b.WriteString(noun(f.Service) + " " + f.Platform)
	if f.Role != "" {
		fmt.Fprintf(&b, " (role %s)", f.Role)
	}
	b.WriteString(" " + f.What)
	if f.Ended != "" {
		b.WriteString(": it " + f.Ended)
	}
	if f.LastLine != "" {
		where := "stderr"
		if f.LastFrom == StrayStdout {
			where = "stdout, outside of any frame"
		}
		fmt.Fprintf(&b, "; its last line on %s: %s", where, shorten(f.LastLine, 300))
	}
	if f.Hint != "" {
		b.WriteString("; " + f.Hint)
	}
	return b.String()
}

func (f *Failure) Unwrap() error { return f.Err }

func noun(service bool) string {
	if service {
		return "service"
	}
	return "servant"
}

// hintFor says what to do about a servant that failed in this way.
func (s *Stage) hintFor(kind Kind, platform string) string {
	switch kind {
	case Killed:
		return "" // somebody wanted it
	case Timeout:
		return "if the step needs longer, raise --step-timeout; try: " + s.doctor + " " + platform
	}
	return "try: " + s.doctor + " " + platform
}
