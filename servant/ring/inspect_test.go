package ring

import (
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// Whoever looks at a buffer again and again hinders nobody who creates it.
func TestInspectHindersNoCreation(t *testing.T) {
	name := unique(t)
	_, _, _, lockPath := Objects(name)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				_, _ = Inspect(name)
				_, _ = inspectLock(name, lockPath, 0)
			}
		}
	}()
	for range 200 {
		r, err := Create(name, Sizes{0, 64})
		must(t, err)
		s, err := Inspect(name)
		must(t, err)
		if !s.Lock.Held {
			t.Fatal("the lock is not held")
		}
		must(t, r.Close())
	}
	close(stop)
	<-done
}

func TestLockedIn(t *testing.T) {
	const table = "1: POSIX  ADVISORY  WRITE 10 00:1f:77 0 EOF\n" +
		"2: FLOCK  ADVISORY  WRITE 20 08:01:1234 0 EOF\n" +
		"2: -> FLOCK  ADVISORY  WRITE 30 08:01:1234 0 EOF\n" +
		"3: FLOCK  ADVISORY  WRITE 40 00:2a:1234 0 EOF\n"
	for _, c := range []struct {
		what   string
		major  uint32
		minor  uint32
		inode  uint64
		reader uint64
		want   bool
	}{
		{"its device and inode", 8, 1, 1234, 0, true},
		{"another device", 9, 1, 1234, 0, false},
		{"another device, but the reader's", 9, 1, 1234, 40, true},
		{"another inode, the reader's pid", 8, 1, 123, 20, false},
		{"a lock of another kind", 0, 31, 77, 10, false},
	} {
		st := unix.Stat_t{Dev: unix.Mkdev(c.major, c.minor), Ino: c.inode}
		if got := lockedIn(table, st, c.reader); got != c.want {
			t.Errorf("%s: %t", c.what, got)
		}
	}
}

func TestModesWhateverTheUmask(t *testing.T) {
	name := unique(t)
	before := syscall.Umask(0o777)
	r, err := Create(name, Sizes{0, 64})
	syscall.Umask(before)
	must(t, err)
	defer func() { _ = r.Close() }()
	segment, semW, semR, lock := Objects(name)
	for _, path := range []string{segment, semW, semR, lock} {
		var st unix.Stat_t
		must(t, unix.Stat(path, &st))
		if st.Mode&0o7777 != fileMode {
			t.Errorf("%s has mode %o", path, st.Mode&0o7777)
		}
	}
}
