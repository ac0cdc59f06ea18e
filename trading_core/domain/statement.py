"""A bank statement of received deposits as CSV (docs/formats-deposits.md): read strictly, every fault of every row at once."""
from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

from .csvtable import Row, Table
from .errors import Problem, Refused, refuse_if
from .events import instant_from
from .ledger import Receipt
from .money import fen_from_yuan

TABLE = Table(
    ("bank_serial", "paid_at", "payer_name", "payer_account", "amount_yuan", "reference"), rows_max=5000, characters_max=2_000_000
)
WIDTHS: Mapping[str, int] = {"bank_serial": 64, "payer_name": 200, "payer_account": 64, "reference": 64}
OPTIONAL = frozenset({"reference"})  # payers forget it: such money is kept and given back


def read_statement(text: str) -> list[Receipt]:
    """The receipts of a statement, in its order. Raises `Refused` with every problem, its path being ``row.<line>.<column>``;
    a serial that comes twice is one of them."""
    rows, problems = TABLE.read(text)
    receipts: list[Receipt] = []
    for row in rows:
        problems += _row(row.line, row.cells, receipts)
    refuse_if([*problems, *_twice(rows)])
    return receipts


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


def _twice(rows: list[Row]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for row in rows:
        serial = row.cells["bank_serial"]
        if serial in first:
            yield Problem("statement.serial_twice", f"row.{row.line}.bank_serial", {"first": first[serial]})
        first.setdefault(serial, row.line)
