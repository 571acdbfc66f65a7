using System;
using System.Collections.Generic;
using System.Text.RegularExpressions;
using Parley.Servant;

namespace Parley.Tests
{
    /// <summary>Compares messages with what a golden transcript expects; its README has the rules.</summary>
    internal static class TranscriptPattern
    {
        /// <summary>Where a value differs from what is expected, as a path and a reason; null when it does not.</summary>
        internal static string Difference(object expected, object actual, string path = "")
        {
            if (expected is string text && text.StartsWith("$", StringComparison.Ordinal))
            {
                return Fits(text, actual) ? null : Different(path, text, actual);
            }
            if (expected is JsonObject members)
            {
                return actual is JsonObject others ? DifferentMember(members, others, path) : Different(path, expected, actual);
            }
            if (expected is List<object> elements)
            {
                return actual is List<object> others && others.Count == elements.Count
                    ? DifferentElement(elements, others, path)
                    : Different(path, expected, actual);
            }
            return Equals(expected, actual) ? null : Different(path, expected, actual);
        }

        private static string DifferentMember(JsonObject expected, JsonObject actual, string path)
        {
            foreach (KeyValuePair<string, object> member in expected)
            {
                string difference = Difference(member.Value, actual[member.Key], path + "." + member.Key);
                if (difference != null)
                {
                    return difference;
                }
            }
            return null;
        }

        private static string DifferentElement(List<object> expected, List<object> actual, string path)
        {
            for (int i = 0; i < expected.Count; i++)
            {
                string difference = Difference(expected[i], actual[i], path + "[" + i + "]");
                if (difference != null)
                {
                    return difference;
                }
            }
            return null;
        }

        private static bool Fits(string placeholder, object actual)
        {
            string[] words = placeholder.Split(new[] { ' ' }, 2);
            string text = actual as string;
            switch (words[0])
            {
                case "$any":
                    return true;
                case "$text":
                    return !string.IsNullOrEmpty(text);
                case "$count":
                    return actual is long number && number > 0;
                case "$time":
                    return text != null && Regex.IsMatch(text, @"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\z");
                case "$prefix":
                    return text != null && text.StartsWith(words[1], StringComparison.Ordinal);
                case "$contains":
                    return text != null && text.Contains(words[1]);
                default:
                    throw new ArgumentException("unknown placeholder: " + placeholder);
            }
        }

        private static string Different(string path, object expected, object actual)
        {
            return path + ": expected " + Json.Write(expected) + ", got " + Json.Write(actual);
        }
    }
}
