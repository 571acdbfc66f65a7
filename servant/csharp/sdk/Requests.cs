using System.Collections.Generic;

namespace Parley.Servant
{
    /// <summary>Parameters of initialize. Contract: "Requests".</summary>
    internal sealed class InitializeRequest
    {
        internal string Role { get; private set; }

        internal string Platform { get; private set; }

        internal string Scenario { get; private set; }

        internal long HostPid { get; private set; }

        internal long FeatureId { get; private set; }

        internal string TestRunId { get; private set; }

        internal string ScenarioId { get; private set; }

        /// <summary>Null when the coordinator speaks contract 1.0.</summary>
        internal string ResourcePrefix { get; private set; }

        internal long? StepTimeoutMs { get; private set; }

        internal string WorkDir { get; private set; }

        internal string TraceParent { get; private set; }

        /// <summary>Whether a key of contract 1.1 came.</summary>
        internal bool IsCurrent => ScenarioId != null || ResourcePrefix != null || StepTimeoutMs != null || WorkDir != null || TraceParent != null;

        /// <exception cref="RequestException">A value has the wrong type.</exception>
        internal static InitializeRequest From(JsonObject parameters)
        {
            return new InitializeRequest
            {
                Role = parameters.String("Role") ?? "",
                Platform = parameters.String("Platform") ?? "",
                Scenario = parameters.String("Scenario") ?? "",
                HostPid = parameters.Integer("HostPid") ?? 0,
                FeatureId = parameters.Integer("FeatureId") ?? 0,
                TestRunId = parameters.String("TestRunId") ?? "",
                ScenarioId = parameters.String("ScenarioId"),
                ResourcePrefix = parameters.String("ResourcePrefix"),
                StepTimeoutMs = parameters.Integer("StepTimeoutMs"),
                WorkDir = parameters.String("WorkDir"),
                TraceParent = parameters.String("TraceParent"),
            };
        }
    }

    /// <summary>Parameters of executeStep. Contract: "Requests".</summary>
    internal sealed class ExecuteStepRequest
    {
        internal string StepType { get; private set; }

        internal string Step { get; private set; }

        internal JsonObject Context { get; private set; }

        /// <summary>The id that discover gave; null when the servant is to match <see cref="Step"/> itself.</summary>
        internal long? Definition { get; private set; }

        internal string[] Arguments { get; private set; }

        internal Table Table { get; private set; }

        internal DocString DocString { get; private set; }

        internal long? TimeoutMs { get; private set; }

        internal string StepId { get; private set; }

        internal string TraceParent { get; private set; }

        /// <summary>Whether a key of contract 1.1 came.</summary>
        internal bool IsCurrent => Definition != null || TimeoutMs != null || StepId != null || Table != null || DocString != null;

        /// <exception cref="RequestException">A value is missing or has the wrong type.</exception>
        internal static ExecuteStepRequest From(JsonObject parameters)
        {
            var request = new ExecuteStepRequest
            {
                StepType = parameters.String("StepType") ?? "",
                Step = parameters.String("Step"),
                Context = ContextFrom(parameters),
                Definition = parameters.Integer("Definition"),
                Arguments = parameters.Strings("Arguments"),
                Table = TableFrom(parameters.Object("Table")),
                DocString = DocStringFrom(parameters.Object("DocString")),
                TimeoutMs = parameters.Integer("TimeoutMs"),
                StepId = parameters.String("StepId"),
                TraceParent = parameters.String("TraceParent"),
            };
            if (request.Step == null && request.Definition == null)
            {
                throw new RequestException(RpcError.InvalidParams, "executeStep needs Step, the text of the step");
            }
            return request;
        }

        private static JsonObject ContextFrom(JsonObject parameters)
        {
            JsonObject context = parameters.Object("Context") ?? new JsonObject();
            foreach (KeyValuePair<string, object> entry in context)
            {
                if (entry.Value != null && !(entry.Value is string))
                {
                    throw new RequestException(RpcError.InvalidParams, "Context must map strings to strings; '" + entry.Key + "' does not");
                }
            }
            return context;
        }

        private static Table TableFrom(JsonObject table)
        {
            if (table == null)
            {
                return null;
            }
            var rows = new List<TableRow>();
            foreach (object element in table.Array("rows") ?? new List<object>())
            {
                if (!(element is JsonObject row))
                {
                    throw new RequestException(RpcError.InvalidParams, "Table.rows must be an array of objects");
                }
                var cells = new Dictionary<string, string>();
                foreach (KeyValuePair<string, object> cell in row)
                {
                    cells[cell.Key] = cell.Value as string
                        ?? throw new RequestException(RpcError.InvalidParams, "Table.rows must map headers to strings; '" + cell.Key + "' does not");
                }
                rows.Add(new TableRow(cells));
            }
            return new Table(table.Strings("headers") ?? new string[0], rows);
        }

        private static DocString DocStringFrom(JsonObject text)
        {
            return text == null ? null : new DocString(text.String("content") ?? "", text.String("mediaType") ?? "");
        }
    }
}
