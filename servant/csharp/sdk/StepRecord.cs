using System;
using System.Collections.Generic;

namespace Parley.Servant
{
    /// <summary>What one step left for the coordinator: log lines, attachments, changes of the shared string map.
    /// For any thread, also one that outlives its step.</summary>
    internal sealed class StepRecord
    {
        /// <summary>The size of all attachments of one step, in bytes. Keeps a result, whose attachments travel as
        /// base64, below the limit of a frame.</summary>
        internal const int MaxAttachments = 32 << 20;

        // A result carries the last lines; live notifications carry all of them.
        private const int MaxLogLines = 10000;
        private const int MaxLogChars = 4 << 20;

        private readonly object _gate = new object();
        private readonly Queue<LogEntry> _logs = new Queue<LogEntry>();
        private readonly List<object> _attachments = new List<object>();
        private readonly Dictionary<string, string> _changes = new Dictionary<string, string>();
        private int _logChars;
        private int _droppedLogs;
        private int _attached;

        internal void Log(LogEntry entry)
        {
            lock (_gate)
            {
                _logs.Enqueue(entry);
                _logChars += entry.Message.Length;
                while (_logs.Count > 1 && (_logs.Count > MaxLogLines || _logChars > MaxLogChars))
                {
                    _logChars -= _logs.Dequeue().Message.Length;
                    _droppedLogs++;
                }
            }
        }

        /// <exception cref="InvalidOperationException">The step's attachments exceed <see cref="MaxAttachments"/>.</exception>
        internal void Attach(string name, string mediaType, byte[] body)
        {
            lock (_gate)
            {
                if (body.Length > MaxAttachments - _attached)
                {
                    throw new InvalidOperationException(
                        "attachment '" + name + "' of " + body.Length + " bytes, after " + _attached
                        + " bytes attached before, exceeds the limit of " + MaxAttachments + " bytes for one step");
                }
                _attached += body.Length;
                _attachments.Add(new JsonObject
                {
                    { "name", name },
                    { "mediaType", mediaType },
                    { "body", Convert.ToBase64String(body) },
                });
            }
        }

        internal void Set(string key, string value)
        {
            lock (_gate)
            {
                _changes[key] = value;
            }
        }

        internal List<object> LogsToJson()
        {
            lock (_gate)
            {
                var logs = new List<object>(_logs.Count + 1);
                if (_droppedLogs > 0)
                {
                    logs.Add(new LogEntry(LogLevel.Warning, _droppedLogs + " log lines before the next one left out").ToJson());
                }
                foreach (LogEntry entry in _logs)
                {
                    logs.Add(entry.ToJson());
                }
                return logs;
            }
        }

        internal List<object> AttachmentsToJson()
        {
            lock (_gate)
            {
                return new List<object>(_attachments);
            }
        }

        /// <summary>Only what this step changed: an echo of the whole map would undo what another process set
        /// meanwhile.</summary>
        internal JsonObject ContextToJson()
        {
            lock (_gate)
            {
                var context = new JsonObject();
                foreach (KeyValuePair<string, string> change in _changes)
                {
                    context.Add(change.Key, change.Value);
                }
                return context;
            }
        }
    }
}
