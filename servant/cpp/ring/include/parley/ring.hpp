#pragma once

/// @file
/// A single-writer, single-reader ring of frames in shared memory, for processes of one machine. The layout is
/// ZeroBuffer v1.0.0's, so a peer written with another library can be on the other side.
///
/// The reader owns a buffer: Reader::create makes its shared objects and Reader::close removes them. A writer joins
/// with Writer::connect. Frames are read in place and may be written in place.
///
///     auto reader = parley::ring::Reader::create("frames", {1024, 10240});
///     auto writer = parley::ring::Writer::connect("frames");
///     writer.write(data, size);
///     auto frame = reader.read();
///     use(frame.data(), frame.size());
///
/// **Waiting.** A call that must wait spins for about two microseconds, then yields the processor for a configurable
/// time (Options::spin), then sleeps in a futex. It notices a closed buffer at once, and a cancellation or a dead peer
/// within 20 milliseconds.
///
/// **Threads.** Every method may be called from any thread, except that a Reader, Writer, Frame or Slot must not be
/// moved or destroyed while another thread uses it. Calls of the same side that wait are served one after the other.
/// close ends a call that waits with ErrorKind::Closed. Memory stays mapped until the last frame is released and the
/// slot is committed or abandoned, so a Frame may outlive its Reader and a Slot its Writer.
///
/// **Trust.** Sizes are validated once, when the segment is mapped, and taken from that snapshot from then on.
/// Everything else that the other side can write is checked at each use; what cannot be true is reported as
/// ErrorKind::Corrupt. Shortening the segment's file under a connected process is outside of this protection: the
/// kernel answers it with SIGBUS.
///
/// **Errors.** Everything thrown derives from Exception: Error, which names an ErrorKind, and Cancelled.

#include "parley/ring/duplex.hpp"
#include "parley/ring/error.hpp"
#include "parley/ring/inspect.hpp"
#include "parley/ring/name.hpp"
#include "parley/ring/options.hpp"
#include "parley/ring/pattern.hpp"
#include "parley/ring/reader.hpp"
#include "parley/ring/writer.hpp"
