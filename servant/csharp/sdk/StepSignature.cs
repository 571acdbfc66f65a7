using System;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Threading.Tasks;

namespace Parley.Servant
{
    /// <summary>Whether a method can perform the steps that a pattern matches.</summary>
    internal static class StepSignature
    {
        /// <summary>What is wrong with a method, to follow the definition's name in a sentence; null when nothing
        /// is.</summary>
        internal static string Mistake(MethodInfo method, string pattern)
        {
            if (pattern == null)
            {
                return "has no pattern";
            }
            return MistakeOfShape(method) ?? MistakeOfParameters(method.GetParameters(), StepPattern.CountGroups(pattern));
        }

        /// <summary>Whether a parameter takes a step's table or doc string and nothing else.</summary>
        internal static bool IsBlock(Type type)
        {
            return type == typeof(Table) || type == typeof(DocString);
        }

        private static string MistakeOfShape(MethodInfo method)
        {
            if (!method.IsPublic)
            {
                return "is not public; make the method public";
            }
            Type returned = method.ReturnType;
            if (returned != typeof(void) && !typeof(Task).IsAssignableFrom(returned))
            {
                return "returns " + returned.Name + ", which nobody would look at; return void or Task";
            }
            if (returned == typeof(void) && method.IsDefined(typeof(AsyncStateMachineAttribute), false))
            {
                return "is async void: its failure would be lost; return Task";
            }
            if (method.ContainsGenericParameters)
            {
                return "is generic; nobody can tell its type arguments";
            }
            return null;
        }

        private static string MistakeOfParameters(ParameterInfo[] parameters, int groups)
        {
            int last = parameters.Length - 1;
            bool hasBlock = last >= 0 && IsBlock(parameters[last].ParameterType);
            int captured = hasBlock ? last : parameters.Length;
            // A doc string may come as a plain text.
            bool mayHaveText = !hasBlock && last == groups && parameters[last].ParameterType == typeof(string);
            if (captured != groups && !mayHaveText)
            {
                return "takes " + Count(captured, "parameter") + (hasBlock ? " before its " + parameters[last].ParameterType.Name : "")
                    + ", but its pattern has " + Count(groups, "group") + "; each group is a parameter, in order";
            }
            for (int i = 0; i < captured; i++)
            {
                Type type = parameters[i].ParameterType;
                if (IsBlock(type))
                {
                    return "takes the " + type.Name + " '" + parameters[i].Name + "' before other parameters; it must be the last one";
                }
                if (!ArgumentConverter.CanConvertTo(type))
                {
                    return "has a parameter '" + parameters[i].Name + "' of type " + type.Name
                        + ", which no captured text can become; take a string, bool, number, char, enum or Guid";
                }
            }
            return null;
        }

        private static string Count(int n, string what)
        {
            return (n == 0 ? "no" : n.ToString()) + " " + what + (n == 1 ? "" : "s");
        }
    }
}
