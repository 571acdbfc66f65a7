package runlog

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	messages "github.com/cucumber/messages/go/v21"
)

// Torn is the last line of a log whose writer was killed in the middle of it.
type Torn struct {
	// Line counts from 1.
	Line int
	// Bytes is the length of what is there.
	Bytes int
}

func (t *Torn) String() string {
	return fmt.Sprintf("line %d is torn after %d bytes: the writer was killed", t.Line, t.Bytes)
}

// Scan calls f for each envelope of the log at path, in order, until f returns an
// error, which it passes on. A last line without its line end that is no whole
// message is left out and returned as torn; any other broken line is an error.
func Scan(path string, f func(*messages.Envelope) error) (*Torn, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read run log: %w", err)
	}
	defer file.Close()
	lines := bufio.NewReaderSize(file, 64<<10)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		last := errors.Is(err, io.EOF)
		if err != nil && !last {
			return nil, fmt.Errorf("read run log %s: line %d: %w", path, n, err)
		}
		if len(line) > 0 {
			var env messages.Envelope
			if err := json.Unmarshal(line, &env); err != nil {
				if last {
					return &Torn{Line: n, Bytes: len(line)}, nil
				}
				return nil, fmt.Errorf("read run log %s: line %d is not a Cucumber message: %w", path, n, err)
			}
			if err := f(&env); err != nil {
				return nil, fmt.Errorf("read run log %s: line %d: %w", path, n, err)
			}
		}
		if last {
			return nil, nil
		}
	}
}

// Read reads the log at path. A log without an end has OutcomeIncomplete, and its
// cells that did not finish have no verdict.
func Read(path string) (*Run, error) {
	run := &Run{}
	torn, err := Scan(path, func(env *messages.Envelope) error {
		if run.Meta == nil {
			if env.Meta == nil {
				return errors.New("it does not begin with the message meta: this is not a run log")
			}
			if name := env.Meta.Implementation; name == nil || name.Name != implementation {
				return fmt.Errorf("it was not written by %s: the reports need its data on casts, roles and clocks", implementation)
			}
		}
		return run.Apply(env)
	})
	if err != nil {
		return nil, err
	}
	if run.Meta == nil {
		return nil, fmt.Errorf("read run log %s: it is empty: the run was killed before it began", path)
	}
	run.Torn = torn
	if run.Finished.IsZero() {
		message := "the log has no end: the run was killed or still goes on"
		if torn != nil {
			message += "; " + torn.String()
		}
		run.Outcome = &Outcome{Kind: OutcomeIncomplete, Message: message}
	}
	return run, nil
}
