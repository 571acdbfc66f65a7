using System;
using System.Collections;
using System.Collections.Generic;

namespace Parley.Servant
{
    /// <summary>A JSON object as it came: keys keep their order and spelling, look-ups ignore case, and an absent
    /// key means the same as null. Values are null, bool, a number, string, JsonObject or List&lt;object&gt;. Contract: "Requests".</summary>
    internal sealed class JsonObject : IEnumerable<KeyValuePair<string, object>>
    {
        private readonly List<KeyValuePair<string, object>> _members = new List<KeyValuePair<string, object>>();

        /// <summary>The value of a key; the exact spelling wins over others. Null when there is none.</summary>
        internal object this[string key]
        {
            get
            {
                object folded = null;
                foreach (KeyValuePair<string, object> member in _members)
                {
                    if (string.Equals(member.Key, key, StringComparison.Ordinal))
                    {
                        return member.Value;
                    }
                    if (string.Equals(member.Key, key, StringComparison.OrdinalIgnoreCase))
                    {
                        folded = member.Value;
                    }
                }
                return folded;
            }
        }

        public IEnumerator<KeyValuePair<string, object>> GetEnumerator()
        {
            return _members.GetEnumerator();
        }

        IEnumerator IEnumerable.GetEnumerator()
        {
            return GetEnumerator();
        }

        internal void Add(string key, object value)
        {
            _members.Add(new KeyValuePair<string, object>(key, value));
        }

        /// <exception cref="RequestException">The value is neither a string nor null.</exception>
        internal string String(string key)
        {
            return Typed<string>(key, "a string");
        }

        /// <exception cref="RequestException">The value is neither a whole number nor null.</exception>
        internal long? Integer(string key)
        {
            object value = this[key];
            if (value == null)
            {
                return null;
            }
            if (value is long whole)
            {
                return whole;
            }
            if (value is double number && number == Math.Floor(number) && Math.Abs(number) < long.MaxValue)
            {
                return (long)number;
            }
            throw Wrong(key, "a whole number");
        }

        /// <exception cref="RequestException">The value is neither an object nor null.</exception>
        internal JsonObject Object(string key)
        {
            return Typed<JsonObject>(key, "an object");
        }

        /// <exception cref="RequestException">The value is neither an array nor null.</exception>
        internal List<object> Array(string key)
        {
            return Typed<List<object>>(key, "an array");
        }

        /// <summary>The array of strings under a key, nulls included; null when there is none.</summary>
        /// <exception cref="RequestException">The value is no array, or an element is no string.</exception>
        internal string[] Strings(string key)
        {
            List<object> elements = Array(key);
            if (elements == null)
            {
                return null;
            }
            var strings = new string[elements.Count];
            for (int i = 0; i < strings.Length; i++)
            {
                if (elements[i] != null && !(elements[i] is string))
                {
                    throw Wrong(key, "an array of strings");
                }
                strings[i] = (string)elements[i];
            }
            return strings;
        }

        private static RequestException Wrong(string key, string wanted)
        {
            return new RequestException(RpcError.InvalidParams, key + " must be " + wanted);
        }

        private T Typed<T>(string key, string wanted)
            where T : class
        {
            object value = this[key];
            if (value == null)
            {
                return null;
            }
            return value as T ?? throw Wrong(key, wanted);
        }
    }
}
