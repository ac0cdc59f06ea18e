"""Tables as CSV: what is written is read again, what cannot be read is told all at once, and no cell becomes a formula."""
from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_core.domain.csvtable import FORMULA, Table, write
from trading_core.domain.errors import Refused

TABLE = Table(("a", "b"), rows_max=4, characters_max=400, rows_min=1)
CELL = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",), exclude_characters="\x00"), max_size=12).map(str.strip)


@given(st.lists(st.fixed_dictionaries({"a": CELL.filter(bool), "b": CELL}), min_size=1, max_size=4))
def test_what_is_written_is_read_again(rows: list[dict[str, str]]) -> None:
    read, problems = TABLE.read("\ufeff" + write(TABLE.columns, rows))
    assert problems == []
    assert [{k: v.removeprefix("'") if v[1:].startswith(FORMULA) else v for k, v in r.cells.items()} for r in read] == [
        {k: v.removeprefix("'") if v[1:].startswith(FORMULA) else v for k, v in row.items()} for row in rows
    ]


@given(st.text(max_size=40) | st.sampled_from(["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1"]))
def test_no_cell_is_a_formula_for_a_spreadsheet(text: str) -> None:
    told = next(csv.reader(io.StringIO(write(("a",), [{"a": text}]).partition("\r\n")[2], newline="")))[0]
    assert not told.startswith(FORMULA) and told in (text, "'" + text)


def test_numbers_and_nothing_stay_what_they_are() -> None:
    assert write(("a", "b"), [{"a": -1, "b": None}]) == "a,b\r\n-1,\r\n"


def test_every_row_of_another_length_is_told_by_its_line() -> None:
    read, problems = TABLE.read('a,b\n"two\nlines", x \n\nx\n1,2,3\n')
    assert [(r.line, dict(r.cells)) for r in read] == [(2, {"a": "two\nlines", "b": "x"})]
    assert [(p.code, p.path, p.params["found"]) for p in problems] == [("table.row_length", "row.5", 1), ("table.row_length", "row.6", 3)]


@pytest.mark.parametrize(("text", "code", "path"), [
    ("", "table.header", "row.1"), ("\n", "table.header", "row.1"), ("b,a\n1,2", "table.header", "row.1"), ("a,b\n", "table.row_count", ""),
    ("a,b\n" + "1,2\n" * 5, "table.row_count", ""), ('a,b\n1,2\n"open', "table.not_csv", "row.3"), ("x" * 401, "table.too_large", ""),
])  # fmt: skip
def test_what_is_no_such_table_is_refused(text: str, code: str, path: str) -> None:
    with pytest.raises(Refused) as refusal:
        TABLE.read(text)
    assert [(p.code, p.path) for p in refusal.value.problems] == [(code, path)]
