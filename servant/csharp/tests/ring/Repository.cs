using System.IO;
using Newtonsoft.Json.Linq;

namespace Parley.Tests.Ring
{
    /// <summary>Finds the project's files from the place of the tests' assembly.</summary>
    internal static class Repository
    {
        internal static string Root => FindRoot();

        internal static string ProbePath => Path.Combine(Root, "build", "bin", "ring-probe-csharp");

        internal static JToken Golden(string file)
        {
            return JToken.Parse(File.ReadAllText(Path.Combine(Root, "servant", "golden", file)));
        }

        private static string FindRoot()
        {
            string folder = Path.GetDirectoryName(typeof(Repository).Assembly.Location);
            while (!Directory.Exists(Path.Combine(folder, "servant", "golden")))
            {
                folder = Path.GetDirectoryName(folder);
                if (folder == null)
                {
                    throw new DirectoryNotFoundException("servant/golden is in no folder above the tests' assembly");
                }
            }
            return folder;
        }
    }
}
