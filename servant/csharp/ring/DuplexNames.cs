namespace Parley.Ring
{
    /// <summary>The two buffers of a duplex channel (ring-buffer specification, "Duplex channel").</summary>
    public static class DuplexNames
    {
        /// <summary>The buffer that the server reads.</summary>
        public static string Request(string channel)
        {
            return channel + "_request";
        }

        /// <summary>The buffer that the client reads.</summary>
        public static string Response(string channel)
        {
            return channel + "_response";
        }
    }
}
