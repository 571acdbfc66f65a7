using System;
using System.Collections.Generic;
using System.Text;
using NUnit.Framework;
using Parley.Servant;

namespace Parley.Tests
{
    [TestFixture]
    public class ExecuteStepTests
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

        [Test]
        public void APassedStepSaysSoAndHowLongItTook()
        {
            JsonObject result = _client.Step("Given", "the count is '5'");
            Assert.That(result["success"], Is.EqualTo(true));
            Assert.That(result["status"], Is.EqualTo("passed"));
            Assert.That(result["error"], Is.Null);
            Assert.That(result["failure"], Is.Null);
            Assert.That(result.Integer("elapsedNs"), Is.GreaterThan(0));
            Assert.That(_client.Step("Then", "the count is '5'")["status"], Is.EqualTo("passed"));
        }

        [Test]
        public void AFailedCheckSaysWhatWasExpected()
        {
            JsonObject result = _client.Step("Then", "the count is '5'");
            Assert.That(result["success"], Is.EqualTo(false));
            Assert.That(result["status"], Is.EqualTo("failed"));
            Assert.That(result["error"], Is.EqualTo("the count: expected 5, got 0"));
            JsonObject failure = result.Object("failure");
            Assert.That(failure["type"], Is.EqualTo("AssertionFailed"));
            Assert.That(failure["message"], Is.EqualTo(result["error"]));
            Assert.That(failure["expected"], Is.EqualTo("5"));
            Assert.That(failure["actual"], Is.EqualTo("0"));
            Assert.That(failure.String("stack"), Contains.Substring("CheckCount"));
        }

        [Test]
        public void AStepIsAnsweredThoughItsExceptionCannotBeLookedAt()
        {
            JsonObject result = _client.Step("When", "fails with what cannot be looked at");
            Assert.That(result["status"], Is.EqualTo("failed"));
            Assert.That(result["error"], Is.EqualTo("UnspeakableException"));
            JsonObject failure = result.Object("failure");
            Assert.That(failure["type"], Is.EqualTo("UnspeakableException"));
            Assert.That(failure["stack"], Is.Null);
        }

        [Test]
        public void AStepIsAnsweredThoughItsFailureCannotBeNamed()
        {
            var options = new ServerOptions { Platform = "csharp", FailureType = exception => throw new InvalidOperationException("no name") };
            using (var servant = new ServantInProcess(options, new DefinitionRegistry(new[] { typeof(ExampleSteps) })))
            {
                servant.Client.Initialize();
                JsonObject result = servant.Client.Step("When", "fails without a word");
                Assert.That(result["error"], Is.EqualTo("InvalidOperationException"));
                Assert.That(result.Object("failure")["type"], Is.EqualTo("InvalidOperationException"));
            }
        }

        [Test]
        public void TheCoordinatorsDefinitionWinsOverTheText()
        {
            long id = IdOf("shares '(.*)' as '(.*)'");
            JsonObject result = _client.Step("Then", "any text at all", new JsonObject
            {
                { "definition", id }, { "ARGUMENTS", new List<object> { "v", "k" } },
            });
            Assert.That(result["status"], Is.EqualTo("passed"));
            Assert.That(result.Object("context")["k"], Is.EqualTo("v"));
        }

        [Test]
        public void AnUnknownDefinitionIsAWrongRequest()
        {
            long step = _client.SendStep("Given", "x", new JsonObject { { "Definition", 999L } });
            Assert.That(_client.ErrorCode(step), Is.EqualTo(RpcError.InvalidParams));
        }

        [TestCase("Given", "nothing knows this", "undefined", "UndefinedStep", "No matching step definition")]
        [TestCase("Then", "twice the work", "ambiguous", "AmbiguousStep", "Ambiguous step definitions")]
        [TestCase("When", "a step that is not written", "pending", "PendingStepException", "the step is not written yet")]
        [TestCase("When", "a step that does not apply", "skipped", "SkipStepException", "no second disk")]
        [TestCase("When", "an asynchronous step", "failed", "InvalidOperationException", "late failure")]
        [TestCase("Given", "the count is '99999999999'", "failed", "InvalidArguments",
            "step definition \"the count is '(\\d+)'\" (ExampleSteps.SetCount, ExampleSteps.cs:")]
        [TestCase("When", "a definition with two captures", "failed", "InvalidArguments",
            "step definition \"a definition with two (.*)\" (ExampleSteps.TwoParameters, ExampleSteps.cs:")]
        [TestCase("When", "a table for 'me'", "failed", "InvalidArguments", "the last parameter of step definition \"a table for '(.*)'\" (ExampleSteps.TakeTable")]
        [TestCase("When", "too large an attachment", "failed", "InvalidOperationException", "attachment 'big' of 33554433 bytes")]
        [TestCase("When", "an attachment '' of type 'text/plain'", "failed", "ArgumentException", "an attachment needs a name")]
        [TestCase("When", "an attachment 'a' of type 'text'", "failed", "ArgumentException", "'text' of attachment 'a' is no media type")]
        [TestCase("When", "fails without a word", "failed", "InvalidOperationException", "InvalidOperationException")]
        public void OtherOutcomesAreResultsToo(string type, string text, string status, string kind, string error)
        {
            JsonObject result = _client.Step(type, text);
            Assert.That(result["success"], Is.EqualTo(false));
            Assert.That(result["status"], Is.EqualTo(status));
            Assert.That(result.String("error").StartsWith(error, StringComparison.Ordinal), result.String("error"));
            Assert.That(result.Object("failure")["type"], Is.EqualTo(kind));
        }

        [TestCase("typed -5 0.25 true Friday 7", "-5 0.25 True Friday 7")]
        [TestCase("typed 5 1 false Monday", "5 1 False Monday none")]
        public void CapturedTextsBecomeTypedParameters(string text, string expected)
        {
            JsonObject result = _client.Step("Given", text);
            Assert.That(result["error"], Is.Null);
            Assert.That(result.Object("context")["typed"], Is.EqualTo(expected));
        }

        [Test]
        public void ATableIsTheLastParameter()
        {
            JsonObject result = _client.Step("When", "a table for 'me'", new JsonObject
            {
                {
                    "Table", new JsonObject
                    {
                        { "headers", new List<object> { "name", "size" } },
                        { "rows", new List<object> { new JsonObject { { "name", "a" }, { "size", "17" } } } },
                    }
                },
            });
            Assert.That(result["error"], Is.Null);
            Assert.That(result.Object("context")["table"], Is.EqualTo("name,size/1/17"));
        }

        [Test]
        public void AMissingColumnIsNamed()
        {
            JsonObject result = _client.Step("When", "a table for 'me'", new JsonObject
            {
                {
                    "Table", new JsonObject
                    {
                        { "headers", new List<object> { "name" } },
                        { "rows", new List<object> { new JsonObject { { "name", "a" } } } },
                    }
                },
            });
            Assert.That(result["error"], Is.EqualTo("the table has no column 'size'; it has: name"));
        }

        [TestCase("a doc string", "doc", "json:{}")]
        [TestCase("a plain text", "text", "{}")]
        public void ADocStringIsTheLastParameter(string text, string key, string expected)
        {
            JsonObject result = _client.Step("When", text, DocString());
            Assert.That(result["error"], Is.Null);
            Assert.That(result.Object("context")[key], Is.EqualTo(expected));
        }

        [Test]
        public void ADocStringThatNobodyTakesFailsTheStep()
        {
            JsonObject result = _client.Step("Given", "the count is '5'", DocString());
            Assert.That(result["status"], Is.EqualTo("failed"));
            Assert.That(result.String("error"), Contains.Substring("ExampleSteps.SetCount"));
        }

        [Test]
        public void LogsAndAttachmentsComeWithTheStepAndLogsAtOnce()
        {
            JsonObject result = _client.Step("When", "logs and attachments", new JsonObject { { "StepId", "s-1" } });
            List<object> logs = result.Array("logs");
            Assert.That(logs.Count, Is.EqualTo(2));
            var warning = (JsonObject)logs[1];
            Assert.That(warning["level"], Is.EqualTo(3));
            Assert.That(warning["message"], Is.EqualTo("from a thread"));
            Assert.That(
                System.Text.RegularExpressions.Regex.IsMatch(warning.String("timestamp"), @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$"));

            List<object> attachments = result.Array("attachments");
            Assert.That(attachments.Count, Is.EqualTo(2));
            var note = (JsonObject)attachments[0];
            Assert.That(note["name"], Is.EqualTo("note.txt"));
            Assert.That(note["mediaType"], Is.EqualTo("text/plain"));
            Assert.That(Encoding.UTF8.GetString(Convert.FromBase64String(note.String("body"))), Is.EqualTo("content"));

            Assert.That(Methods(), Is.EqualTo(new[] { "log", "log", "progress" }));
            var live = (JsonObject)_client.Notifications[1].Array("params")[0];
            Assert.That(live["stepId"], Is.EqualTo("s-1"));
            Assert.That(live["message"], Is.EqualTo("from a thread"));
            Assert.That(live["timestamp"], Is.EqualTo(warning["timestamp"]));
            var progress = (JsonObject)_client.Notifications[2].Array("params")[0];
            Assert.That(progress["done"], Is.EqualTo(1));
            Assert.That(progress["unit"], Is.EqualTo("halves"));

            Assert.That(_client.Step("Given", "the count is '1'").Array("logs"), Is.Empty, "logs of another step");
        }

        [Test]
        public void ACoordinatorOfContract10GetsNoNotifications()
        {
            using (var legacy = new ServantInProcess(typeof(ExampleSteps)))
            {
                legacy.Client.Call("initialize", new JsonObject { { "HostPid", 12L }, { "FeatureId", 3L } });
                Assert.That(legacy.Client.Step("When", "logs and attachments").Array("logs").Count, Is.EqualTo(2));
                Assert.That(legacy.Client.Notifications, Is.Empty);
                JsonObject named = legacy.Client.Step("When", "the resource 'x'");
                Assert.That(named.Object("context")["resource"], Is.EqualTo("x_12_3"));
            }
        }

        [Test]
        public void ResourcesCarryThePrefixOfTheCell()
        {
            Assert.That(_client.Step("When", "the resource 'x'").Object("context")["resource"], Is.EqualTo("p-x"));
        }

        [Test]
        public void TheSharedMapComesWithTheStepAndOnlyChangesGoBack()
        {
            JsonObject check = _client.Step("Then", "'v' is shared as 'k'", Context("k", "v"));
            Assert.That(check["error"], Is.Null);
            Assert.That(check.Object("context"), Is.Empty);
            JsonObject change = _client.Step("When", "shares 'w' as 'k'", Context("k", "v"));
            Assert.That(Json.Write(change.Object("context")), Is.EqualTo("{\"k\":\"w\"}"));
            Assert.That(_client.Step("Then", "'w' is shared as 'k'")["error"], Is.Null, "what this process shared");
            Assert.That(_client.Step("Then", "'x' is shared as 'k'", Context("k", "x"))["error"], Is.Null, "what another one shared since");
            Assert.That(_client.Step("Then", "'x' is shared as 'K'")["status"], Is.EqualTo("failed"), "keys of the map keep their case");
        }

        private static JsonObject Context(string key, string value)
        {
            return new JsonObject { { "Context", new JsonObject { { key, value } } } };
        }

        private static JsonObject DocString()
        {
            return new JsonObject { { "DocString", new JsonObject { { "content", "{}" }, { "mediaType", "json" } } } };
        }

        private long IdOf(string pattern)
        {
            foreach (object step in ((JsonObject)_client.Call("discover")).Array("steps"))
            {
                if ((string)((JsonObject)step)["pattern"] == pattern)
                {
                    return ((JsonObject)step).Integer("id").Value;
                }
            }
            throw new KeyNotFoundException(pattern);
        }

        private List<string> Methods()
        {
            return _client.Notifications.ConvertAll(notification => notification.String("method"));
        }
    }
}
