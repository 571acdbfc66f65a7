using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using Newtonsoft.Json;
using Parley.Servant;

namespace Parley.Steps
{
    /// <summary>What a step measured, for people as a line in its log and for reports as an attachment.</summary>
    internal sealed class Figures
    {
        internal const string AttachmentName = "figures.json";
        internal const string MediaType = "application/vnd.parley.figures+json";

        internal const string Nanoseconds = "ns";
        internal const string Microseconds = "µs";
        internal const string FramesPerSecond = "frames/s";

        /// <summary>Of 10^6 bytes.</summary>
        internal const string MegabytesPerSecond = "MB/s";
        internal const string Percent = "%";
        internal const string Ratio = "";

        private readonly string _title;
        private readonly List<Figure> _figures = new List<Figure>();

        /// <param name="title">What was measured.</param>
        internal Figures(string title)
        {
            _title = title;
        }

        private struct Figure
        {
            internal string Name;
            internal double Value;
            internal string Unit;

            /// <summary>With three digits at least.</summary>
            public override string ToString()
            {
                double size = Math.Abs(Value);
                string digits = size < 10 ? "0.00" : size < 100 ? "0.0" : "0";
                return (Name + " " + Value.ToString(digits, CultureInfo.InvariantCulture) + " " + Unit).TrimEnd();
            }
        }

        /// <summary>Adds a figure behind the others.</summary>
        /// <exception cref="ArgumentOutOfRangeException">The value is no finite number.</exception>
        internal Figures Add(string name, double value, string unit)
        {
            if (double.IsNaN(value) || double.IsInfinity(value))
            {
                throw new ArgumentOutOfRangeException(nameof(value), "figures of " + _title + ": " + name + " is no finite number");
            }
            _figures.Add(new Figure { Name = name, Value = value, Unit = unit });
            return this;
        }

        /// <summary>Logs and attaches the figures.</summary>
        internal void Report(ScenarioContext context)
        {
            context.LogInformation(_title + ": " + string.Join(", ", _figures));
            context.Attach(AttachmentName, MediaType, Encoding.UTF8.GetBytes(ToJson()));
        }

        /// <summary>The attachment.</summary>
        internal string ToJson()
        {
            var text = new StringWriter(CultureInfo.InvariantCulture);
            using (var writer = new JsonTextWriter(text))
            {
                writer.WriteStartObject();
                writer.WritePropertyName("title");
                writer.WriteValue(_title);
                writer.WritePropertyName("figures");
                writer.WriteStartArray();
                foreach (Figure figure in _figures)
                {
                    writer.WriteStartObject();
                    writer.WritePropertyName("name");
                    writer.WriteValue(figure.Name);
                    writer.WritePropertyName("value");
                    writer.WriteValue(figure.Value);
                    writer.WritePropertyName("unit");
                    writer.WriteValue(figure.Unit);
                    writer.WriteEndObject();
                }
                writer.WriteEndArray();
                writer.WriteEndObject();
            }
            return text.ToString();
        }
    }
}
