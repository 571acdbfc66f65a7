"""Block arguments of steps (servant contract, executeStep: ``Table`` and ``DocString``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class Table:
    """A step's data table. Iterating gives its rows, each a mapping of header to cell.

    Attributes:
        headers: The first row of the feature file, in order.
        rows: The rows below it.
    """

    __slots__ = ("headers", "rows")

    def __init__(self, headers: Sequence[str], rows: Sequence[Mapping[str, str]]) -> None:
        """Builds a table of rows that have every header."""
        self.headers = tuple(headers)
        self.rows = tuple(dict(row) for row in rows)

    @classmethod
    def of_cells(cls, cells: Sequence[Sequence[str]]) -> Table:
        """Builds a table of the rows of a feature file, the first of which holds the headers.

        Raises:
            ValueError: There is no header row, a header occurs twice, or a row has another length.
        """
        if not cells:
            raise ValueError("data table: it has no header row")
        headers = cells[0]
        for number, row in enumerate(cells):
            if len(row) != len(headers):
                raise ValueError(
                    f"data table: row {number} has {len(row)} cells, the header row {len(headers)}"
                )
        if len(set(headers)) != len(headers):
            raise ValueError(f"data table: a header occurs twice in {', '.join(headers)}")
        return cls(headers, [dict(zip(headers, row, strict=True)) for row in cells[1:]])

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Mapping[str, str]]:
        return iter(self.rows)

    def __repr__(self) -> str:
        return f"Table(headers={self.headers!r}, rows={self.rows!r})"


class DocString:
    """A step's doc string.

    Attributes:
        content: The text between the quotes, its indentation removed.
        media_type: The word after the opening quotes; empty if there is none.
    """

    __slots__ = ("content", "media_type")

    def __init__(self, content: str, media_type: str = "") -> None:
        """Builds a doc string."""
        self.content = content
        self.media_type = media_type

    def __str__(self) -> str:
        return self.content

    def __repr__(self) -> str:
        return f"DocString({self.content!r}, {self.media_type!r})"
