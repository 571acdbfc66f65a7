using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading;
using Parley.Servant;

namespace Parley.Tests
{
    /// <summary>The built servant as a process of its own, killed after half a minute so that no test hangs.</summary>
    internal sealed class ServantProcess : IDisposable
    {
        private const int StuckMs = 30000;

        private readonly Process _process;
        private readonly List<string> _errors = new List<string>();
        private readonly Thread _drain;
        private readonly Timer _watchdog;

        /// <param name="words">The command line; see <see cref="ServantHost.Run"/>.</param>
        /// <param name="environment">Variables to set, or, with null, to remove.</param>
        internal ServantProcess(string words, Dictionary<string, string> environment = null)
        {
            var start = new ProcessStartInfo(Launcher, words)
            {
                UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            };
            start.EnvironmentVariables["PARLEY_ROLE"] = "reader";
            foreach (KeyValuePair<string, string> variable in environment ?? new Dictionary<string, string>())
            {
                start.EnvironmentVariables.Remove(variable.Key);
                if (variable.Value != null)
                {
                    start.EnvironmentVariables.Add(variable.Key, variable.Value);
                }
            }
            _process = Process.Start(start);
            _watchdog = new Timer(state => Kill(), null, StuckMs, Timeout.Infinite);
            _drain = new Thread(Drain) { IsBackground = true };
            _drain.Start();
            Client = new Client(_process.StandardInput.BaseStream, _process.StandardOutput.BaseStream);
        }

        /// <summary>This assembly, whose example steps a servant can serve.</summary>
        internal static string ThisAssembly => typeof(ServantProcess).Assembly.Location;

        /// <summary>An assembly whose one step definition is wrong.</summary>
        internal static string WrongSteps => Path.Combine(Path.GetDirectoryName(ThisAssembly), "Parley.Tests.WrongSteps.dll");

        internal Client Client { get; }

        /// <summary>The process id that the servant reports: of itself, not of a launcher.</summary>
        internal long ServantId => ((JsonObject)Client.Call("health")).Integer("pid").Value;

        private static string Launcher => Path.Combine(Path.GetDirectoryName(ThisAssembly), "../bin/parley-servant-csharp");

        internal static ServantProcess WithExampleSteps(Dictionary<string, string> environment = null)
        {
            return new ServantProcess("--steps \"" + ThisAssembly + "\"", environment);
        }

        internal void EndInput()
        {
            _process.StandardInput.Close();
        }

        internal int WaitForExit()
        {
            _process.WaitForExit();
            _drain.Join();
            return _process.ExitCode;
        }

        /// <summary>What the servant printed to standard error, after its end.</summary>
        internal string Errors()
        {
            lock (_errors)
            {
                return string.Join("\n", _errors);
            }
        }

        public void Dispose()
        {
            _watchdog.Dispose();
            Kill();
            _process.WaitForExit();
            _process.Dispose();
        }

        private void Kill()
        {
            try
            {
                _process.Kill();
            }
            catch (InvalidOperationException)
            {
                // It has exited.
            }
        }

        private void Drain()
        {
            string line;
            while ((line = _process.StandardError.ReadLine()) != null)
            {
                lock (_errors)
                {
                    _errors.Add(line);
                }
            }
        }
    }
}
