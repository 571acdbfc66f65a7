using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Newtonsoft.Json.Linq;
using NUnit.Framework;
using Parley.Servant;
using Parley.Steps;
using Parley.Tests.Ring;

namespace Parley.Tests
{
    /// <summary>The steps of features 7 and 8: what must not pass.</summary>
    [TestFixture]
    public class ResourcesStepsTests : StepsTest
    {
        [Test]
        public void ACreationThatSucceedsFailsAndIsUndone()
        {
            Open(0, 1024);
            Assert.That(Failure(Reader, "the 'reader' process fails to create buffer 'other' with '0' bytes of metadata and '64' bytes of payload: 'System'"),
                Is.EqualTo("create buffer 'other': error: expected System, got success"));
            Passes(Writer, "the 'writer' process fails to connect to buffer 'other': 'NotFound'");
            Passes(Writer, "the 'writer' process writes a frame of '10' bytes");
            Passes(Reader, "the 'reader' process fails to create buffer 'frames' with '0' bytes of metadata and '64' bytes of payload: 'InUse'");
            Passes(Reader, "the 'reader' process reads and releases frame '1' of '10' bytes");
        }

        [Test]
        public void FieldsAreThoseOfTheGoldenData()
        {
            foreach (JToken golden in Repository.Golden("records.json"))
            {
                Assert.That(Records.Field(Number(golden["record"]), (long)Number(golden["field"])), Is.EqualTo(Number(golden["value"])));
            }
        }

        [Test]
        public void ARecordIsCheckedFieldByField()
        {
            Open(0, 10240);
            Passes(Writer, "the 'writer' process writes '3' records of '64' fields in place");
            Passes(Writer, "the 'writer' process has written '3' frames");
            Passes(Reader, "the 'reader' process reads '1' records of '64' fields in place");
            // Field 5 of record 2, behind record 1 and the header.
            long field = Raw("frames").PayloadStart + 528 + 16 + 5 * 8;
            Raw("frames").SetByte((int)field, 0);
            Assert.That(Failure(Reader, "the 'reader' process reads '2' records of '64' fields in place"),
                Is.EqualTo("field 5 of record 2: expected 0x0000000517156075, got 0x0000000517156000"));
        }

        [Test]
        public void ARecordOfOtherFieldsFails()
        {
            Open(0, 10240);
            Passes(Writer, "the 'writer' process writes '1' records of '64' fields in place");
            Assert.That(Failure(Reader, "the 'reader' process reads '1' records of '63' fields in place"),
                Is.EqualTo("bytes of frame 1: expected 504, got 512"));
        }

        [Test]
        public void NamesAreTakenAsTheyAreInJson()
        {
            Passes(Names("fails to create a buffer under each of these names: 'InvalidName'", "\"\"", "\"a\\u0000b\"", "\"\u00e9\"", "\"a\\nb\""));
            Passes(Names("fails to connect to a buffer under each of these names: 'InvalidName'", "\"..\"", "\"a/b\""));
            Passes(Names("fails to connect to a buffer under each of these names: 'NotFound'", "\"parley-test-nowhere\""));
        }

        [TestCase("\"parley-test-right\"", "create a buffer named \"parley-test-right\": error: expected InvalidName, got success")]
        [TestCase("plain", "plain is no string in JSON")]
        [TestCase("\"open", "\"open is no string in JSON")]
        [TestCase("\"a\" \"b\"", "\"a\" \"b\" is no string in JSON")]
        [TestCase("7", "7 is no string in JSON")]
        public void ANameThatIsRightOrNoneFails(string cell, string error)
        {
            JsonObject result = Names("fails to create a buffer under each of these names: 'InvalidName'", "\".\"", cell);
            Assert.That(result["error"], Is.EqualTo(error));
        }

        [Test]
        public void AnotherTableFails()
        {
            JsonObject result = Step(Reader, "the 'reader' process fails to create a buffer under each of these names: 'InvalidName'",
                Table("name", "\"\""));
            Assert.That(result["error"], Is.EqualTo("the step needs a table with the one column 'name in JSON' and at least one name"));
        }

        [Test]
        public void NamesOfALength()
        {
            Passes(Reader, "the 'reader' process fails to create a buffer with a name of '246' bytes: 'InvalidName'");
            Passes(Reader, "the 'reader' process creates and closes a buffer with a name of '245' bytes");
            Assert.That(Failure(Reader, "the 'reader' process fails to create a buffer with a name of '245' bytes: 'InvalidName'"),
                Is.EqualTo("create a buffer with a name of 245 bytes: error: expected InvalidName, got success"));
            Assert.That(Failure(Reader, "the 'reader' process creates and closes a buffer with a name of '3' bytes"),
                Contains.Substring("a name of 3 bytes is shorter than this cell's shortest"));
            Passes(Reader, "the 'reader' process creates and closes buffer 'A-Z_0.9'");
            Assert.That(Step(Reader, "the 'reader' process creates and closes buffer 'a b'").Object("failure")["type"], Is.EqualTo("InvalidName"));
        }

        private static ulong Number(JToken text)
        {
            return ulong.Parse((string)text, CultureInfo.InvariantCulture);
        }

        private static void Passes(JsonObject result)
        {
            Assert.That(result["error"], Is.Null);
        }

        private static JsonObject Table(string header, params string[] cells)
        {
            var rows = cells.Select(cell => (object)new JsonObject { { header, cell } }).ToList();
            return new JsonObject
            {
                { "Table", new JsonObject { { "Headers", new List<object> { header } }, { "Rows", rows } } },
            };
        }

        private JsonObject Names(string text, params string[] cells)
        {
            return Step(Reader, "the 'reader' process " + text, Table("name in JSON", cells));
        }
    }
}
