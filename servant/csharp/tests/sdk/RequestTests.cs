using System;
using System.Collections.Generic;
using NUnit.Framework;
using Parley.Servant;

namespace Parley.Tests
{
    /// <summary>Health, initialize, discover, cleanup, and what is no proper request.</summary>
    [TestFixture]
    public class RequestTests
    {
        private ServantInProcess _servant;
        private Client _client;

        [SetUp]
        public void Start()
        {
            _servant = new ServantInProcess(typeof(ExampleSteps));
            _client = _servant.Client;
        }

        [TearDown]
        public void Stop()
        {
            _servant.Dispose();
            Assert.That(ExampleState.Alive, Is.EqualTo(0), "objects that were not disposed of");
        }

        [Test]
        public void HealthDescribesTheServant()
        {
            var health = (JsonObject)_client.Call("health");
            Assert.That(health["ok"], Is.EqualTo(true));
            Assert.That(health["contract"], Is.EqualTo("1.1"));
            Assert.That(health["platform"], Is.EqualTo("csharp"));
            Assert.That(health["sdk"], Is.EqualTo("parley-csharp 0.1"));
            Assert.That(health.Integer("pid"), Is.GreaterThan(0));
            Assert.That(health.Strings("capabilities"), Is.EqualTo(new[] { "table", "docString", "cancel", "logs", "reset" }));
        }

        [Test]
        public void HealthIsABooleanForACoordinatorOfContract10()
        {
            using (var legacy = new ServantInProcess(new ServerOptions { IsLegacyParent = true }, new DefinitionRegistry(new Type[0])))
            {
                Assert.That(legacy.Client.Call("health"), Is.EqualTo(true));
            }
        }

        [TestCase("{\"Role\":\"reader\",\"HostPid\":1,\"FeatureId\":2,\"ResourcePrefix\":null}", "true")]
        [TestCase("{\"Role\":\"reader\",\"ResourcePrefix\":\"p-\"}", "{\"ok\":true}")]
        [TestCase("{\"Role\":\"reader\",\"stepTimeoutMS\":5}", "{\"ok\":true}")]
        public void InitializeAnswersInTheCallersContract(string parameters, string expected)
        {
            object result = _client.Call("initialize", Json.Parse(parameters));
            Assert.That(Json.Write(result), Is.EqualTo(expected));
        }

        [Test]
        public void DiscoverListsEveryDefinition()
        {
            List<object> steps = ((JsonObject)_client.Call("discover")).Array("steps");
            var checks = (JsonObject)steps.Find(step => (string)((JsonObject)step)["summary"] == "Checks the count");
            Assert.That(checks["type"], Is.EqualTo("Then"));
            Assert.That(checks["pattern"], Is.EqualTo(@"the count is '(\d+)'"));
            Assert.That(checks.Integer("id"), Is.GreaterThan(0));
            string[] source = checks.String("source").Split(':');
            Assert.That(source[0].EndsWith("ExampleSteps.cs"), source[0]);
            Assert.That(source[0].StartsWith("/"), Is.False, source[0]);
            Assert.That(int.Parse(source[1]), Is.GreaterThan(1));
            int anyType = steps.FindAll(step => (string)((JsonObject)step)["type"] == "step").Count;
            Assert.That(anyType, Is.GreaterThan(3));
            int count = steps.FindAll(step => (string)((JsonObject)step)["pattern"] == @"the count becomes '(\d+)'").Count;
            Assert.That(count, Is.EqualTo(1), "the second attribute of one method");
        }

        [Test]
        public void IdsComeBackAsTheyWere()
        {
            foreach (string id in new[] { "\"a-1\"", "0", "-7", "12345678901234567890123" })
            {
                _client.SendText("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"health\",\"params\":[]}");
                Assert.That(Json.Write(_client.Receive()["id"]), Is.EqualTo(id));
            }
        }

        [TestCase("{\"jsonrpc\":", RpcError.Unparsable)]
        [TestCase("[]", RpcError.InvalidRequest)]
        [TestCase("17", RpcError.InvalidRequest)]
        [TestCase("{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"health\"}", RpcError.InvalidRequest)]
        [TestCase("{\"jsonrpc\":\"2.0\",\"id\":true,\"method\":\"health\"}", RpcError.InvalidRequest)]
        public void WhatIsNoRequestIsAnsweredWithoutAnId(string body, int code)
        {
            _client.SendText(body);
            JsonObject answer = _client.Receive();
            Assert.That(answer["id"], Is.Null);
            Assert.That(answer.Object("error").Integer("code"), Is.EqualTo(code));
            Assert.That(_client.Call("health"), Is.Not.Null, "the servant goes on");
        }

        [Test]
        public void BytesThatAreNoUtf8AreAnswered()
        {
            var toServant = new BytePipe();
            var fromServant = new BytePipe();
            byte[] bad = { (byte)'"', 0xff, (byte)'"' };
            byte[] header = System.Text.Encoding.ASCII.GetBytes("Content-Length: 3\r\n\r\n");
            toServant.Write(header, 0, header.Length);
            toServant.Write(bad, 0, bad.Length);
            toServant.End();
            new Connection(toServant, fromServant).Listen(request => { });
            JsonObject answer = new Client(toServant, fromServant).Receive();
            Assert.That(answer.Object("error").Integer("code"), Is.EqualTo(RpcError.Unparsable));
        }

        [TestCase("{\"id\":5}", RpcError.InvalidRequest)]
        [TestCase("{\"id\":5,\"method\":7}", RpcError.InvalidRequest)]
        [TestCase("{\"id\":5,\"method\":\"nothing\"}", RpcError.UnknownMethod)]
        [TestCase("{\"id\":5,\"method\":\"Health\"}", RpcError.UnknownMethod)]
        [TestCase("{\"id\":5,\"method\":\"initialize\"}", RpcError.InvalidParams)]
        [TestCase("{\"id\":5,\"method\":\"initialize\",\"params\":[]}", RpcError.InvalidParams)]
        [TestCase("{\"id\":5,\"method\":\"initialize\",\"params\":[1]}", RpcError.InvalidParams)]
        [TestCase("{\"id\":5,\"method\":\"initialize\",\"params\":[{},{}]}", RpcError.InvalidParams)]
        [TestCase("{\"id\":5,\"method\":\"initialize\",\"params\":{}}", RpcError.InvalidParams)]
        [TestCase("{\"id\":5,\"method\":\"initialize\",\"params\":[{\"Role\":1}]}", RpcError.InvalidParams)]
        [TestCase("{\"id\":5,\"method\":\"executeStep\",\"params\":[{}]}", RpcError.InvalidParams)]
        [TestCase("{\"id\":5,\"method\":\"executeStep\",\"params\":[{\"Step\":\"x\",\"Context\":{\"a\":1}}]}", RpcError.InvalidParams)]
        [TestCase("{\"id\":5,\"method\":\"executeStep\",\"params\":[{\"Step\":\"x\",\"Table\":{\"rows\":[1]}}]}", RpcError.InvalidParams)]
        [TestCase("{\"id\":5,\"method\":\"executeStep\",\"params\":[{\"Step\":\"x\"}]}", RpcError.InvalidRequest)]
        public void BrokenRequestsGetTheirCodeAndTheirId(string body, int code)
        {
            _client.SendText(body);
            JsonObject answer = _client.Answer(5L);
            Assert.That(answer.Object("error").Integer("code"), Is.EqualTo(code));
            Assert.That(answer.Object("error").String("message"), Is.Not.Empty);
        }

        [Test]
        public void AStepWithoutAScenarioIsRefusedAlsoAfterCleanup()
        {
            _client.Initialize();
            Assert.That(_client.Call("cleanup"), Is.Null);
            Assert.That(_client.ErrorCode(_client.SendStep("Given", "the count is '1'")), Is.EqualTo(RpcError.InvalidRequest));
        }

        [Test]
        public void NotificationsAndResponsesThatNobodyKnowsAreIgnored()
        {
            _client.Notify("$/nothing", new List<object>());
            _client.Notify("$/cancelRequest", new JsonObject { { "id", 99L } });
            _client.Notify("$/cancelRequest", new List<object>());
            _client.SendText("{\"jsonrpc\":\"2.0\",\"id\":4,\"result\":true}");
            _client.SendRaw("a stray line\r\n");
            Assert.That(((JsonObject)_client.Call("health"))["ok"], Is.EqualTo(true));
        }

        [Test]
        public void CleanupDisposesAndMayComeTwice()
        {
            _client.Initialize();
            _client.Step("Given", "the count is '1'");
            Assert.That(ExampleState.Alive, Is.EqualTo(1));
            Assert.That(_client.Call("cleanup"), Is.Null);
            Assert.That(ExampleState.Alive, Is.EqualTo(0));
            Assert.That(_client.Call("cleanup"), Is.Null);
        }

        [Test]
        public void EachScenarioStartsAfresh()
        {
            _client.Initialize();
            _client.Step("Given", "the count is '1'");
            _client.Initialize();
            Assert.That(ExampleState.Alive, Is.EqualTo(0), "initialize ends the scenario before");
            Assert.That(_client.Step("Then", "the count is '0'")["status"], Is.EqualTo("passed"));
        }

        [Test]
        public void ShutdownAnswersCleansUpAndExits()
        {
            _client.Initialize();
            _client.Step("Given", "the count is '1'");
            Assert.That(_client.Call("shutdown"), Is.Null);
            Assert.That(_servant.WaitForExit(), Is.EqualTo(0));
            Assert.That(ExampleState.Alive, Is.EqualTo(0));
        }

        [Test]
        public void TheEndOfTheInputCleansUpAndExits()
        {
            _client.Initialize();
            _client.Step("Given", "the count is '1'");
            _client.SendRaw("Content-Length: 100\r\n\r\n{\"half");
            _servant.EndInput();
            Assert.That(_servant.WaitForExit(), Is.EqualTo(0));
            Assert.That(ExampleState.Alive, Is.EqualTo(0));
        }

        [Test]
        public void RequestsThatComeTogetherKeepTheirOrder()
        {
            for (int i = 0; i < 20; i++)
            {
                _client.Send("initialize", new JsonObject { { "ResourcePrefix", "p" + i + "-" } });
                long step = _client.SendStep("When", "the resource 'x'");
                long cleanup = 0;
                var result = (JsonObject)_client.Result(step);
                cleanup = _client.Send("cleanup");
                Assert.That(result.Object("context")["resource"], Is.EqualTo("p" + i + "-x"));
                Assert.That(_client.Result(cleanup), Is.Null);
            }
        }
    }
}
