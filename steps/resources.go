package steps

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"parley.dev/parley/servant"
)

func registerResources(r *servant.Registry) {
	r.Step(role+`fails to create buffer `+text+` with `+number+` bytes of metadata and `+number+` bytes of payload: `+text, failToCreate)
	r.Step(role+`writes `+number+` records of `+number+` fields in place`, writeRecords)
	r.Step(role+`reads `+number+` records of `+number+` fields in place`, readRecords)
}

func failToCreate(ctx context.Context, _, name string, metadata, payload int, expected string) error {
	doing := fmt.Sprintf("create buffer '%s'", name)
	created, err := of(ctx).create(ctx, name, metadata, payload)
	if err == nil {
		return errors.Join(expectError(doing, expected, nil), created.Close())
	}
	return expectError(doing, expected, err)
}

// fieldSize is the size of a record's field in bytes.
const fieldSize = 8

// fieldFactor spreads the fields' values over all of their bits: the golden
// ratio of 32 bits.
const fieldFactor = 2654435761

// fieldOf is the value of a field, counted from 0, of the record with that
// number, counted from 1. It wraps around at 64 bits.
func fieldOf(record, field uint64) uint64 { return record<<32 + field*fieldFactor }

// writeRecords writes frames that are records: as many fields of 64 bits, little
// endian, each stored on its own into the acquired frame.
func writeRecords(ctx context.Context, _ string, records, fields int) error {
	w, err := of(ctx).writing()
	if err != nil {
		return err
	}
	for range records {
		record := w.written + 1
		doing := fmt.Sprintf("write record %d of %d fields", record, fields)
		if w.slot, err = w.Acquire(ctx, fields*fieldSize); err != nil {
			return failed(doing, err)
		}
		data := w.slot.Data()
		for field := range uint64(fields) {
			binary.LittleEndian.PutUint64(data[field*fieldSize:], fieldOf(record, field))
		}
		if err := w.commit(); err != nil {
			return failed(doing, err)
		}
	}
	return nil
}

func readRecords(ctx context.Context, _ string, records, fields int) error {
	r, err := of(ctx).reading()
	if err != nil {
		return err
	}
	for range records {
		if err := r.readRecord(ctx, fields); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) readRecord(ctx context.Context, fields int) error {
	record := r.last + 1
	frame, err := r.expectFrame(ctx, record, fields*fieldSize)
	if err != nil {
		return err
	}
	data := frame.Data()
	for field := range uint64(fields) {
		want, got := fieldOf(record, field), binary.LittleEndian.Uint64(data[field*fieldSize:])
		if got != want {
			return servant.Mismatch(fmt.Sprintf("field %d of record %d", field, record), fmt.Sprintf("0x%016x", want), fmt.Sprintf("0x%016x", got))
		}
	}
	return r.release(record)
}
