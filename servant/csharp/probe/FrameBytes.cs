using Parley.Ring;

namespace Parley.Probe
{
    /// <summary>A frame to check, wherever it came from.</summary>
    internal unsafe struct FrameBytes
    {
        private readonly FrameView _view;
        private readonly Frame _frame;

        internal FrameBytes(Frame frame)
        {
            _frame = frame;
            _view = default(FrameView);
        }

        internal FrameBytes(FrameView view)
        {
            _frame = null;
            _view = view;
        }

        internal ulong Sequence => _frame?.Sequence ?? _view.Sequence;

        internal long Size => _frame?.Size ?? _view.Size;

        internal byte* Data => _frame == null ? _view.Data : _frame.Data;

        internal byte[] ToArray()
        {
            return _frame == null ? _view.ToArray() : _frame.ToArray();
        }
    }
}
