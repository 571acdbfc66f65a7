package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley.dev/parley/harness/packs"
)

func resourceSteps() []packs.Definition {
	return []packs.Definition{
		{Pattern: `the resources of ` + role + `(?:is|are) noted`, Summary: "keeps descriptors, threads, mappings of /dev/shm and memory of the process for a later comparison", Run: eachLiving(noteResources)},
		{Pattern: role + `holds? no more descriptors, threads and mappings than noted`, Summary: "no descriptor and no mapping of /dev/shm more than noted, and no thread beyond what pools of runtimes start", Run: eachLiving(holdsNoMore)},
		{Pattern: role + `uses? at most ['"](\d+)['"] MiB of memory more than noted`, Summary: "the resident memory has not grown by more", Run: eachLiving(memoryAtMost)},
	}
}

// Runtimes keep pools of threads, which they enlarge when they see fit, and
// release what they collected a moment later.
const (
	poolThreads = 8
	settleTime  = time.Second
)

// resources are what a process holds at one moment.
type resources struct {
	descriptors map[uint64]string // number → what it leads to
	threads     int
	mappings    int    // of files in /dev/shm
	resident    uint64 // bytes
}

func resourcesKey(pid int) string { return fmt.Sprintf("%s resources of %d", Name, pid) }

func resourcesOf(pid int) (resources, error) {
	r := resources{descriptors: map[uint64]string{}}
	list, err := numbers(pid)
	if err != nil {
		return r, err
	}
	for _, fd := range list {
		target, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", pid, fd))
		if errors.Is(err, fs.ErrNotExist) {
			continue // closed since
		}
		if err != nil {
			return r, fmt.Errorf("look at the descriptors of process %d: %w", pid, err)
		}
		r.descriptors[fd] = target
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return r, fmt.Errorf("look at process %d: %w", pid, err)
	}
	threads, err := statusNumber(status, "Threads")
	if err != nil {
		return r, fmt.Errorf("look at process %d: %w", pid, err)
	}
	kib, err := statusNumber(status, "VmRSS")
	if err != nil {
		return r, fmt.Errorf("look at process %d: %w", pid, err)
	}
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return r, fmt.Errorf("look at the mappings of process %d: %w", pid, err)
	}
	r.threads, r.mappings, r.resident = int(threads), bytes.Count(maps, []byte(" /dev/shm/")), kib<<10
	return r, nil
}

// statusNumber reads a line like `VmRSS:   1234 kB` of /proc/PID/status.
func statusNumber(status []byte, key string) (uint64, error) {
	_, rest, found := bytes.Cut(status, []byte("\n"+key+":"))
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	words := bytes.Fields(line)
	if !found || len(words) == 0 {
		return 0, fmt.Errorf("its status has no %s", key)
	}
	return strconv.ParseUint(string(words[0]), 10, 64)
}

func noteResources(_ context.Context, c packs.Call, p packs.Process) error {
	r, err := resourcesOf(p.PID())
	if err != nil {
		return err
	}
	c.Cell.Notes().Store(resourcesKey(p.PID()), r)
	return nil
}

func noted(c packs.Call, p packs.Process) (resources, error) {
	kept, ok := c.Cell.Notes().Load(resourcesKey(p.PID()))
	r, _ := kept.(resources)
	if !ok {
		return r, fmt.Errorf("the resources of process %d were never noted; put a step before this one: the resources of the '%s' process are noted", p.PID(), c.Role)
	}
	return r, nil
}

// holdsNoMore gives the process a moment to come down.
func holdsNoMore(ctx context.Context, c packs.Call, p packs.Process) error {
	before, err := noted(c, p)
	if err != nil {
		return err
	}
	settling, stop := context.WithTimeout(ctx, settleTime)
	defer stop()
	return packs.Poll(settling, func(context.Context) error {
		now, err := resourcesOf(p.PID())
		if err != nil {
			return err
		}
		return before.allow(p.PID(), now)
	})
}

func (r resources) allow(pid int, now resources) error {
	if len(now.descriptors) > len(r.descriptors) {
		return &packs.Mismatch{What: fmt.Sprintf("descriptors of process %d", pid), Expected: fmt.Sprintf("at most %d", len(r.descriptors)),
			Actual: fmt.Sprintf("%d, since then: %s", len(now.descriptors), strings.Join(now.opened(r), ", "))}
	}
	if now.mappings > r.mappings {
		return &packs.Mismatch{What: fmt.Sprintf("mappings of /dev/shm in process %d", pid), Expected: fmt.Sprintf("at most %d", r.mappings),
			Actual: strconv.Itoa(now.mappings)}
	}
	if most := r.threads + poolThreads; now.threads > most {
		return &packs.Mismatch{What: fmt.Sprintf("threads of process %d", pid), Expected: fmt.Sprintf("at most %d: %d and %d for pools", most, r.threads, poolThreads),
			Actual: strconv.Itoa(now.threads)}
	}
	return nil
}

// opened lists descriptors that before does not have, or has with another target.
func (r resources) opened(before resources) []string {
	var list []string
	for _, fd := range slices.Sorted(maps.Keys(r.descriptors)) {
		if was, known := before.descriptors[fd]; !known || was != r.descriptors[fd] {
			list = append(list, fmt.Sprintf("%d → %s", fd, r.descriptors[fd]))
		}
	}
	const shown = 8
	if more := len(list) - shown; more > 0 {
		list = append(list[:shown], fmt.Sprintf("and %d more", more))
	}
	return list
}

const mebibyte = 1 << 20

func memoryAtMost(_ context.Context, c packs.Call, p packs.Process) error {
	n, err := c.Uint(0)
	if err != nil {
		return err
	}
	before, err := noted(c, p)
	if err != nil {
		return err
	}
	now, err := resourcesOf(p.PID())
	if err != nil {
		return err
	}
	grown := (float64(now.resident) - float64(before.resident)) / mebibyte
	if grown <= float64(n) {
		return nil
	}
	return &packs.Mismatch{What: fmt.Sprintf("resident memory of process %d", p.PID()), Expected: fmt.Sprintf("at most %d MiB more than noted", n),
		Actual: fmt.Sprintf("%.1f MiB more: %.1f MiB", grown, float64(now.resident)/mebibyte)}
}
