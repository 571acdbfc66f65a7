using Parley.Servant;

namespace Parley.Tests
{
    /// <summary>A step definition that no servant can serve.</summary>
    [Binding]
    public sealed class WrongSteps
    {
        [Given(@"the count is '(\d+)'")]
        public void Count(int count, int more)
        {
        }
    }
}
