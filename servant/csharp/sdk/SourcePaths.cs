using System;
using System.Collections.Generic;
using System.IO;

namespace Parley.Servant
{
    /// <summary>Shortens the paths that the compiler noted to what a person would type: relative to the repository,
    /// or else to the working folder; the name alone when the file is in neither.</summary>
    internal sealed class SourcePaths
    {
        private readonly Dictionary<string, string> _roots = new Dictionary<string, string>();

        internal string Relative(string file)
        {
            string folder = string.IsNullOrEmpty(file) ? "" : Path.GetDirectoryName(file);
            if (string.IsNullOrEmpty(folder))
            {
                return file;
            }
            if (!_roots.TryGetValue(folder, out string root))
            {
                root = Root(folder);
                _roots.Add(folder, root);
            }
            return file.StartsWith(root + "/", StringComparison.Ordinal) ? file.Substring(root.Length + 1) : Path.GetFileName(file);
        }

        private static string Root(string folder)
        {
            for (string at = folder; !string.IsNullOrEmpty(at) && at != "/"; at = Path.GetDirectoryName(at))
            {
                // A file in a work tree or submodule, a folder otherwise.
                string git = at + "/.git";
                if (Directory.Exists(git) || File.Exists(git))
                {
                    return at;
                }
            }
            return Environment.CurrentDirectory;
        }
    }
}
