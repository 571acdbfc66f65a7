package steps

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"parley.dev/parley/servant"
)

const assertion = servant.FailureAssertion

// names is a table of names in JSON.
func names(t *testing.T, cells ...string) *servant.Table {
	t.Helper()
	rows := [][]string{{nameColumn}}
	for _, cell := range cells {
		rows = append(rows, []string{cell})
	}
	table, err := servant.NewTable(rows)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// TestStepsOfTheRingThatFail: each check of features 5 to 11 notices what it is
// there for.
func TestStepsOfTheRingThatFail(t *testing.T) {
	free := fmt.Sprintf("parley-steps-%d-free", os.Getpid())
	stamp := func(at, number uint64) func(_, w context.Context) error {
		return func(_, w context.Context) error {
			return of(w).writer.Write(w, binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, at), number))
		}
	}
	for _, test := range []failing{
		{"the commit succeeds", func(_, w context.Context) error { return acquireFrame(w, "", 9) }, func(_, w context.Context) error { return failToCommit(w, "", "ReaderDead") }, assertion, "ReaderDead", "success", "commit the acquired frame"},
		{"nothing to commit", nil, func(_, w context.Context) error { return failToCommit(w, "", "ReaderDead") }, assertion, "", "", "acquired no frame"},
		{"the metadata can be read", nil, func(r, _ context.Context) error { return failToReadMetadata(r, "", "Corrupt") }, assertion, "Corrupt", "success", "read the metadata"},
		{"read and released", func(_, w context.Context) error { return writeFrame(w, "", 5) }, func(r, _ context.Context) error { return failToReadAndRelease(r, "", "Corrupt") }, assertion, "Corrupt", "success", "read and release a frame"},
		{"written at once", nil, func(_, w context.Context) error { return failToWriteAtOnce(w, "", 5, "BufferFull") }, assertion, "BufferFull", "success", "write frame 1 of 5 bytes"},
		{"full at once", func(_, w context.Context) error { return writeFrame(w, "", 10224) }, func(_, w context.Context) error { return failToWriteAtOnce(w, "", 5, "BufferFull timeout=20") }, assertion, "BufferFull timeout=20", "BufferFull timeout=0", "write frame 2 of 5 bytes"},
		{"a burst that would wait", nil, func(_, w context.Context) error { return writeFramesAtOnce(w, "", 2, 6000) }, "BufferFull", "", "", "write frame 2 of 6000 bytes: ring"},
		{"one of the listed sizes", func(_, w context.Context) error { return writeListed(w, "", "4, 6") }, func(r, _ context.Context) error { return readListed(r, "", "4, 5", 1) }, assertion, "5", "6", "bytes of frame 2"},
		{"no list", nil, func(_, w context.Context) error { return writeListed(w, "", "4, x") }, assertion, "", "", "'x' in '4, x' is no size"},
		{"created after all", nil, func(r, _ context.Context) error { return failToCreate(r, "", "c", 0, 64, "System errno=ENOSPC") }, assertion, "System errno=ENOSPC", "success", "create buffer 'c'"},
		{"refused for another reason", nil, func(r, _ context.Context) error { return failToCreate(r, "", "b", 0, 64, "System") }, assertion, "System", "InUse (", "create buffer 'b'"},
		{"a torn record", func(_, w context.Context) error {
			if err := errors.Join(acquireFrame(w, "", 24), fillFrame(w, "")); err != nil {
				return err
			}
			data := of(w).writer.slot.Data()
			for field := range uint64(3) {
				binary.LittleEndian.PutUint64(data[8*field:], fieldOf(1, field))
			}
			data[23]++
			return commitFrame(w, "")
		}, func(r, _ context.Context) error { return readRecords(r, "", 1, 3) }, assertion, "0x000000023c6ef362", "0x010000023c6ef362", "field 2 of record 1"},
		{"records of another size", func(_, w context.Context) error { return writeRecords(w, "", 1, 3) }, func(r, _ context.Context) error { return readRecords(r, "", 1, 4) }, assertion, "32", "24", "bytes of frame 1"},
		{"a name that is allowed", nil, func(r, _ context.Context) error {
			return failToCreateUnder(r, "", "InvalidName", names(t, `"a/b"`, `"`+free+`"`))
		}, assertion, "InvalidName", "success", "create a buffer named \"" + free},
		{"a name of another buffer", nil, func(r, _ context.Context) error {
			return failToConnectUnder(r, "", "InvalidName", names(t, `""`, `"`+free+`"`))
		}, assertion, "InvalidName", "NotFound", "connect to a buffer named"},
		{"a name that is no JSON", nil, func(r, _ context.Context) error { return failToCreateUnder(r, "", "InvalidName", names(t, "a")) }, assertion, "", "", "a is no string in JSON"},
		{"no names", nil, func(r, _ context.Context) error { return failToCreateUnder(r, "", "InvalidName", names(t)) }, assertion, "", "", "at least one name"},
		{"no table", nil, func(r, _ context.Context) error { return failToCreateUnder(r, "", "InvalidName", nil) }, assertion, "", "", "needs a table"},
		{"a long name that is allowed", nil, func(r, _ context.Context) error { return failToCreateNameOf(r, "", 245, "InvalidName") }, assertion, "InvalidName", "success", "a name of 245 bytes"},
		{"a name too long", nil, func(r, _ context.Context) error { return createAndCloseNameOf(r, "", 246) }, "InvalidName", "", "", "it has 246 bytes"},
		{"a name shorter than any", nil, func(r, _ context.Context) error { return createAndCloseNameOf(r, "", 3) }, assertion, "", "", "shorter than this cell's shortest"},
		{"taken", nil, func(r, _ context.Context) error { return createAndClose(r, "", "b") }, "InUse", "", "", "create buffer 'b'"},
		{"taken again and again", nil, func(r, _ context.Context) error { return createAndDestroy(r, "", "b", 2) }, "InUse", "", "", "buffer 'b', time 1 of 2: create"},
		{"told something else", nil, func(_, w context.Context) error { return connectAndCloseAgain(w, "", "b", 1, "NotFound, NoReader") }, assertion, "NotFound, NoReader", "WriterExists", "having done so 0 of 1 times"},
		{"told what there is not", nil, func(_, w context.Context) error { return connectAndCloseAgain(w, "", "b", 1, "NotFound, None") }, assertion, "", "", "no error named 'None'"},
		{"something open", nil, func(r, _ context.Context) error { return haveNothingOpen(r, "") }, assertion, "nothing", "a buffer that it created", "open in this process"},
		{"another seed", func(_, w context.Context) error { return writeSeeded(w, "", 3, 1, 900, 7) }, func(r, _ context.Context) error { return readSeeded(r, "", 3, 1, 900, 8, 1, 0) }, assertion, "23", "688", "bytes of frame 1"},
		{"sizes backwards", nil, func(_, w context.Context) error { return writeSeeded(w, "", 3, 9, 8, 7) }, assertion, "", "", "frames of 9 to 8 bytes cannot be drawn"},
		{"changed while held", func(r, w context.Context) error {
			if err := errors.Join(writeFrame(w, "", 5), readFrame(r, "", 1, 5)); err != nil {
				return err
			}
			of(r).reader.held[1].Data()[2] = 0
			return nil
		}, func(r, _ context.Context) error { return of(r).reader.releaseUnchanged([]uint64{1}) }, assertion, "0x03", "0x00", "byte 2 of frame 1"},
		{"rest without traffic", func(_, w context.Context) error { return writeFrame(w, "", 9) }, func(r, _ context.Context) error { return readSeededUntilRest(r, "", 1, 8, 7) }, assertion, "at least 1", "0", "frames before the closing one"},
		{"no rest", func(_, w context.Context) error { return writeSeeded(w, "", 3, 1, 8, 7) }, func(r, _ context.Context) error { return readSeededUntilRest(r, "", 1, 8, 7) }, "ReadTimeout", "", "", "read frame 4"},
		{"the next frame", func(r, w context.Context) error {
			return errors.Join(writeFrames(w, "", 2, 5), readAndReleaseFrame(r, "", 1, 5))
		}, func(r, _ context.Context) error { return readNextFrame(r, "", 6) }, assertion, "6", "5", "bytes of frame 2"},
		{"two series", nil, func(r, _ context.Context) error { return createUntilRefused(r, "", "a-", "b-", "InUse") }, assertion, "", "", "not the first two of one series"},
		{"a series refused for another reason", func(r, _ context.Context) error { return createBuffer(r, "", "m3", 0, 64) }, func(r, _ context.Context) error { return createUntilRefused(r, "", "m", "m", "System") }, assertion, "System", "InUse", "create buffer 'm3'"},
		{"too few", func(r, _ context.Context) error {
			return errors.Join(createBuffer(r, "", "m8", 0, 64), createUntilRefused(r, "", "m", "m", "InUse"))
		}, func(r, _ context.Context) error { return haveCreatedAtLeast(r, "", 8) }, assertion, "at least 8", "7", "buffers created"},
		{"one that carries nothing", func(r, _ context.Context) error {
			if err := errors.Join(createBuffer(r, "", "m8", 0, 64), createUntilRefused(r, "", "m", "m", "InUse")); err != nil {
				return err
			}
			return os.Remove("/dev/shm/" + of(r).many[1].Name())
		}, func(r, _ context.Context) error { return haveCreatedAtLeast(r, "", 7) }, "NotFound", "", "", "m2: connect"},
		{"a rate of other frames", func(_, w context.Context) error { return writeFrames(w, "", 2, 5) }, func(r, _ context.Context) error { return readAndReportRate(r, "", 1, 2, 6) }, assertion, "6", "5", "bytes of frame 1"},
		{"a rate backwards", nil, func(r, _ context.Context) error { return readAndReportRate(r, "", 2, 1, 6) }, assertion, "", "", "frames 2 to 1 are none"},
		{"one rate", func(r, w context.Context) error {
			return errors.Join(writeFrame(w, "", 5), readAgainstMemcpy(r, "", 1, 1, 5))
		}, func(r, _ context.Context) error { return reportRatioOfRates(r, "") }, assertion, "", "", "has reported 1 rates"},
		{"no additions", nil, func(r, _ context.Context) error { return measureAdditions(r, "", 0, 1) }, assertion, "", "", "0 atomic and 1 plain"},
		{"another sum", nil, func(_, _ context.Context) error { return checkSum("plain", 3, 2) }, assertion, "3", "2", "sum of plain additions"},
		{"no rate of stamps", nil, func(_, w context.Context) error { return writeStamps(w, "", 1, 0) }, assertion, "", "", "0 time stamps a second"},
		{"no stamps", nil, func(r, _ context.Context) error { return readStamps(r, "", 0) }, assertion, "", "", "0 time stamps"},
		{"another stamp", stamp(1, 2), func(r, _ context.Context) error { return readStamps(r, "", 1) }, assertion, "1", "2", "number of the time stamp"},
		{"a stamp of the future", stamp(1<<62, 1), func(r, _ context.Context) error { return readStamps(r, "", 1) }, assertion, "before it was read", "1", "time stamp 1 was written"},
		{"no stamp", func(_, w context.Context) error { return writeFrame(w, "", 15) }, func(r, _ context.Context) error { return readStamps(r, "", 1) }, assertion, "16", "15", "bytes of time stamp 1"},
	} {
		test.run(t)
	}
	if left, err := os.ReadDir("/dev/shm"); err != nil {
		t.Error(err)
	} else {
		for _, entry := range left {
			if strings.Contains(entry.Name(), free) {
				t.Errorf("%s is left", entry.Name())
			}
		}
	}
}
