package steps_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	gherkin "github.com/cucumber/gherkin/go/v26"
	messages "github.com/cucumber/messages/go/v21"
	"go.uber.org/goleak"

	"parley.dev/parley/servant/contract"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestFeatures performs every scenario of features 1 to 4 that needs no signal,
// each role by a servant of its own in this process, over a pipe.
func TestFeatures(t *testing.T) {
	files, err := filepath.Glob("../features/0[1-4]-*.feature")
	if err != nil || len(files) != 4 {
		t.Fatalf("found the features %v: %v", files, err)
	}
	for _, file := range files {
		for _, pickle := range pickles(t, file) {
			if tagged(pickle, "@signals") {
				continue
			}
			t.Run(pickle.Name, func(t *testing.T) {
				t.Parallel()
				c := newCell(t, pickle.Name)
				for _, step := range pickle.Steps {
					c.perform(stepType(step), step.Text)
				}
				c.settleAll()
			})
		}
	}
}

func pickles(t *testing.T, file string) []*messages.Pickle {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	next := 0
	newID := func() string { next++; return strconv.Itoa(next) }
	document, err := gherkin.ParseGherkinDocument(f, newID)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return gherkin.Pickles(*document, file, newID)
}

func tagged(p *messages.Pickle, name string) bool {
	for _, tag := range p.Tags {
		if tag.Name == name {
			return true
		}
	}
	return false
}

func stepType(s *messages.PickleStep) string {
	switch s.Type {
	case messages.PickleStepType_CONTEXT:
		return contract.Given
	case messages.PickleStepType_ACTION:
		return contract.When
	default:
		return contract.Then
	}
}

var (
	roleOf     = regexp.MustCompile(`^(the|a second|two) '([^']+)' process(?:es)? `)
	withinForm = regexp.MustCompile(`^within '(\d+)' seconds (.*)$`)
)

// perform routes a step as the coordinator does: to the servant of its role, to
// a further one, or to the checks of shared memory.
func (c *cell) perform(stepType, text string) {
	c.t.Helper()
	meanwhile := false
	text, meanwhile = cutPrefix(text, "meanwhile ")
	if m := withinForm.FindStringSubmatch(text); m != nil {
		seconds, _ := strconv.Atoi(m[1])
		c.eventually(time.Duration(seconds)*time.Second, m[2])
		return
	}
	form := roleOf.FindStringSubmatch(text)
	if form == nil {
		if err := c.memory.check(text); err != nil {
			c.t.Fatalf("%s: %v", text, err)
		}
		return
	}
	role := form[2]
	c.settle(role)
	switch form[1] {
	case "a second":
		c.step(c.servant(role, 1), stepType, text)
	case "two":
		c.together(stepType, text, c.servant(role, 0), c.servant(role, 1))
	default:
		if meanwhile {
			c.start(role, stepType, text)
			return
		}
		c.step(c.servant(role, 0), stepType, text)
	}
}

// eventually polls a check of shared memory until it holds.
func (c *cell) eventually(limit time.Duration, text string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	for {
		err := c.memory.check(text)
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			c.t.Fatalf("within %v %s: %v", limit, text, err)
		case <-time.After(time.Millisecond):
		}
	}
}

func cutPrefix(s, prefix string) (string, bool) {
	rest, ok := strings.CutPrefix(s, prefix)
	return rest, ok
}
