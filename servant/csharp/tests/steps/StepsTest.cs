using System;
using System.Collections.Generic;
using System.IO;
using NUnit.Framework;
using Parley.Ring;
using Parley.Servant;
using Parley.Steps;
using Parley.Tests.Ring;

namespace Parley.Tests
{
    /// <summary>The ring's steps in two servants of this process, and the proof that a test left nothing behind.</summary>
    public abstract class StepsTest
    {
        private string _prefix;

        [SetUp]
        public void Start()
        {
            _prefix = "parley-test-" + Guid.NewGuid().ToString("N") + "-";
            Reader = Servant();
            Writer = Servant();
        }

        [TearDown]
        public void Stop()
        {
            try
            {
                foreach (ServantInProcess servant in new[] { Reader, Writer })
                {
                    Assert.That(servant.Client.Call("cleanup"), Is.Null);
                }
                Assert.That(Directory.GetFiles("/dev/shm", "*" + _prefix + "*"), Is.Empty);
                Assert.That(Directory.GetFiles("/tmp/zerobuffer", "*" + _prefix + "*"), Is.Empty);
            }
            finally
            {
                Reader.Dispose();
                Writer.Dispose();
            }
        }

        /// <summary>The servant that mostly reads or serves.</summary>
        internal ServantInProcess Reader { get; private set; }

        /// <summary>The servant that mostly writes or calls.</summary>
        internal ServantInProcess Writer { get; private set; }

        internal RawBuffer Raw(string name)
        {
            return new RawBuffer(_prefix + name);
        }

        internal void Open(int metadata, int payload)
        {
            Passes(Reader, "the 'reader' process creates buffer 'frames' with '" + metadata + "' bytes of metadata and '" + payload + "' bytes of payload");
            Passes(Writer, "the 'writer' process connects to buffer 'frames'");
        }

        internal void OpenChannel()
        {
            Passes(Reader, "the 'server' process opens channel 'calls' with '65536' bytes for requests");
            Passes(Writer, "the 'client' process connects to channel 'calls' with '65536' bytes for responses");
        }

        internal static JsonObject Step(ServantInProcess servant, string text, JsonObject more = null)
        {
            return servant.Client.Step("Then", text, more);
        }

        /// <summary>Sends a step without waiting for it; <see cref="Ends"/> waits.</summary>
        internal static long Begins(ServantInProcess servant, string text)
        {
            return servant.Client.SendStep("Then", text);
        }

        /// <summary>The error of a step that was begun; null if it passed.</summary>
        internal static string Ends(ServantInProcess servant, long id)
        {
            return ((JsonObject)servant.Client.Result(id)).String("error");
        }

        internal static void Passes(ServantInProcess servant, string text)
        {
            Assert.That(Step(servant, text)["error"], Is.Null, text);
        }

        internal static string Failure(ServantInProcess servant, string text, JsonObject more = null)
        {
            JsonObject result = Step(servant, text, more);
            Assert.That(result["status"], Is.EqualTo("failed"), text);
            return result.String("error");
        }

        /// <summary>What a step logged, line by line.</summary>
        internal static List<string> Logs(JsonObject result)
        {
            return ((List<object>)result["logs"]).ConvertAll(line => ((JsonObject)line).String("message"));
        }

        private ServantInProcess Servant()
        {
            var registry = new DefinitionRegistry(typeof(RingProcess).Assembly);
            var options = new ServerOptions
            {
                Platform = "csharp", FailureType = failure => (failure as RingException)?.Error.ToString(),
            };
            var servant = new ServantInProcess(options, registry);
            servant.Client.Call("initialize", new JsonObject { { "Role", "reader" }, { "ResourcePrefix", _prefix } });
            return servant;
        }
    }
}
