"""Reading a list: strict, every fault at once, with its line; and what a record must state."""
from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.domain.admission import check_entry
from credit.domain.listing import TABLE, Listed, key_of, read_list, snapshot_of
from credit.domain.record import Document, Entry, Subject
from trading_core.domain.errors import Problem, Refused

from .conftest import HASH, as_csv, ban, code, line

TODAY = date(2026, 3, 1)
LIST = "dishonest_executed"


def problems(text: str, name: str = LIST) -> list[Problem]:
    try:
        return read_list(name, text, TODAY)[1]
    except Refused as refused:
        return list(refused.problems)


def faults(*lines: dict[str, str], name: str = LIST) -> list[tuple[str, str]]:
    return [(p.path, p.code) for p in problems(as_csv(*lines), name)]


def entries(text: str, name: str = LIST) -> list[Listed]:
    listed, found = read_list(name, text, TODAY)
    assert not found
    return listed


def test_a_line_becomes_an_entry() -> None:
    text = "\ufeff" + as_csv(line(1, uscc="", organisation_code="ma8x0001-" + code(1)[16].lower(), valid_to="2028-01-14",
                                  trades="procurement", effect="shown", document_sha256="AB" * 32)).replace("\n", "\r\n")  # fmt: skip
    (listed,) = entries(text)
    assert listed.row == 2 and listed.entry == Entry(
        LIST, Subject("示例建设1有限公司", "", code(1)[8:17]),
        Document("（2026）示执1号", "示例人民法院", date(2026, 1, 10), "有履行能力而拒不履行", "ab" * 32),
        date(2026, 1, 15), date(2028, 1, 14), ("procurement",), True, snapshot_of(text),
    )  # fmt: skip


def test_a_list_that_nobody_is_on_is_a_list() -> None:
    assert entries(as_csv()) == []


def test_every_fault_of_every_line_is_told_at_once() -> None:
    found = faults(
        line(1, name="甲", document_number="", body="", basis="", document_date="", valid_from=""),
        line(2, uscc=code(2)[:-1] + "0" if code(2)[-1] != "0" else code(2)[:-1] + "1", document_date="2026-03-02"),
        line(3, organisation_code=code(3)[8:17]),
        line(4, uscc="", organisation_code="MA8X00049"),
        line(5, valid_from="20260115", valid_to="2026-02-30"),
        line(6, valid_to="2026-01-14", trades="engineering engineering water", effect="refuses"),
        line(7, document_sha256="abc"),
        line(8),
        line(8, name="另一名称"),
    )
    assert found == [
        ("row.2.document_date", "credit_list.date_missing"), ("row.2.valid_from", "credit_list.date_missing"),
        ("row.2.name", "credit.name"), ("row.2.document_number", "credit.document"), ("row.2.body", "credit.document"),
        ("row.2.basis", "credit.document"), ("row.3.uscc", "uscc.check_character"), ("row.3.document_date", "credit.document_in_future"),
        ("row.4.organisation_code", "credit.two_codes"),
        ("row.5.organisation_code", "credit.organisation_code"),
        ("row.6.valid_from", "credit_list.date"), ("row.6.valid_to", "credit_list.date"),
        ("row.7.effect", "credit_list.effect"), ("row.7.valid_to", "credit.runs_backwards"), ("row.7.trades", "credit.trade_twice"),
        ("row.7.trades", "credit.no_effect_in_trade"),
        ("row.8.document_sha256", "credit.document_file"),
        ("row.10.document_number", "credit_list.listed_twice"),
    ]  # fmt: skip


def test_a_list_with_a_term_needs_the_last_day() -> None:
    assert faults(line(1), name="tax_violation") == [("row.2.valid_to", "credit.end_missing")]
    assert faults(line(1, valid_to="2029-01-14"), name="tax_violation") == []
    assert faults(line(1, valid_to="2029-02-29"), name="tax_violation") == [("row.2.valid_to", "credit_list.date")]


def test_an_effect_cannot_be_weakened_where_there_is_none() -> None:
    assert faults(line(1, effect="shown"), name="abnormal_operation") == [("row.2.effect", "credit.shown_anyway")]


def test_the_frame_of_the_file() -> None:
    good = as_csv(line(1))
    assert [p.code for p in problems("")] == ["table.header"]
    assert [p.code for p in problems(good.replace("name", "Name", 1))] == ["table.header"]
    assert [(p.path, p.code) for p in problems(good + '"open')] == [("row.3", "table.not_csv")]
    assert [(p.path, p.code) for p in problems(good + "a,b\n")] == [("row.3", "table.row_length")]
    assert [p.code for p in problems(good + "x" * 10_000_001)] == ["table.too_large"]
    assert [p.code for p in problems(good + "x\n" * TABLE.rows_max)] == ["table.row_count"]


def test_a_listing_keeps_its_key_from_copy_to_copy() -> None:
    (one,), (two,) = entries(as_csv(line(1))), entries(as_csv(line(1, valid_to="2028-01-01", name="改名公司")))
    assert one.key == two.key and one.entry.snapshot != two.entry.snapshot
    assert key_of(ban(1)) != key_of(ban(2)) and key_of(ban(1)) != key_of(ban(1, list="wage_arrears"))


def test_a_record_entered_here_needs_the_file_of_its_decision() -> None:
    """No rumours [CR-3]."""
    empty = Document("", "", date(2026, 3, 2), "")
    found = [(p.path, p.code) for p in check_entry(ban(document=empty, list="gossip"), TODAY)]
    assert found == [
        ("document_number", "credit.document"), ("body", "credit.document"), ("basis", "credit.document"),
        ("document_date", "credit.document_in_future"), ("document_sha256", "credit.document_file"), ("list", "credit.unknown_list"),
    ]  # fmt: skip
    assert list(check_entry(ban(), TODAY)) == [] and ban().document.sha256 == HASH


@pytest.mark.parametrize("column", TABLE.columns)
@given(cell=st.text(max_size=30))
def test_no_cell_breaks_the_reader(column: str, cell: str) -> None:
    """Whatever stands in one cell: an entry comes out, or problems with their line."""
    listed, found = read_list(LIST, as_csv(line(1, **{column: cell})), TODAY)
    assert len(listed) + bool(found) == 1
    assert all(p.path.startswith("row.") for p in found)
