using System;
using System.Collections.Generic;
using System.Globalization;

namespace Parley.Servant
{
    /// <summary>What an exception's stack tells the author of a step: a line <c>file:line: method</c> for each frame of
    /// code that is neither the runtime's nor the SDK's, the innermost first, then those of its causes. Contract:
    /// "Result of executeStep", <c>failure.stack</c>.</summary>
    internal static class StepStack
    {
        // What runs between the SDK and a step, or below one, and is not its author's.
        private static readonly string[] Machinery = { "System.", "Microsoft.", "Mono.", "Interop.", "(wrapper ", typeof(StepStack).Namespace + "." };

        /// <summary>Read as text, for only the text has the frames from before an exception was thrown again.</summary>
        internal static string Of(Exception exception)
        {
            var lines = new List<string>();
            Add(exception, new SourcePaths(), lines);
            // A failure inside the SDK itself.
            return lines.Count > 0 ? string.Join("\n", lines) : exception.ToString();
        }

        private static void Add(Exception exception, SourcePaths paths, List<string> lines)
        {
            var frames = new List<Frame>();
            foreach (string line in (exception.StackTrace ?? "").Split('\n'))
            {
                if (Frame.TryParse(line, out Frame frame) && !IsMachinery(frame.Method))
                {
                    frames.Add(frame);
                }
            }
            // What a library without symbols did in there is not where to look first.
            int first = Math.Max(0, frames.FindIndex(frame => frame.File != null));
            for (int i = first; i < frames.Count; i++)
            {
                lines.Add(frames[i].ToString(paths));
            }
            foreach (Exception cause in Causes(exception))
            {
                if (lines.Count > 0)
                {
                    lines.Add("caused by " + cause.GetType().FullName + ": " + cause.Message);
                }
                Add(cause, paths, lines);
            }
        }

        private static IEnumerable<Exception> Causes(Exception exception)
        {
            if (exception is AggregateException several)
            {
                return several.InnerExceptions;
            }
            return exception.InnerException == null ? new Exception[0] : new[] { exception.InnerException };
        }

        private static bool IsMachinery(string method)
        {
            return Array.Exists(Machinery, prefix => method.StartsWith(prefix, StringComparison.Ordinal));
        }

        private struct Frame
        {
            private int _line;

            internal string Method { get; private set; }

            /// <summary>Null without symbols.</summary>
            internal string File { get; private set; }

            /// <summary>Reads <c>at C.M (args) [0x0] in file:1 </c> (Mono) and <c>at C.M(args) in file:line 1</c>
            /// (.NET); false for lines between stacks.</summary>
            internal static bool TryParse(string line, out Frame frame)
            {
                const string at = "at ";
                const string within = " in ";
                frame = default(Frame);
                string text = line.Trim();
                if (!text.StartsWith(at, StringComparison.Ordinal))
                {
                    return false;
                }
                // A wrapper of Mono begins with a parenthesis of its own.
                int arguments = text.IndexOf('(', at.Length + 1);
                if (arguments < 0)
                {
                    return false;
                }
                frame.Method = text.Substring(at.Length, arguments - at.Length).TrimEnd();
                int place = text.IndexOf(within, arguments, StringComparison.Ordinal);
                if (place > 0)
                {
                    frame.ParsePlace(text.Substring(place + within.Length));
                }
                return true;
            }

            internal string ToString(SourcePaths paths)
            {
                return File == null ? Method : paths.Relative(File) + ":" + _line.ToString(CultureInfo.InvariantCulture) + ": " + Method;
            }

            private void ParsePlace(string place)
            {
                const string word = "line ";
                int colon = place.LastIndexOf(':');
                string number = place.Substring(colon + 1);
                if (number.StartsWith(word, StringComparison.Ordinal))
                {
                    number = number.Substring(word.Length);
                }
                // Mono names a module and line 0 where it has no symbols.
                if (colon > 0 && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _line) && _line > 0)
                {
                    File = place.Substring(0, colon);
                }
            }
        }
    }
}
