package steps_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// memory answers the features' questions about a buffer from its shared memory,
// independently of the ring's code.
type memory struct {
	prefix string
	noted  map[string]string
}

// Offsets in the segment, and its header's size, in bytes.
const (
	offPayloadSize  = 0x20
	offPayloadFree  = 0x28
	offWritePos     = 0x30
	offReadPos      = 0x38
	headerOfSegment = 128
)

var bufferForms = []struct {
	pattern *regexp.Regexp
	check   func(m *memory, name string, values []string) error
}{
	{regexp.MustCompile(`^buffer '([^']+)' has '(\d+)' bytes free$`), func(m *memory, name string, v []string) error {
		return m.field(name, "free bytes", offPayloadFree, v[0])
	}},
	{regexp.MustCompile(`^buffer '([^']+)' has '(\d+)' frames waiting$`), func(m *memory, name string, v []string) error {
		tokens, _, err := m.semaphore("sem-w", name)
		return equal("frames waiting", v[0], tokens, err)
	}},
	{regexp.MustCompile(`^buffer '([^']+)' is empty$`), func(m *memory, name string, _ []string) error {
		header, err := m.header(name)
		if err != nil {
			return err
		}
		size := binary.LittleEndian.Uint64(header[offPayloadSize:])
		return m.field(name, "free bytes", offPayloadFree, strconv.FormatUint(size, 10))
	}},
	{regexp.MustCompile(`^buffer '([^']+)' has read position '(\d+)' and write position '(\d+)'$`), func(m *memory, name string, v []string) error {
		return errors.Join(m.field(name, "read position", offReadPos, v[0]), m.field(name, "write position", offWritePos, v[1]))
	}},
	{regexp.MustCompile(`^buffer '([^']+)' has write position '(\d+)'$`), func(m *memory, name string, v []string) error {
		return m.field(name, "write position", offWritePos, v[0])
	}},
	{regexp.MustCompile(`^the state of buffer '([^']+)' is noted$`), func(m *memory, name string, _ []string) error {
		header, err := m.header(name)
		m.noted[name] = string(header)
		return err
	}},
	{regexp.MustCompile(`^buffer '([^']+)' is as noted$`), func(m *memory, name string, _ []string) error {
		header, err := m.header(name)
		if err == nil && string(header) != m.noted[name] {
			err = fmt.Errorf("the header was %x, now %x", m.noted[name], header)
		}
		return err
	}},
	{regexp.MustCompile(`^buffer '([^']+)' is gone$`), func(m *memory, name string, _ []string) error {
		if _, err := m.header(name); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("it exists (%v)", err)
		}
		return nil
	}},
	{regexp.MustCompile(`^a writer is blocked on buffer '([^']+)'$`), func(m *memory, name string, _ []string) error {
		_, waiters, err := m.semaphore("sem-r", name)
		if err == nil && waiters == 0 {
			err = errors.New("nobody waits")
		}
		return err
	}},
}

func (m *memory) check(text string) error {
	for _, form := range bufferForms {
		if v := form.pattern.FindStringSubmatch(text); v != nil {
			return form.check(m, v[1], v[2:])
		}
	}
	return errors.New("the test knows no such step")
}

func (m *memory) header(name string) ([]byte, error) {
	data, err := os.ReadFile("/dev/shm/" + m.prefix + name)
	if err != nil {
		return nil, err
	}
	if len(data) < headerOfSegment {
		return nil, fmt.Errorf("the segment has %d bytes", len(data))
	}
	return data[:headerOfSegment], nil
}

// field compares a position or a size; a position at the end of the ring is the
// one at its start.
func (m *memory) field(name, what string, offset int, want string) error {
	header, err := m.header(name)
	if err != nil {
		return err
	}
	got := binary.LittleEndian.Uint64(header[offset:])
	size := binary.LittleEndian.Uint64(header[offPayloadSize:])
	if strings.HasSuffix(what, "position") && want == "0" && got == size {
		got = 0
	}
	return equal(what, want, got, nil)
}

// semaphore returns the value and the number of waiters.
func (m *memory) semaphore(kind, name string) (value, waiters uint64, err error) {
	data, err := os.ReadFile("/dev/shm/sem." + kind + "-" + m.prefix + name)
	if err != nil || len(data) < 8 {
		return 0, 0, errors.Join(err, fmt.Errorf("%s of %s has %d bytes", kind, name, len(data)))
	}
	word := binary.LittleEndian.Uint64(data)
	return word & 0xffffffff, word >> 32, nil
}

func equal(what, want string, got uint64, err error) error {
	if err == nil && want != strconv.FormatUint(got, 10) {
		err = fmt.Errorf("%s: expected %s, got %d", what, want, got)
	}
	return err
}
