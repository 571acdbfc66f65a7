namespace Parley.Ring
{
    /// <summary>
    /// What went wrong with a ring; the same names in every language (ring-buffer specification, "Errors").
    /// </summary>
    public enum RingError
    {
        /// <summary>The buffer name breaks the rules for names.</summary>
        InvalidName,

        /// <summary>A living reader holds this name.</summary>
        InUse,

        /// <summary>There is no buffer of this name.</summary>
        NotFound,

        /// <summary>The buffer has no reader: it closed, or was dead before the writer connected.</summary>
        NoReader,

        /// <summary>Another living writer is connected.</summary>
        WriterExists,

        /// <summary>The segment has another major version.</summary>
        VersionMismatch,

        /// <summary>The shared memory holds an impossible value; carries field, value and limit.</summary>
        Corrupt,

        /// <summary>The metadata does not fit into the metadata block.</summary>
        MetadataTooLarge,

        /// <summary>The metadata of this buffer was written before.</summary>
        MetadataAlreadyWritten,

        /// <summary>The buffer was created without a metadata block.</summary>
        NoMetadataBlock,

        /// <summary>The frame can never fit into this ring; carries size and largest.</summary>
        FrameTooLarge,

        /// <summary>A frame must have at least one byte.</summary>
        EmptyFrame,

        /// <summary>The ring stayed full for the whole timeout; carries timeout.</summary>
        BufferFull,

        /// <summary>No frame came within the timeout.</summary>
        ReadTimeout,

        /// <summary>The reader's process died.</summary>
        ReaderDead,

        /// <summary>The writer's process died without closing.</summary>
        WriterDead,

        /// <summary>The writer closed in order.</summary>
        WriterGone,

        /// <summary>A frame came out of sequence; carries expected and actual.</summary>
        SequenceGap,

        /// <summary>This end was disposed.</summary>
        Closed,

        /// <summary>The operating system refused; carries call and errno.</summary>
        System
    }
}
