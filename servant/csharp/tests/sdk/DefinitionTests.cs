using System;
using System.IO;
using System.Reflection;
using System.Text.RegularExpressions;
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
        [TestCase("Hidden", "is not public; make the method public")]
        public void RefusesMethodsThatCannotBeSteps(string method, string reason)
        {
            Refuses(method, "x", reason);
        }

        [TestCase("Number", "x", "takes 1 parameter, but its pattern has no groups; each group is a parameter, in order")]
        [TestCase("Number", "(x)(y)", "takes 1 parameter, but its pattern has 2 groups; each group is a parameter, in order")]
        [TestCase("Nothing", "(x)", "takes no parameters, but its pattern has 1 group; each group is a parameter, in order")]
        [TestCase("NumberAndTable", "x", "takes 1 parameter before its Table, but its pattern has no groups; each group is a parameter, in order")]
        [TestCase("NumberAndTable", "(x)(y)", "takes 1 parameter before its Table, but its pattern has 2 groups; each group is a parameter, in order")]
        [TestCase("TableAndNumber", "(x)(y)", "takes the Table 'table' before other parameters; it must be the last one")]
        [TestCase("Version", "(x)", "has a parameter 'version' of type Version, which no captured text can become; "
            + "take a string, bool, number, char, enum or Guid")]
        [TestCase("Reference", "(x)", "has a parameter 'number' of type Int32&, which no captured text can become; "
            + "take a string, bool, number, char, enum or Guid")]
        [TestCase("Number", null, "has no pattern")]
        public void RefusesParametersThatThePatternCannotFill(string method, string pattern, string reason)
        {
            Refuses(method, pattern, reason);
        }

        [TestCase("Nothing", "x")]
        [TestCase("Number", "(x)")]
        [TestCase("NumberAndTable", "(x)")]
        [TestCase("Text", "(x)")]
        [TestCase("Text", "x")]
        public void TakesParametersThatThePatternAndABlockFill(string method, string pattern)
        {
            Assert.That(new StepDefinition(1, new GivenAttribute(pattern), Shape(method)).Pattern, Is.EqualTo(pattern));
        }

        [TestCase("", 0)]
        [TestCase("a(b)c", 1)]
        [TestCase("(a(b)?)(c)", 3)]
        [TestCase("(?:a)(?i)(?i:b)(c)", 1)]
        [TestCase("(?<name>a)", 1)]
        [TestCase(@"\(a\)", 0)]
        [TestCase(@"\\(a)", 1)]
        [TestCase("[(](a)", 1)]
        [TestCase("[](](a)", 1)]
        [TestCase("[^](](a)", 1)]
        [TestCase(@"[\](](a)", 1)]
        [TestCase("'([^']*)'", 1)]
        public void CountsTheGroupsThatARegularExpressionHas(string pattern, int groups)
        {
            Assert.That(StepPattern.CountGroups(pattern), Is.EqualTo(groups));
            Assert.That(new Regex(pattern).GetGroupNumbers().Length - 1, Is.EqualTo(groups), "as the class library counts");
        }

        [TestCase("(?P<name>a)(b)", 2)]
        [TestCase("(", 1)]
        [TestCase("[", 0)]
        [TestCase(@"\", 0)]
        [TestCase("(?", 0)]
        public void CountsTheGroupsOfWhatTheClassLibraryRefuses(string pattern, int groups)
        {
            Assert.That(StepPattern.CountGroups(pattern), Is.EqualTo(groups));
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

        private static void Refuses(string method, string pattern, string reason)
        {
            var refused = Assert.Throws<DefinitionException>(() => new StepDefinition(1, new GivenAttribute(pattern), Shape(method)));
            Assert.That(refused.Message.StartsWith("step definition \"" + pattern + "\" (Shapes." + method + ", DefinitionTests.cs:", StringComparison.Ordinal), refused.Message);
            Assert.That(refused.Message, Contains.Substring(reason));
        }

        private static MethodInfo Shape(string method)
        {
            return typeof(Shapes).GetMethod(method, BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static);
        }

        private static class Shapes
        {
            public static bool ReturnsValue()
            {
                return true;
            }

            public static async void AsyncVoid()
            {
                await Task.Yield();
            }

            public static void Generic<T>()
            {
            }

            public static void Nothing()
            {
            }

            public static void Number(int number)
            {
            }

            public static void NumberAndTable(int number, Table table)
            {
            }

            public static void TableAndNumber(Table table, int number)
            {
            }

            public static void Version(Version version)
            {
            }

            public static void Reference(ref int number)
            {
            }

            public static void Text(string text)
            {
            }

            internal static void Hidden()
            {
            }
        }
    }
}
