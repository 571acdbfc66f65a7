using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using Parley.Ring;

namespace Parley.Probe
{
    /// <summary>ring-probe ping: the client of a duplex channel that measures round trips.</summary>
    internal sealed class PingCommand : ICommand
    {
        private readonly Arguments _arguments;
        private readonly int _metadataSize;
        private readonly long _payloadSize;
        private readonly int _size;
        private readonly int _warmup;
        private readonly long[] _ticks;
        private int _done;
        private long _trips;

        internal PingCommand(IReadOnlyList<string> words)
        {
            _arguments = Arguments.Parse(words,
                new[] { "--metadata", "--payload", "--size", "--count", "--warmup" }, new string[0]);
            _metadataSize = (int)_arguments.Required("--metadata", 0, int.MaxValue);
            _payloadSize = _arguments.Required("--payload", 1, long.MaxValue / 2);
            _size = (int)_arguments.Required("--size", 1, int.MaxValue);
            _ticks = new long[_arguments.Required("--count", 1, 100000000)];
            _warmup = (int)_arguments.Required("--warmup", 0, int.MaxValue);
        }

        public void Run(CancellationToken cancellation)
        {
            DuplexClient client = SetUp.Await(
                () => DuplexClient.Connect(_arguments.Name, _metadataSize, _payloadSize),
                new RingOptions().Timeout, cancellation);
            using (client)
            {
                for (int i = 0; i < _warmup; i++)
                {
                    RoundTrip(client, (ulong)i + 1, cancellation);
                }
                for (; _done < _ticks.Length; _done++)
                {
                    _ticks[_done] = RoundTrip(client, (ulong)(_warmup + _done) + 1, cancellation);
                }
            }
        }

        public string Progress => "after " + _trips + " round trips: ";

        public JsonLine Report(JsonLine line)
        {
            line.Add("size", _size).Add("count", _done);
            return _done == 0 ? line : line.Add("microseconds", Statistics(_ticks.Take(_done)));
        }

        private unsafe long RoundTrip(DuplexClient client, ulong sequence, CancellationToken cancellation)
        {
            // The request is filled in place and the response checked outside of the time that is measured.
            Slot request = client.AcquireRequest(_size, cancellation);
            TestPattern.FillFrame(request.Data, _size, sequence);
            long start = Stopwatch.GetTimestamp();
            request.Commit();
            using (Frame response = client.Receive(cancellation))
            {
                long ticks = Stopwatch.GetTimestamp() - start;
                if (response.Size != _size)
                {
                    throw new CheckFailedException("SizeMismatch", "response " + sequence + " has " + response.Size +
                        " bytes, expected " + _size);
                }
                long wrong = TestPattern.CheckFrame(response.Data, response.Size, sequence);
                if (wrong >= 0)
                {
                    throw new CheckFailedException("DataMismatch", "response " + sequence + " differs from its request at byte " + wrong);
                }
                _trips++;
                return ticks;
            }
        }

        private static JsonLine Statistics(IEnumerable<long> ticks)
        {
            double[] sorted = ticks.Select(t => t * 1e6 / Stopwatch.Frequency).ToArray();
            Array.Sort(sorted);
            return new JsonLine()
                .Add("min", sorted[0], "0.000")
                .Add("p50", Percentile(sorted, 0.5), "0.000")
                .Add("p90", Percentile(sorted, 0.9), "0.000")
                .Add("p99", Percentile(sorted, 0.99), "0.000")
                .Add("p999", Percentile(sorted, 0.999), "0.000")
                .Add("max", sorted[sorted.Length - 1], "0.000")
                .Add("mean", sorted.Average(), "0.000");
        }

        /// <summary>The smallest value that the given share of all values does not exceed.</summary>
        private static double Percentile(double[] sorted, double share)
        {
            int rank = (int)Math.Ceiling(share * sorted.Length);
            return sorted[Math.Max(rank, 1) - 1];
        }
    }
}
