package process

import (
	"context"
	"errors"
	"strings"
	"testing"

	"parley.dev/parley/harness/packs"
)

func TestShareOfAProcessor(t *testing.T) {
	idle := &cell{process: startChild(t)}
	report := check(t, idle, "the 'reader' process uses at most '10' percent of a processor over '0.1' seconds", "")
	if f := report.Figures(); len(f) != 1 || f[0].Title != "process of 'reader'" || f[0].Figures[0].Name != "processor" || f[0].Figures[0].Unit != "%" || f[0].Figures[0].Value > 10 {
		t.Errorf("figures %+v", f)
	}
	check(t, idle, "the 'reader' process uses at most '10' percent of a processor over '0' seconds", "over '0' seconds nothing can be measured")
	limited, stop := context.WithCancel(t.Context())
	stop()
	def, args, _ := packs.NewSet(Pack()).Match("the 'reader' process uses at most '10' percent of a processor over '60' seconds")
	if err := def.Run(limited, packs.Call{Cell: idle, Role: "reader", Instances: []int{1}, Args: args}); !errors.Is(err, context.Canceled) {
		t.Errorf("cut short: %v", err)
	}

	h := startHelper(t)
	busy := &cell{process: h.child}
	h.do(t, "spin")
	eventually(t, "the helper spins", func() bool {
		err := perform(t, busy, "the 'reader' process uses at most '5.5' percent of a processor over '0.1' seconds")
		return err != nil && strings.Contains(err.Error(), "share of a processor over 100ms: expected at most 5.5 %, got ")
	})
	done := make(chan error, 1)
	go func() {
		done <- perform(t, busy, "the 'reader' process uses at most '100' percent of a processor over '15' seconds")
	}()
	if err := h.Signal(9); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err == nil || !strings.Contains(err.Error(), "ended") {
		t.Errorf("a process that ends meanwhile: %v", err)
	}
}

func TestDescriptorsThreadsMappingsAndMemory(t *testing.T) {
	h := startHelper(t)
	c := &cell{process: h.child}
	const (
		note  = "the resources of the 'reader' process are noted"
		holds = "the 'reader' process holds no more descriptors, threads and mappings than noted"
		uses  = "the 'reader' process uses at most '8' MiB of memory more than noted"
	)
	check(t, c, holds, "were never noted; put a step before this one: the resources of the 'reader' process are noted")
	check(t, c, uses, "were never noted")
	h.do(t, "open 1")
	check(t, c, note, "")
	check(t, c, holds, "")
	check(t, c, uses, "")
	h.do(t, "open 2")
	check(t, c, holds, "since then: ")
	check(t, c, holds, " → /dev/null, ")
	h.do(t, "close 2")
	check(t, c, holds, "")

	h.do(t, "map 1")
	check(t, c, holds, "mappings of /dev/shm in process ")
	check(t, c, holds, "expected at most 0, got 1")
	h.do(t, "unmap 1")
	check(t, c, holds, "")

	h.do(t, "threads 40")
	eventually(t, "the threads run", func() bool {
		now, err := resourcesOf(h.PID())
		return err == nil && now.threads > 40
	})
	check(t, c, holds, "and 8 for pools, got ")
	check(t, c, note, "")
	check(t, c, holds, "")

	h.do(t, "hold 40")
	check(t, c, uses, "resident memory of process ")
	check(t, c, uses, "expected at most 8 MiB more than noted, got ")
	check(t, c, "the 'reader' process uses at most '1000' MiB of memory more than noted", "")
}

// A descriptor that another one has replaced is none more.
func TestWhatIsOpenedSince(t *testing.T) {
	before := resources{descriptors: map[uint64]string{0: "a", 1: "b", 3: "c"}, threads: 2}
	now := resources{descriptors: map[uint64]string{0: "a", 1: "x", 4: "y"}, threads: 10}
	if err := before.allow(1, now); err != nil {
		t.Error(err)
	}
	now.descriptors[10] = "z"
	if err := before.allow(7, now); err == nil || err.Error() != "descriptors of process 7: expected at most 3, got 4, since then: 1 → x, 4 → y, 10 → z" {
		t.Error(err)
	}
	for fd := range uint64(12) {
		now.descriptors[20+fd] = "more"
	}
	if err := before.allow(7, now); err == nil || !strings.HasSuffix(err.Error(), "22 → more, 23 → more, 24 → more, and 7 more") {
		t.Error(err)
	}
}

func TestStatusNumber(t *testing.T) {
	status := []byte("Name:\tx\nThreads:\t12\nVmRSS:\t  340 kB\n")
	if n, err := statusNumber(status, "VmRSS"); n != 340 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := statusNumber(status, "VmHWM"); err == nil || err.Error() != "its status has no VmHWM" {
		t.Error(err)
	}
}
