using System;

namespace Parley.Servant
{
    /// <summary>The error codes of JSON-RPC 2.0. Contract: "Result of executeStep".</summary>
    internal static class RpcError
    {
        internal const int Unparsable = -32700;
        internal const int InvalidRequest = -32600;
        internal const int UnknownMethod = -32601;
        internal const int InvalidParams = -32602;
        internal const int Internal = -32603;
    }

    /// <summary>A request that is answered with a JSON-RPC error.</summary>
    internal sealed class RequestException : Exception
    {
        internal RequestException(int code, string message)
            : base(message)
        {
            Code = code;
        }

        internal int Code { get; }
    }
}
