package steps

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley.dev/parley/servant"
	"parley.dev/parley/servant/pattern"
	"parley.dev/parley/servant/ring"
)

func registerBasicCommunication(r *servant.Registry) {
	r.Step(role+`creates buffer `+text+` with `+number+` bytes of metadata and `+number+` bytes of payload`, createBuffer)
	r.Step(role+`connects to buffer `+text, connectToBuffer)
	r.Step(role+`waits at most `+number+` milliseconds for the other side`, waitAtMost)
	r.Step(role+`writes `+number+` bytes of metadata`, writeMetadata)
	r.Step(role+`writes a frame of `+number+` bytes`, writeFrame)
	r.Step(role+`writes a frame of `+number+` bytes without waiting`, writeFrameAtOnce)
	r.Step(role+`writes `+number+` frames of `+number+` bytes`, writeFrames)
	r.Step(role+`writes frames of `+number+` bytes until the buffer is full`, writeUntilFull)
	r.Step(role+`fails to write a frame of `+number+` bytes: `+text, failToWrite)
	r.Then(role+`has written `+number+` frames`, hasWritten)
	r.Step(role+`acquires a frame of `+number+` bytes`, acquireFrame)
	r.Step(role+`fills the acquired frame in place`, fillFrame)
	r.Step(role+`commits the acquired frame`, commitFrame)
	r.Step(role+`abandons the acquired frame`, abandonFrame)
	r.Then(role+`finds `+number+` bytes of metadata`, findMetadata)
	r.Then(role+`finds no frame waiting`, findNoFrame)
	r.Step(role+`reads frame `+number+` of `+number+` bytes`, readFrame)
	r.Step(role+`releases frame `+number, releaseFrame)
	r.Step(role+`reads and releases frame `+number+` of `+number+` bytes`, readAndReleaseFrame)
	r.Step(role+`reads frames `+number+` to `+number+` of `+number+` bytes`, readFrames)
	r.Step(role+`reads frames `+number+` to `+number+` of `+number+` bytes, taking `+number+` milliseconds over each`, readFramesSlowly)
}

func createBuffer(ctx context.Context, _, name string, metadata, payload int) error {
	p := of(ctx)
	created, err := p.create(ctx, name, metadata, payload)
	if err != nil {
		return failed(fmt.Sprintf("create buffer '%s'", name), err)
	}
	if p.reader != nil {
		p.others = append(p.others, p.reader)
	}
	p.reader, p.latest = created, created
	return nil
}

func connectToBuffer(ctx context.Context, _, name string) error {
	p := of(ctx)
	if p.writer != nil {
		if err := p.writer.Close(); err != nil {
			return failed("close the earlier writer", err)
		}
		p.writer = nil
	}
	connected, err := p.connect(ctx, name)
	if err != nil {
		return failed(fmt.Sprintf("connect to buffer '%s'", name), err)
	}
	p.writer, p.latest = connected, connected
	return nil
}

func waitAtMost(ctx context.Context, _ string, milliseconds int64) error {
	p := of(ctx)
	p.patience, p.patienceSet = time.Duration(milliseconds)*time.Millisecond, true
	if p.reader != nil {
		p.reader.SetTimeout(p.patience)
	}
	if p.writer != nil {
		p.writer.SetTimeout(p.patience)
	}
	if p.channel != nil {
		p.channel.SetTimeout(p.patience)
	}
	return nil
}

func writeMetadata(ctx context.Context, _ string, size int) error {
	w, err := of(ctx).writing()
	if err != nil {
		return err
	}
	if err := w.WriteMetadata(metadataOf(size)); err != nil {
		return failed(fmt.Sprintf("write %d bytes of metadata", size), err)
	}
	return nil
}

func metadataOf(size int) []byte {
	data := make([]byte, size)
	pattern.Metadata(data)
	return data
}

func writeFrame(ctx context.Context, role string, size int) error {
	return writeFrames(ctx, role, 1, size)
}

func writeFrameAtOnce(ctx context.Context, role string, size int) error {
	return writeFramesAtOnce(ctx, role, 1, size)
}

func writeFrames(ctx context.Context, _ string, frames, size int) error {
	w, err := of(ctx).writing()
	if err != nil {
		return err
	}
	for range frames {
		if err := w.writeNext(ctx, size); err != nil {
			return err
		}
	}
	return nil
}

func writeUntilFull(ctx context.Context, _ string, size int) error {
	w, err := of(ctx).writing()
	if err != nil {
		return err
	}
	for {
		doing := w.next(size)
		err := w.write(ctx, size)
		if errors.Is(err, ring.BufferFull) {
			return nil
		}
		if err != nil {
			return failed(doing, err)
		}
	}
}

func failToWrite(ctx context.Context, _ string, size int, expected string) error {
	w, err := of(ctx).writing()
	if err != nil {
		return err
	}
	doing := w.next(size)
	return expectError(doing, expected, w.write(ctx, size))
}

func hasWritten(ctx context.Context, _ string, frames uint64) error {
	w, err := of(ctx).writing()
	if err != nil {
		return err
	}
	if w.written != frames {
		return servant.Mismatch("frames written since the writer connected", frames, w.written)
	}
	return nil
}

func acquireFrame(ctx context.Context, _ string, size int) error {
	w, err := of(ctx).writing()
	if err != nil {
		return err
	}
	slot, err := w.Acquire(ctx, size)
	if err != nil {
		return failed(fmt.Sprintf("acquire a frame of %d bytes", size), err)
	}
	w.slot = slot
	return nil
}

// acquired returns the writer with its acquired frame.
func acquired(ctx context.Context) (*writer, error) {
	w, err := of(ctx).writing()
	if err != nil {
		return nil, err
	}
	if w.slot == nil {
		return nil, servant.Failf("this process has acquired no frame; a step that acquires one must come first")
	}
	return w, nil
}

func fillFrame(ctx context.Context, _ string) error {
	w, err := acquired(ctx)
	if err != nil {
		return err
	}
	pattern.Frame(w.slot.Data(), w.written+1)
	return nil
}

func commitFrame(ctx context.Context, _ string) error {
	w, err := acquired(ctx)
	if err != nil {
		return err
	}
	if err := w.commit(); err != nil {
		return failed("commit the acquired frame", err)
	}
	return nil
}

func abandonFrame(ctx context.Context, _ string) error {
	w, err := acquired(ctx)
	if err != nil {
		return err
	}
	w.slot.Abandon()
	w.slot = nil
	return nil
}

func findMetadata(ctx context.Context, _ string, size int) error {
	r, err := of(ctx).reading()
	if err != nil {
		return err
	}
	data, err := r.Metadata()
	if err != nil {
		return failed("read the metadata", err)
	}
	if data == nil {
		return servant.Mismatch("bytes of metadata", size, "none written")
	}
	if len(data) != size {
		return servant.Mismatch("bytes of metadata", size, len(data))
	}
	return compare("the metadata", metadataOf(size), data)
}

func findNoFrame(ctx context.Context, _ string) error {
	p := of(ctx)
	r, err := p.reading()
	if err != nil {
		return err
	}
	r.SetTimeout(0)
	defer r.SetTimeout(p.patience)
	frame, err := r.take(ctx)
	if err == nil {
		return servant.Mismatch("frame waiting", "none", fmt.Sprintf("frame %d of %d bytes", frame.Sequence(), frame.Size()))
	}
	return expectError("look for a frame", ring.ReadTimeout.String(), err)
}

func readFrame(ctx context.Context, _ string, sequence uint64, size int) error {
	r, err := of(ctx).reading()
	if err != nil {
		return err
	}
	_, err = r.read(ctx, sequence, size)
	return err
}

func releaseFrame(ctx context.Context, _ string, sequence uint64) error {
	r, err := of(ctx).reading()
	if err != nil {
		return err
	}
	return r.release(sequence)
}

func readAndReleaseFrame(ctx context.Context, role string, sequence uint64, size int) error {
	return readFramesSlowly(ctx, role, sequence, sequence, size, 0)
}

func readFrames(ctx context.Context, role string, from, to uint64, size int) error {
	return readFramesSlowly(ctx, role, from, to, size, 0)
}

func readFramesSlowly(ctx context.Context, _ string, from, to uint64, size int, milliseconds int64) error {
	r, err := of(ctx).reading()
	if err != nil {
		return err
	}
	if from > to {
		return servant.Failf("frames %d to %d are none; the first number must not be above the second", from, to)
	}
	delay := time.Duration(milliseconds) * time.Millisecond
	for sequence := from; sequence <= to; sequence++ {
		if err := r.readAndRelease(ctx, sequence, size, delay); err != nil {
			return err
		}
	}
	return nil
}
