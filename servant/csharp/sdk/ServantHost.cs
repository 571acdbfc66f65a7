using System;
using System.IO;
using System.Reflection;
using System.Text;
using System.Threading;

namespace Parley.Servant
{
    /// <summary>What a servant says of itself, and knows of its parent.</summary>
    internal sealed class ServerOptions
    {
        internal string Platform { get; set; }

        /// <summary>The parent is a coordinator of contract 1.0, which sets its own variables and none of ours, and takes
        /// only a boolean for health.</summary>
        internal bool IsLegacyParent { get; set; }

        internal Func<Exception, string> FailureType { get; set; } = exception => null;

        internal static ServerOptions FromEnvironment()
        {
            return new ServerOptions
            {
                Platform = Variable("PARLEY_PLATFORM") ?? "csharp",
                IsLegacyParent = Variable("HARMONY_HOST_PID") != null && Variable("PARLEY_ROLE") == null,
            };
        }

        private static string Variable(string name)
        {
            string value = Environment.GetEnvironmentVariable(name);
            return string.IsNullOrEmpty(value) ? null : value;
        }
    }

    /// <summary>A servant process: all the step definitions of one assembly, served over standard input and output.
    /// Contract: docs/servant-contract.md.
    /// <code>new ServantHost(typeof(Program).Assembly).Run(args)</code></summary>
    public sealed class ServantHost
    {
        private readonly Assembly _steps;
        private Func<Exception, string> _failureType = exception => null;

        /// <param name="steps">The assembly with the <see cref="BindingAttribute"/> classes.</param>
        public ServantHost(Assembly steps)
        {
            _steps = steps;
        }

        /// <summary>Has failures of one exception class reported under a name of their own in <c>failure.type</c>.</summary>
        /// <param name="name">The name of a failure.</param>
        /// <returns>This host.</returns>
        public ServantHost NameFailures<TException>(Func<TException, string> name)
            where TException : Exception
        {
            Func<Exception, string> others = _failureType;
            _failureType = exception => exception is TException known ? name(known) : others(exception);
            return this;
        }

        /// <summary>Serves until shutdown or the end of the input, and then exits the process: the call does not
        /// return. With the word <c>--list</c> it prints the definitions instead.</summary>
        /// <param name="words">The command line.</param>
        /// <returns>The exit status: 0, 2 for unknown words, 3 when serving was impossible.</returns>
        public int Run(string[] words)
        {
            if (words.Length == 1 && words[0] == "--list")
            {
                return List();
            }
            if (words.Length > 0)
            {
                Console.Error.WriteLine("unknown words: " + string.Join(" ", words) + "; a servant takes none, or --list to print its step definitions");
                return 2;
            }
            try
            {
                ProtocolChannel channel = ProtocolChannel.TakeStandardStreams();
                Serve(channel);
                return 0;
            }
            catch (Exception e)
            {
                Console.Error.WriteLine("the servant cannot serve: " + e);
                return 3;
            }
        }

        private static void Exit(int status)
        {
            Console.Out.Flush();
            Console.Error.Flush();
            // Not Environment.Exit: it waits for threads that a step may hold for ever.
            NativeMethods._exit(status);
        }

        private void Serve(ProtocolChannel channel)
        {
            ServerOptions options = ServerOptions.FromEnvironment();
            options.FailureType = _failureType;
            var server = new Server(
                new Connection(channel.Input, channel.Output), () => new DefinitionRegistry(_steps), options, Exit);
            AppDomain.CurrentDomain.UnhandledException += (sender, unhandled) => Outlive(server, unhandled.ExceptionObject);
            server.Run();
        }

        /// <summary>Keeps the process: an exception on a thread that a step left behind is that step's failure. The runtime
        /// ends the process once this handler returns, so the thread is parked in it instead.</summary>
        private static void Outlive(Server server, object thrown)
        {
            Console.Error.WriteLine("unhandled exception on thread '" + Thread.CurrentThread.Name + "': " + thrown);
            server.Fault(thrown as Exception ?? new InvalidOperationException(Convert.ToString(thrown)));
            Thread.CurrentThread.IsBackground = true;
            Thread.Sleep(Timeout.Infinite);
        }

        private int List()
        {
            try
            {
                var paths = new SourcePaths();
                var text = new StringBuilder();
                foreach (StepDefinition definition in new DefinitionRegistry(_steps).Definitions)
                {
                    text.Append(definition.Type.PadRight(5)).Append(' ').Append(definition.Pattern).Append('\n');
                    text.Append("      ").Append(paths.Relative(definition.File)).Append(':').Append(definition.Line);
                    text.Append(definition.Summary == null ? "" : "  " + definition.Summary).Append('\n');
                }
                Console.Write(text);
                return 0;
            }
            catch (IOException)
            {
                // Whoever reads the list has seen enough.
                return 0;
            }
            catch (InvalidOperationException e)
            {
                Console.Error.WriteLine(e.Message);
                return 3;
            }
        }
    }
}
