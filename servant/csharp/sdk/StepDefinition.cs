using System;
using System.Globalization;
using System.IO;
using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Text.RegularExpressions;
using System.Threading.Tasks;

namespace Parley.Servant
{
    /// <summary>One pattern of one method. Contract: "Matching".</summary>
    internal sealed class StepDefinition
    {
        private readonly StepAttribute _attribute;
        private readonly MethodInfo _method;
        private ParameterInfo[] _parameters;
        private Regex _regex;

        /// <exception cref="DefinitionException">The method cannot perform what the pattern matches.</exception>
        internal StepDefinition(int id, StepAttribute attribute, MethodInfo method)
        {
            Id = id;
            _attribute = attribute;
            _method = method;
            string mistake = StepSignature.Mistake(method, attribute.Pattern);
            if (mistake != null)
            {
                throw new DefinitionException("step definition " + this + " " + mistake);
            }
        }

        /// <summary>From 1, in the order of discovery; the same in every process of one build.</summary>
        internal int Id { get; }

        internal string Type => _attribute.Type;

        internal string Pattern => _attribute.Pattern;

        internal string File => _attribute.File;

        internal int Line => _attribute.Line;

        internal string Summary => _attribute.Summary;

        /// <summary>For messages: the pattern, the method and its place.</summary>
        public override string ToString()
        {
            return "\"" + Pattern + "\" (" + _method.DeclaringType.Name + "." + _method.Name + ", " + Path.GetFileName(File) + ":"
                + Line.ToString(CultureInfo.InvariantCulture) + ")";
        }

        /// <summary>Matches the whole text of a step of the given type; null when it does not match. A group that took
        /// no part is null.</summary>
        internal string[] Match(string stepType, string text)
        {
            if (Type != StepDefinitionAttribute.AnyType && !string.Equals(Type, stepType, StringComparison.OrdinalIgnoreCase))
            {
                return null;
            }
            if (_regex == null)
            {
                _regex = new Regex(@"\A(?:" + Pattern + @")\z", RegexOptions.CultureInvariant);
            }
            Match match = _regex.Match(text);
            if (!match.Success)
            {
                return null;
            }
            var arguments = new string[match.Groups.Count - 1];
            for (int i = 0; i < arguments.Length; i++)
            {
                Group group = match.Groups[i + 1];
                arguments[i] = group.Success ? group.Value : null;
            }
            return arguments;
        }

        /// <summary>Performs the step on the scenario's instance of its class and waits for its task.</summary>
        /// <param name="objects">The scenario's objects.</param>
        /// <param name="arguments">The captured strings.</param>
        /// <param name="table">The step's table, or null.</param>
        /// <param name="docString">The step's doc string, or null.</param>
        /// <exception cref="StepArgumentException">What came does not fit the parameters.</exception>
        internal void Invoke(ScenarioObjects objects, string[] arguments, Table table, DocString docString)
        {
            object[] values = Bind(arguments, table, docString);
            object instance = _method.IsStatic ? null : objects.Get(_method.DeclaringType);
            object result;
            try
            {
                result = _method.Invoke(instance, values);
            }
            catch (TargetInvocationException e)
            {
                ExceptionDispatchInfo.Capture(e.InnerException).Throw();
                throw;
            }
            (result as Task)?.GetAwaiter().GetResult();
        }

        private object[] Bind(string[] arguments, Table table, DocString docString)
        {
            if (_parameters == null)
            {
                _parameters = _method.GetParameters();
            }
            int captured = _parameters.Length;
            var values = new object[captured];
            if (table != null || docString != null || TakesBlock())
            {
                captured--;
                if (captured >= 0)
                {
                    values[captured] = Block(_parameters[captured].ParameterType, table, docString);
                }
            }
            if (captured != arguments.Length)
            {
                string with = table != null ? " and a table" : docString != null ? " and a doc string" : "";
                throw new StepArgumentException(
                    "step definition " + this + " takes " + _parameters.Length + " parameters, but the step brings "
                    + arguments.Length + " captured arguments" + with);
            }
            for (int i = 0; i < captured; i++)
            {
                try
                {
                    values[i] = ArgumentConverter.Convert(arguments[i], _parameters[i].ParameterType);
                }
                catch (FormatException e)
                {
                    throw new StepArgumentException("step definition " + this + ", parameter '" + _parameters[i].Name + "': " + e.Message);
                }
            }
            return values;
        }

        private bool TakesBlock()
        {
            if (_parameters.Length == 0)
            {
                return false;
            }
            return StepSignature.IsBlock(_parameters[_parameters.Length - 1].ParameterType);
        }

        private object Block(Type type, Table table, DocString docString)
        {
            if (type == typeof(Table) && table != null)
            {
                return table;
            }
            if (type == typeof(DocString) && docString != null)
            {
                return docString;
            }
            if (type == typeof(string) && docString != null)
            {
                return docString.Content;
            }
            string came = table != null ? "a table" : docString != null ? "a doc string" : "neither a table nor a doc string";
            throw new StepArgumentException("the last parameter of step definition " + this + " is a " + type.Name + ", but the step brings " + came);
        }
    }
}
