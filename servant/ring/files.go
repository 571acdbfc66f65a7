package ring

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"
)

var errNotRegular = fmt.Errorf("not a regular file: %w", unix.EINVAL)

// fileMode is the mode of every object of a buffer.
const fileMode = 0o600

// openShared opens an object of a buffer that exists. A missing one gives
// NotFound.
func openShared(name, path string, flags int) (int, unix.Stat_t, error) {
	var st unix.Stat_t
	// O_NONBLOCK and O_NOFOLLOW: a FIFO or a link that took the name must
	// neither hang the caller nor lead it elsewhere.
	fd, err := unix.Open(path, flags|unix.O_CLOEXEC|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	switch {
	case errors.Is(err, unix.ENOENT):
		return -1, st, &Error{Kind: NotFound, Name: name, Err: errors.New(path + " does not exist")}
	case err != nil:
		return -1, st, system(name, "open", path, err)
	}
	if err := unix.Fstat(fd, &st); err != nil {
		_ = unix.Close(fd)
		return -1, st, system(name, "fstat", path, err)
	}
	return fd, st, nil
}

// identity is a file, whatever its name.
type identity struct{ dev, ino uint64 }

func identityOf(st unix.Stat_t) identity { return identity{uint64(st.Dev), st.Ino} }

// at reports whether path is a name of the file.
func (i identity) at(path string) bool {
	var st unix.Stat_t
	return unix.Lstat(path, &st) == nil && identityOf(st) == i
}

// draft is a file that has no name yet, or one that nobody knows.
type draft struct {
	name string
	fd   int
	path string
	temp string
	id   identity
}

// newDraft makes an empty file in dir that publish can name path. Where the
// filesystem has no files without a name it gets a temporary one.
func newDraft(name, dir, path string) (*draft, error) {
	fd, err := unix.Open(dir, unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, fileMode)
	switch {
	case errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.EISDIR), errors.Is(err, unix.EINVAL):
		return newNamedDraft(name, dir, path)
	case err != nil:
		return nil, system(name, "open", dir, err)
	}
	return begin(&draft{name: name, path: path, fd: fd})
}

// newNamedDraft is newDraft with a temporary name.
func newNamedDraft(name, dir, path string) (*draft, error) {
	temp := dir + "/.ring-" + strconv.Itoa(unix.Getpid()) + "-" + rand.Text()
	fd, err := unix.Open(temp, unix.O_CREAT|unix.O_EXCL|unix.O_RDWR|unix.O_CLOEXEC, fileMode)
	if err != nil {
		return nil, system(name, "open", temp, err)
	}
	return begin(&draft{name: name, path: path, fd: fd, temp: temp})
}

func begin(d *draft) (*draft, error) {
	// The umask took its bits.
	if err := unix.Fchmod(d.fd, fileMode); err != nil {
		d.drop()
		return nil, system(d.name, "fchmod", d.path, err)
	}
	var st unix.Stat_t
	if err := unix.Fstat(d.fd, &st); err != nil {
		d.drop()
		return nil, system(d.name, "fstat", d.path, err)
	}
	d.id = identityOf(st)
	return d, nil
}

// publish gives the file its name; it never replaces what has it.
func (d *draft) publish() error {
	var err error
	if d.temp == "" {
		err = unix.Linkat(unix.AT_FDCWD, "/proc/self/fd/"+strconv.Itoa(d.fd), unix.AT_FDCWD, d.path, unix.AT_SYMLINK_FOLLOW)
	} else {
		err = unix.Link(d.temp, d.path)
	}
	if err != nil {
		return system(d.name, "link", d.path, err)
	}
	d.dropTemp()
	return nil
}

func (d *draft) dropTemp() {
	if d.temp != "" {
		_ = unix.Unlink(d.temp)
		d.temp = ""
	}
}

// drop gives the file up; a published one keeps its name.
func (d *draft) drop() {
	d.dropTemp()
	_ = unix.Close(d.fd)
}

// withdraw removes the published name, if it still leads to the file.
func (d *draft) withdraw() {
	if d.id.at(d.path) {
		_ = unix.Unlink(d.path)
	}
}

// unlinkStale removes what a dead process left at path; nothing there is fine.
func unlinkStale(name, path string) error {
	if err := unix.Unlink(path); err != nil && !errors.Is(err, unix.ENOENT) {
		return system(name, "unlink", path, err)
	}
	return nil
}
