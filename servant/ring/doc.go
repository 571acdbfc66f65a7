// Package ring is a single-writer, single-reader ring of frames in shared
// memory, for processes of one machine. The layout is ZeroBuffer v1.0.0's, so
// a peer written with another library can be on the other side.
//
// The reader owns a buffer: [Create] makes its shared objects and
// [Reader.Close] removes them. A writer joins with [Connect]. Frames are read
// in place ([Reader.Read]) and may be written in place ([Writer.Acquire]).
//
//	r, err := ring.Create("frames", ring.Sizes{Metadata: 1024, Payload: 10240})
//	w, err := ring.Connect("frames")
//	err = w.Write(ctx, data)
//	f, err := r.Read(ctx)
//	use(f.Data())
//	err = f.Release()
//
// # Waiting
//
// A call that must wait spins for about two microseconds, then yields the
// processor for a configurable time ([WithSpin]), then sleeps in a futex. A
// sleeping call occupies one OS thread. It notices a closed buffer at once,
// and a cancelled context or a dead peer within 20 milliseconds.
//
// # Concurrency
//
// Every method may be called from any goroutine. Calls of the same side that
// wait are served one after the other. Close ends a call that waits with
// [Closed]. Memory stays mapped until the last held frame is released and the
// last acquired slot is committed or abandoned, so that Data never dangles.
//
// # Trust
//
// Sizes are validated once, when the segment is mapped, and taken from that
// snapshot from then on. Everything else that the other side can write is
// checked at each use; what cannot be true is reported as [Corrupt]. Shortening
// the segment's file under a connected process is outside of this protection:
// the kernel answers it with SIGBUS.
package ring
