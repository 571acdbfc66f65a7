using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Parley.Ring;

namespace Parley.Probe
{
    /// <summary>One ring from a shell; the words are the same in every language.</summary>
    internal static class Program
    {
        private const int Ok = 0;
        private const int CheckFailed = 1;
        private const int WrongWords = 2;
        private const int NotSetUp = 3;
        private const int Interrupted = 130;

        private const string Usage =
            "usage:\n" +
            "  ring-probe read  NAME --metadata M --payload P --frames N [--seed S --min A --max B]\n" +
            "                   [--metadata-length L] [--timeout-ms 5000] [--delay-us D] [--hold K] [--batch K] [--copy]\n" +
            "  ring-probe write NAME --frames N --seed S --min A --max B [--metadata-length L] [--zero-copy] [--batch K]\n" +
            "                   [--timeout-ms 5000] [--die-after K] [--connect-timeout-ms 5000]\n" +
            "  ring-probe pong  NAME --metadata M --payload P [--timeout-ms 5000]\n" +
            "  ring-probe ping  NAME --metadata M --payload P --size B --count N --warmup W\n" +
            "  ring-probe inspect NAME";

        private static int Main(string[] words)
        {
            ICommand command;
            try
            {
                command = Parse(words);
            }
            catch (UsageException e)
            {
                Console.Error.WriteLine("ring-probe: " + e.Message);
                Console.Error.WriteLine(Usage);
                return WrongWords;
            }
            using (var interrupt = new CancellationTokenSource())
            {
                Console.CancelKeyPress += (sender, e) =>
                {
                    // The command ends by itself, and removes its buffer.
                    e.Cancel = true;
                    interrupt.Cancel();
                };
                return Run(command, interrupt.Token);
            }
        }

        private static ICommand Parse(string[] words)
        {
            if (words.Length == 0)
            {
                throw new UsageException("a command is missing");
            }
            IReadOnlyList<string> rest = words.Skip(1).ToArray();
            switch (words[0])
            {
                case "read":
                    return new ReadCommand(rest);
                case "write":
                    return new WriteCommand(rest);
                case "pong":
                    return new PongCommand(rest);
                case "ping":
                    return new PingCommand(rest);
                case "inspect":
                    return new InspectCommand(rest);
                default:
                    throw new UsageException("unknown command '" + words[0] + "'");
            }
        }

        private static int Run(ICommand command, CancellationToken cancellation)
        {
            try
            {
                command.Run(cancellation);
            }
            catch (SetUpException e)
            {
                return Fail(e.Error.ToString(), e.Message, NotSetUp);
            }
            catch (RingException e)
            {
                return Fail(e.Error.ToString(), command.Progress + e.Message, CheckFailed);
            }
            catch (CheckFailedException e)
            {
                return Fail(e.Check, command.Progress + e.Message, CheckFailed);
            }
            catch (OperationCanceledException)
            {
                return Fail("Interrupted", command.Progress + "interrupted", Interrupted);
            }
            Output.Line(command.Report(new JsonLine().Add("ok", true)).ToString());
            return Ok;
        }

        private static int Fail(string error, string message, int status)
        {
            Output.Line(new JsonLine().Add("ok", false).Add("error", error).Add("message", message).ToString());
            return status;
        }
    }
}
