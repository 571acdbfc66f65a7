using System;
using System.Runtime.CompilerServices;

namespace Parley.Servant
{
    /// <summary>Marks a class whose methods are step definitions. One instance serves one scenario; what its
    /// constructor asks for is injected (see <see cref="ScenarioContext"/>).</summary>
    [AttributeUsage(AttributeTargets.Class, Inherited = false)]
    public sealed class BindingAttribute : Attribute
    {
    }

    /// <summary>What the four step attributes share. Contract: "Matching".</summary>
    [AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
    public abstract class StepAttribute : Attribute
    {
        internal StepAttribute(string type, string pattern, string file, int line)
        {
            Type = type;
            Pattern = pattern;
            File = file;
            Line = line;
        }

        /// <summary>Given, When, Then, or step for any of them.</summary>
        public string Type { get; }

        /// <summary>A regular expression in the RE2 subset, anchored on both sides. Its groups become the leading
        /// parameters of the method, in order.</summary>
        public string Pattern { get; }

        /// <summary>The source file of the definition.</summary>
        public string File { get; }

        /// <summary>The line of the definition, from 1.</summary>
        public int Line { get; }

        /// <summary>What the step does, in a sentence for listings; optional.</summary>
        public string Summary { get; set; }
    }

    /// <summary>Defines a step of type Given.</summary>
    public sealed class GivenAttribute : StepAttribute
    {
        /// <param name="pattern">See <see cref="StepAttribute.Pattern"/>.</param>
        /// <param name="file">Filled in by the compiler.</param>
        /// <param name="line">Filled in by the compiler.</param>
        public GivenAttribute(string pattern, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
            : base("Given", pattern, file, line)
        {
        }
    }

    /// <summary>Defines a step of type When.</summary>
    public sealed class WhenAttribute : StepAttribute
    {
        /// <param name="pattern">See <see cref="StepAttribute.Pattern"/>.</param>
        /// <param name="file">Filled in by the compiler.</param>
        /// <param name="line">Filled in by the compiler.</param>
        public WhenAttribute(string pattern, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
            : base("When", pattern, file, line)
        {
        }
    }

    /// <summary>Defines a step of type Then.</summary>
    public sealed class ThenAttribute : StepAttribute
    {
        /// <param name="pattern">See <see cref="StepAttribute.Pattern"/>.</param>
        /// <param name="file">Filled in by the compiler.</param>
        /// <param name="line">Filled in by the compiler.</param>
        public ThenAttribute(string pattern, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
            : base("Then", pattern, file, line)
        {
        }
    }

    /// <summary>Defines a step that matches after Given, When and Then alike.</summary>
    public sealed class StepDefinitionAttribute : StepAttribute
    {
        /// <summary>The type that matches a step of any type.</summary>
        internal const string AnyType = "step";

        /// <param name="pattern">See <see cref="StepAttribute.Pattern"/>.</param>
        /// <param name="file">Filled in by the compiler.</param>
        /// <param name="line">Filled in by the compiler.</param>
        public StepDefinitionAttribute(string pattern, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
            : base(AnyType, pattern, file, line)
        {
        }
    }
}
