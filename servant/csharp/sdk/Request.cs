using System.Collections.Generic;

namespace Parley.Servant
{
    /// <summary>A request or notification as it came.</summary>
    internal sealed class Request
    {
        internal Request(object id, bool isNotification, string method, object parameters)
        {
            Id = id;
            IsNotification = isNotification;
            Method = method;
            RawParameters = parameters;
        }

        /// <summary>A string or a number, to be echoed as it came.</summary>
        internal object Id { get; }

        internal bool IsNotification { get; }

        internal string Method { get; }

        private object RawParameters { get; }

        /// <summary>The one object of the parameters.</summary>
        /// <exception cref="RequestException">The parameters have another shape.</exception>
        internal JsonObject Parameters()
        {
            if (RawParameters is List<object> list && list.Count == 1 && list[0] is JsonObject parameters)
            {
                return parameters;
            }
            throw new RequestException(RpcError.InvalidParams, Method + ": params must be an array with one object");
        }

        /// <summary>The same, for notifications that some peers send with a bare object.</summary>
        /// <exception cref="RequestException">The parameters have another shape.</exception>
        internal JsonObject ParametersOrBare()
        {
            return RawParameters as JsonObject ?? Parameters();
        }
    }
}
