using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using Newtonsoft.Json.Linq;
using NUnit.Framework;

namespace Parley.Tests.Ring
{
    /// <summary>A ring-probe in a process of its own.</summary>
    internal sealed class Probe : IDisposable
    {
        private readonly Process _process;
        private readonly List<string> _lines = new List<string>();
        private readonly List<string> _errors = new List<string>();

        internal Probe(string words)
        {
            _process = new Process
            {
                StartInfo = new ProcessStartInfo(Repository.ProbePath, words)
                {
                    UseShellExecute = false,
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                },
            };
            _process.OutputDataReceived += (sender, e) => Add(_lines, e.Data);
            _process.ErrorDataReceived += (sender, e) => Add(_errors, e.Data);
            _process.Start();
            _process.BeginOutputReadLine();
            _process.BeginErrorReadLine();
        }

        internal int Pid => _process.Id;

        internal string Errors
        {
            get
            {
                lock (_errors)
                {
                    return string.Join("\n", _errors);
                }
            }
        }

        /// <summary>Waits for the line that says that the buffer can be connected to.</summary>
        internal Probe Ready()
        {
            RingTest.WaitUntil(() => Lines().Contains("ready") || _process.HasExited, "the probe's ready");
            Assert.IsTrue(Lines().Contains("ready"), "the probe ended: " + string.Join("\n", Lines()) + Errors);
            return this;
        }

        internal void Kill()
        {
            _process.Kill();
            _process.WaitForExit();
        }

        /// <summary>Waits for the end; the exit status.</summary>
        internal int Status()
        {
            Assert.IsTrue(_process.WaitForExit(60000), "the probe did not end");
            // Without a limit it also waits for the end of its output.
            _process.WaitForExit();
            return _process.ExitCode;
        }

        /// <summary>Waits for the end; the result line.</summary>
        internal JObject Result()
        {
            Status();
            Assert.IsTrue(Lines().Count > 0, "the probe printed nothing; " + Errors);
            return JObject.Parse(Lines().Last());
        }

        /// <summary>Waits for a good end; the result line.</summary>
        internal JObject Succeeds()
        {
            JObject result = Result();
            Assert.IsTrue((bool)result["ok"], result.ToString());
            Assert.AreEqual(0, Status());
            return result;
        }

        public void Dispose()
        {
            if (!_process.HasExited)
            {
                Kill();
            }
            _process.Dispose();
        }

        private List<string> Lines()
        {
            lock (_lines)
            {
                return _lines.ToList();
            }
        }

        private static void Add(List<string> lines, string line)
        {
            if (line != null)
            {
                lock (lines)
                {
                    lines.Add(line);
                }
            }
        }
    }
}
