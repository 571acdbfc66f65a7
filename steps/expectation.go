package steps

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"parley.dev/parley/servant"
	"parley.dev/parley/servant/ring"
)

// detailNames are the details that the ring's errors carry, in the order in
// which they are written.
var detailNames = [...]string{"field", "value", "limit", "size", "largest", "timeout", "expected", "actual", "call", "errno"}

// detailErrno is the detail that is written by its symbol.
const detailErrno = "errno"

// expectation is an error as features write it:
//
//	Kind[ detail=value]*[ naming WORDS]
//
// Each detail must be what the error carries, as text; WORDS must be part of
// its message.
type expectation struct {
	text    string
	kind    ring.Kind
	details map[string]string
	words   string
}

// expect parses an error as features write it. A kind that the ring does not
// have, or a detail that the kind does not carry, fails.
func expect(text string) (*expectation, error) {
	notation, words, naming := strings.Cut(text, " naming ")
	if naming && words == "" {
		return nil, servant.Failf("the error '%s' names nothing; put the words that its message must have behind 'naming'", text)
	}
	parts := strings.Fields(notation)
	if len(parts) == 0 {
		return nil, servant.Failf("the error '%s' has no name; see the errors of the ring's documentation", text)
	}
	kind, ok := kindNamed(parts[0])
	if !ok {
		return nil, servant.Failf("the ring has no error named '%s'; see the errors of the ring's documentation", parts[0])
	}
	carried := (&ring.Error{Kind: kind}).Details()
	details := map[string]string{}
	for _, part := range parts[1:] {
		name, value, ok := strings.Cut(part, "=")
		if !ok {
			return nil, servant.Failf("'%s' in the error '%s' is no detail; write detail=value", part, text)
		}
		if _, ok := carried[name]; !ok {
			return nil, servant.Failf("the error %s carries no detail named '%s'; see the errors of the ring's documentation", kind, name)
		}
		if _, twice := details[name]; twice {
			return nil, servant.Failf("the error '%s' has the detail '%s' twice", text, name)
		}
		details[name] = value
	}
	return &expectation{text: text, kind: kind, details: details, words: words}, nil
}

// check passes only if err is the expected error; doing says what ended with it.
func (e *expectation) check(doing string, err error) error {
	if err == nil {
		return e.mismatch(doing, "success")
	}
	var refused *ring.Error
	if !errors.As(err, &refused) || refused.Kind != e.kind || !strings.Contains(refused.Error(), e.words) {
		return e.mismatch(doing, describe(err))
	}
	details := detailsOf(refused)
	for name, value := range e.details {
		if details[name] != value {
			return e.mismatch(doing, describe(err))
		}
	}
	return nil
}

// mismatch says that something else came than the expected error.
func (e *expectation) mismatch(doing, actual string) error {
	return servant.Mismatch(doing+": error", e.text, actual)
}

// expectError passes only if err is the error that text denotes.
func expectError(doing, text string, err error) error {
	e, invalid := expect(text)
	if invalid != nil {
		return invalid
	}
	return e.check(doing, err)
}

// describe writes an error as features do, with its message behind; one that is
// not the ring's is its message.
func describe(err error) string {
	var refused *ring.Error
	if !errors.As(err, &refused) {
		return err.Error()
	}
	var b strings.Builder
	b.WriteString(refused.Kind.String())
	details := detailsOf(refused)
	for _, name := range detailNames {
		if value, ok := details[name]; ok {
			fmt.Fprintf(&b, " %s=%s", name, value)
		}
	}
	fmt.Fprintf(&b, " (%v)", err)
	return b.String()
}

// detailsOf gives what an error carries, as features write it.
func detailsOf(err *ring.Error) map[string]string {
	details := map[string]string{}
	for name, value := range err.Details() {
		details[name] = fmt.Sprint(value)
		if errno, ok := value.(int); ok && name == detailErrno {
			if symbol := unix.ErrnoName(unix.Errno(errno)); symbol != "" {
				details[name] = symbol
			}
		}
	}
	return details
}

func kindNamed(name string) (ring.Kind, bool) {
	for kind := ring.InvalidName; kind <= ring.System; kind++ {
		if kind.String() == name {
			return kind, true
		}
	}
	return 0, false
}
