using System;
using System.Collections.Generic;
using NUnit.Framework;
using Parley.Servant;

namespace Parley.Tests
{
    /// <summary>Steps that reach their limit, are cancelled, or outlive their scenario.</summary>
    [TestFixture]
    public class StopTests
    {
        private ServantInProcess _servant;
        private Client _client;

        [SetUp]
        public void Start()
        {
            _servant = new ServantInProcess(typeof(ExampleSteps));
            _client = _servant.Client;
            _client.Initialize();
        }

        [TearDown]
        public void Stop()
        {
            _servant.Dispose();
        }

        [TestCase("waits for the token")]
        [TestCase("blocks whatever its token says")]
        public void AStepEndsAtItsLimit(string text)
        {
            JsonObject result = _client.Step("When", text, new JsonObject { { "TimeoutMs", 50L } });
            Assert.That(result["success"], Is.EqualTo(false));
            Assert.That(result["status"], Is.EqualTo("timeout"));
            Assert.That(result.String("error").StartsWith("Step execution timeout", StringComparison.Ordinal), result.String("error"));
            Assert.That(result.Object("failure")["type"], Is.EqualTo("STEP_EXECUTION_TIMEOUT"));
            Assert.That(result.Integer("elapsedNs"), Is.GreaterThanOrEqualTo(50000000));
            Assert.That(result.Array("logs").Count, Is.EqualTo(1), "what the step logged before");
        }

        [Test]
        public void TheScenariosLimitHoldsForStepsWithoutOne()
        {
            _client.Call("initialize", new JsonObject { { "StepTimeoutMs", 50L } });
            Assert.That(_client.Step("When", "waits for the token")["status"], Is.EqualTo("timeout"));
            Assert.That(_client.Step("Given", "the count is '1'", new JsonObject { { "TimeoutMs", 60000L } })["status"], Is.EqualTo("passed"));
        }

        [Test]
        public void NoStepRunsBesideOneThatWasGivenUp()
        {
            _client.Step("When", "blocks whatever its token says", new JsonObject { { "TimeoutMs", 1L } });
            JsonObject next = _client.Step("Given", "the count is '1'");
            Assert.That(next["status"], Is.EqualTo("failed"));
            Assert.That(next.Object("failure")["type"], Is.EqualTo("StepStillRunning"));
            Assert.That(next.String("error"), Contains.Substring("blocks whatever its token says"));
            _client.Initialize();
            Assert.That(_client.Step("Given", "the count is '1'")["status"], Is.EqualTo("passed"), "the next scenario");
        }

        [Test]
        public void AStepThatHeedsItsTokenLeavesTheScenarioUsable()
        {
            _client.Step("When", "waits for the token", new JsonObject { { "TimeoutMs", 1L } });
            Assert.That(_client.Step("Given", "the count is '1'")["status"], Is.EqualTo("passed"));
        }

        [TestCase("waits for the token", true)]
        [TestCase("waits for the token", false)]
        [TestCase("blocks whatever its token says", true)]
        public void ACancelledStepEnds(string text, bool isInArray)
        {
            long step = _client.SendStep("When", text);
            WaitForLog();
            var id = new JsonObject { { "id", step } };
            _client.Notify("$/cancelRequest", isInArray ? (object)new List<object> { id } : id);
            var result = (JsonObject)_client.Result(step);
            Assert.That(result["success"], Is.EqualTo(false));
            Assert.That(result["status"], Is.EqualTo("cancelled"));
        }

        [Test]
        public void ACancellationThatFollowsAtOnceFindsItsStep()
        {
            for (int i = 0; i < 20; i++)
            {
                long step = _client.SendStep("When", "waits for the token");
                _client.Notify("$/cancelRequest", new JsonObject { { "id", step } });
                Assert.That(((JsonObject)_client.Result(step))["status"], Is.EqualTo("cancelled"));
            }
        }

        [Test]
        public void OtherRequestsAreAnsweredWhileAStepRuns()
        {
            long step = _client.SendStep("When", "waits for the token");
            WaitForLog();
            Assert.That(((JsonObject)_client.Call("health"))["ok"], Is.EqualTo(true));
            Assert.That(_client.Step("Given", "the count is '1'")["status"], Is.EqualTo("passed"));
            _client.Notify("$/cancelRequest", new JsonObject { { "id", step } });
            Assert.That(((JsonObject)_client.Result(step))["status"], Is.EqualTo("cancelled"));
        }

        [TestCase("waits for the token")]
        [TestCase("blocks whatever its token says")]
        public void CleanupEndsWhatStillRuns(string text)
        {
            long step = _client.SendStep("When", text);
            WaitForLog();
            long cleanup = _client.Send("cleanup");
            Assert.That(((JsonObject)_client.Result(step))["status"], Is.EqualTo("cancelled"));
            Assert.That(_client.Result(cleanup), Is.Null, "its answer comes after the step's");
        }

        [Test]
        public void TheEndOfTheInputDoesNotWaitForABlockedStep()
        {
            _client.SendStep("When", "blocks whatever its token says");
            WaitForLog();
            _servant.EndInput();
            Assert.That(_servant.WaitForExit(), Is.EqualTo(0));
        }

        /// <summary>The step is inside once it has logged.</summary>
        private void WaitForLog()
        {
            Assert.That(_client.Receive()["method"], Is.EqualTo("log"));
        }
    }
}
