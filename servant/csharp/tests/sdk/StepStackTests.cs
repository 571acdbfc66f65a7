using System;
using System.IO;
using NUnit.Framework;
using Parley.Servant;

namespace Parley.Tests
{
    [TestFixture]
    public class StepStackTests
    {
        private const string Guid = "<c31b2a6f0d7e4b0f9f3cf4b7c3a5e1d2>:0 ";

        [TestCase("  at S.C.M (System.String a) [0x00038] in /a/C.cs:41 ", "C.cs:41: S.C.M")]
        [TestCase("   at S.C.M(String a) in /a/C.cs:line 41", "C.cs:41: S.C.M")]
        [TestCase("   at S.C.M(String a) in /my in box/C.cs:line 41", "C.cs:41: S.C.M")]
        [TestCase("  at S.C.M () [0x00038] in " + Guid, "S.C.M")]
        [TestCase("   at S.C.M()", "S.C.M")]
        [TestCase("  at S.C.M () [0x0] in /a/C.cs:1 \n  at S.C.N () [0x0] in /a/C.cs:2 ", "C.cs:1: S.C.M\nC.cs:2: S.C.N")]
        [TestCase("  at Library.M () [0x0] in " + Guid + "\n  at S.C.N () [0x0] in /a/C.cs:2 ", "C.cs:2: S.C.N")]
        [TestCase("  at S.C.M () [0x0] in /a/C.cs:1 \n  at Library.M () [0x0] in " + Guid + "\n  at S.C.N () [0x0] in /a/C.cs:2 ",
            "C.cs:1: S.C.M\nLibrary.M\nC.cs:2: S.C.N")]
        [TestCase("  at System.Int32.Parse (System.String s) [0x0] in " + Guid + "\n  at S.C.M () [0x0] in /a/C.cs:1 \n"
            + "  at (wrapper managed-to-native) System.Reflection.RuntimeMethodInfo.InternalInvoke(object)\n"
            + "--- End of stack trace from previous location where exception was thrown ---\n\n"
            + "  at Parley.Servant.StepDefinition.Invoke () [0x0] in /a/StepDefinition.cs:9 ", "C.cs:1: S.C.M")]
        public void KeepsTheAuthorsFrames(string stack, string expected)
        {
            Assert.That(StepStack.Of(new Told("x", stack)), Is.EqualTo(expected));
        }

        [Test]
        public void ShowsCausesBelow()
        {
            var cause = new Told("deep", "   at S.C.Inner() in /a/C.cs:line 1");
            var aggregate = new AggregateException(cause, new Told("other", "   at S.C.Other() in /a/C.cs:line 2"));
            string told = typeof(Told).FullName;
            Assert.That(StepStack.Of(new Told("x", "   at S.C.Outer() in /a/C.cs:line 3", aggregate)), Is.EqualTo(
                "C.cs:3: S.C.Outer\ncaused by System.AggregateException: " + aggregate.Message + "\n"
                + "caused by " + told + ": deep\nC.cs:1: S.C.Inner\ncaused by " + told + ": other\nC.cs:2: S.C.Other"));
        }

        [Test]
        public void BeginsWithTheLineOfACauseThatTheSdkWrapped()
        {
            var cause = new Told("deep", "   at S.C..ctor() in /a/C.cs:line 1");
            Assert.That(StepStack.Of(new Told("x", "   at Parley.Servant.ScenarioObjects.Make()", cause)), Is.EqualTo("C.cs:1: S.C..ctor"));
        }

        [TestCase(null)]
        [TestCase("   at Parley.Servant.Scenario.Enter(StepRun run) in /a/Scenario.cs:line 1")]
        public void KeepsEverythingOfAFailureInsideTheSdk(string stack)
        {
            var failure = new Told("x", stack);
            Assert.That(StepStack.Of(failure), Is.EqualTo(failure.ToString()));
        }

        [Test]
        public void NamesAFileFromTheRootOfItsRepository()
        {
            string root = Path.Combine(Path.GetTempPath(), "parley-" + System.Guid.NewGuid().ToString("N"));
            Directory.CreateDirectory(root + "/.git");
            try
            {
                Assert.That(StepStack.Of(new Told("x", "   at S.C.M() in " + root + "/steps/C.cs:line 7")), Is.EqualTo("steps/C.cs:7: S.C.M"));
            }
            finally
            {
                Directory.Delete(root, true);
            }
        }

        /// <summary>An exception with a stack as some runtime writes it.</summary>
        private sealed class Told : Exception
        {
            internal Told(string message, string stack, Exception cause = null)
                : base(message, cause)
            {
                StackTrace = stack;
            }

            public override string StackTrace { get; }
        }
    }
}
