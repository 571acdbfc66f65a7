"""Whether a function can perform what a pattern matches, and with which arguments."""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING

from parley.arguments import Parameter
from parley.blocks import DocString, Table
from parley.patterns import count_groups

if TYPE_CHECKING:
    from collections.abc import Sequence

# Flags of a code object; importing inspect for them would cost four milliseconds at every start.
_VARARGS, _VARKEYWORDS, _GENERATOR = 0x04, 0x08, 0x20
_COROUTINE, _ASYNC_GENERATOR = 0x80, 0x200


class Signature:
    """The parameters of a step function.

    Attributes:
        is_async: Whether the function is ``async``.
        parameters: Those for captured strings, in order.
        block: `Table`, `DocString`, or None.
    """

    __slots__ = ("block", "is_async", "parameters")

    def __init__(self, function: object, pattern: str) -> None:
        """Reads the function that a pattern is bound to.

        Raises:
            TypeError: The function cannot perform the pattern's steps; the text says why.
            ValueError: The pattern is wrong; the text says why.
        """
        groups = count_groups(pattern)
        function = _checked(function)
        code = function.__code__
        self.is_async = bool(code.co_flags & _COROUTINE)
        names = code.co_varnames[1 : code.co_argcount]
        annotations = [_annotation(function, name) for name in names]
        self.block: type[Table | DocString] | None = None
        if annotations and (annotations[-1] is Table or annotations[-1] is DocString):
            self.block = Table if annotations.pop() is Table else DocString
        if groups != len(annotations):
            captured = _count(groups, "capturing group")
            taken = _count(len(annotations), "parameter")
            raise TypeError(
                f"has {captured} in its pattern, and {function.__name__}() takes {taken} for them "
                "after the scenario; each group is a parameter"
            )
        self.parameters = [Parameter(*of) for of in zip(names, annotations, strict=False)]

    def bind(
        self, captures: Sequence[str], table: Table | None, doc_string: DocString | None
    ) -> list[object]:
        """Converts what came with a step to the arguments that follow the scenario.

        Raises:
            ValueError: It does not fit; the text says what does not.
        """
        if len(captures) != len(self.parameters):
            raise ValueError(
                f"takes {_count(len(self.parameters), 'argument')}, {len(captures)} came"
            )
        values: list[object] = []
        for parameter, text in zip(self.parameters, captures, strict=True):
            try:
                values.append(parameter.convert(text))
            except ValueError as error:
                raise ValueError(f"parameter '{parameter.name}': {error}") from error
        came = [block for block in (table, doc_string) if block is not None]
        if [type(block) for block in came] != ([self.block] if self.block else []):
            takes = (
                f"takes a {self.block.__name__}"
                if self.block
                else "takes neither a Table nor a DocString"
            )
            brings = " and a ".join(type(block).__name__ for block in came)
            raise ValueError(f"{takes}; the step brings {'a ' + brings if brings else 'none'}")
        return values + came


def _checked(function: object) -> FunctionType:
    if not isinstance(function, FunctionType):
        raise TypeError(f"is bound to a {type(function).__name__}; decorate a function")
    code = function.__code__
    bound = f"is bound to {function.__name__}(), which"
    if code.co_flags & (_GENERATOR | _ASYNC_GENERATOR):
        raise TypeError(f"{bound} is a generator whose body would not run; do without yield")
    if code.co_flags & (_VARARGS | _VARKEYWORDS) or code.co_kwonlyargcount or function.__defaults__:
        raise TypeError(
            f"{bound} has *args, keyword-only parameters or defaults; "
            "take the scenario and one parameter for each capturing group"
        )
    if not code.co_argcount:
        raise TypeError(f"{bound} takes nothing; its first parameter is the scenario")
    return function


def _annotation(function: FunctionType, name: str) -> object:
    try:
        annotation = function.__annotations__.get(name, str)
        # `from __future__ import annotations` leaves them as text.
        return eval(annotation, function.__globals__) if isinstance(annotation, str) else annotation
    except NameError as error:
        raise TypeError(
            f"has a parameter '{name}' whose type is not there at run time ({error}); "
            "import it outside of TYPE_CHECKING"
        ) from error


def _count(n: int, noun: str) -> str:
    return f"{n or 'no'} {noun}{'' if n == 1 else 's'}"
