using NUnit.Framework;
using Newtonsoft.Json;
using Parley.Servant;

namespace Parley.Tests
{
    [TestFixture]
    public class JsonTests
    {
        [TestCase("{\"a\":1,\"A\":[true,null,\"x\\u0000\\u00e9\"],\"b\":{}}", "{\"a\":1,\"A\":[true,null,\"x\\u0000é\"],\"b\":{}}")]
        [TestCase("12345678901234567890123", "12345678901234567890123")]
        [TestCase("-0.5", "-0.5")]
        [TestCase("\"2026-01-31T10:00:00Z\"", "\"2026-01-31T10:00:00Z\"")]
        [TestCase("\"/Date(1)/\"", "\"/Date(1)/\"")]
        public void KeepsWhatItReads(string text, string written)
        {
            Assert.That(Json.Write(Json.Parse(text)), Is.EqualTo(written));
        }

        [TestCase("")]
        [TestCase("{")]
        [TestCase("{\"a\"}")]
        [TestCase("[1] 2")]
        [TestCase("undefined")]
        [TestCase("nonsense")]
        [TestCase("NaN")]
        [TestCase("-Infinity")]
        [TestCase("1e999")]
        [TestCase("-")]
        [TestCase("1.2.3")]
        public void RefusesWhatIsNoJson(string text)
        {
            Assert.That(() => Json.Parse(text), Throws.InstanceOf<JsonException>());
        }

        [Test]
        public void RefusesToGoTooDeep()
        {
            Assert.That(() => Json.Parse(new string('[', 100000)), Throws.InstanceOf<JsonException>());
        }

        [Test]
        public void FindsKeysInAnyCaseTheExactOneFirst()
        {
            var members = (JsonObject)Json.Parse("{\"STEP\":\"any\",\"Step\":\"exact\",\"timeoutMS\":5,\"gone\":null}");
            Assert.That(members.String("Step"), Is.EqualTo("exact"));
            Assert.That(members.Integer("TimeoutMs"), Is.EqualTo(5));
            Assert.That(members["gone"], Is.Null);
            Assert.That(members["absent"], Is.Null);
        }

        [TestCase("{\"v\":\"5\"}")]
        [TestCase("{\"v\":1.5}")]
        [TestCase("{\"v\":true}")]
        public void NamesTheKeyOfAWrongNumber(string text)
        {
            var refused = Assert.Throws<RequestException>(() => ((JsonObject)Json.Parse(text)).Integer("v"));
            Assert.That(refused.Code, Is.EqualTo(RpcError.InvalidParams));
            Assert.That(refused.Message, Is.EqualTo("v must be a whole number"));
        }
    }
}
