package servant_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"parley.dev/parley/servant"
	"parley.dev/parley/servant/contract"
)

// TestTranscripts replays the golden transcripts; their format is described in
// contract/testdata/README.md.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("contract/testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("found the transcripts %v: %v", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) { replay(t, file) })
	}
}

func replay(t *testing.T, file string) {
	lines := transcript(t, file)
	over := make(chan struct{})
	defer close(over)
	registry := servant.NewRegistry()
	for _, line := range lines {
		if line.kind == "define" {
			define(t, registry, line.text, over)
		}
	}
	here, there := net.Pipe()
	served := make(chan error, 1)
	go func() { served <- servant.Serve(context.Background(), registry, there, servant.Info{}) }()
	messages := make(chan []byte, 256)
	go receive(t, here, messages)
	defer func() {
		_ = here.Close()
		for range messages {
			// until the connection has ended
		}
	}()
	for _, line := range lines {
		where := fmt.Sprintf("%s:%d", file, line.number)
		switch line.kind {
		case ">":
			send(t, where, here, string(contract.AppendFrame(nil, []byte(line.text))))
		case ">>":
			var raw string
			if err := json.Unmarshal([]byte(line.text), &raw); err != nil {
				t.Fatalf("%s: %v", where, err)
			}
			send(t, where, here, raw)
		case "<":
			expect(t, where, line.text, messages)
		case "close":
			_ = here.Close()
			awaitEnd(t, where, served)
		case "exit":
			awaitEnd(t, where, served)
		}
	}
}

type transcriptLine struct {
	number     int
	kind, text string
}

func transcript(t *testing.T, file string) []transcriptLine {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var lines []transcriptLine
	scanner := bufio.NewScanner(f)
	for number := 1; scanner.Scan(); number++ {
		line := scanner.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		kind, text, _ := strings.Cut(line, " ")
		switch kind {
		case "define", ">", ">>", "<", "close", "exit":
			lines = append(lines, transcriptLine{number, kind, text})
		default:
			t.Fatalf("%s:%d: a line cannot begin with %q", file, number, kind)
		}
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

// visitor is the state behind the behaviour visits.
type visitor struct{ count int }

func define(t *testing.T, r *servant.Registry, line string, over chan struct{}) {
	t.Helper()
	parts := regexp.MustCompile(`^(\S+)\s+(\S+)\s+(.*)$`).FindStringSubmatch(line)
	if parts == nil {
		t.Fatalf("define %s: expected a type, a behaviour and a pattern", line)
	}
	behaviours := map[string]any{
		"passes": func(context.Context, string) error { return nil },
		"fails":  func(context.Context, string) error { return servant.Mismatch("bytes read", 4, 5) },
		"throws": func(context.Context, string) error { panic("boom") },
		"pends":  func(context.Context, string) error { return servant.ErrPending },
		"skips":  func(context.Context, string) error { return servant.ErrSkipped },
		"waits":  func(ctx context.Context, _ string) error { <-ctx.Done(); return ctx.Err() },
		"hangs":  func(context.Context, string) error { <-over; return nil },
		"visits": func(ctx context.Context, _ string) error {
			v := servant.State[visitor](ctx)
			v.count++
			servant.Scenario(ctx).Set("visits", fmt.Sprint(v.count))
			return nil
		},
		"names": func(ctx context.Context, _, name string) error {
			servant.Scenario(ctx).Set("name", servant.Scenario(ctx).ResourceName(name))
			return nil
		},
		"recalls": func(ctx context.Context, _, key, want string) error {
			if got, ok := servant.Scenario(ctx).Get(key); !ok || got != want {
				return servant.Mismatch("shared map at "+key, want, got)
			}
			return nil
		},
		"counts": func(_ context.Context, _ string, n int, table *servant.Table) error {
			for _, row := range table.Rows {
				if _, ok := row["k"]; !ok {
					return servant.Failf("a row without k: %v", row)
				}
			}
			if len(table.Rows) != n {
				return servant.Mismatch("rows", n, len(table.Rows))
			}
			return nil
		},
		"says": func(ctx context.Context, _ string, doc *servant.DocString) error {
			servant.Scenario(ctx).Logf(contract.LevelInformation, "%s", doc.Content)
			return servant.Scenario(ctx).Attach("said.txt", "text/plain", []byte(doc.Content))
		},
	}
	fn, ok := behaviours[parts[2]]
	if !ok {
		t.Fatalf("define %s: no behaviour %q", line, parts[2])
	}
	register := map[string]func(string, any, ...servant.Option){
		"Given": r.Given, "When": r.When, "Then": r.Then, "step": r.Step}[parts[1]]
	if register == nil {
		t.Fatalf("define %s: no type %q", line, parts[1])
	}
	register(parts[3], fn)
}

func send(t *testing.T, where string, conn net.Conn, data string) {
	t.Helper()
	if _, err := io.WriteString(conn, data); err != nil {
		t.Fatalf("%s: %v", where, err)
	}
}

func receive(t *testing.T, conn net.Conn, messages chan<- []byte) {
	defer close(messages)
	frames := contract.NewFrameReader(conn, func(stray []byte) { t.Errorf("stray bytes: %q", stray) }, nil)
	for {
		body, err := frames.Read()
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrClosedPipe) {
				t.Errorf("read a frame: %v", err)
			}
			return
		}
		body = bytes.Clone(body)
		checkSent(t, body)
		messages <- body
	}
}

func expect(t *testing.T, where, want string, messages <-chan []byte) {
	t.Helper()
	expected := decode(t, where, []byte(want)).(map[string]any)
	for {
		select {
		case body, ok := <-messages:
			if !ok {
				t.Fatalf("%s: the servant ended before it sent %s", where, want)
			}
			actual := decode(t, where, body).(map[string]any)
			if method, ok := actual["method"]; ok && method != expected["method"] {
				continue
			}
			if err := compare("", expected, actual); err != nil {
				t.Errorf("%s: %v\nexpected %s\ngot      %s", where, err, want, body)
			}
			return
		case <-time.After(patience):
			t.Fatalf("%s: the servant did not send %s", where, want)
		}
	}
}

func decode(t *testing.T, where string, text []byte) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s: %s: %v", where, text, err)
	}
	return v
}

// compare applies the transcripts' rules of comparison.
func compare(at string, want, got any) error {
	if text, ok := want.(string); ok && strings.HasPrefix(text, "$") {
		return comparePlaceholder(at, text, got)
	}
	switch want := want.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok {
			return fmt.Errorf("%s is %v, not an object", at, got)
		}
		for key, value := range want {
			if err := compare(at+"."+key, value, object[key]); err != nil {
				return err
			}
		}
		return nil
	case []any:
		list, ok := got.([]any)
		if len(want) == 0 && got == nil {
			return nil
		}
		if !ok || len(list) != len(want) {
			return fmt.Errorf("%s is %v, not an array of length %d", at, got, len(want))
		}
		for i := range want {
			if err := compare(fmt.Sprintf("%s[%d]", at, i), want[i], list[i]); err != nil {
				return err
			}
		}
		return nil
	}
	if !reflect.DeepEqual(want, got) {
		return fmt.Errorf("%s is %v, not %v", at, got, want)
	}
	return nil
}

var (
	wholeNumber = regexp.MustCompile(`^[1-9][0-9]*$`)
	utcTime     = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$`)
)

func comparePlaceholder(at, placeholder string, got any) error {
	kind, text, _ := strings.Cut(placeholder, " ")
	s, isText := got.(string)
	n, isNumber := got.(json.Number)
	ok := false
	switch kind {
	case "$any":
		ok = true
	case "$text":
		ok = isText && s != ""
	case "$count":
		ok = isNumber && wholeNumber.MatchString(n.String())
	case "$time":
		ok = isText && utcTime.MatchString(s)
	case "$prefix":
		ok = isText && strings.HasPrefix(s, text)
	case "$contains":
		ok = isText && strings.Contains(s, text)
	default:
		return fmt.Errorf("no placeholder %s", kind)
	}
	if !ok {
		return fmt.Errorf("%s is %v, not %s", at, got, placeholder)
	}
	return nil
}

func awaitEnd(t *testing.T, where string, served <-chan error) {
	t.Helper()
	select {
	case err := <-served:
		if err != nil {
			t.Errorf("%s: the servant ended with %v", where, err)
		}
	case <-time.After(patience):
		t.Fatalf("%s: the servant did not end", where)
	}
}
