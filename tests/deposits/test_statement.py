"""Bank statements: read strictly, every fault at once [docs/formats-deposits.md]."""
from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_core.domain.errors import Refused
from trading_core.domain.ledger import Receipt
from trading_core.domain.statement import TABLE, read_statement

HEADER = ",".join(TABLE.columns)
ROW = "S1,2026-03-18T10:12:05+08:00,松涧示例建设集团有限公司,6222,200000.00,7KQ2M4XD"
DOCS = Path(__file__).parents[2] / "docs" / "formats-deposits.md"


def problems(text: str) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refusal:
        read_statement(text)
    return [(p.code, p.path) for p in refusal.value.problems]


def test_the_example_of_the_documentation() -> None:
    example = DOCS.read_text("utf-8").partition("```csv\n")[2].partition("```")[0]
    receipts = read_statement(example)
    assert [r.amount_fen for r in receipts] == [20_000_000, 20_000_000]
    assert receipts[0] == Receipt("B20260318-000173", datetime(2026, 3, 18, 2, 12, 5, tzinfo=UTC), "松涧示例建设集团有限公司",
                                  "6222000000000000001", 20_000_000, "7KQ2M4XD")  # fmt: skip


def test_a_byte_order_mark_and_empty_lines_and_no_rows_are_fine() -> None:
    assert len(read_statement(f"\ufeff{HEADER}\r\n\r\n{ROW}\r\n")) == 1
    assert read_statement(HEADER) == []


@pytest.mark.parametrize("text", ["", "\n", ROW, HEADER.replace("reference", "remark"), HEADER + ",more", HEADER.upper()])
def test_the_header_must_be_exact(text: str) -> None:
    assert problems(text) == [("table.header", "row.1")]


@pytest.mark.parametrize(
    ("old", "new", "code", "column"),
    [
        ("200000.00", "-1", "statement.amount", "amount_yuan"),
        ("200000.00", "0", "statement.amount", "amount_yuan"),
        ("200000.00", "1.005", "statement.amount", "amount_yuan"),
        ("200000.00", "２００", "statement.amount", "amount_yuan"),
        ("200000.00", "", "statement.amount", "amount_yuan"),
        ("+08:00", "", "statement.instant", "paid_at"),
        ("2026-03-18T10:12:05+08:00", "18.3.2026", "statement.instant", "paid_at"),
        ("S1", "", "statement.cell", "bank_serial"),
        ("S1", "S" * 65, "statement.cell", "bank_serial"),
        ("6222", "", "statement.cell", "payer_account"),
        ("松涧示例建设集团有限公司", "", "statement.cell", "payer_name"),
        ("7KQ2M4XD", "7" * 65, "statement.cell", "reference"),
    ],
)
def test_a_faulty_cell_is_named(old: str, new: str, code: str, column: str) -> None:
    assert problems(f"{HEADER}\n{ROW.replace(old, new)}") == [(code, f"row.2.{column}")]


def test_all_faults_of_all_rows_at_once() -> None:
    no_amount, long = ROW.replace("S1", "S2").replace("200000.00", "x"), ROW.replace("S1", "S5") + ",more"
    assert problems("\n".join([HEADER, ROW, no_amount, "S3,too,few", ROW.replace("S1", " S1 "), long])) == [
        ("table.row_length", "row.4"), ("table.row_length", "row.6"), ("statement.amount", "row.3.amount_yuan"),
        ("statement.serial_twice", "row.5.bank_serial"),
    ]  # fmt: skip


def test_broken_quotes_and_what_is_too_large() -> None:
    assert problems(f'{HEADER}\n"S1"x,a')[0][0] == "table.not_csv"
    assert problems("x" * (TABLE.characters_max + 1))[0][0] == "table.too_large"
    assert problems("\n".join([HEADER, *["a"] * (TABLE.rows_max + 1)]))[0][0] == "table.row_count"


@given(st.text(max_size=300) | st.text(max_size=200).map(lambda t: f"{HEADER}\n{t}"))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read_statement(text)
    except Refused as refusal:
        assert refusal.problems


words = st.text(st.characters(blacklist_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), min_size=1, max_size=20)


@given(st.lists(st.tuples(words, words, words, st.integers(1, 10**12), words), unique_by=lambda r: r[0], max_size=6))
def test_what_a_csv_writer_writes_is_read_back(rows: list[tuple[str, str, str, int, str]]) -> None:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(TABLE.columns)
    for serial, name, account, fen, reference in rows:
        writer.writerow([serial, "2026-03-18T02:00:00Z", name, account, f"{fen // 100}.{fen % 100:02d}", reference])
    found = [(r.serial, r.payer_name, r.payer_account, r.amount_fen, r.reference) for r in read_statement(out.getvalue())]
    assert found == [tuple(r) for r in rows]
