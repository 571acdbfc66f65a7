package ring

import (
	"context"
	"errors"
	"testing"
	"time"

	"parley.dev/parley/servant/pattern"
)

func TestDuplexAcrossDeaths(t *testing.T) {
	name := unique(t)
	s, err := Serve(name, Sizes{0, 1024}, WithTimeout(limit))
	must(t, err)
	defer func() { _ = s.Close() }()
	ctx := within(t)
	for round := range 3 {
		client := newChild(t)
		client.do("connect", name+requestSuffix)
		client.do("create", name+responseSuffix, 0, 1024)
		must(t, s.Accept(ctx))
		client.do("write", 100, 1)
		f, err := s.Receive(ctx)
		must(t, err)
		must(t, s.Respond(ctx, f.Data()))
		must(t, f.Release())
		if a := client.do("read"); a != "ok 1 100" {
			t.Errorf("round %d: the client's answer is %s", round, a)
		}
		client.kill()
		_, err = s.Receive(ctx)
		wantKind(t, err, WriterDead)
		_, err = s.Responses()
		wantKind(t, err, NoReader)
	}
	// The last client left its response buffer, as the killed do.
	r, err := Create(name+responseSuffix, Sizes{0, 64})
	must(t, err)
	must(t, r.Close())
}

func TestDuplex(t *testing.T) {
	name := unique(t)
	ctx := within(t)
	s, err := Serve(name, Sizes{0, 262144})
	must(t, err)
	wantKind(t, s.Respond(ctx, []byte{1}), NoReader)
	served := make(chan error, 1)
	go func() {
		served <- func() error {
			if err := s.Accept(ctx); err != nil {
				return err
			}
			for {
				f, err := s.Receive(ctx)
				if errors.Is(err, WriterGone) {
					return nil
				}
				if err != nil {
					return err
				}
				answer := make([]byte, f.Size())
				for i, b := range f.Data() {
					answer[i] = b ^ 0xff
				}
				if err := errors.Join(f.Release(), s.Respond(ctx, answer)); err != nil {
					return err
				}
			}
		}()
	}()
	c, err := DialWait(ctx, name, Sizes{0, 262144})
	must(t, err)
	check := func(f *Frame, size int, sequence uint64) {
		t.Helper()
		got := append([]byte(nil), f.Data()...)
		for i := range got {
			got[i] ^= 0xff
		}
		if len(got) != size || f.Sequence() != sequence {
			t.Fatalf("response %d of %d bytes, want %d of %d", f.Sequence(), len(got), sequence, size)
		}
		must(t, pattern.CheckFrame(got, sequence))
		must(t, f.Release())
	}
	sequence := uint64(0)
	for _, size := range []int{1, 1024, 102400} {
		sequence++
		f, err := c.Call(ctx, frame(size, sequence))
		must(t, err)
		check(f, size, sequence)
	}
	for i := range uint64(10) {
		must(t, c.Send(ctx, frame(500, sequence+1+i)))
	}
	for range 10 {
		sequence++
		f, err := c.Receive(ctx)
		must(t, err)
		check(f, 500, sequence)
	}
	must(t, c.Close())
	must(t, <-served)
	must(t, s.Close())
	if left := leftovers(name); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	_, err = Dial(name, Sizes{0, 64})
	wantKind(t, err, NotFound)
}

// A server that closes with responses pending: the client gets them, then an
// error; the name is free.
func TestServerCloses(t *testing.T) {
	name := unique(t)
	ctx := within(t)
	s, err := Serve(name, Sizes{0, 1024})
	must(t, err)
	c, err := Dial(name, Sizes{0, 1024})
	must(t, err)
	must(t, s.Accept(ctx))
	must(t, s.Respond(ctx, frame(10, 1)))
	must(t, s.Close())
	f, err := c.Receive(ctx)
	must(t, err)
	must(t, f.Release())
	_, err = c.Receive(ctx)
	wantKind(t, err, WriterGone)
	wantKind(t, c.Send(ctx, []byte{1}), NoReader)
	again, err := Serve(name, Sizes{0, 1024}, WithTimeout(10*time.Millisecond))
	must(t, err)
	wantKind(t, again.Accept(ctx), ReadTimeout)
	must(t, again.Close())
	must(t, c.Close())
}

func TestServerClosesWhileAccepting(t *testing.T) {
	name := unique(t)
	s, err := Serve(name, Sizes{0, 64}, WithTimeout(limit))
	must(t, err)
	w := mustConnect(t, name+requestSuffix)
	result := make(chan error, 1)
	ctx, cancel := context.WithCancel(within(t))
	go func() { result <- s.Accept(ctx) }()
	must(t, s.Close())
	cancel()
	if err := <-result; !errors.Is(err, Closed) && !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	must(t, w.Close())
}

// The server cannot tell the requests of two clients apart, so the second one
// waits until those of the first are read.
func TestClientWaitsForAnEarlierOnesRequests(t *testing.T) {
	name := unique(t)
	s, err := Serve(name, Sizes{0, 1024}, WithTimeout(limit))
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	ctx := within(t)
	first, err := Dial(name, Sizes{0, 1024})
	must(t, err)
	must(t, first.Send(ctx, []byte{1}))
	must(t, first.Close())

	_, err = Dial(name, Sizes{0, 1024}, WithTimeout(0))
	wantKind(t, err, BufferFull)

	dialled := make(chan *Client, 1)
	go func() {
		second, err := Dial(name, Sizes{0, 1024}, WithTimeout(limit))
		if err != nil {
			t.Error(err)
		}
		dialled <- second
	}()
	f, err := s.Receive(ctx)
	must(t, err)
	must(t, f.Release())
	second := <-dialled
	if second == nil {
		t.FailNow()
	}
	t.Cleanup(func() { _ = second.Close() })
	must(t, s.Accept(ctx))
	must(t, second.Send(ctx, []byte{2}))
	f, err = s.Receive(ctx)
	must(t, err)
	must(t, s.Respond(ctx, f.Data()))
	must(t, f.Release())
	f, err = second.Receive(ctx)
	must(t, err)
	if f.Data()[0] != 2 {
		t.Errorf("response %d", f.Data()[0])
	}
	must(t, f.Release())
}

// SetTimeout reaches what is open, and what Accept opens later.
func TestDuplexSetTimeout(t *testing.T) {
	name := unique(t)
	ctx := within(t)
	s, err := Serve(name, Sizes{0, 1024})
	must(t, err)
	defer func() { _ = s.Close() }()
	wait := func(err error, kind Kind, d time.Duration) {
		t.Helper()
		var e *Error
		if !errors.As(err, &e) || e.Kind != kind || e.Timeout != d {
			t.Errorf("error is %v, want %v within %v", err, kind, d)
		}
	}
	s.SetTimeout(2 * time.Millisecond)
	wait(s.Accept(ctx), ReadTimeout, 2*time.Millisecond)
	c, err := Dial(name, Sizes{0, 1024})
	must(t, err)
	defer func() { _ = c.Close() }()
	must(t, s.Accept(ctx))
	full := make([]byte, 1008)
	must(t, s.Respond(ctx, full))
	wait(s.Respond(ctx, full), BufferFull, 2*time.Millisecond)
	s.SetTimeout(-1)
	wait(s.Respond(ctx, full), BufferFull, 0)
	_, err = s.Receive(ctx)
	wait(err, ReadTimeout, 0)
	c.SetTimeout(3 * time.Millisecond)
	must(t, c.Send(ctx, full))
	wait(c.Send(ctx, full), BufferFull, 3*time.Millisecond)
	f, err := c.Receive(ctx)
	must(t, err)
	must(t, f.Release())
	_, err = c.Receive(ctx)
	wait(err, ReadTimeout, 3*time.Millisecond)
}
