package pattern

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"
)

type golden struct {
	Frames []struct {
		Sequence string
		Length   int
		Hex      string
	}
	Metadata []struct {
		Length int
		Hex    string
	}
	Sizes []struct {
		Seed     string
		Min, Max int
		Sizes    []int
	}
	SplitMix64 []struct {
		Seed    string
		Outputs []string
	}
}

func readGolden(t *testing.T) (g golden) {
	t.Helper()
	b, err := os.ReadFile("../golden/pattern.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &g); err != nil {
		t.Fatal(err)
	}
	if len(g.Frames) == 0 || len(g.Metadata) == 0 || len(g.Sizes) == 0 || len(g.SplitMix64) == 0 {
		t.Fatal("the golden file lacks a part")
	}
	return g
}

func number(t *testing.T, s string) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestGolden(t *testing.T) {
	g := readGolden(t)
	for _, c := range g.Frames {
		seq, got := number(t, c.Sequence), make([]byte, c.Length)
		Frame(got, seq)
		if hex.EncodeToString(got) != c.Hex {
			t.Errorf("frame %d of %d bytes is %x, want %s", seq, c.Length, got, c.Hex)
		}
		if err := CheckFrame(got, seq); err != nil {
			t.Error(err)
		}
	}
	for _, c := range g.Metadata {
		got := make([]byte, c.Length)
		Metadata(got)
		if hex.EncodeToString(got) != c.Hex {
			t.Errorf("metadata of %d bytes is %x, want %s", c.Length, got, c.Hex)
		}
		if err := CheckMetadata(got); err != nil {
			t.Error(err)
		}
	}
	for _, c := range g.SplitMix64 {
		s := SplitMix64(number(t, c.Seed))
		for i, want := range c.Outputs {
			if got := s.Next(); got != number(t, want) {
				t.Errorf("splitmix64 seed %s output %d is %d, want %s", c.Seed, i, got, want)
			}
		}
	}
	for _, c := range g.Sizes {
		s := NewSizes(number(t, c.Seed), c.Min, c.Max)
		for i, want := range c.Sizes {
			if got := s.Next(); got != want {
				t.Errorf("sizes %d…%d seed %s: size %d is %d, want %d", c.Min, c.Max, c.Seed, i, got, want)
			}
		}
	}
}

func TestCheckNamesTheFirstWrongByte(t *testing.T) {
	for _, length := range []int{1, 255, 256, 257, 1000} {
		for _, at := range []int{0, length / 2, length - 1} {
			frame, metadata := make([]byte, length), make([]byte, length)
			Frame(frame, 77)
			Metadata(metadata)
			for i := at; i < length; i++ {
				frame[i] ^= 0x40
				metadata[i] ^= 0x40
			}
			word := "byte " + strconv.Itoa(at) + " is"
			if err := CheckFrame(frame, 77); err == nil || !strings.Contains(err.Error(), word) {
				t.Errorf("frame of %d bytes wrong from %d: %v", length, at, err)
			}
			if err := CheckMetadata(metadata); err == nil || !strings.Contains(err.Error(), word) {
				t.Errorf("metadata of %d bytes wrong from %d: %v", length, at, err)
			}
		}
	}
}

// The definitions, byte by byte, against the fast versions.
func TestDefinition(t *testing.T) {
	for _, length := range []int{255, 256, 257, 511, 512, 513, 5000} {
		frame, metadata := make([]byte, length), make([]byte, length)
		Frame(frame, 1<<40+200)
		Metadata(metadata)
		for i := range length {
			if want := byte((uint64(i) + 1<<40 + 200) % 256); frame[i] != want {
				t.Fatalf("frame byte %d is %d, want %d", i, frame[i], want)
			}
			if want := byte((7*i + 3) % 256); metadata[i] != want {
				t.Fatalf("metadata byte %d is %d, want %d", i, metadata[i], want)
			}
		}
	}
}

func TestNewSizesRefusesAnEmptyRange(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("NewSizes(1, 5, 4) did not panic")
		}
	}()
	NewSizes(1, 5, 4)
}
