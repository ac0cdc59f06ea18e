"""A list as CSV, as its keeper hands it out (docs/formats-lists.md): read strictly, every fault at once."""
from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from trading_core.domain.csvtable import Table
from trading_core.domain.errors import Problem
from trading_core.domain.organisation import name_key
from trading_core.domain.uscc import normalise

from .admission import check_entry
from .lists import Effect
from .record import Document, Entry, Subject

TABLE = Table((
    "name", "uscc", "organisation_code", "document_number", "body", "document_date", "basis", "document_sha256", "valid_from",
    "valid_to", "trades", "effect",
), rows_max=20_000, characters_max=10_000_000)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list. row: its line in the file, from 1. key: the same in every copy of the list that has this listing."""

    row: int
    key: str
    entry: Entry


def snapshot_of(text: str) -> str:
    """SHA-256 (hex) of a list's file: the UTF-8 bytes as they came."""
    return hashlib.sha256(text.encode()).hexdigest()


def key_of(entry: Entry) -> str:
    """The natural key of a listing: the list, the decision, and whom it names."""
    who = entry.subject.uscc or entry.subject.organisation_code or name_key(entry.subject.name)
    return "\0".join(("credit case", entry.list, entry.document.number, who))


def read_list(code: str, text: str, today: date) -> tuple[list[Listed], list[Problem]]:
    """The good lines of a list, in its order, and every problem of the others, its path being ``row.<line>.<column>``.

    Raises `Refused` when the file as a whole cannot be read as a list. A list without lines is one that nobody is on.
    """
    snapshot = snapshot_of(text)
    rows, problems = TABLE.read(text)
    listed: list[Listed] = []
    for row in rows:
        found = _read_row(row.line, code, row.cells, snapshot, today, listed)
        problems += (Problem(p.code, f"row.{row.line}.{p.path}", p.params, p.rule) for p in found)
    return listed, [*problems, *_twice(listed)]


def _read_row(n: int, code: str, row: Mapping[str, str], snapshot: str, today: date, listed: list[Listed]) -> list[Problem]:
    """The problems of a row; a row without any is added to `listed`."""
    found: list[Problem] = []
    document_date, valid_from, valid_to = (_day(row, column, found) for column in ("document_date", "valid_from", "valid_to"))
    if row["effect"] not in ("", Effect.SHOWN.value):
        found.append(Problem("credit_list.effect", "effect", rule="CR-1"))
    found += (Problem("credit_list.date_missing", c, rule="CR-3") for c in ("document_date", "valid_from") if not row[c])
    entry = Entry(
        list=code,
        subject=Subject(row["name"], normalise(row["uscc"]), normalise(row["organisation_code"]).replace("-", "")),
        document=Document(row["document_number"], row["body"], document_date or today, row["basis"], row["document_sha256"].lower()),
        valid_from=valid_from or date.min,
        valid_to=valid_to,
        trades=tuple(row["trades"].split()),
        only_shown=row["effect"] == Effect.SHOWN.value,
        snapshot=snapshot,
    )
    ends_well = not any(p.path == "valid_to" for p in found)
    found += (p for p in check_entry(entry, today) if ends_well or p.path != "valid_to")
    if not found:
        listed.append(Listed(n, key_of(entry), entry))
    return found


def _day(row: Mapping[str, str], column: str, found: list[Problem]) -> date | None:
    if not row[column]:
        return None
    try:
        day = date.fromisoformat(row[column])
    except ValueError:
        day = None
    if day is None or day.isoformat() != row[column]:  # 20260301 and 2026-W09-7 are dates for Python, not for a reader
        found.append(Problem("credit_list.date", column))
        return None
    return day


def _twice(listed: list[Listed]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for entry in listed:
        if entry.key in first:
            yield Problem("credit_list.listed_twice", f"row.{entry.row}.document_number", {"first": first[entry.key]})
        first.setdefault(entry.key, entry.row)
