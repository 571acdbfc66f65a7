using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Newtonsoft.Json.Linq;
using NUnit.Framework;
using Parley.Steps;
using Parley.Tests.Ring;

namespace Parley.Tests
{
    /// <summary>Which frames a reader holds how long, against the data that all languages share.</summary>
    [TestFixture]
    public class HoldsTests
    {
        [Test]
        public void ReleasesAndPausesAreThoseOfTheGoldenData()
        {
            foreach (JToken golden in Repository.Golden("holds.json"))
            {
                ulong seed = ulong.Parse((string)golden["seed"], CultureInfo.InvariantCulture);
                var holds = new Holds(seed + 1, (uint)golden["most"], (uint)golden["maxPause"]);
                var sequence = (ulong)golden["first"];
                foreach (JToken frame in golden["frames"])
                {
                    IReadOnlyList<ulong> released = holds.Next(sequence, out long pause);
                    CollectionAssert.AreEqual(Sequences(frame["release"]), released, "after frame " + sequence);
                    Assert.That(pause, Is.EqualTo((long)frame["pause"]), "after frame " + sequence);
                    sequence++;
                }
                CollectionAssert.AreEqual(Sequences(golden["rest"]), holds.Rest());
                Assert.That(holds.Rest(), Is.Empty);
            }
        }

        private static IEnumerable<ulong> Sequences(JToken numbers)
        {
            return numbers.Select(number => (ulong)number);
        }
    }
}
