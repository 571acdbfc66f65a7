using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading;
using NUnit.Framework;
using Parley.Servant;

namespace Parley.Tests
{
    [TestFixture]
    public class ServantProcessTests
    {
        [TestCase("prints to standard output", "a stray print")]
        [TestCase("a child process prints and reads", "child")]
        public void PrintsGoToStandardErrorAndNeverIntoTheProtocol(string text, string printed)
        {
            using (ServantProcess servant = ServantProcess.WithExampleSteps())
            {
                servant.Client.Initialize();
                Assert.That(servant.Client.Step("When", text)["error"], Is.Null);
                Assert.That(servant.Client.Step("Given", "the count is '1'")["status"], Is.EqualTo("passed"));
                servant.EndInput();
                Assert.That(servant.Client.Receive(), Is.Null);
                Assert.That(servant.Client.Stray, Is.Empty);
                Assert.That(servant.WaitForExit(), Is.EqualTo(0));
                Assert.That(servant.Errors(), Contains.Substring(printed));
            }
        }

        [Test]
        public void ShutdownAnswersAndExits()
        {
            using (ServantProcess servant = ServantProcess.WithExampleSteps())
            {
                Assert.That(servant.Client.Call("shutdown"), Is.Null);
                Assert.That(servant.WaitForExit(), Is.EqualTo(0));
            }
        }

        [Test]
        public void TheEndOfTheInputEndsTheProcessWhateverAStepDoes()
        {
            using (ServantProcess servant = ServantProcess.WithExampleSteps())
            {
                servant.Client.Initialize();
                servant.Client.SendStep("When", "never returns");
                Assert.That(servant.Client.Receive()["method"], Is.EqualTo("log"));
                servant.EndInput();
                Assert.That(servant.WaitForExit(), Is.EqualTo(0));
            }
        }

        [Test]
        public void AnExceptionOnAnotherThreadFailsTheStepAndNotTheProcess()
        {
            using (ServantProcess servant = ServantProcess.WithExampleSteps())
            {
                servant.Client.Initialize();
                JsonObject result = servant.Client.Step("When", "a thread throws");
                Assert.That(result["status"], Is.EqualTo("failed"));
                Assert.That(result.Object("failure")["type"], Is.EqualTo("InvalidOperationException"));
                Assert.That(result["error"], Is.EqualTo("thrown on a thread"));
                servant.Client.Initialize();
                Assert.That(servant.Client.Step("Given", "the count is '1'")["status"], Is.EqualTo("passed"));
                servant.EndInput();
                Assert.That(servant.WaitForExit(), Is.EqualTo(0));
                Assert.That(servant.Errors(), Contains.Substring("thrown on a thread"));
            }
        }

        [TestCase("fails at a known line")]
        [TestCase("fails below a library at a known line")]
        [TestCase("fails in a library at a known line")]
        [TestCase("fails after an await at a known line")]
        public void AFailingStepsStackBeginsWithItsLine(string text)
        {
            using (ServantProcess servant = ServantProcess.WithExampleSteps())
            {
                servant.Client.Initialize();
                JsonObject result = servant.Client.Step("When", text);
                string place = result.Object("context").String("place") ?? result.String("error");
                string first = result.Object("failure").String("stack").Split('\n')[0];
                Assert.That(first, Contains.Substring("servant/csharp/tests/sdk/" + place + ": Parley.Tests.ExampleSteps"));
            }
        }

        [Test]
        public void TheServantsOwnStepsHaveTheirLinesToo()
        {
            using (var servant = new ServantProcess(""))
            {
                servant.Client.Initialize();
                JsonObject result = servant.Client.Step("When", "the 'writer' process writes '1' frames of '8' bytes");
                // A property between the two may be inlined.
                Assert.That(result.Object("failure").String("stack"), Is.StringMatching(
                    @"\A(servant/csharp/steps/\w+\.cs:\d+: \S+\n)*servant/csharp/steps/BasicCommunicationSteps\.cs:\d+: \S+\.WriteFrames\z"));
            }
        }

        [TestCase("")]
        [TestCase(" --list")]
        public void AWrongStepDefinitionEndsTheServantWithOneLine(string list)
        {
            using (var servant = new ServantProcess("--steps \"" + ServantProcess.WrongSteps + "\"" + list))
            {
                Assert.That(servant.WaitForExit(), Is.EqualTo(1));
                Assert.That(servant.Errors(), Is.StringMatching(
                    @"\Aservant: step definition ""the count is '\(\\d\+\)'"" \(WrongSteps\.Count, WrongSteps\.cs:\d+\) takes 2 parameters, .*\z"));
            }
        }

        [Test]
        public void DescriptorsAndThreadsAreTheSameAfterAScenario()
        {
            using (ServantProcess servant = ServantProcess.WithExampleSteps())
            {
                Client client = servant.Client;
                // The first scenario loads what the runtime loads on demand.
                RunScenario(client);
                string before = Hygiene(servant);
                for (int i = 0; i < 5; i++)
                {
                    RunScenario(client);
                }
                // A thread that is no longer needed may still be on its way out.
                var clock = Stopwatch.StartNew();
                while (Hygiene(servant) != before && clock.ElapsedMilliseconds < 10000)
                {
                    Thread.Sleep(1);
                }
                Assert.That(Hygiene(servant), Is.EqualTo(before));
            }
        }

        [Test]
        public void TheRuntimeKeepsNoSharedMemoryThatAKillWouldLeave()
        {
            using (ServantProcess servant = ServantProcess.WithExampleSteps())
            {
                Assert.That(File.Exists("/dev/shm/mono." + servant.ServantId), Is.False);
            }
        }

        [TestCase(null, true)]
        [TestCase("reader", false)]
        public void TheEnvironmentTellsACoordinatorOfContract10(string role, bool isBoolean)
        {
            var environment = new Dictionary<string, string>
            {
                { "PARLEY_ROLE", role }, { "HARMONY_HOST_PID", "71" }, { "HARMONY_FEATURE_ID", "4" },
            };
            using (ServantProcess servant = ServantProcess.WithExampleSteps(environment))
            {
                Assert.That(servant.Client.Call("health") is bool, Is.EqualTo(isBoolean));
                servant.Client.Call("initialize", new JsonObject());
                Assert.That(servant.Client.Step("When", "the resource 'x'").Object("context")["resource"], Is.EqualTo("x_71_4"));
            }
        }

        [TestCase("--help", 2, "unexpected '--help'")]
        [TestCase("--steps", 2, "unexpected '--steps'")]
        [TestCase("--steps /nowhere.dll", 3, "/nowhere.dll")]
        public void WrongWordsAreExplained(string words, int status, string message)
        {
            using (var servant = new ServantProcess(words))
            {
                Assert.That(servant.WaitForExit(), Is.EqualTo(status));
                Assert.That(servant.Errors(), Contains.Substring(message));
            }
        }

        private static void RunScenario(Client client)
        {
            client.Initialize();
            Assert.That(client.Step("Given", "the count is '1'")["status"], Is.EqualTo("passed"));
            Assert.That(client.Step("When", "waits for the token", new JsonObject { { "TimeoutMs", 20L } })["status"], Is.EqualTo("timeout"));
            Assert.That(client.Call("cleanup"), Is.Null);
        }

        private static string Hygiene(ServantProcess servant)
        {
            string proc = "/proc/" + servant.ServantId;
            return Directory.GetFileSystemEntries(proc + "/fd").Length + " descriptors, "
                + Directory.GetDirectories(proc + "/task").Length + " threads";
        }
    }
}
