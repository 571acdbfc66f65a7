using System;
using System.Globalization;
using System.Threading;
using NUnit.Framework;
using Parley.Servant;

namespace Parley.Tests
{
    [TestFixture]
    public class ArgumentConverterTests
    {
        [TestCase("text", typeof(string), "text")]
        [TestCase("", typeof(string), "")]
        [TestCase("-5", typeof(int), -5)]
        [TestCase("9223372036854775807", typeof(long), long.MaxValue)]
        [TestCase("18446744073709551615", typeof(ulong), ulong.MaxValue)]
        [TestCase("255", typeof(byte), (byte)255)]
        [TestCase("1.5", typeof(double), 1.5)]
        [TestCase("True", typeof(bool), true)]
        [TestCase("false", typeof(bool), false)]
        [TestCase("x", typeof(char), 'x')]
        [TestCase("monday", typeof(DayOfWeek), DayOfWeek.Monday)]
        [TestCase("7", typeof(int?), 7)]
        [TestCase("", typeof(int?), null)]
        [TestCase(null, typeof(int?), null)]
        [TestCase(null, typeof(string), null)]
        public void Converts(string text, Type type, object expected)
        {
            Assert.That(ArgumentConverter.Convert(text, type), Is.EqualTo(expected));
        }

        [TestCase("", typeof(int))]
        [TestCase(null, typeof(int))]
        [TestCase("1,000", typeof(double))]
        [TestCase("1.5", typeof(int))]
        [TestCase("300", typeof(byte))]
        [TestCase("yes", typeof(bool))]
        [TestCase("Noday", typeof(DayOfWeek))]
        [TestCase("77", typeof(DayOfWeek))]
        [TestCase("x", typeof(Version))]
        public void RefusesWithTheTextAndTheType(string text, Type type)
        {
            var refused = Assert.Throws<FormatException>(() => ArgumentConverter.Convert(text, type));
            Assert.That(refused.Message, Is.EqualTo("'" + text + "' is not a value of type " + type.Name));
        }

        [Test]
        public void DoesNotDependOnTheMachinesLanguage()
        {
            CultureInfo before = Thread.CurrentThread.CurrentCulture;
            var commas = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            commas.NumberFormat.NumberDecimalSeparator = ",";
            commas.NumberFormat.NumberGroupSeparator = ".";
            try
            {
                Thread.CurrentThread.CurrentCulture = commas;
                Assert.That(ArgumentConverter.Convert("1.5", typeof(decimal)), Is.EqualTo(1.5m));
            }
            finally
            {
                Thread.CurrentThread.CurrentCulture = before;
            }
        }
    }
}
