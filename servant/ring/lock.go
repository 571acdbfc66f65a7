package ring

import (
	"encoding/binary"
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// lockPatience is how long Create waits for a lock whose holder is not a live
// reader: it may be closing, or be another creator that is about to fail.
const lockPatience = 100 * time.Millisecond

// lock is the lock of a buffer's reader, held from creation to close.
type lock struct {
	fd   int
	path string
	id   identity
}

// acquireLock takes the lock of the buffer called name, also from a dead
// holder. If a live one has it the error is of kind [InUse].
func acquireLock(name string) (*lock, error) {
	_, _, _, path := Objects(name)
	if err := ensureLockDir(name); err != nil {
		return nil, err
	}
	for start := now(); ; time.Sleep(time.Millisecond) {
		l, err := tryLock(name, path)
		if l != nil || err != nil {
			return l, err
		}
		pid, _, err := pidsOf(name)
		if err != nil {
			return nil, err
		}
		if alive := pid != 0 && !processDead(pid); alive || now()-start > lockPatience {
			return nil, &Error{Kind: InUse, Name: name, PID: pid, Err: errors.New(path + " is locked; close that reader or choose another name")}
		}
	}
}

func ensureLockDir(name string) error {
	// Every user's buffers have their locks there, as in /tmp itself.
	err := unix.Mkdir(lockDir, 0o777|unix.S_ISVTX)
	if errors.Is(err, unix.EEXIST) {
		return nil
	}
	if err == nil {
		err = unix.Chmod(lockDir, 0o777|unix.S_ISVTX)
	}
	if err != nil {
		return system(name, "mkdir", lockDir, err)
	}
	return nil
}

// tryLock gives neither a lock nor an error if somebody else has the lock.
func tryLock(name, path string) (*lock, error) {
	l, err := newLock(name, path)
	if err == nil || !errors.Is(err, unix.EEXIST) {
		return l, err
	}
	fd, st, err := openShared(name, path, unix.O_RDWR)
	switch {
	case errors.Is(err, NotFound):
		return nil, nil
	case err != nil:
		return nil, err
	}
	l = &lock{fd: fd, path: path, id: identityOf(st)}
	if err := flock(fd); err != nil {
		_ = unix.Close(fd)
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, nil
		}
		return nil, system(name, "flock", path, err)
	}
	// Its last holder may have unlinked it between the open and the flock.
	if !l.id.at(path) {
		_ = unix.Close(fd)
		return nil, nil
	}
	return l, nil
}

// newLock makes the lock file, locked before it has its name.
func newLock(name, path string) (*lock, error) {
	d, err := newDraft(name, lockDir, path)
	if err != nil {
		return nil, err
	}
	if err := flock(d.fd); err != nil {
		d.drop()
		return nil, system(name, "flock", path, err)
	}
	if err := d.publish(); err != nil {
		d.drop()
		return nil, err
	}
	return &lock{fd: d.fd, path: path, id: d.id}, nil
}

func flock(fd int) error {
	for {
		err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// remove unlinks the lock file and gives up the lock, in this order, so that
// nobody can lock a file that is about to go.
func (l *lock) remove() {
	if l.id.at(l.path) {
		_ = unix.Unlink(l.path)
	}
	_ = unix.Close(l.fd)
}

// pidsOf reads both pids from the segment of name without mapping it. Without a
// segment both are 0, and so is what cannot be a pid. A segment that cannot be
// read may belong to live processes: that is an error of kind [System].
func pidsOf(name string) (reader, writer int, err error) {
	path, _, _, _ := Objects(name)
	fd, st, err := openShared(name, path, unix.O_RDONLY)
	switch {
	case errors.Is(err, NotFound), errors.Is(err, unix.ELOOP), errors.Is(err, unix.ENXIO):
		// There is none, or a link or a socket, which is none.
		return 0, 0, nil
	case err != nil:
		return 0, 0, err
	}
	defer func() { _ = unix.Close(fd) }()
	if st.Mode&unix.S_IFMT != unix.S_IFREG {
		return 0, 0, nil
	}
	var b [16]byte
	n, err := unix.Pread(fd, b[:], 0x50)
	if err != nil {
		return 0, 0, system(name, "pread", path, err)
	}
	if n != len(b) {
		return 0, 0, nil
	}
	w, r := binary.LittleEndian.Uint64(b[:]), binary.LittleEndian.Uint64(b[8:])
	if r > maxPID {
		r = 0
	}
	if w > maxPID {
		w = 0
	}
	return int(r), int(w), nil
}
