package ring

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley.dev/parley/harness/packs"
	"parley.dev/parley/servant/contract"
	"parley.dev/parley/servant/ring"
)

type cell struct {
	prefix string
	notes  sync.Map
	undo   []func() error
}

func (c *cell) Resource(name string) string                { return c.prefix + name }
func (c *cell) Notes() *sync.Map                           { return &c.notes }
func (c *cell) Process(string, int) (packs.Process, error) { return nil, errors.New("none") }
func (c *cell) Restart(context.Context, string, int) error { return errors.New("none") }
func (c *cell) RunAs(context.Context, string, int, string) error {
	return errors.New("none")
}
func (c *cell) Owns(file string) bool   { return strings.Contains(file, c.prefix) }
func (c *cell) AtEnd(undo func() error) { c.undo = append(c.undo, undo) }

func newCell(t *testing.T) *cell {
	return &cell{prefix: fmt.Sprintf("pack-test-%d-%d-", os.Getpid(), time.Now().UnixNano())}
}

func (c *cell) perform(t *testing.T, text string, rows ...[]string) error {
	t.Helper()
	def, args, ok := packs.NewSet(Pack()).Match(text)
	if !ok {
		t.Fatalf("%q is no step of the pack", text)
	}
	call := packs.Call{Cell: c, Args: args, Report: &packs.Report{}}
	if rows != nil {
		call.Table = table(rows)
	}
	return def.Run(t.Context(), call)
}

// table is what the plan makes of rows whose first is the header.
func table(rows [][]string) *contract.Table {
	out := &contract.Table{Headers: rows[0]}
	for _, row := range rows[1:] {
		cells := map[string]string{}
		for i, name := range rows[0] {
			cells[name] = row[i]
		}
		out.Rows = append(out.Rows, cells)
	}
	return out
}

// ended does what the engine does at the cell's end.
func (c *cell) ended() error {
	var errs []error
	for _, undo := range slices.Backward(c.undo) {
		errs = append(errs, undo())
	}
	return errors.Join(errs...)
}

// check performs a step and wants it to pass, or to fail with a text.
func (c *cell) check(t *testing.T, text, failure string, rows ...[]string) {
	t.Helper()
	err := c.perform(t, text, rows...)
	switch {
	case failure == "" && err != nil:
		t.Errorf("%s: %v", text, err)
	case failure != "" && (err == nil || !strings.Contains(err.Error(), failure)):
		t.Errorf("%s: got %v, want %q", text, err, failure)
	}
}

// create makes a buffer and connects a writer to it, both patient.
func (c *cell) create(t *testing.T, name string, sizes ring.Sizes) (*ring.Reader, *ring.Writer) {
	t.Helper()
	r, err := ring.Create(c.Resource(name), sizes, ring.WithTimeout(30*time.Second))
	must(t, err)
	t.Cleanup(func() { _ = r.Close() })
	w, err := ring.Connect(c.Resource(name), ring.WithTimeout(30*time.Second))
	must(t, err)
	t.Cleanup(func() { _ = w.Close() })
	return r, w
}

func write(t *testing.T, w *ring.Writer, sizes ...int) {
	t.Helper()
	for _, size := range sizes {
		must(t, w.Write(t.Context(), make([]byte, size)))
	}
}

// read reads and releases n frames.
func read(t *testing.T, r *ring.Reader, n int) {
	t.Helper()
	for range n {
		f, err := r.Read(t.Context())
		must(t, err)
		must(t, f.Release())
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestSteps(t *testing.T) {
	c := newCell(t)
	c.check(t, "buffer 'b' is gone", "")
	c.check(t, "buffer 'b' still exists", "missing: ")
	c.check(t, "buffer 'b' is empty", "no reader has created it")
	r, err := ring.Create(c.Resource("b"), ring.Sizes{Payload: 1024})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	w, err := ring.Connect(c.Resource("b"), ring.WithTimeout(30*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	c.check(t, "buffer 'b' still exists", "")
	c.check(t, "buffer 'b' is gone", "expected no object of it, got /dev/shm/")
	c.check(t, "buffer 'b' is empty", "")
	c.check(t, "buffer 'b' is as noted", "was never noted")
	c.check(t, "the state of buffer 'b' is noted", "")
	c.check(t, "buffer 'b' is as noted", "")
	if err := w.Write(t.Context(), make([]byte, 484)); err != nil {
		t.Fatal(err)
	}
	c.check(t, "buffer 'b' is as noted", "expected ")
	c.check(t, "buffer 'b' has '524' bytes free", "")
	c.check(t, "buffer 'b' has '525' bytes free", "expected 525, got 524")
	c.check(t, "buffer 'b' has '1' frames waiting", "")
	c.check(t, "buffer 'b' has read position '0' and write position '500'", "")
	c.check(t, "buffer 'b' has read position '1' and write position '500'", "read position: expected 1, got 0")
	c.check(t, "buffer 'b' is empty", "bytes free: expected 1024, got 524")
	c.check(t, "a writer is blocked on buffer 'b'", "nobody waits on it")

	done := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { done <- w.Write(ctx, make([]byte, 1000)) }()
	limited, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	def, args, _ := packs.NewSet(Pack()).Match("a writer is blocked on buffer 'b'")
	if err := packs.Poll(limited, func(ctx context.Context) error { return def.Run(ctx, packs.Call{Cell: c, Args: args}) }); err != nil {
		t.Error(err)
	}
	cancel()
	<-done
}

// poke writes a byte into an object of a buffer, as a peer that goes wrong would.
func poke(t *testing.T, path string, at int64, value byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt([]byte{value}, at); err != nil {
		t.Fatal(err)
	}
}

// Each step looks at everything that it speaks of.
func TestStepsLookAtEveryObject(t *testing.T) {
	c := newCell(t)
	r, err := ring.Create(c.Resource("b"), ring.Sizes{Payload: 1024})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	segment, semW, semR, lock := ring.Objects(c.Resource("b"))
	c.check(t, "the state of buffer 'b' is noted", "")

	poke(t, semW, 0, 1)
	c.check(t, "buffer 'b' is empty", "frames waiting: expected 0, got 1")
	c.check(t, "buffer 'b' has '0' frames waiting", "expected 0, got 1")
	c.check(t, "buffer 'b' is as noted", "SemW:{")
	poke(t, semW, 0, 0)
	c.check(t, "buffer 'b' is as noted", "")

	poke(t, segment, 128, 7)
	c.check(t, "buffer 'b' is as noted", "expected byte 0x00 at 128 of the segment, got byte 0x07")
	poke(t, segment, 128, 0)
	c.check(t, "buffer 'b' is as noted", "")
	c.check(t, "buffer 'b' has write position '1'", "write position: expected 1, got 0")
	c.check(t, "buffer 'b' has read position '0' and write position '1'", "write position: expected 1, got 0")

	for _, path := range []string{semW, semR} {
		if err := os.Rename(path, path+".aside"); err != nil {
			t.Fatal(err)
		}
		c.check(t, "buffer 'b' still exists", "missing: "+path)
		if err := os.Rename(path+".aside", path); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	c.check(t, "buffer 'b' is gone", "")
	for _, path := range []string{segment, semW, semR, lock} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		c.check(t, "buffer 'b' is gone", "got "+path)
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}
