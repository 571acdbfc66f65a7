using Parley.Ring;
using Parley.Servant;

namespace Parley.Steps
{
    internal static class Program
    {
        private static int Main(string[] words)
        {
            return new ServantHost(typeof(Program).Assembly)
                .NameFailures<RingException>(failure => failure.Error.ToString())
                .Run(words);
        }
    }
}
