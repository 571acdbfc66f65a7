package stage

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Identity is what makes a running cell's resources its own.
type Identity struct {
	Cell           string // as NewIdentity was told
	HostPid        int    // HARMONY_HOST_PID
	FeatureId      int    //nolint:revive // the wire's spelling; HARMONY_FEATURE_ID
	ResourcePrefix string // of 1.1 names, like "p0a1b2c3dc12-"
}

// NewIdentity makes an identity for one execution of a cell: HostPid and
// FeatureId are positive, fit 32 bits, and are together unique.
func (s *Stage) NewIdentity(cell string) Identity {
	n := s.cells.Add(1)
	f := s.ownership.facts
	return Identity{
		Cell:           cell,
		HostPid:        f.HostPid,
		FeatureId:      f.FeatureFrom + int(n%int64(f.FeatureTo-f.FeatureFrom)),
		ResourcePrefix: fmt.Sprintf("%s%d-", f.Prefix, n),
	}
}

// Sweep removes what lies in /dev/shm and /tmp/zerobuffer under the cell's
// names, and names it. A cell that ended in order left nothing. The cell's
// servants must have cleaned up or ended.
func (s *Stage) Sweep(id Identity) []string {
	if id.ResourcePrefix == "" {
		return nil
	}
	return sweep(id.Owns)
}

// Owns reports whether a file in /dev/shm or /tmp/zerobuffer belongs to the cell:
// its name holds the prefix, or ends as contract 1.0 names do.
func (id Identity) Owns(name string) bool {
	if strings.Contains(name, id.ResourcePrefix) {
		return true
	}
	pid, feature, ok := legacyNumbers(name)
	return ok && pid == id.HostPid && feature == id.FeatureId
}

// legacyNumbers takes the two numbers from the end of `<name>_<pid>_<feature>`;
// the endings that the ring buffer's own files and duplex channels add are not
// in the way.
func legacyNumbers(name string) (pid, feature int, ok bool) {
	name = strings.TrimSuffix(name, ".lock")
	for _, ending := range []string{"_request", "_response"} {
		name = strings.TrimSuffix(name, ending)
	}
	rest, last, found := cutLast(name)
	_, first, found2 := cutLast(rest)
	if !found || !found2 {
		return 0, 0, false
	}
	pid, err := strconv.Atoi(first)
	if err != nil || pid <= 0 {
		return 0, 0, false
	}
	feature, err = strconv.Atoi(last)
	return pid, feature, err == nil && feature > 0
}

func cutLast(name string) (before, after string, ok bool) {
	at := strings.LastIndexByte(name, '_')
	if at < 0 {
		return "", "", false
	}
	return name[:at], name[at+1:], true
}

// resourceDirs are where ring buffers have their segments and semaphores, and
// their locks (docs/ring-protocol.md).
func resourceDirs() []string { return []string{"/dev/shm", "/tmp/zerobuffer"} }

// sweep removes the files that mine claims and returns their paths.
func sweep(mine func(name string) bool) []string {
	var removed []string
	for _, dir := range resourceDirs() {
		d, err := os.Open(dir)
		if err != nil {
			continue
		}
		names, _ := d.Readdirnames(-1)
		d.Close()
		for _, name := range names {
			if path := filepath.Join(dir, name); mine(name) && os.Remove(path) == nil {
				removed = append(removed, path)
			}
		}
	}
	slices.Sort(removed)
	return removed
}
