using System.Globalization;
using System.Text;

namespace Parley.Probe
{
    /// <summary>Builds one JSON object on one line.</summary>
    internal sealed class JsonLine
    {
        private readonly StringBuilder _text = new StringBuilder("{");

        internal JsonLine Add(string key, bool value)
        {
            return AddRaw(key, value ? "true" : "false");
        }

        internal JsonLine Add(string key, long value)
        {
            return AddRaw(key, value.ToString(CultureInfo.InvariantCulture));
        }

        internal JsonLine Add(string key, ulong value)
        {
            return AddRaw(key, value.ToString(CultureInfo.InvariantCulture));
        }

        internal JsonLine Add(string key, double value, string format)
        {
            return AddRaw(key, value.ToString(format, CultureInfo.InvariantCulture));
        }

        internal JsonLine Add(string key, string value)
        {
            return AddRaw(key, Quote(value));
        }

        internal JsonLine Add(string key, JsonLine value)
        {
            return AddRaw(key, value.ToString());
        }

        internal JsonLine Add(string key, params byte[] values)
        {
            return AddRaw(key, "[" + string.Join(",", values) + "]");
        }

        public override string ToString()
        {
            return _text + "}";
        }

        private JsonLine AddRaw(string key, string value)
        {
            if (_text.Length > 1)
            {
                _text.Append(',');
            }
            _text.Append(Quote(key)).Append(':').Append(value);
            return this;
        }

        private static string Quote(string text)
        {
            var quoted = new StringBuilder("\"");
            foreach (char c in text)
            {
                if (c == '"' || c == '\\')
                {
                    quoted.Append('\\').Append(c);
                }
                else if (c < ' ' || char.IsSurrogate(c))
                {
                    quoted.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
                }
                else
                {
                    quoted.Append(c);
                }
            }
            return quoted.Append('"').ToString();
        }
    }
}
