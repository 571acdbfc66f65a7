namespace Parley.Servant
{
    /// <summary>A step's doc string. Contract: <c>DocString</c> of executeStep.</summary>
    public sealed class DocString
    {
        internal DocString(string content, string mediaType)
        {
            Content = content;
            MediaType = mediaType;
        }

        /// <summary>The text between the quotes, its indentation removed.</summary>
        public string Content { get; }

        /// <summary>The word after the opening quotes; empty if there is none.</summary>
        public string MediaType { get; }
    }
}
