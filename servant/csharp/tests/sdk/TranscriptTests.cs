using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Threading;
using NUnit.Framework;
using Parley.Servant;

namespace Parley.Tests
{
    /// <summary>Replays the golden transcripts that all SDKs share.</summary>
    [TestFixture]
    public class TranscriptTests
    {
        private static readonly Regex Definition = new Regex(@"\Adefine\s+(\S+)\s+(\S+)\s+(.*)\z");

        [TestCase("contract-1.0.txt")]
        [TestCase("contract-1.1.txt")]
        [TestCase("tolerance.txt")]
        [TestCase("stuck-step.txt")]
        public void TheServantAnswersAsRecorded(string file)
        {
            Replay(File.ReadAllLines(Path.Combine(Folder(), file)));
        }

        [Test]
        public void EveryTranscriptIsReplayed()
        {
            var files = new List<string>();
            foreach (string path in Directory.GetFiles(Folder(), "*.txt"))
            {
                files.Add(Path.GetFileName(path));
            }
            Assert.That(files, Is.EquivalentTo(new[] { "contract-1.0.txt", "contract-1.1.txt", "tolerance.txt", "stuck-step.txt" }));
        }

        [TestCase("< {\"id\":1,\"result\":{\"ok\":false}}", ".result.ok: expected false, got true")]
        [TestCase("< {\"id\":1,\"result\":{\"pid\":\"$text\"}}", ".result.pid: expected \"$text\"")]
        [TestCase("< {\"id\":\"1\"}", ".id: expected \"1\", got 1")]
        public void AnotherAnswerIsNoticed(string expected, string difference)
        {
            string[] lines = { "> {\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"health\",\"params\":[]}", expected };
            var failed = Assert.Throws<AssertionException>(() => Replay(lines));
            Assert.That(failed.Message, Contains.Substring(difference));
        }

        private static string Folder([CallerFilePath] string file = "")
        {
            return Path.Combine(Path.GetDirectoryName(file), "../../../contract/testdata");
        }

        private static void Replay(string[] lines)
        {
            var definitions = new List<StepDefinition>();
            foreach (string line in lines)
            {
                Match match = Definition.Match(line);
                if (match.Success)
                {
                    definitions.Add(TranscriptSteps.Define(
                        definitions.Count + 1, match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value));
                }
            }
            using (TranscriptSteps.IsOver = new ManualResetEvent(false))
            using (var servant = new ServantInProcess(new ServerOptions { Platform = "csharp" }, new DefinitionRegistry(definitions)))
            {
                try
                {
                    foreach (string line in lines)
                    {
                        Play(servant, line);
                    }
                }
                finally
                {
                    TranscriptSteps.IsOver.Set();
                }
            }
        }

        private static void Play(ServantInProcess servant, string line)
        {
            if (line.StartsWith("> ", StringComparison.Ordinal))
            {
                servant.Client.SendText(line.Substring(2));
            }
            else if (line.StartsWith(">> ", StringComparison.Ordinal))
            {
                servant.Client.SendRaw((string)Json.Parse(line.Substring(3)));
            }
            else if (line.StartsWith("< ", StringComparison.Ordinal))
            {
                Expect(servant.Client, line.Substring(2));
            }
            else if (line == "close" || line == "exit")
            {
                if (line == "close")
                {
                    servant.EndInput();
                }
                Assert.That(servant.WaitForExit(), Is.EqualTo(0));
                Assert.That(servant.Client.Receive(), Is.Null, "after its end");
            }
            else if (line.Length > 0 && line[0] != '#' && !Definition.IsMatch(line))
            {
                Assert.Fail("not a line of a transcript: " + line);
            }
        }

        private static void Expect(Client client, string text)
        {
            object expected = Json.Parse(text);
            while (true)
            {
                JsonObject message = client.Receive();
                Assert.That(message, Is.Not.Null, "the servant ended before " + text);
                string difference = TranscriptPattern.Difference(expected, message);
                if (difference == null)
                {
                    return;
                }
                if (message["method"] == null || message["id"] != null)
                {
                    Assert.Fail(text + "\n" + difference);
                }
            }
        }
    }
}
