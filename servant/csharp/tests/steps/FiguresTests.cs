using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Newtonsoft.Json.Linq;
using NUnit.Framework;
using Parley.Servant;
using Parley.Steps;

namespace Parley.Tests
{
    /// <summary>What steps measure, and what of it must not pass.</summary>
    [TestFixture]
    public class FiguresTests : StepsTest
    {
        [TestCase(double.NaN)]
        [TestCase(double.PositiveInfinity)]
        [TestCase(double.NegativeInfinity)]
        public void WhatIsNoFiniteNumberIsNoFigure(double value)
        {
            var thrown = Assert.Throws<ArgumentOutOfRangeException>(() => new Figures("frames").Add("rate", value, Figures.FramesPerSecond));
            Assert.That(thrown.Message, Is.StringStarting("figures of frames: rate is no finite number"));
        }

        [Test]
        public void QuantilesAreValuesThatWereMeasured()
        {
            long[] durations = Enumerable.Range(1, 1000).Select(n => n * 1000L).Reverse().ToArray();
            Assert.That(Values(JObject.Parse(Distribution.Of("all", durations).ToJson())), Is.EqualTo(new Dictionary<string, double>
            {
                { "min", 1 }, { "mean", 500.5 }, { "p50", 500 }, { "p90", 900 }, { "p99", 990 }, { "p99.9", 999 }, { "max", 1000 },
            }));
            Assert.That(Values(JObject.Parse(Distribution.Of("one", new long[] { 1500 }).ToJson())).Values.Distinct(), Is.EqualTo(new[] { 1.5 }));
        }

        [Test]
        public void FiguresHaveNameValueAndUnit()
        {
            string json = new Figures("some \"frames\"").Add("p50", 12.25, Figures.Microseconds).Add("of memcpy", 0.5, Figures.Ratio).ToJson();
            Assert.That(json, Is.EqualTo("{\"title\":\"some \\\"frames\\\"\",\"figures\":["
                + "{\"name\":\"p50\",\"value\":12.25,\"unit\":\"µs\"},{\"name\":\"of memcpy\",\"value\":0.5,\"unit\":\"\"}]}"));
        }

        [Test]
        public void RatesAreReportedAndCompared()
        {
            Open(0, 10240);
            Passes(Writer, "the 'writer' process writes '9' frames of '512' bytes");
            Assert.That(Failure(Reader, "the 'reader' process reports the ratio of its last two rates"),
                Is.EqualTo("this process has reported 0 rates; two steps that report one must come first"));
            JObject first = Reported("the 'reader' process reads frames '1' to '4' of '512' bytes and reports the rate",
                "transfer of 512 bytes a frame", "rate", "throughput", "processor");
            JObject second = Reported("the 'reader' process reads frames '5' to '8' of '512' bytes and reports the rate against memcpy",
                "transfer of 512 bytes a frame", "rate", "throughput", "processor", "memcpy", "of memcpy");
            Assert.That(Values(second)["throughput"], Is.EqualTo(Values(second)["rate"] * 512 / 1e6).Within(1e-6));
            Assert.That(Values(second)["of memcpy"], Is.EqualTo(Values(second)["throughput"] / Values(second)["memcpy"]).Within(1e-9));
            JObject ratio = Reported("the 'reader' process reports the ratio of its last two rates",
                "last rate against the one before", "before", "last", "last of before");
            Assert.That(Values(ratio)["last of before"], Is.EqualTo(Values(second)["rate"] / Values(first)["rate"]).Within(1e-9));
            Assert.That(Failure(Reader, "the 'reader' process reads frames '9' to '9' of '511' bytes and reports the rate"),
                Is.EqualTo("bytes of frame 9: expected 511, got 512"));
            Assert.That(Failure(Reader, "the 'reader' process reads frames '9' to '8' of '512' bytes and reports the rate"),
                Is.EqualTo("frames 9 to 8 are none; the first number must not be above the second"));
        }

        [Test]
        public void AdditionsAreComparedAtLeastOnce()
        {
            Reported("the 'reader' process measures '1000' atomic additions against '500' plain ones",
                "1000 atomic and 500 plain additions", "atomic", "plain", "atomic of plain");
            Assert.That(Failure(Reader, "the 'reader' process measures '0' atomic additions against '1' plain ones"),
                Is.EqualTo("0 atomic and 1 plain additions cannot be compared; both must be at least 1"));
        }

        [Test]
        public void RoundTripsAreMeasuredAndChecked()
        {
            OpenChannel();
            long serving = Begins(Reader, "the 'server' process echoes '9' requests");
            Check(Step(Writer, "the 'client' process measures '5' of '9' round trips of '100' bytes"), "round trip of 100 bytes", Distributed);
            Assert.That(Ends(Reader, serving), Is.Null);
            foreach (string measured in new[] { "0", "10" })
            {
                Assert.That(Failure(Writer, "the 'client' process measures '" + measured + "' of '9' round trips of '100' bytes"),
                    Is.EqualTo(measured + " of 9 round trips cannot be measured; measure at least 1 and at most all"));
            }
            serving = Begins(Reader, "the 'server' process answers '1' requests with every bit flipped, the request unchanged");
            Assert.That(Failure(Writer, "the 'client' process measures '1' of '2' round trips of '100' bytes"),
                Is.EqualTo("byte 0 of response 10: expected 0x0a, got 0xf5"));
            Assert.That(Ends(Reader, serving), Is.Null);
        }

        [Test]
        public void TimeStampsAreMeasuredAndChecked()
        {
            Open(0, 1024);
            Passes(Writer, "the 'writer' process writes '4' time stamps, '10000' a second");
            Passes(Writer, "the 'writer' process has written '4' frames");
            Reported("the 'reader' process reads '2' time stamps and reports how long each was on its way", "2 time stamps on their way", Distributed);
            Assert.That(Failure(Reader, "the 'reader' process reads '1' time stamps and reports how long each was on its way"),
                Is.EqualTo("number of the time stamp: expected 1, got 3"));
            Raw("frames").SetByte(128 + 3 * 32 + 16 + 8, 1);
            Raw("frames").SetByte(128 + 3 * 32 + 16 + 7, 0x7f);
            Assert.That(Failure(Reader, "the 'reader' process reads '1' time stamps and reports how long each was on its way"),
                Is.StringStarting("time stamp 1 was written: expected before it was read, got "));
            Passes(Writer, "the 'writer' process writes a frame of '17' bytes");
            Assert.That(Failure(Reader, "the 'reader' process reads '1' time stamps and reports how long each was on its way"),
                Is.EqualTo("bytes of time stamp 1: expected 16, got 17"));
            Assert.That(Failure(Writer, "the 'writer' process writes '1' time stamps, '0' a second"),
                Is.EqualTo("0 time stamps a second are none; the rate must be at least 1"));
        }

        private static readonly string[] Distributed = { "min", "mean", "p50", "p90", "p99", "p99.9", "max" };

        private static Dictionary<string, double> Values(JObject figures)
        {
            return figures["figures"].ToDictionary(figure => (string)figure["name"], figure => (double)figure["value"]);
        }

        /// <summary>Checks what a step logged and attached; the attachment.</summary>
        private static JObject Check(JsonObject result, string title, params string[] names)
        {
            Assert.That(result["error"], Is.Null);
            var attachment = (JsonObject)((List<object>)result["attachments"]).Single();
            Assert.That(attachment["name"], Is.EqualTo("figures.json"));
            Assert.That(attachment["mediaType"], Is.EqualTo("application/vnd.parley.figures+json"));
            JObject figures = JObject.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(attachment.String("body"))));
            Assert.That((string)figures["title"], Is.EqualTo(title));
            Assert.That(figures["figures"].Select(figure => (string)figure["name"]), Is.EqualTo(names));
            Assert.That(Values(figures).Values, Has.All.GreaterThanOrEqualTo(0));
            string line = Logs(result).Single();
            Assert.That(line, Is.StringStarting(title + ": " + names[0] + " "));
            return figures;
        }

        private JObject Reported(string text, string title, params string[] names)
        {
            return Check(Step(Reader, text), title, names);
        }
    }
}
