"""What can be told of a pattern without compiling it (servant contract, Matching).

Python compiles a pattern in a quarter of a millisecond: that of all definitions would take longer
than everything else at a servant's start, and a coordinator of contract 1.1 does the matching.
"""

from __future__ import annotations


def count_groups(pattern: str) -> int:
    """Counts the groups of a regular expression that capture.

    Raises:
        ValueError: The pattern is no regular expression of the subset that all languages share; the
            text says why.
    """
    groups = 0
    depth = 0
    i = 0
    while i < len(pattern):
        char = pattern[i]
        if char == "\\":
            _check_escape(pattern, i)
            i += 1
        elif char == "[":
            i = _end_of_class(pattern, i)
        elif char == "(":
            depth += 1
            groups += _captures(pattern, i)
        elif char == ")":
            depth -= 1
            if depth < 0:
                raise ValueError(f"has a ')' without its '(' at character {i}")
        i += 1
    if depth:
        raise ValueError("has a '(' without its ')'")
    return groups


def _check_escape(pattern: str, at: int) -> None:
    following = pattern[at + 1 : at + 2]
    if not following:
        raise ValueError("ends with a backslash")
    if following in "123456789":
        raise ValueError(f"has the backreference \\{following}, which RE2 has not")


def _end_of_class(pattern: str, start: int) -> int:
    i = start + 1
    if pattern[i : i + 1] == "^":
        i += 1
    # As the first character it stands for itself.
    if pattern[i : i + 1] == "]":
        i += 1
    while i < len(pattern) and pattern[i] != "]":
        i += 2 if pattern[i] == "\\" else 1
    if i >= len(pattern):
        raise ValueError(f"has a '[' without its ']' at character {start}")
    return i


def _captures(pattern: str, at: int) -> bool:
    rest = pattern[at + 1 : at + 4]
    if not rest.startswith("?"):
        return True
    for syntax in ("?=", "?!", "?<=", "?<!", "?>", "?(", "?P="):
        if rest.startswith(syntax):
            raise ValueError(f"has the group ({syntax}…), which RE2 has not")
    return rest.startswith("?P<")
