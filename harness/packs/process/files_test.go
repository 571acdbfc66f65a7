package process

import (
	"fmt"
	"testing"
)

func TestLimitFor(t *testing.T) {
	for _, tc := range []struct {
		used    []uint64
		n, most uint64
		limit   uint64
		ok      bool
	}{
		{[]uint64{0, 1, 2}, 0, 100, 3, true},
		{[]uint64{0, 1, 2}, 5, 100, 8, true},
		{[]uint64{0, 1, 2, 5}, 0, 100, 3, true},
		{[]uint64{0, 1, 2, 5}, 1, 100, 4, true},
		{[]uint64{0, 1, 2, 5}, 2, 100, 6, true},
		{[]uint64{0, 1, 2, 5}, 3, 100, 7, true},
		{[]uint64{4, 5, 90}, 3, 100, 3, true},
		{[]uint64{4, 5, 90}, 4, 100, 6, true},
		{nil, 0, 100, 0, true},
		{nil, 100, 100, 100, true},
		{[]uint64{0}, 100, 100, 101, false},
		{nil, 1<<64 - 1, 100, 0, false},
	} {
		limit, ok := limitFor(tc.used, tc.n, tc.most)
		if limit != tc.limit || ok != tc.ok {
			t.Errorf("%v and %d more of %d: %d, %v", tc.used, tc.n, tc.most, limit, ok)
		}
		if !ok {
			continue
		}
		free := limit
		for _, fd := range tc.used {
			if fd < limit {
				free--
			}
		}
		if free != tc.n {
			t.Errorf("%v: %d numbers are free below %d, want %d", tc.used, free, limit, tc.n)
		}
	}
}

func TestFilesOfAProcess(t *testing.T) {
	h := startHelper(t)
	c := &cell{process: h.child}
	had, err := fileLimit(h.PID())
	if err != nil {
		t.Fatal(err)
	}
	check(t, c, "the 'reader' process may open files without this limit", "the process has no such limit; put a step before this one")
	h.do(t, "open 6") // with gaps from here on
	h.do(t, "close 3")
	for _, n := range []int{0, 1, 7} {
		check(t, c, fmt.Sprintf("the 'reader' process may open '%d' more files", n), "")
		if got, want := h.do(t, "open 100"), fmt.Sprintf("%d too many open files", n); got != want {
			t.Errorf("it opened %s, want %s", got, want)
		}
		h.do(t, "close %d", n)
	}
	check(t, c, "the 'reader' process may open files without this limit", "")
	if now, err := fileLimit(h.PID()); now != had || err != nil {
		t.Errorf("the limit is %+v, was %+v, %v", now, had, err)
	}
	if got := h.do(t, "open 100"); got != "100 <nil>" {
		t.Errorf("it opened %s", got)
	}
	check(t, c, "the 'reader' process may open '99999999999' more files", "may not open 99999999999 more files: it has ")

	// The cell's end restores what the scenario did not.
	check(t, c, "the 'reader' process may open '1' more files", "")
	check(t, c, "the 'reader' process may open '2' more files", "")
	if err := c.ended(); err != nil {
		t.Error(err)
	}
	if now, err := fileLimit(h.PID()); now != had || err != nil {
		t.Errorf("after the cell the limit is %+v, was %+v, %v", now, had, err)
	}
	check(t, c, "the 'reader' process may open '1' more files", "")
	check(t, c, "the 'reader' process is killed", "")
	check(t, c, "the 'reader' process may open '1' more files", "had already ended")
	if err := c.ended(); err != nil {
		t.Errorf("after the process's end: %v", err)
	}
}

func TestRunAs(t *testing.T) {
	c := &cell{process: startChild(t)}
	check(t, c, "the 'reader' process runs as user 'nobody'", "")
	if c.user != "nobody" {
		t.Errorf("it runs as %q", c.user)
	}
	c.refused = fmt.Errorf("not here")
	check(t, c, "a second 'reader' process runs as user 'daemon'", "not here")
}
