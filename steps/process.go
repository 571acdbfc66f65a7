package steps

import (
	"context"
	"errors"
	"slices"
	"time"

	"parley.dev/parley/servant"
	"parley.dev/parley/servant/ring"
)

// process is what one process has open in one scenario.
type process struct {
	// reader and writer are the ones that steps act on: the last created and
	// the last connected.
	reader *reader
	writer *writer
	// latest is the one of both that was opened last.
	latest interface{ Close() error }
	// others are open without being acted on.
	others []interface{ Close() error }
	// won are the buffers that this process created in a race.
	won []*reader
	// many are the buffers that were created until one was refused.
	many []*reader
	// channel is this process's end of a duplex channel, a *server or a *client.
	channel channel
	// rates are those that steps reported, in frames per second.
	rates []float64
	// patience is how long calls wait for the other side; the ring's own
	// timeout unless a step has set it.
	patience    time.Duration
	patienceSet bool
}

type reader struct {
	*ring.Reader
	held map[uint64]*ring.Frame
	// last is the sequence number of the frame that was read last, 0 before the
	// first.
	last uint64
}

type writer struct {
	*ring.Writer
	// written counts the frames since the writer connected: the next one has
	// sequence number written+1.
	written uint64
	slot    *ring.Slot
	scratch []byte
}

// of returns the process's state in the scenario of ctx.
func of(ctx context.Context) *process {
	p := servant.State[process](ctx)
	if !p.patienceSet {
		p.patience = ring.DefaultTimeout
	}
	return p
}

// Close implements io.Closer for the scenario's end: held frames are released,
// an acquired one is abandoned, and every buffer is closed.
func (p *process) Close() error {
	var errs []error
	if p.writer != nil {
		errs = append(errs, p.writer.Close())
	}
	for _, other := range p.others {
		errs = append(errs, other.Close())
	}
	for _, r := range slices.Concat(p.won, p.many) {
		errs = append(errs, r.Close())
	}
	if p.channel != nil {
		errs = append(errs, p.channel.Close())
	}
	if p.reader != nil {
		errs = append(errs, p.reader.Close())
	}
	return errors.Join(errs...)
}

// Close releases what is held and closes the reader.
func (r *reader) Close() error {
	var errs []error
	for _, frame := range r.held {
		errs = append(errs, frame.Release())
	}
	clear(r.held)
	return errors.Join(append(errs, r.Reader.Close())...)
}

// Close abandons an acquired frame and closes the writer.
func (w *writer) Close() error {
	if w.slot != nil {
		w.slot.Abandon()
		w.slot = nil
	}
	return w.Writer.Close()
}

// create makes a buffer by its plain name.
func (p *process) create(ctx context.Context, name string, metadata, payload int) (*reader, error) {
	r, err := ring.Create(servant.Scenario(ctx).ResourceName(name),
		ring.Sizes{Metadata: metadata, Payload: payload}, ring.WithTimeout(p.patience))
	if err != nil {
		return nil, err
	}
	return &reader{Reader: r, held: map[uint64]*ring.Frame{}}, nil
}

// connect connects to a buffer by its plain name.
func (p *process) connect(ctx context.Context, name string) (*writer, error) {
	return join(servant.Scenario(ctx).ResourceName(name), p.patience)
}

// join connects to a buffer by the name of its objects.
func join(name string, patience time.Duration) (*writer, error) {
	w, err := ring.Connect(name, ring.WithTimeout(patience))
	if err != nil {
		return nil, err
	}
	return &writer{Writer: w}, nil
}

// reading returns the reader that steps act on.
func (p *process) reading() (*reader, error) {
	if p.reader == nil {
		return nil, servant.Failf("this process has created no buffer, or has closed it; a step that creates one must come first")
	}
	return p.reader, nil
}

// writing returns the writer that steps act on.
func (p *process) writing() (*writer, error) {
	if p.writer == nil {
		return nil, servant.Failf("this process is connected to no buffer; a step that connects must come first")
	}
	return p.writer, nil
}
