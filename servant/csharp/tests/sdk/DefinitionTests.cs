using System;
using System.IO;
using System.Reflection;
using System.Threading.Tasks;
using NUnit.Framework;
using Parley.Servant;

namespace Parley.Tests
{
    [TestFixture]
    public class DefinitionTests
    {
        private readonly DefinitionRegistry _registry = new DefinitionRegistry(new[] { typeof(ExampleSteps), typeof(ExampleState) });

        [TestCase("Given", "the count is '5'", "5")]
        [TestCase("given", "the count is '5'", "5")]
        [TestCase("Then", "the count is '5'", "5")]
        [TestCase("When", "shares 'a' as 'b'", "a|b")]
        [TestCase("Given", "typed 1 2 true Monday", "1|2|true|Monday|")]
        public void MatchesByTypeAndWholeText(string type, string text, string captured)
        {
            _registry.Match(type, text, out string[] arguments);
            Assert.That(string.Join("|", arguments), Is.EqualTo(captured));
        }

        [TestCase("When", "the count is '5'")]
        [TestCase("Given", "and the count is '5'")]
        [TestCase("Given", "the count is '5' indeed")]
        [TestCase("Given", "the count is '5'\n")]
        [TestCase("Given", "The count is '5'")]
        public void RefusesOtherTypesAndParts(string type, string text)
        {
            var undefined = Assert.Throws<UndefinedStepException>(() => _registry.Match(type, text, out string[] _));
            Assert.That(undefined.Message.StartsWith("No matching step definition", StringComparison.Ordinal), undefined.Message);
            Assert.That(undefined.Message, Contains.Substring(text));
        }

        [Test]
        public void NamesAllDefinitionsOfAnAmbiguousStep()
        {
            var ambiguous = Assert.Throws<AmbiguousStepException>(() => _registry.Match("Then", "twice the work", out string[] _));
            Assert.That(ambiguous.Message, Contains.Substring("\"twice (.*)\" (ExampleSteps.Twice, ExampleSteps.cs:"));
            Assert.That(ambiguous.Message, Contains.Substring("\"twice the (.*)\" (ExampleSteps.TwiceAgain, ExampleSteps.cs:"));
        }

        [Test]
        public void NumbersDefinitionsFromOne()
        {
            int expected = 0;
            foreach (StepDefinition definition in _registry.Definitions)
            {
                Assert.That(definition.Id, Is.EqualTo(++expected));
                Assert.That(_registry.ById(definition.Id), Is.SameAs(definition));
            }
            Assert.That(expected, Is.GreaterThan(10));
        }

        [TestCase(0)]
        [TestCase(-1)]
        [TestCase(1000)]
        [TestCase(long.MaxValue)]
        public void RefusesAnUnknownId(long id)
        {
            var refused = Assert.Throws<RequestException>(() => _registry.ById(id));
            Assert.That(refused.Code, Is.EqualTo(RpcError.InvalidParams));
        }

        [TestCase("ReturnsValue", "returns Boolean")]
        [TestCase("AsyncVoid", "async void")]
        [TestCase("Generic", "generic")]
        public void RefusesMethodsThatCannotBeSteps(string method, string reason)
        {
            MethodInfo shape = typeof(WrongShapes).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static);
            var refused = Assert.Throws<InvalidOperationException>(() => new StepDefinition(1, new GivenAttribute("x"), shape));
            Assert.That(refused.Message, Contains.Substring(reason));
            Assert.That(refused.Message, Contains.Substring("WrongShapes." + method));
        }

        [TestCase("/srv/repo/a/B.cs", "B.cs")]
        [TestCase("B.cs", "B.cs")]
        [TestCase("", "")]
        public void NamesAFileOutsideOfAnyRepository(string file, string relative)
        {
            Assert.That(new SourcePaths().Relative(file), Is.EqualTo(relative));
        }

        [Test]
        public void NamesAFileFromTheRootOfItsRepository()
        {
            string root = Path.Combine(Path.GetTempPath(), "parley-" + Guid.NewGuid().ToString("N"));
            Directory.CreateDirectory(root + "/.git");
            try
            {
                Assert.That(new SourcePaths().Relative(root + "/steps/deep/A.cs"), Is.EqualTo("steps/deep/A.cs"));
            }
            finally
            {
                Directory.Delete(root, true);
            }
        }

        private static class WrongShapes
        {
            internal static bool ReturnsValue()
            {
                return true;
            }

            internal static async void AsyncVoid()
            {
                await Task.Yield();
            }

            internal static void Generic<T>()
            {
            }
        }
    }
}
