using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Newtonsoft.Json;

namespace Parley.Servant
{
    /// <summary>JSON-RPC 2.0 over frames: reads requests in order on one thread, answers from any. Contract:
    /// "Framing" and "Requests".</summary>
    internal sealed class Connection
    {
        private static readonly UTF8Encoding StrictUtf8 = new UTF8Encoding(false, true);

        private readonly FrameReader _reader;
        private readonly FrameWriter _writer;

        internal Connection(Stream input, Stream output)
        {
            _reader = new FrameReader(input, line => Console.Error.WriteLine("no frame, ignored: " + line));
            _writer = new FrameWriter(output);
        }

        /// <summary>Hands each request to <paramref name="handle"/> until the input ends. What is no request is answered
        /// here.</summary>
        internal void Listen(Action<Request> handle)
        {
            while (true)
            {
                try
                {
                    if (!_reader.Read(out ArraySegment<byte> frame))
                    {
                        return;
                    }
                    Request request = RequestFrom(Parse(frame));
                    if (request != null)
                    {
                        handle(request);
                    }
                }
                catch (RequestException e)
                {
                    SendError(null, e.Code, e.Message);
                }
                catch (FrameTooLargeException e)
                {
                    SendError(null, RpcError.InvalidRequest, e.Message);
                }
                catch (IOException e)
                {
                    Console.Error.WriteLine(e.Message);
                    return;
                }
            }
        }

        internal void Respond(object id, object result)
        {
            Send(new JsonObject { { "jsonrpc", "2.0" }, { "id", id }, { "result", result } });
        }

        internal void SendError(object id, int code, string message)
        {
            Send(new JsonObject
            {
                { "jsonrpc", "2.0" },
                { "id", id },
                { "error", new JsonObject { { "code", (long)code }, { "message", message } } },
            });
        }

        internal void Notify(string method, JsonObject parameters)
        {
            Send(new JsonObject { { "jsonrpc", "2.0" }, { "method", method }, { "params", new List<object> { parameters } } });
        }

        private static object Parse(ArraySegment<byte> frame)
        {
            try
            {
                return Json.Parse(StrictUtf8.GetString(frame.Array, frame.Offset, frame.Count));
            }
            catch (JsonException e)
            {
                throw new RequestException(RpcError.Unparsable, "not JSON: " + e.Message);
            }
            catch (ArgumentException e)
            {
                throw new RequestException(RpcError.Unparsable, "not UTF-8: " + e.Message);
            }
        }

        /// <summary>Null for a response: the servant has asked nothing that it would wait for.</summary>
        private Request RequestFrom(object value)
        {
            if (!(value is JsonObject message))
            {
                throw new RequestException(RpcError.InvalidRequest, "a request must be an object");
            }
            object id = message["id"];
            if (!(id == null || id is string || Json.IsNumber(id)))
            {
                throw new RequestException(RpcError.InvalidRequest, "the id of a request must be a string or a number");
            }
            if (message["method"] is string method)
            {
                return new Request(id, id == null, method, message["params"]);
            }
            if (message["method"] == null && (message["result"] != null || message["error"] != null))
            {
                return null;
            }
            SendError(id, RpcError.InvalidRequest, "a request needs a method");
            return null;
        }

        private void Send(JsonObject message)
        {
            try
            {
                _writer.Write(Json.Write(message));
            }
            catch (IOException e)
            {
                // Nobody listens any more; the end of the input will tell the rest of the servant.
                Console.Error.WriteLine(e.Message);
            }
        }
    }
}
