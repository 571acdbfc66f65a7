using System;
using System.Linq;
using Newtonsoft.Json.Linq;
using NUnit.Framework;
using Parley.Ring;
using Parley.Steps;
using Parley.Tests.Ring;

namespace Parley.Tests
{
    /// <summary>Errors of the ring as features write them.</summary>
    [TestFixture]
    public class ExpectedErrorTests
    {
        private static readonly RingException Corrupt = RingException.Corrupt("b", "frame_size", ulong.MaxValue, 9208);
        private static readonly RingException Full = RingException.System("fallocate", 28, "/dev/shm/b");
        private static readonly RingException Odd = RingException.System("link", 9999, "/dev/shm/b");

        [Test]
        public void EachErrorCarriesTheDetailsOfTheGoldenData()
        {
            foreach (JToken error in Repository.Golden("errors.json"))
            {
                var kind = (RingError)Enum.Parse(typeof(RingError), (string)error["name"]);
                CollectionAssert.AreEqual(error["details"].Select(detail => (string)detail), ExpectedError.DetailsOf(kind), kind.ToString());
            }
        }

        [TestCase("Corrupt")]
        [TestCase("Corrupt field=frame_size")]
        [TestCase("Corrupt limit=9208 value=18446744073709551615 field=frame_size")]
        [TestCase("Corrupt naming frame_size")]
        [TestCase("Corrupt field=frame_size naming is corrupt: frame_size")]
        public void WhatFitsMatches(string text)
        {
            Assert.That(new ExpectedError(text).Matches(Corrupt));
        }

        [TestCase("SequenceGap")]
        [TestCase("Corrupt field=frame")]
        [TestCase("Corrupt value=-1")]
        [TestCase("Corrupt field=frame_size limit=9209")]
        [TestCase("Corrupt naming payload")]
        public void WhatDoesNotFitDoesNotMatch(string text)
        {
            Assert.That(new ExpectedError(text).Matches(Corrupt), Is.False);
        }

        [Test]
        public void AnErrnoIsWrittenByItsSymbolOrElseItsNumber()
        {
            Assert.That(new ExpectedError("System call=fallocate errno=ENOSPC").Matches(Full));
            Assert.That(new ExpectedError("System errno=28").Matches(Full), Is.False);
            Assert.That(new ExpectedError("System errno=9999").Matches(Odd));
        }

        [TestCase("Nothing", "the ring has no error named 'Nothing'; see the errors of the ring's documentation")]
        [TestCase("corrupt", "the ring has no error named 'corrupt'; see the errors of the ring's documentation")]
        [TestCase("6", "the ring has no error named '6'; see the errors of the ring's documentation")]
        [TestCase("", "the ring has no error named ''; see the errors of the ring's documentation")]
        [TestCase("Corrupt size=1", "the error Corrupt carries no detail named 'size'; it carries: field, value, limit")]
        [TestCase("InUse pid=1", "the error InUse carries no detail named 'pid'")]
        [TestCase("Corrupt frame_size", "'frame_size' in the error 'Corrupt frame_size' is no detail; write detail=value")]
        [TestCase("Corrupt value=1 value=2", "the error 'Corrupt value=1 value=2' has the detail 'value' twice")]
        [TestCase("Corrupt naming ", "the error 'Corrupt naming ' names nothing; put the words that its message must have behind 'naming'")]
        public void MistakesOfAFeatureAreSaid(string text, string message)
        {
            Assert.That(Assert.Throws<ArgumentException>(() => new ExpectedError(text)).Message, Is.EqualTo(message));
        }

        [Test]
        public void WhatCameIsDescribedInTheSameNotation()
        {
            Assert.That(ExpectedError.Describe(Corrupt),
                Is.EqualTo("Corrupt field=frame_size value=18446744073709551615 limit=9208 (" + Corrupt.Message + ")"));
            Assert.That(ExpectedError.Describe(Full), Is.EqualTo("System call=fallocate errno=ENOSPC (" + Full.Message + ")"));
        }
    }
}
