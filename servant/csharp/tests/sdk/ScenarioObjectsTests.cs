using System;
using System.Collections.Generic;
using NUnit.Framework;
using Parley.Servant;

namespace Parley.Tests
{
    [TestFixture]
    public class ScenarioObjectsTests
    {
        private readonly List<string> _log = new List<string>();

        [SetUp]
        public void EmptyLog()
        {
            _log.Clear();
        }

        [Test]
        public void MakesOneObjectOfEachClassWithWhatItAsksFor()
        {
            ScenarioContext context = NewContext();
            var outer = (Outer)context.Objects.Get(typeof(Outer));
            Assert.That(outer.Inner, Is.SameAs(context.Objects.Get(typeof(Inner))));
            Assert.That(outer.Context, Is.SameAs(context));
            Assert.That(context.Objects.Get(typeof(Outer)), Is.SameAs(outer));
        }

        [Test]
        public void DisposesInReverseOrderWhateverFails()
        {
            ScenarioContext context = NewContext();
            context.Track(new Closing(_log, "first"));
            context.Track(new Closing(_log, "second", true));
            context.Track(new Closing(_log, "third"));
            List<string> failures = context.Objects.End();
            Assert.That(_log, Is.EqualTo(new[] { "third", "second", "first" }));
            Assert.That(failures.Count, Is.EqualTo(1));
            Assert.That(failures[0], Contains.Substring("Closing: "));
            Assert.That(failures[0], Contains.Substring("cannot close second"));
            Assert.That(context.Objects.End(), Is.Empty);
        }

        [Test]
        public void DisposesAtOnceOfWhatComesTooLate()
        {
            ScenarioContext context = NewContext();
            context.Objects.End();
            Assert.Throws<InvalidOperationException>(() => context.Track(new Closing(_log, "late")));
            Assert.That(_log, Is.EqualTo(new[] { "late" }));
            Assert.Throws<InvalidOperationException>(() => context.Objects.Get(typeof(Inner)));
        }

        [TestCase(typeof(Circle), "need each other")]
        [TestCase(typeof(AsksForNumber), "Int32 cannot be injected")]
        [TestCase(typeof(TwoWays), "2 public constructors")]
        [TestCase(typeof(Failing), "the constructor of Failing failed: no luck")]
        [TestCase(typeof(IDisposable), "IDisposable cannot be injected")]
        public void SaysWhyAClassCannotBeMade(Type type, string reason)
        {
            var refused = Assert.Throws<InvalidOperationException>(() => NewContext().Objects.Get(type));
            Assert.That(refused.Message, Contains.Substring(reason));
        }

        private static ScenarioContext NewContext()
        {
            return new ScenarioContext(InitializeRequest.From(new JsonObject()));
        }

        public sealed class Inner
        {
        }

        public sealed class Outer
        {
            public Outer(Inner inner, ScenarioContext context)
            {
                Inner = inner;
                Context = context;
            }

            internal Inner Inner { get; }

            internal ScenarioContext Context { get; }
        }

        public sealed class Circle
        {
            public Circle(Circle other)
            {
            }
        }

        public sealed class AsksForNumber
        {
            public AsksForNumber(int number)
            {
            }
        }

        public sealed class TwoWays
        {
            public TwoWays()
            {
            }

            public TwoWays(Inner inner)
            {
            }
        }

        public sealed class Failing
        {
            public Failing()
            {
                throw new ArgumentException("no luck");
            }
        }

        private sealed class Closing : IDisposable
        {
            private readonly List<string> _log;
            private readonly string _name;
            private readonly bool _fails;

            internal Closing(List<string> log, string name, bool fails = false)
            {
                _log = log;
                _name = name;
                _fails = fails;
            }

            public void Dispose()
            {
                _log.Add(_name);
                if (_fails)
                {
                    throw new InvalidOperationException("cannot close " + _name);
                }
            }
        }
    }
}
