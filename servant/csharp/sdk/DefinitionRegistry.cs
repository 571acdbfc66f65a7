using System;
using System.Collections.Generic;
using System.Reflection;

namespace Parley.Servant
{
    /// <summary>All step definitions of the servant. Contract: "Matching".</summary>
    internal sealed class DefinitionRegistry
    {
        private readonly List<StepDefinition> _definitions = new List<StepDefinition>();

        /// <summary>Collects the step methods of all binding classes of an assembly.</summary>
        /// <exception cref="DefinitionException">A class or method cannot serve as a step definition.</exception>
        internal DefinitionRegistry(Assembly assembly)
            : this(assembly.GetTypes())
        {
        }

        internal DefinitionRegistry(IEnumerable<Type> types)
        {
            foreach (Type type in types)
            {
                if (type.IsDefined(typeof(BindingAttribute), false))
                {
                    AddClass(type);
                }
            }
        }

        /// <param name="definitions">With the ids 1, 2, 3 and so on.</param>
        internal DefinitionRegistry(IEnumerable<StepDefinition> definitions)
        {
            _definitions.AddRange(definitions);
        }

        /// <summary>In the order of their ids.</summary>
        internal IReadOnlyList<StepDefinition> Definitions => _definitions;

        /// <summary>The definition that the coordinator chose.</summary>
        /// <exception cref="RequestException">There is none with this id.</exception>
        internal StepDefinition ById(long id)
        {
            if (id < 1 || id > _definitions.Count)
            {
                throw new RequestException(
                    RpcError.InvalidParams, "no definition has the id " + id + "; discover reports the ids 1 to " + _definitions.Count);
            }
            return _definitions[(int)id - 1];
        }

        /// <summary>The one definition that matches a step's text.</summary>
        /// <exception cref="UndefinedStepException">None matches.</exception>
        /// <exception cref="AmbiguousStepException">Several match; the message names them.</exception>
        internal StepDefinition Match(string stepType, string text, out string[] arguments)
        {
            StepDefinition found = null;
            List<string> several = null;
            arguments = null;
            foreach (StepDefinition definition in _definitions)
            {
                string[] captured = definition.Match(stepType, text);
                if (captured == null)
                {
                    continue;
                }
                if (found == null)
                {
                    found = definition;
                    arguments = captured;
                    continue;
                }
                several = several ?? new List<string> { found.ToString() };
                several.Add(definition.ToString());
            }
            if (several != null)
            {
                throw new AmbiguousStepException("Ambiguous step definitions for " + stepType + " '" + text + "': " + string.Join(", ", several));
            }
            return found ?? throw new UndefinedStepException("No matching step definition for " + stepType + " '" + text + "'");
        }

        private void AddClass(Type type)
        {
            if (type.IsAbstract && !type.IsSealed)
            {
                throw new DefinitionException("binding class " + type.FullName + " is abstract; nobody can create it");
            }
            const BindingFlags all = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;
            foreach (MethodInfo method in type.GetMethods(all))
            {
                foreach (object attribute in method.GetCustomAttributes(typeof(StepAttribute), true))
                {
                    _definitions.Add(new StepDefinition(_definitions.Count + 1, (StepAttribute)attribute, method));
                }
            }
        }
    }
}
