package ring

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"parley.dev/parley/harness/packs"
	"parley.dev/parley/servant/golden"
)

func vectorSteps() []packs.Definition {
	return []packs.Definition{
		{Pattern: buffer + ` is as vector '([^']+)' after step '(\d+)'`, Summary: "segment and semaphores are those of servant/golden/ring-vectors.json after that operation (from 1)", Run: asVector},
	}
}

func vectorStep(c packs.Call) (golden.VectorStep, error) {
	vectors, err := golden.RingVectors()
	if err != nil {
		return golden.VectorStep{}, err
	}
	var names []string
	for _, v := range vectors {
		names = append(names, v.Name)
	}
	at := slices.Index(names, c.Args[1])
	if at < 0 {
		return golden.VectorStep{}, fmt.Errorf("there is no vector '%s'; there are %s", c.Args[1], strings.Join(names, ", "))
	}
	k, err := c.Uint(2)
	if err != nil {
		return golden.VectorStep{}, err
	}
	steps := vectors[at].Steps
	if k < 1 || k > uint64(len(steps)) {
		return golden.VectorStep{}, fmt.Errorf("vector '%s' has steps 1 to %d, and no step %d", c.Args[1], len(steps), k)
	}
	return steps[k-1], nil
}

func asVector(_ context.Context, c packs.Call) error {
	step, err := vectorStep(c)
	if err != nil {
		return err
	}
	want, err := expectedPicture(step.State)
	if err != nil {
		return err
	}
	o, err := readOIEB(c, c.Args[0])
	if err != nil {
		return err
	}
	got, err := pictureOf(c, c.Args[0])
	if err != nil {
		return err
	}
	var d differences
	for _, name := range []string{"writer_pid", "reader_pid"} {
		if want, pid := step.State.OIEB[name] == "set", o.get(name); want != (pid != 0) {
			d.add(name, map[bool]string{true: "set", false: "0"}[want], pid)
		}
	}
	d.compareWithVector(want, got, step.State)
	return d.mismatch(fmt.Sprintf("buffer '%s' after step %s (%s) of vector '%s'", c.Args[0], c.Args[2], step.Op, c.Args[1]))
}

// expectedPicture is the segment of a vector's state; its semaphores are left
// out, because there a range is right.
func expectedPicture(s golden.VectorState) (picture, error) {
	segment, err := hex.DecodeString(s.OIEBHex + s.MetadataHex + s.PayloadHex)
	if err == nil && (int64(len(segment)) != s.SegmentSize || len(segment) < oiebSize) {
		err = fmt.Errorf("%d bytes for a segment of %d", len(segment), s.SegmentSize)
	}
	if err != nil {
		return picture{}, fmt.Errorf("ring-vectors.json: %w", err)
	}
	return picture{segment: segment}, nil
}

// compareWithVector allows the two freedoms that an implementation has. A write
// position of P means 0. The space semaphore may have fewer tokens than the
// vectors, whose readers post at each release: by rule P6 a release posts only
// while there is none (ring protocol, Reading a frame).
func (d *differences) compareWithVector(want, got picture, s golden.VectorState) {
	if len(want.segment) != len(got.segment) {
		d.compare("segment of bytes", uint64(len(want.segment)), uint64(len(got.segment)))
		return
	}
	unifyWritePosition(want.segment)
	unifyWritePosition(got.segment)
	d.compareFields(want.segment, got.segment)
	payload := len(want.segment) - len(s.PayloadHex)/2
	d.compareBytes("metadata", want.segment[oiebSize:payload], got.segment[oiebSize:payload])
	d.compareBytes("payload", want.segment[payload:], got.segment[payload:])
	d.compare("data semaphore of bytes", uint64(s.SemW.Size), uint64(got.semW.Size))
	d.compare("data semaphore with value", uint64(s.SemW.Value), uint64(got.semW.Value))
	d.compare("space semaphore of bytes", uint64(s.SemR.Size), uint64(got.semR.Size))
	if least, most := min(s.SemR.Value, 1), s.SemR.Value; got.semR.Value < least || got.semR.Value > most {
		d.add("space semaphore with value", fmt.Sprintf("%d to %d", least, most), got.semR.Value)
	}
}

// unifyWritePosition stores the end of the payload as its beginning.
func unifyWritePosition(segment []byte) {
	o, f := oieb(segment[:oiebSize]), fields["payload_write_pos"]
	if o.u64(f) == o.get("payload_size") {
		clear(segment[f.at : f.at+f.size])
	}
}
