"""Tables as CSV: what every imported list has in common is read here, strictly, and every exported one is written here."""
from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .errors import Problem, Refused

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # with these a spreadsheet begins to compute


@dataclass(frozen=True, slots=True)
class Row:
    """A row by its columns, without the blanks around its cells. line: its first line in the file, from 1."""

    line: int
    cells: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Table:
    """What a file must be: exactly these columns, in this order, and no more than this."""

    columns: tuple[str, ...]
    rows_max: int
    characters_max: int
    rows_min: int = 0

    def read(self, text: str) -> tuple[list[Row], list[Problem]]:
        """The rows of a file, empty lines left out, and a problem for every row with another number of cells.

        Paths are ``row.<line>``. Raises `Refused` when the file as a whole cannot be read as this table.
        """
        if len(text) > self.characters_max:
            raise Refused(Problem("table.too_large", params={"maximum": self.characters_max}))
        (_, header), *lines = _lines(text) or [(1, [])]
        if tuple(header) != self.columns:
            raise Refused(Problem("table.header", "row.1", {"columns": ",".join(self.columns)}))
        filled = [(line, cells) for line, cells in lines if cells]
        if not self.rows_min <= len(filled) <= self.rows_max:
            raise Refused(Problem("table.row_count", params={"minimum": self.rows_min, "maximum": self.rows_max}))
        wide = len(self.columns)
        return (
            [Row(n, dict(zip(self.columns, map(str.strip, cells), strict=True))) for n, cells in filled if len(cells) == wide],
            [Problem("table.row_length", f"row.{n}", {"found": len(c), "expected": wide}) for n, c in filled if len(c) != wide],
        )


def write(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """A table as text, None as an empty cell; a text that a spreadsheet would take for a formula gets an apostrophe before it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_harmless(row[name]) for name in columns] for row in rows)
    return out.getvalue()


def _lines(text: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    found: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            found.append((line, cells))
            line = reader.line_num + 1  # a quoted cell may span lines
    except csv.Error:
        raise Refused(Problem("table.not_csv", f"row.{line}")) from None
    return found


def _harmless(value: object) -> object:
    return "'" + value if isinstance(value, str) and value.startswith(FORMULA) else value
