package ring

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"parley.dev/parley/servant/pattern"
)

func readGolden(t *testing.T, file string, into any) {
	t.Helper()
	b, err := os.ReadFile("../golden/" + file)
	must(t, err)
	must(t, json.Unmarshal(b, into))
}

func TestGoldenNames(t *testing.T) {
	var g struct {
		Valid   []string
		Invalid []struct{ Name, Why string }
	}
	readGolden(t, "names.json", &g)
	if len(g.Valid) == 0 || len(g.Invalid) == 0 {
		t.Fatal("the golden file is empty")
	}
	for _, name := range g.Valid {
		if err := CheckName(name); err != nil {
			t.Errorf("%q is valid: %v", name, err)
		}
	}
	for _, c := range g.Invalid {
		_, err := Create(c.Name, Sizes{0, 64})
		wantKind(t, err, InvalidName)
		_, err = Connect(c.Name)
		wantKind(t, err, InvalidName)
		_, err = Inspect(c.Name)
		wantKind(t, err, InvalidName)
	}
}

// The longest name must also work, not only be allowed.
func TestLongestName(t *testing.T) {
	name := unique(t)
	name += strings.Repeat("x", MaxName-len(name))
	r := mustCreate(t, name, Sizes{0, 64})
	w := mustConnect(t, name)
	must(t, w.Close())
	must(t, r.Close())
}

func TestGoldenErrors(t *testing.T) {
	var g []struct {
		Name    string
		Details []string
	}
	readGolden(t, "errors.json", &g)
	if len(g) != int(System) {
		t.Errorf("there are %d kinds, %d in the golden file", int(System), len(g))
	}
	byName := map[string]Kind{}
	for k := InvalidName; k <= System; k++ {
		byName[k.String()] = k
	}
	for _, c := range g {
		kind, ok := byName[c.Name]
		if !ok {
			t.Errorf("no kind is called %s", c.Name)
			continue
		}
		details := (&Error{Kind: kind}).Details()
		if len(details) != len(c.Details) {
			t.Errorf("%s carries %v, want %v", c.Name, details, c.Details)
		}
		for _, d := range c.Details {
			if _, ok := details[d]; !ok {
				t.Errorf("%s does not carry %q", c.Name, d)
			}
		}
	}
}

type vector struct {
	Name  string
	Steps []struct {
		Op           string
		Arg          int
		MetadataSize int `json:"metadata_size"`
		PayloadSize  int `json:"payload_size"`
		Answer       string
		State        struct {
			SegmentSize int64 `json:"segment_size"`
			OIEB        map[string]any
			OIEBHex     string `json:"oieb_hex_pids_zeroed"`
			MetadataHex string `json:"metadata_hex"`
			PayloadHex  string `json:"payload_hex"`
			SemW        struct {
				Size  int64
				Value uint32
			} `json:"sem_w"`
			SemR struct {
				Size  int64
				Value uint32
			} `json:"sem_r"`
		}
	}
}

// Every operation leaves shared memory byte by byte as ZeroBuffer's C++ library
// does. One difference is ours: P6, a release posts sem-r only while its value
// is 0, so that it stays at 1 where the vectors count on.
func TestGoldenVectors(t *testing.T) {
	var vectors []vector
	readGolden(t, "ring-vectors.json", &vectors)
	if len(vectors) == 0 {
		t.Fatal("the golden file is empty")
	}
	for _, v := range vectors {
		t.Run(v.Name, func(t *testing.T) { replay(t, v) })
	}
}

func replay(t *testing.T, v vector) {
	ctx := within(t)
	name := unique(t)
	path, _, _, _ := Objects(name)
	var r *Reader
	var w *Writer
	var held []*Frame
	written := uint64(0)
	for i, s := range v.Steps {
		answer := "ok"
		switch s.Op {
		case "create":
			r = mustCreate(t, name, Sizes{s.MetadataSize, s.PayloadSize})
		case "connect":
			w = mustConnect(t, name)
		case "meta":
			m := make([]byte, s.Arg)
			pattern.Metadata(m)
			must(t, w.WriteMetadata(m))
		case "write":
			written++
			must(t, w.Write(ctx, frame(s.Arg, written)))
			answer = "ok 1"
		case "wbuf":
			written++
			slot, err := w.Acquire(ctx, s.Arg)
			must(t, err)
			pattern.Frame(slot.Data(), written)
			must(t, slot.Commit())
			answer = fmt.Sprintf("ok seq %d", written)
		case "read":
			f, err := r.Read(ctx)
			must(t, err)
			must(t, pattern.CheckFrame(f.Data(), f.Sequence()))
			answer = fmt.Sprintf("ok seq %d size %d good", f.Sequence(), f.Size())
			held = append(held, f)
		case "release":
			must(t, held[0].Release())
			held = held[1:]
		default:
			t.Fatalf("step %d: unknown operation %q", i, s.Op)
		}
		if answer != s.Answer {
			t.Fatalf("step %d %s: %q, want %q", i, s.Op, answer, s.Answer)
		}
		at := fmt.Sprintf("step %d, %s %d", i, s.Op, s.Arg)
		got, err := Inspect(name)
		must(t, err)
		compareState(t, at, got, s.State.OIEB)
		if got.SegmentSize != s.State.SegmentSize {
			t.Errorf("%s: segment of %d bytes, want %d", at, got.SegmentSize, s.State.SegmentSize)
		}
		raw, err := os.ReadFile(path)
		must(t, err)
		clear(raw[0x50:0x60])
		m := oiebSize + int(got.MetadataSize)
		compareHex(t, at+": OIEB", raw[:oiebSize], s.State.OIEBHex)
		compareHex(t, at+": metadata", raw[oiebSize:m], s.State.MetadataHex)
		compareHex(t, at+": payload", raw[m:], s.State.PayloadHex)
		want := SemState{Exists: true, Size: s.State.SemW.Size, Value: s.State.SemW.Value, Private: semShared}
		if got.SemW != want {
			t.Errorf("%s: sem-w is %+v, want %+v", at, got.SemW, want)
		}
		want = SemState{Exists: true, Size: s.State.SemR.Size, Value: min(s.State.SemR.Value, 1), Private: semShared}
		if got.SemR != want {
			t.Errorf("%s: sem-r is %+v, want %+v", at, got.SemR, want)
		}
		if !got.Lock.Held {
			t.Errorf("%s: the lock is not held", at)
		}
	}
}

func compareState(t *testing.T, at string, got State, want map[string]any) {
	t.Helper()
	fields := map[string]uint64{
		"oieb_size": uint64(got.OIEBSize), "v_major": uint64(got.Version[0]), "v_minor": uint64(got.Version[1]),
		"v_patch": uint64(got.Version[2]), "v_reserved": uint64(got.Version[3]),
		"metadata_size": got.MetadataSize, "metadata_free_bytes": got.MetadataFreeBytes,
		"metadata_written_bytes": got.MetadataWrittenBytes, "payload_size": got.PayloadSize,
		"payload_free_bytes": got.PayloadFreeBytes, "payload_write_pos": got.PayloadWritePos,
		"payload_read_pos": got.PayloadReadPos, "payload_written_count": got.PayloadWrittenCount,
		"payload_read_count": got.PayloadReadCount, "writer_pid": got.WriterPID, "reader_pid": got.ReaderPID,
	}
	if len(fields) != len(want) {
		t.Errorf("%s: %d fields, want %d", at, len(fields), len(want))
	}
	for name, w := range want {
		ok := false
		switch w := w.(type) {
		case string:
			ok = w == "set" && fields[name] == uint64(os.Getpid())
		case float64:
			ok = fields[name] == uint64(w)
		}
		if !ok {
			t.Errorf("%s: %s is %d, want %v", at, name, fields[name], w)
		}
	}
}

func compareHex(t *testing.T, at string, got []byte, want string) {
	t.Helper()
	w, err := hex.DecodeString(want)
	must(t, err)
	if len(got) != len(w) {
		t.Errorf("%s: %d bytes, want %d", at, len(got), len(w))
		return
	}
	for i := range got {
		if got[i] != w[i] {
			t.Errorf("%s: byte %d is %#02x, want %#02x", at, i, got[i], w[i])
			return
		}
	}
}

func TestDetailsAreInMilliseconds(t *testing.T) {
	e := &Error{Kind: BufferFull, Timeout: 1500 * time.Millisecond}
	if got := e.Details()["timeout"]; got != int64(1500) {
		t.Errorf("timeout is %v, want 1500", got)
	}
}
