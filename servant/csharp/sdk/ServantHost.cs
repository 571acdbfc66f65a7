using System;
using System.IO;
using System.Reflection;
using System.Text;
using System.Threading;

namespace Parley.Servant
{
    /// <summary>A servant process: all the step definitions of one assembly, served over standard input and output.
    /// Contract: docs/servant-contract.md.
    /// <code>new ServantHost(typeof(Program).Assembly).Run(args)</code></summary>
    public sealed class ServantHost
    {
        private const string Usage = "a servant takes no words but --steps ASSEMBLY.dll (serve the step definitions of another assembly) "
            + "and --list (print the step definitions)";

        private Assembly _steps;
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
        /// return.</summary>
        /// <param name="words">The command line. <c>--steps FILE</c> serves the definitions of another assembly,
        /// <c>--list</c> prints the definitions instead of serving them.</param>
        /// <returns>The exit status: 0, 1 for a mistake in a step definition, 2 for unknown words, 3 when serving was
        /// impossible.</returns>
        public int Run(string[] words)
        {
            bool list = false;
            string file = null;
            for (int i = 0; i < words.Length; i++)
            {
                if (words[i] == "--list")
                {
                    list = true;
                }
                else if (words[i] == "--steps" && i + 1 < words.Length)
                {
                    file = words[++i];
                }
                else
                {
                    Console.Error.WriteLine("unexpected '" + words[i] + "': " + Usage);
                    return 2;
                }
            }
            try
            {
                // Loading an assembly may already run code of its author.
                ProtocolChannel channel = list ? null : ProtocolChannel.TakeStandardStreams();
                RemoveRuntimesSharedMemory();
                LoadFileSupport();
                if (file != null)
                {
                    _steps = Assembly.LoadFrom(Path.GetFullPath(file));
                }
                var registry = new DefinitionRegistry(_steps);
                if (list)
                {
                    List(registry);
                }
                else
                {
                    Serve(channel, registry);
                }
                return 0;
            }
            catch (DefinitionException e)
            {
                Console.Error.WriteLine("servant: " + e.Message);
                return 1;
            }
            catch (Exception e)
            {
                Console.Error.WriteLine("the servant cannot " + (list ? "list its steps" : "serve") + ": " + e);
                return 3;
            }
        }

        /// <summary>Mono publishes its counters in shared memory and removes that only at an orderly end of its own,
        /// which a servant that is killed never comes to. Nobody reads them; elsewhere there is no such file.</summary>
        private static void RemoveRuntimesSharedMemory()
        {
            NativeMethods.unlink("/dev/shm/mono." + NativeMethods.getpid());
        }

        private static void Exit(int status)
        {
            Console.Out.Flush();
            Console.Error.Flush();
            // Not Environment.Exit: it waits for threads that a step may hold for ever.
            NativeMethods._exit(status);
        }

        /// <summary>Mono loads its library for files, and tries out the file system, at the first question about a file;
        /// a step that runs without a descriptor to spare could not even be failed then.</summary>
        private static void LoadFileSupport()
        {
            Directory.Exists("/");
        }

        private void Serve(ProtocolChannel channel, DefinitionRegistry registry)
        {
            ServerOptions options = ServerOptions.FromEnvironment();
            options.FailureType = _failureType;
            var server = new Server(new Connection(channel.Input, channel.Output), registry, options, Exit);
            // A step may call Environment.Exit, which would wait for the threads of steps.
            AppDomain.CurrentDomain.ProcessExit += (sender, e) => NativeMethods._exit(Environment.ExitCode);
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

        private static void List(DefinitionRegistry registry)
        {
            var paths = new SourcePaths();
            var text = new StringBuilder();
            foreach (StepDefinition definition in registry.Definitions)
            {
                text.Append(definition.Type.PadRight(5)).Append(' ').Append(definition.Pattern).Append('\n');
                text.Append("      ").Append(paths.Relative(definition.File)).Append(':').Append(definition.Line);
                text.Append(definition.Summary == null ? "" : "  " + definition.Summary).Append('\n');
            }
            try
            {
                Console.Write(text);
            }
            catch (IOException)
            {
                // Whoever reads the list has seen enough.
            }
        }
    }
}
