using System;
using System.Threading;

namespace Parley.Ring
{
    /// <summary>
    /// A reader's bookkeeping: which frames come next, which are held, what the shared counters must be
    /// (ring-buffer specification, "Reading a frame", P4). It never waits. Safe for use by several threads.
    /// </summary>
    internal sealed unsafe class FrameIntake
    {
        private readonly RingMemory _memory;
        private readonly WriterPresence _writer;
        private readonly HeldSpace _held;
        private readonly int _pid;
        private readonly long _mostPending;
        private ulong _nextSequence = 1;
        private long _position;
        private long _readCount;
        private long _unmarked;
        private int _locked;

        internal FrameIntake(RingMemory memory, WriterPresence writer, int pid)
        {
            _memory = memory;
            _writer = writer;
            _pid = pid;
            _held = new HeldSpace(memory);
            _mostPending = CountedFrames.MostPending(memory.PayloadSize);
        }

        /// <summary>Gives a span back as far as older spans allow it, and tells a writer that may wait for space.</summary>
        internal void Release(long ticket)
        {
            Lock();
            bool isReturned = _held.Release(ticket);
            Unlock();
            if (isReturned)
            {
                _held.Nudge();
            }
        }

        /// <summary>
        /// Takes frames; 0 when the token stood for a writer's close, or when the count of frames and the free bytes
        /// contradict each other, as <paramref name="isContradiction"/> says and <see cref="Contradiction"/> explains.
        /// </summary>
        internal int Take(FrameView[] views, int max, bool hasToken, out FrameView first, out long ticket,
            out bool isContradiction)
        {
            int tokens = hasToken ? 1 : 0;
            int count = 0;
            first = default(FrameView);
            ticket = 0;
            isContradiction = false;
            bool isReturned = false;
            Lock();
            try
            {
                isReturned = _held.Return();
                if (max > 1)
                {
                    tokens += _memory.Data.TryTake(max - tokens);
                }
                RequireOwnFields();
                long written = PendingCount();
                long bytes = PendingBytes();
                if (bytes == 0 && written > 0 && written <= _unmarked && !HasBytesAt(Volatile.Read(ref *_memory.ReadPos)))
                {
                    Recount(written);
                    written = 0;
                }
                if (written == 0 && (bytes == 0 || (bytes > 0 && IsAtWritePos())))
                {
                    // Bytes that nothing shows were a dead writer's; Reclaim returns them.
                    _writer.NoteClosePost();
                    tokens = 0;
                    return 0;
                }
                if (written == 0 || bytes <= 0)
                {
                    isContradiction = true;
                    return 0;
                }
                var cursor = new FrameCursor(_memory, written, _held.Room);
                bool moved = cursor.Position != _position;
                if (moved && cursor.Position % _memory.PayloadSize != 0)
                {
                    throw MovedPosition(cursor.Position);
                }
                FrameCursor done = cursor;
                ulong sequence = _nextSequence;
                int wanted = Math.Max(tokens, 1);
                try
                {
                    while (count < wanted && cursor.Count < written && (count == 0 || HasMore(cursor)))
                    {
                        FrameView view = Next(ref cursor, moved && count == 0);
                        RequireSequence(sequence, view.Sequence, moved && count == 0, cursor.Position);
                        sequence = view.Sequence + 1;
                        views[count++] = view;
                        done = cursor;
                    }
                }
                catch (RingException) when (count > 0)
                {
                    // The frames before the broken one are good; the next read meets the broken one again.
                }
                Accept(done, sequence, out ticket);
                first = views[0];
                return count;
            }
            finally
            {
                if (tokens > count)
                {
                    _memory.Data.GiveBack(tokens - count);
                }
                Unlock();
                if (isReturned)
                {
                    _held.Nudge();
                }
            }
        }

        /// <summary>
        /// Which counter contradicts the other one: bytes are pending without a frame, or a frame without bytes; or what
        /// is wrong with that frame, such as that it lies over held ones.
        /// </summary>
        internal RingException Contradiction()
        {
            Lock();
            try
            {
                long written = Volatile.Read(ref *_memory.WrittenCount);
                if (written == _readCount)
                {
                    return RingException.Corrupt(_memory.Name, Layout.WrittenCountField, (ulong)written,
                        (ulong)_readCount + 1);
                }
                var cursor = new FrameCursor(_memory, written - _readCount, _held.Room);
                cursor.Next();
                return RingException.Corrupt(_memory.Name, Layout.PayloadFreeField,
                    (ulong)Volatile.Read(ref *_memory.PayloadFree), (ulong)(_held.Room - Layout.FrameHeaderSize - 1));
            }
            catch (RingException e)
            {
                return e;
            }
            finally
            {
                Unlock();
            }
        }

        /// <summary>
        /// Whether a whole frame waits to be read, whatever the tokens say: a writer may be killed between frame and
        /// post, and even between marker and frame.
        /// </summary>
        internal bool HasCompleteFrame()
        {
            Lock();
            try
            {
                long written = PendingCount();
                long pending = PendingBytes();
                if (written == 0 || pending <= 0)
                {
                    return false;
                }
                var cursor = new FrameCursor(_memory, written, _held.Room);
                if (written == 1 && cursor.IsAtMarker)
                {
                    return false;
                }
                cursor.Next();
                return cursor.LeadingTail + cursor.Bytes <= pending;
            }
            finally
            {
                Unlock();
            }
        }

        /// <summary>
        /// Returns the space that a dead writer took for a frame it never counted. While a writer lives, it may be
        /// publishing, and shows it by a write_pos that is ahead, unless the frame takes the whole ring.
        /// </summary>
        /// <exception cref="RingException">Corrupt: writer_pid is no process id. Closed.</exception>
        internal void Reclaim()
        {
            if (!_writer.MayHaveLeftSpace)
            {
                return;
            }
            // What another thread notices from here on is looked at the next time.
            _writer.MayHaveLeftSpace = false;
            bool isSettled = false;
            bool isReturned = false;
            Lock();
            try
            {
                long free = Volatile.Read(ref *_memory.PayloadFree);
                long all = _held.Room;
                if (IsDrained() && (ulong)free <= (ulong)all)
                {
                    // A writer that connects after the look at the free bytes changes them before it counts, and the
                    // exchange fails.
                    isReturned = free < all && (free > 0 || _writer.IsAbsent) && IsDrained() &&
                        Interlocked.CompareExchange(ref *_memory.PayloadFree, all, free) == free;
                    isSettled = isReturned || free == all;
                }
            }
            finally
            {
                Unlock();
                if (!isSettled)
                {
                    _writer.MayHaveLeftSpace = true;
                }
            }
            if (isReturned)
            {
                _memory.Space.Post(1);
            }
        }

        /// <summary>Whether every frame that is counted was read, and none is being published.</summary>
        private bool IsDrained()
        {
            return Volatile.Read(ref *_memory.WrittenCount) == _readCount && IsAtWritePos();
        }

        private bool IsAtWritePos()
        {
            return !HasBytesAt(Volatile.Read(ref *_memory.ReadPos));
        }

        /// <summary>Whether another frame follows those of a batch, which are held, so that write_pos has not passed them.</summary>
        private bool HasMore(FrameCursor cursor)
        {
            return _unmarked + cursor.Unmarked == 0 || HasBytesAt(cursor.Position);
        }

        /// <summary>Whether write_pos is another place than this one; P means 0.</summary>
        private bool HasBytesAt(long position)
        {
            long size = _memory.PayloadSize;
            return position % size != Volatile.Read(ref *_memory.WritePos) % size;
        }

        /// <summary>
        /// Believes written_count now that the ring is empty: peers count a wrap without a marker, and a reader cannot see
        /// whether they did.
        /// </summary>
        private void Recount(long ahead)
        {
            _readCount += ahead;
            _unmarked = 0;
            Volatile.Write(ref *_memory.ReadCount, _readCount);
        }

        private FrameView Next(ref FrameCursor cursor, bool moved)
        {
            long position = cursor.Position;
            try
            {
                return cursor.Next();
            }
            catch (RingException) when (moved)
            {
                throw MovedPosition(position);
            }
        }

        private void RequireSequence(ulong expected, ulong actual, bool moved, long end)
        {
            _writer.NoteDeparture();
            if (actual == 1 &&
                (_writer.TryStartStream(moved) || (IsRewound(end) && _writer.TryStartStream(false))))
            {
                return;
            }
            if (actual != expected)
            {
                throw moved
                    ? MovedPosition(Volatile.Read(ref *_memory.ReadPos))
                    : RingException.SequenceGap(_memory.Name, expected, actual);
            }
        }

        /// <summary>
        /// Whether nothing was unread when the position went back to the frame at 0, which ends at
        /// <paramref name="end"/>: all that is counted then lies between 0 and write_pos. A writer that publishes
        /// meanwhile updates the two one after the other.
        /// </summary>
        private bool IsRewound(long end)
        {
            long deadline = Waiting.Deadline(RingReader.Suspicion);
            while (true)
            {
                long position = end;
                long writePos = Volatile.Read(ref *_memory.WritePos);
                if (CountedFrames.TryWalk(_memory, ref position, writePos, PendingCount() - 1) &&
                    position % _memory.PayloadSize == writePos % _memory.PayloadSize)
                {
                    return true;
                }
                if (Waiting.HasPassed(deadline))
                {
                    return false;
                }
                Thread.Sleep(1);
            }
        }

        private RingException MovedPosition(long position)
        {
            return RingException.Corrupt(_memory.Name, Layout.ReadPosField, (ulong)position, (ulong)_position);
        }

        private void Accept(FrameCursor cursor, ulong nextSequence, out long ticket)
        {
            if (cursor.LeadingTail > 0)
            {
                _held.Release(_held.Hold(cursor.LeadingTail));
            }
            _position = cursor.Position == _memory.PayloadSize ? 0 : cursor.Position;
            _readCount += cursor.Count;
            _unmarked += cursor.Unmarked;
            _nextSequence = nextSequence;
            Volatile.Write(ref *_memory.ReadPos, _position);
            Volatile.Write(ref *_memory.ReadCount, _readCount);
            ticket = _held.Hold(cursor.Bytes);
        }

        /// <summary>Fields that nobody else writes must be as this reader left them, and what was released be returned.</summary>
        private void RequireOwnFields()
        {
            _held.RequireReturned();
            RequireOwn(_memory.ReaderPid, Layout.ReaderPidField, _pid);
            RequireOwn(_memory.ReadCount, Layout.ReadCountField, _readCount);
        }

        private void RequireOwn(long* field, string fieldName, long own)
        {
            long value = Volatile.Read(ref *field);
            if (value != own)
            {
                if (_memory.IsClosed)
                {
                    throw RingException.Closed(_memory.Name);
                }
                throw RingException.Corrupt(_memory.Name, fieldName, (ulong)value, (ulong)own);
            }
        }

        /// <summary>Frames and markers that were written and not read yet.</summary>
        private long PendingCount()
        {
            long written = Volatile.Read(ref *_memory.WrittenCount);
            long pending = written - _readCount;
            long most = _mostPending + _unmarked;
            if ((ulong)pending > (ulong)most)
            {
                throw RingException.Corrupt(_memory.Name, Layout.WrittenCountField, (ulong)written,
                    (ulong)(_readCount + most));
            }
            return pending;
        }

        /// <summary>Bytes that were written and not read yet.</summary>
        private long PendingBytes()
        {
            long free = _memory.Load(_memory.PayloadFree, Layout.PayloadFreeField, _memory.PayloadSize);
            return _held.Room - free;
        }

        private void Lock()
        {
            if (Interlocked.CompareExchange(ref _locked, 1, 0) != 0)
            {
                var spin = new SpinWait();
                while (Interlocked.CompareExchange(ref _locked, 1, 0) != 0)
                {
                    spin.SpinOnce();
                }
            }
        }

        private void Unlock()
        {
            Volatile.Write(ref _locked, 0);
        }
    }
}
