namespace Parley.Servant
{
    /// <summary>What can be told of a pattern without compiling it, which at the start of a servant would cost more
    /// than everything else. Contract: "Matching".</summary>
    internal static class StepPattern
    {
        /// <summary>How many groups of a regular expression capture. Of one that no compiler takes, any number.</summary>
        internal static int CountGroups(string pattern)
        {
            int groups = 0;
            for (int i = 0; i < pattern.Length; i++)
            {
                switch (pattern[i])
                {
                    case '\\':
                        i++;
                        break;
                    case '[':
                        i = EndOfClass(pattern, i);
                        break;
                    case '(':
                        groups += Captures(pattern, i + 1) ? 1 : 0;
                        break;
                }
            }
            return groups;
        }

        private static int EndOfClass(string pattern, int start)
        {
            int i = start + 1;
            if (At(pattern, i) == '^')
            {
                i++;
            }
            // As the first character it stands for itself.
            if (At(pattern, i) == ']')
            {
                i++;
            }
            while (i < pattern.Length && pattern[i] != ']')
            {
                i += pattern[i] == '\\' ? 2 : 1;
            }
            return i;
        }

        /// <summary>Whether the group whose content starts here captures: plain, <c>?&lt;name></c> or
        /// <c>?P&lt;name></c>, and neither <c>?:</c> nor options.</summary>
        private static bool Captures(string pattern, int content)
        {
            if (At(pattern, content) != '?')
            {
                return true;
            }
            int name = content + (At(pattern, content + 1) == 'P' ? 2 : 1);
            char next = At(pattern, name + 1);
            return At(pattern, name) == '<' && next != '=' && next != '!';
        }

        private static char At(string pattern, int i)
        {
            return i < pattern.Length ? pattern[i] : '\0';
        }
    }
}
