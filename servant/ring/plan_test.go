package ring

import "testing"

func TestPlan(t *testing.T) {
	const p = 1024
	for _, c := range []struct {
		what            string
		pos, free, size uint64
		eager           bool
		want            placement
		ok              bool
	}{
		{"empty, at 0", 0, p, 100, false, placement{start: 0}, true},
		{"exactly the space", 0, 116, 100, false, placement{start: 0}, true},
		{"one byte short", 0, 115, 100, false, placement{start: 0}, false},
		{"the whole ring", 0, p, 1008, false, placement{start: 0}, true},
		{"after an exact fit", p, p, 1008, false, placement{start: 0}, true},
		{"up to the end", 500, 800, 508, false, placement{start: 500}, true},
		{"wrap with a marker", 832, p, 300, false, placement{start: 0, wasted: 192}, true},
		{"wrap, space short of the tail", 832, 507, 300, false, placement{start: 0, wasted: 192}, false},
		{"wrap over a tail of 16", 1008, 132, 100, false, placement{start: 0, wasted: 16}, true},
		{"would leave 15", 800, p, p - 800 - 16 - 15, false, placement{start: 0, wasted: 224}, true},
		{"would leave 1", 800, p, p - 800 - 16 - 1, false, placement{start: 0, wasted: 224}, true},
		{"would leave 16", 800, p, p - 800 - 16 - 16, false, placement{start: 800}, true},
		{"leaves 8, but starts at 0", 0, p, 1000, false, placement{start: 0}, true},
		{"on a tail of 8, not empty", 1016, 900, 10, false, placement{start: 0, rewind: true}, false},
		{"on a tail of 8, empty", 1016, p, 10, false, placement{start: 0, rewind: true}, true},
		{"tail and frame exceed the ring", 600, 1000, 700, false, placement{start: 0, rewind: true}, false},
		{"tail and frame exceed the ring, empty", 600, p, 700, false, placement{start: 0, rewind: true}, true},
		{"empty, eager", 100, p, 100, true, placement{start: 0, rewind: true}, true},
		{"not empty, eager", 100, p - 1, 100, true, placement{start: 100}, true},
		{"empty at 0, eager", 0, p, 100, true, placement{start: 0}, true},
	} {
		c.want.from, c.want.size, c.want.free = c.pos, c.size, c.free
		got, ok := plan(p, c.pos, c.free, c.size, c.eager)
		if ok != c.ok || got != c.want {
			t.Errorf("%s: %+v %v, want %+v %v", c.what, got, ok, c.want, c.ok)
		}
	}
}

func FuzzPlan(f *testing.F) {
	f.Add(uint16(16), uint16(832), uint16(1024), uint16(300), false)
	f.Add(uint16(1), uint16(64), uint16(64), uint16(48), true)
	f.Add(uint16(2), uint16(120), uint16(100), uint16(9), false)
	f.Fuzz(func(t *testing.T, blocks, pos16, free16, size16 uint16, eager bool) {
		p := 64 * (uint64(blocks) + 1)
		pos, free := uint64(pos16)%(p+1), uint64(free16)%(p+1)
		size := 1 + uint64(size16)%(p-16)
		got, ok := plan(p, pos, free, size, eager)
		end := got.start + 16 + size
		switch {
		case !ok && free == p:
			t.Fatal("an empty ring has no place")
		case !ok:
		case end > p:
			t.Fatalf("it ends at %d of %d", end, p)
		case got.rewind && free != p:
			t.Fatal("a ring in use is rewound")
		case got.wasted+16+size > free:
			t.Fatalf("it takes %d of %d", got.wasted+16+size, free)
		case got.start > 0 && got.start != pos || got.start == 0 && !got.rewind && got.wasted != p-pos && pos != 0:
			t.Fatalf("it starts at %d after %d, %d wasted", got.start, pos, got.wasted)
		case got.wasted > 0 && got.wasted < 16:
			t.Fatalf("a tail of %d has no room for a marker", got.wasted)
		case got.start > 0 && p-end > 0 && p-end < 16:
			t.Fatalf("a tail of %d is left", p-end)
		}
	})
}
