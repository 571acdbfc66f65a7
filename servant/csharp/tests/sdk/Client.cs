using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Parley.Servant;

namespace Parley.Tests
{
    /// <summary>A coordinator for tests: sends requests, keeps the notifications that come before an answer.</summary>
    internal sealed class Client
    {
        private readonly Stream _output;
        private readonly FrameReader _reader;
        private readonly FrameWriter _writer;
        private long _lastId;

        internal Client(Stream toServant, Stream fromServant)
        {
            _output = toServant;
            _reader = new FrameReader(fromServant, line => Stray.Add(line));
            _writer = new FrameWriter(toServant);
        }

        /// <summary>Lines that were no frames.</summary>
        internal List<string> Stray { get; } = new List<string>();

        internal List<JsonObject> Notifications { get; } = new List<JsonObject>();

        internal long Send(string method, params object[] parameters)
        {
            long id = ++_lastId;
            SendText(Json.Write(new JsonObject
            {
                { "jsonrpc", "2.0" }, { "id", id }, { "method", method }, { "params", new List<object>(parameters) },
            }));
            return id;
        }

        internal void Notify(string method, object parameters)
        {
            SendText(Json.Write(new JsonObject { { "jsonrpc", "2.0" }, { "method", method }, { "params", parameters } }));
        }

        internal void SendText(string body)
        {
            _writer.Write(body);
        }

        internal void SendRaw(string bytes)
        {
            byte[] raw = Encoding.UTF8.GetBytes(bytes);
            _output.Write(raw, 0, raw.Length);
            _output.Flush();
        }

        /// <summary>The next message, or null at the end.</summary>
        internal JsonObject Receive()
        {
            return _reader.Read(out ArraySegment<byte> frame)
                ? (JsonObject)Json.Parse(Encoding.UTF8.GetString(frame.Array, frame.Offset, frame.Count))
                : null;
        }

        /// <summary>The whole answer to a request.</summary>
        internal JsonObject Answer(object id)
        {
            while (true)
            {
                JsonObject message = Receive() ?? throw new EndOfStreamException("the servant ended before it answered request " + id);
                if (message["method"] != null)
                {
                    Notifications.Add(message);
                }
                else if (Equals(message["id"], id))
                {
                    return message;
                }
            }
        }

        /// <summary>The result of a request; an error fails the test.</summary>
        internal object Call(string method, params object[] parameters)
        {
            return Result(Send(method, parameters));
        }

        internal object Result(long id)
        {
            JsonObject answer = Answer(id);
            JsonObject error = answer.Object("error");
            return error == null ? answer["result"] : throw new InvalidOperationException(error.String("message"));
        }

        /// <summary>The code of the error that a request is answered with.</summary>
        internal long? ErrorCode(long id)
        {
            return Answer(id).Object("error")?.Integer("code");
        }

        internal void Initialize()
        {
            Call("initialize", new JsonObject { { "Role", "reader" }, { "ResourcePrefix", "p-" } });
        }

        internal JsonObject Step(string type, string text, JsonObject more = null)
        {
            return (JsonObject)Result(SendStep(type, text, more));
        }

        internal long SendStep(string type, string text, JsonObject more = null)
        {
            var parameters = new JsonObject
            {
                { "Process", "reader" }, { "StepType", type }, { "Step", text }, { "Parameters", new JsonObject() },
            };
            foreach (KeyValuePair<string, object> member in more ?? new JsonObject())
            {
                parameters.Add(member.Key, member.Value);
            }
            return Send("executeStep", parameters);
        }
    }
}
