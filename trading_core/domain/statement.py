"""A bank statement of received deposits as CSV (docs/formats-deposits.md): read strictly, every fault of every row at once."""
from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Iterator, Mapping

from .errors import Problem, Refused, refuse_if
from .events import instant_from
from .ledger import Receipt
from .money import fen_from_yuan

COLUMNS = ("bank_serial", "paid_at", "payer_name", "payer_account", "amount_yuan", "reference")
ROWS_MAX = 5000
CHARACTERS_MAX = 2_000_000
WIDTHS: Mapping[str, int] = {"bank_serial": 64, "payer_name": 200, "payer_account": 64, "reference": 64}
OPTIONAL = frozenset({"reference"})  # payers forget it: such money is kept and given back


def read_statement(text: str) -> list[Receipt]:
    """The receipts of a statement, in its order. Raises `Refused` with every problem, its path being ``row.<line>.<column>``;
    a serial that comes twice is one of them."""
    if len(text) > CHARACTERS_MAX:
        raise Refused(Problem("statement.too_large", params={"maximum": CHARACTERS_MAX}))
    try:
        rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))
    except csv.Error as error:
        raise Refused(Problem("statement.not_csv", params={"reason": str(error)})) from None
    if not rows or tuple(rows[0]) != COLUMNS:
        raise Refused(Problem("statement.header", "row.1", {"columns": ",".join(COLUMNS)}))
    if len(rows) - 1 > ROWS_MAX:
        raise Refused(Problem("statement.too_many_rows", params={"maximum": ROWS_MAX}))
    receipts: list[Receipt] = []
    lines = [(n, row) for n, row in enumerate(rows[1:], 2) if row]
    refuse_if([*_all(lines, receipts), *_twice(lines)])
    return receipts


def _all(lines: list[tuple[int, list[str]]], receipts: list[Receipt]) -> Iterator[Problem]:
    for n, row in lines:
        if len(row) != len(COLUMNS):
            yield Problem("statement.row_length", f"row.{n}", {"found": len(row), "expected": len(COLUMNS)})
            continue
        yield from _row(n, dict(zip(COLUMNS, (cell.strip() for cell in row), strict=True)), receipts)


def _row(n: int, row: Mapping[str, str], receipts: list[Receipt]) -> Iterator[Problem]:
    problems = [
        Problem("statement.cell", f"row.{n}.{name}", {"maximum": width})
        for name, width in WIDTHS.items()
        if len(row[name]) > width or not (row[name] or name in OPTIONAL) or any(ord(c) < 32 for c in row[name])
    ]
    amount = 0
    with contextlib.suppress(Refused):
        amount = fen_from_yuan(row["amount_yuan"])
    if amount <= 0:
        problems.append(Problem("statement.amount", f"row.{n}.amount_yuan"))
    try:
        paid_at = instant_from(row["paid_at"])
    except ValueError:
        problems.append(Problem("statement.instant", f"row.{n}.paid_at"))
    if problems:
        yield from problems
        return
    receipts.append(Receipt(row["bank_serial"], paid_at, row["payer_name"], row["payer_account"], amount, row["reference"]))


def _twice(lines: list[tuple[int, list[str]]]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for n, row in lines:
        serial = row[0].strip()
        if serial in first:
            yield Problem("statement.serial_twice", f"row.{n}.bank_serial", {"first": first[serial]})
        first.setdefault(serial, n)
