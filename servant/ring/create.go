package ring

import (
	"encoding/binary"
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// Create makes the buffer called name and becomes its reader ("Creating,
// connecting, closing"). What a dead reader left under that name is removed.
//
// Errors: [InvalidName]; [InUse] with the owner's pid; [System], for instance
// with ENOSPC when shared memory is full. A failed Create leaves nothing.
func Create(name string, sizes Sizes, opts ...Option) (*Reader, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	rounded, err := sizes.rounded()
	if err != nil {
		return nil, &Error{Kind: System, Name: name, Call: "create", Err: err}
	}
	l, err := acquireLock(name)
	if err != nil {
		return nil, err
	}
	c := &creation{name: name, sizes: rounded}
	if err := c.make(); err != nil {
		c.undo()
		l.remove()
		return nil, err
	}
	if path := c.lost(l); path != "" {
		c.undo()
		l.remove()
		// Whose it is would be good to know, no more.
		pid, _, _ := pidsOf(name)
		return nil, &Error{Kind: InUse, Name: name, PID: pid, Err: errors.New(path + " was replaced while the buffer was created; choose another name")}
	}
	return newReader(c, l, gather(opts)), nil
}

// creation is a buffer in the making, under the reader's lock.
type creation struct {
	name  string
	sizes Sizes
	made  []*draft
	seg   *segment
	semW  *semaphore
	semR  *semaphore
}

func (c *creation) make() error {
	segPath, semWPath, semRPath, _ := Objects(c.name)
	if err := removeStale(c.name); err != nil {
		return err
	}
	if err := c.publish(semWPath, func(d *draft) error { return c.fill(d, newSemaphore()) }); err != nil {
		return err
	}
	if err := c.publish(semRPath, func(d *draft) error { return c.fill(d, newSemaphore()) }); err != nil {
		return err
	}
	var err error
	if c.semW, err = openSemaphore(c.name, "sem_w", semWPath); err != nil {
		return err
	}
	if c.semR, err = openSemaphore(c.name, "sem_r", semRPath); err != nil {
		return err
	}
	return c.publish(segPath, c.fillSegment)
}

// publish makes a file, has it filled and then gives it its name.
func (c *creation) publish(path string, fill func(*draft) error) error {
	d, err := newDraft(c.name, shmDir, path)
	if err != nil {
		return err
	}
	defer d.drop()
	if err := fill(d); err != nil {
		return err
	}
	if err := d.publish(); err != nil {
		return err
	}
	c.made = append(c.made, d)
	return nil
}

func (c *creation) fill(d *draft, content []byte) error {
	n, err := unix.Pwrite(d.fd, content, 0)
	if err == nil && n < len(content) {
		err = unix.ENOSPC
	}
	if err != nil {
		return system(c.name, "pwrite", d.path, err)
	}
	return nil
}

// fillSegment reserves the segment's space, so that a full /dev/shm is an
// error here and never a SIGBUS later.
func (c *creation) fillSegment(d *draft) error {
	size := oiebSize + c.sizes.Metadata + c.sizes.Payload
	for {
		err := unix.Fallocate(d.fd, 0, 0, int64(size))
		if err == nil {
			break
		}
		if !errors.Is(err, unix.EINTR) {
			return system(c.name, "fallocate", d.path, err)
		}
	}
	if err := c.fill(d, newOIEB(c.sizes)); err != nil {
		return err
	}
	seg, err := mapSegment(d.fd, c.name, d.path, size)
	if err != nil {
		return err
	}
	c.seg = seg
	return seg.validate()
}

// newOIEB is the block of a new buffer that this process reads.
func newOIEB(sizes Sizes) []byte {
	b := make([]byte, oiebSize)
	binary.LittleEndian.PutUint32(b[0x00:], oiebSize)
	b[0x04] = major
	binary.LittleEndian.PutUint64(b[0x08:], uint64(sizes.Metadata))
	binary.LittleEndian.PutUint64(b[0x10:], uint64(sizes.Metadata))
	binary.LittleEndian.PutUint64(b[0x20:], uint64(sizes.Payload))
	binary.LittleEndian.PutUint64(b[0x28:], uint64(sizes.Payload))
	binary.LittleEndian.PutUint64(b[0x58:], uint64(unix.Getpid()))
	return b
}

// lost gives the path of an object that somebody took from us meanwhile.
func (c *creation) lost(l *lock) string {
	if !l.id.at(l.path) {
		return l.path
	}
	for _, d := range c.made {
		if !d.id.at(d.path) {
			return d.path
		}
	}
	return ""
}

// remove takes the buffer's names away, the segment's first, so that nobody
// finds a segment without its semaphores.
func (c *creation) remove() {
	for i := len(c.made) - 1; i >= 0; i-- {
		c.made[i].withdraw()
	}
}

func (c *creation) unmap() {
	if c.seg != nil {
		c.seg.unmap()
	}
	for _, s := range []*semaphore{c.semW, c.semR} {
		if s != nil {
			s.unmap()
		}
	}
}

func (c *creation) undo() {
	c.remove()
	c.unmap()
}

// removeStale removes the segment and the semaphores of a dead buffer, under
// its lock. If one of its processes lives the error is of kind [InUse].
func removeStale(name string) error {
	segPath, semWPath, semRPath, _ := Objects(name)
	reader, writer, err := pidsOf(name)
	if err != nil {
		return err
	}
	var st unix.Stat_t
	if err := unix.Lstat(segPath, &st); err == nil {
		made := time.Unix(st.Mtim.Unix())
		if reader != 0 && !processDead(reader) && !startedAfter(reader, made) {
			return inUse(name, reader)
		}
	}
	if writer != 0 && !processDead(writer) {
		return inUse(name, writer)
	}
	for _, path := range []string{segPath, semWPath, semRPath} {
		if err := unlinkStale(name, path); err != nil {
			return err
		}
	}
	return nil
}

func inUse(name string, pid int) error {
	return &Error{Kind: InUse, Name: name, PID: pid, Err: errors.New("close or end that process, or choose another name")}
}
