using System;
using System.Collections.Generic;
using System.Reflection;

namespace Parley.Servant
{
    /// <summary>The objects of one scenario: at most one of each class, made on demand with what its constructor asks
    /// for, disposed of in the reverse order of creation.</summary>
    internal sealed class ScenarioObjects
    {
        private readonly object _gate = new object();
        private readonly Dictionary<Type, object> _objects = new Dictionary<Type, object>();
        private readonly List<Type> _pending = new List<Type>();
        private readonly Stack<IDisposable> _disposables = new Stack<IDisposable>();
        private bool _ended;

        /// <param name="context">Injected wherever a constructor asks for it.</param>
        internal ScenarioObjects(ScenarioContext context)
        {
            _objects.Add(typeof(ScenarioContext), context);
        }

        /// <summary>The scenario's object of a class.</summary>
        /// <exception cref="InvalidOperationException">It cannot be made; the message says which class and why.</exception>
        internal object Get(Type type)
        {
            lock (_gate)
            {
                if (_objects.TryGetValue(type, out object known))
                {
                    return known;
                }
                CheckNotEnded(type.Name);
                if (_pending.Contains(type))
                {
                    throw new InvalidOperationException("the constructors of " + Names(_pending) + " and " + type.Name + " need each other");
                }
                _pending.Add(type);
                try
                {
                    object made = Make(type);
                    _objects.Add(type, made);
                    if (made is IDisposable disposable)
                    {
                        _disposables.Push(disposable);
                    }
                    return made;
                }
                finally
                {
                    _pending.RemoveAt(_pending.Count - 1);
                }
            }
        }

        /// <summary>Has something disposed of at the scenario's end, or at once when the scenario has ended.</summary>
        internal void Track(IDisposable disposable)
        {
            lock (_gate)
            {
                if (!_ended)
                {
                    _disposables.Push(disposable);
                    return;
                }
            }
            disposable.Dispose();
            CheckNotEnded(disposable.GetType().Name);
        }

        /// <summary>Disposes of everything, whatever fails on the way. Safe to call twice.</summary>
        /// <returns>The failures, each with the class that failed.</returns>
        internal List<string> End()
        {
            lock (_gate)
            {
                _ended = true;
            }
            var failures = new List<string>();
            while (true)
            {
                IDisposable disposable;
                lock (_gate)
                {
                    if (_disposables.Count == 0)
                    {
                        return failures;
                    }
                    disposable = _disposables.Pop();
                }
                try
                {
                    disposable.Dispose();
                }
                catch (Exception e)
                {
                    Console.Error.WriteLine("disposing of " + disposable.GetType() + ": " + e);
                    failures.Add(disposable.GetType().Name + ": " + e.Message);
                }
            }
        }

        private static string Names(List<Type> types)
        {
            return string.Join(", ", types.ConvertAll(type => type.Name));
        }

        private object Make(Type type)
        {
            if (type.IsAbstract || type.IsPrimitive || type == typeof(string) || type.ContainsGenericParameters)
            {
                throw new InvalidOperationException(type.Name + " cannot be injected: only classes that can be created can");
            }
            ConstructorInfo[] constructors = type.GetConstructors();
            if (constructors.Length != 1)
            {
                throw new InvalidOperationException(
                    "class " + type.Name + " has " + constructors.Length + " public constructors; exactly one is needed to inject it");
            }
            ParameterInfo[] parameters = constructors[0].GetParameters();
            var values = new object[parameters.Length];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = Get(parameters[i].ParameterType);
            }
            try
            {
                return constructors[0].Invoke(values);
            }
            catch (TargetInvocationException e)
            {
                throw new InvalidOperationException("the constructor of " + type.Name + " failed: " + e.InnerException.Message, e.InnerException);
            }
        }

        private void CheckNotEnded(string name)
        {
            if (_ended)
            {
                throw new InvalidOperationException("the scenario has ended: no " + name + " for a step that outlived it");
            }
        }
    }
}
