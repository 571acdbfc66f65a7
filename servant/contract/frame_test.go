package contract

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func readAll(r io.Reader) (bodies []string, stray string, err error) {
	var outside bytes.Buffer
	frames := NewFrameReader(r, func(b []byte) { outside.Write(b) }, nil)
	for {
		body, err := frames.Read()
		if err != nil {
			return bodies, outside.String(), err
		}
		bodies = append(bodies, string(body))
	}
}

func frame(body string) string { return string(AppendFrame(nil, []byte(body))) }

func TestAppendFrame(t *testing.T) {
	if got := frame(`{"ü":1}`); got != "Content-Length: 8\r\n\r\n{\"ü\":1}" {
		t.Errorf("got %q", got)
	}
}

func TestFrameReader(t *testing.T) {
	tests := []struct {
		name, stream string
		bodies       []string
		stray        string
	}{
		{"nothing", "", nil, ""},
		{"one frame", frame("{}"), []string{"{}"}, ""},
		{"several frames", frame("{}") + frame("[1]") + frame(""), []string{"{}", "[1]", ""}, ""},
		{"lower-case header", "content-length: 2\r\n\r\n{}", []string{"{}"}, ""},
		{"upper-case header", "CONTENT-LENGTH:2\r\n\r\n{}", []string{"{}"}, ""},
		{"blanks around the value", "Content-Length: \t 2 \r\n\r\n{}", []string{"{}"}, ""},
		{"bare line feeds", "Content-Length: 2\n\n{}", []string{"{}"}, ""},
		{"unknown header before", "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}", []string{"{}"}, ""},
		{"unknown header after", "Content-Length: 2\r\nX-Trace: a:b\r\n\r\n{}", []string{"{}"}, ""},
		{"a length twice", "Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}", []string{"{}"}, ""},
		{"stray line before", "hello\n" + frame("{}"), []string{"{}"}, "hello\n"},
		{"stray line between", frame("{}") + "hello\r\n" + frame("[]"), []string{"{}", "[]"}, "hello\r\n"},
		{"stray line after", frame("{}") + "bye\n", []string{"{}"}, "bye\n"},
		{"stray without a line end", frame("{}") + "progress 50%" + frame("[]"), []string{"{}", "[]"}, "progress 50%"},
		{"stray at the end without a line end", frame("{}") + "bye", []string{"{}"}, "bye"},
		{"stray that looks like a header", "warning: deprecated\n" + frame("{}"), []string{"{}"}, "warning: deprecated\n"},
		{"stray blank lines", "\n\r\n" + frame("{}"), []string{"{}"}, "\n\r\n"},
		{"stray bytes that are no text", "\x00\xff\xfe" + frame("{}"), []string{"{}"}, "\x00\xff\xfe"},
		{"no number", "Content-Length: many\r\n\r\n" + frame("{}"), []string{"{}"}, "Content-Length: many\r\n\r\n"},
		{"negative", "Content-Length: -1\r\n\r\n" + frame("{}"), []string{"{}"}, "Content-Length: -1\r\n\r\n"},
		{"a header inside a body", frame("Content-Length: 9\r\n\r\n"), []string{"Content-Length: 9\r\n\r\n"}, ""},
		{"a long stray line", strings.Repeat("x", 100_000) + "\n" + frame("{}"), []string{"{}"}, strings.Repeat("x", 100_000) + "\n"},
		{"stray that ends beside the read buffer's end", strings.Repeat("x", 65530) + frame("{}"), []string{"{}"}, strings.Repeat("x", 65530)},
		{"stray that ends at the read buffer's end", strings.Repeat("x", 65536) + frame("{}"), []string{"{}"}, strings.Repeat("x", 65536)},
		{"stray with half a header", "Content-Len" + frame("{}"), []string{"{}"}, "Content-Len"},
		{"a body above the read buffer", frame(strings.Repeat("y", 3<<20)), []string{strings.Repeat("y", 3<<20)}, ""},
	}
	for _, test := range tests {
		for name, reader := range map[string]io.Reader{
			"whole":        strings.NewReader(test.stream),
			"byte by byte": iotest.OneByteReader(strings.NewReader(test.stream)),
			"data and end": iotest.DataErrReader(strings.NewReader(test.stream)),
		} {
			t.Run(test.name+"/"+name, func(t *testing.T) {
				bodies, stray, err := readAll(reader)
				if !errors.Is(err, io.EOF) {
					t.Errorf("the stream ended with %v, want io.EOF", err)
				}
				if !slices.Equal(bodies, test.bodies) {
					t.Errorf("bodies %.200q, want %.200q", bodies, test.bodies)
				}
				if stray != test.stray {
					t.Errorf("stray %.200q, want %.200q", stray, test.stray)
				}
			})
		}
	}
}

func TestFrameReaderLimit(t *testing.T) {
	_, _, err := readAll(strings.NewReader(fmt.Sprintf("Content-Length: %d\r\n\r\n", MaxFrame+1)))
	if !errors.Is(err, ErrFrameTooLarge) {
		t.Errorf("one byte above the limit: %v", err)
	}
	_, _, err = readAll(strings.NewReader(fmt.Sprintf("Content-Length: %d\r\n\r\n", MaxFrame)))
	var partial *PartialFrameError
	if !errors.As(err, &partial) || partial.Want != MaxFrame || partial.Got != 0 {
		t.Errorf("the limit itself, without a body: %v", err)
	}
	_, _, err = readAll(strings.NewReader("Content-Length: 99999999999999999999\r\n\r\n"))
	if err == nil || errors.Is(err, io.EOF) {
		t.Errorf("a length that fits into no integer: %v, want a refusal", err)
	}
}

func TestFrameReaderPartial(t *testing.T) {
	for _, test := range []struct {
		stream    string
		got, want int
	}{
		{"Content-Length: 5\r\n\r\n{}", 2, 5},
		{"Content-Length: 5\r\n\r\n", 0, 5},
		{"Content-Length: 5\r\n", 0, 5},
		{"Content-Length: 5\r\nX-Trace: 1", 0, 5},
	} {
		_, _, err := readAll(strings.NewReader(test.stream))
		var partial *PartialFrameError
		if !errors.As(err, &partial) || partial.Got != test.got || partial.Want != test.want {
			t.Errorf("%q: %v, want %d of %d bytes", test.stream, err, test.got, test.want)
		}
	}
}

func TestFrameReaderReportsReadErrors(t *testing.T) {
	broken := errors.New("broken pipe")
	_, _, err := readAll(io.MultiReader(strings.NewReader("Content-Length: 5\r\n\r\n{"), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) {
		t.Errorf("got %v, want the reader's error", err)
	}
}

func TestFrameReaderProgress(t *testing.T) {
	var seen [][2]int
	frames := NewFrameReader(iotest.OneByteReader(strings.NewReader(frame("abc"))), nil, func(got, want int) {
		seen = append(seen, [2]int{got, want})
	})
	if _, err := frames.Read(); err != nil {
		t.Fatal(err)
	}
	if want := [][2]int{{0, 3}, {1, 3}, {2, 3}, {3, 3}}; !slices.Equal(seen, want) {
		t.Errorf("progress %v, want %v", seen, want)
	}
}

// FuzzFrameReader: a frame arrives whole whatever text stands before it, as
// long as that text is none of a header itself; and no stream panics.
func FuzzFrameReader(f *testing.F) {
	for _, seed := range []string{"", "hello\n", "a: b\r\n", "\r\n", "Content-Length: 3\r\n\r\nabc", "Content-Length:", "X: y\r\nZ"} {
		f.Add([]byte(seed), []byte(`{"a":1}`))
	}
	f.Fuzz(func(t *testing.T, before, body []byte) {
		bodies, stray, err := readAll(bytes.NewReader(slices.Concat(before, AppendFrame(nil, body))))
		if bytes.Contains(bytes.ToLower(before), []byte("content-length")) {
			return
		}
		if !errors.Is(err, io.EOF) || len(bodies) != 1 || bodies[0] != string(body) {
			t.Errorf("bodies %q, error %v; want %q", bodies, err, body)
		}
		if !bytes.Contains(before, []byte("\r\n")) && string(before) != stray {
			t.Errorf("stray %q, want all of %q", stray, before)
		}
	})
}
