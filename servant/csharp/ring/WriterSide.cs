namespace Parley.Ring
{
    /// <summary>A writer's wait for space; reused, as one thread writes at a time.</summary>
    internal sealed class WriterSide : IWaitingSide
    {
        private readonly RingMemory _memory;
        private readonly FrameOutlet _outlet;
        private readonly ReaderPresence _reader;

        internal WriterSide(RingMemory memory, FrameOutlet outlet, ReaderPresence reader)
        {
            _memory = memory;
            _outlet = outlet;
            _reader = reader;
        }

        public bool NeedsToken => false;

        /// <summary>What the frame takes with its header, in bytes.</summary>
        internal long Total { get; set; }

        /// <summary>Where the frame goes, once <see cref="TryProceed"/> found room. A field, so that it is passed on by
        /// reference: this is on the way of every frame.</summary>
        internal Placement Placement;

        public bool TryProceed()
        {
            return _outlet.TryPlace(Total, out Placement);
        }

        /// <summary>Old tokens would end every sleep at once (P6).</summary>
        public void PrepareSleep()
        {
            _memory.Space.Drain();
        }

        public bool CheckPeer()
        {
            if (_memory.IsClosed)
            {
                throw RingException.Closed(_memory.Name);
            }
            _reader.RequireNow();
            return false;
        }
    }
}
