using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using Newtonsoft.Json;

namespace Parley.Servant
{
    /// <summary>Text to <see cref="JsonObject"/> trees and back, on Newtonsoft's token reader and writer alone: its
    /// serializer and object model would cost a large part of the servant's start-up time.</summary>
    internal static class Json
    {
        private const int MaxDepth = 64;

        /// <exception cref="JsonException">The text is not one JSON value.</exception>
        internal static object Parse(string text)
        {
            try
            {
                return ParseOne(text);
            }
            catch (Exception e) when (e is FormatException || e is ArithmeticException)
            {
                throw new JsonReaderException("the text holds a number that cannot be read: " + e.Message, e);
            }
        }

        private static object ParseOne(string text)
        {
            using (var reader = new JsonTextReader(new StringReader(text)))
            {
                // Strings that look like dates are strings.
                reader.DateParseHandling = DateParseHandling.None;
                reader.MaxDepth = MaxDepth;
                reader.Culture = CultureInfo.InvariantCulture;
                if (!Next(reader))
                {
                    throw new JsonReaderException("the text is empty");
                }
                object value = Value(reader);
                if (Next(reader))
                {
                    throw new JsonReaderException("there is more text after the value");
                }
                return value;
            }
        }

        internal static string Write(object value)
        {
            var text = new StringBuilder(256);
            using (var writer = new JsonTextWriter(new StringWriter(text, CultureInfo.InvariantCulture)))
            {
                Write(writer, value);
            }
            return text.ToString();
        }

        /// <summary>Whether a value is a JSON number: long, double, or BigInteger where long is too small.</summary>
        internal static bool IsNumber(object value)
        {
            return value is IFormattable;
        }

        private static bool Next(JsonTextReader reader)
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonToken.Comment)
                {
                    return true;
                }
            }
            return false;
        }

        private static object Value(JsonTextReader reader)
        {
            switch (reader.TokenType)
            {
                case JsonToken.StartObject:
                    var members = new JsonObject();
                    while (NextInside(reader) != JsonToken.EndObject)
                    {
                        var key = (string)reader.Value;
                        NextInside(reader);
                        members.Add(key, Value(reader));
                    }
                    return members;
                case JsonToken.StartArray:
                    var elements = new List<object>();
                    while (NextInside(reader) != JsonToken.EndArray)
                    {
                        elements.Add(Value(reader));
                    }
                    return elements;
                case JsonToken.Float:
                    return Finite((double)reader.Value);
                case JsonToken.Integer:
                case JsonToken.String:
                case JsonToken.Boolean:
                    return reader.Value;
                case JsonToken.Null:
                    return null;
                default:
                    throw new JsonReaderException("JSON does not know " + reader.TokenType + " " + reader.Value);
            }
        }

        private static object Finite(double number)
        {
            // Newtonsoft reads JavaScript's NaN and Infinity, and runs over at 1e999.
            return double.IsNaN(number) || double.IsInfinity(number)
                ? throw new JsonReaderException("JSON does not know the number " + number)
                : number;
        }

        private static JsonToken NextInside(JsonTextReader reader)
        {
            if (!Next(reader))
            {
                throw new JsonReaderException("the text ends inside a value");
            }
            return reader.TokenType;
        }

        private static void Write(JsonTextWriter writer, object value)
        {
            if (value == null)
            {
                writer.WriteNull();
            }
            else if (value is string text)
            {
                writer.WriteValue(text);
            }
            else if (value is bool flag)
            {
                writer.WriteValue(flag);
            }
            else if (value is double number)
            {
                writer.WriteValue(number);
            }
            else if (IsNumber(value))
            {
                writer.WriteRawValue(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture));
            }
            else if (value is JsonObject members)
            {
                writer.WriteStartObject();
                foreach (KeyValuePair<string, object> member in members)
                {
                    writer.WritePropertyName(member.Key);
                    Write(writer, member.Value);
                }
                writer.WriteEndObject();
            }
            else if (value is List<object> elements)
            {
                writer.WriteStartArray();
                foreach (object element in elements)
                {
                    Write(writer, element);
                }
                writer.WriteEndArray();
            }
            else
            {
                throw new JsonWriterException("no JSON form for " + value.GetType());
            }
        }
    }
}
