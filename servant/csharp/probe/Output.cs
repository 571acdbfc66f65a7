using System;

namespace Parley.Probe
{
    internal static class Output
    {
        /// <summary>Writes a line that its reader sees at once, also through a pipe.</summary>
        internal static void Line(string text)
        {
            Console.Out.WriteLine(text);
            Console.Out.Flush();
        }
    }
}
