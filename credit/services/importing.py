"""Taking over a copy of a list: what is new, what changed, and what its keeper has taken off."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from trading_core.domain.errors import Problem, refuse_if
from trading_core.domain.events import instant_text
from trading_core.domain.identity import Actor, Role
from trading_core.domain.workcalendar import local_date
from trading_core.platform import Unit
from trading_core.services.organisations import signed_by

from .. import tables
from ..domain.listing import Listed, read_list, snapshot_of
from ..domain.lists import LISTS
from ..domain.record import Entry, Record
from .records import append_entry, require

SOURCE_MAX = 300


@dataclass(frozen=True, slots=True)
class Imported:
    """What a copy brought: its SHA-256, and how many records were entered, changed, taken off and left as they were."""

    sha256: str
    entered: int
    changed: int
    delisted: int
    same: int


def import_list(unit: Unit, by: Actor, code: str, csv_text: str, source: str, taken_at: datetime) -> Imported:
    """Bring a list up to the copy that was taken from its source (a channel's address) at an instant. Format: docs/formats-lists.md.

    The copy is the whole list: a record that an earlier copy had and this one has not ends its effect now, since its keeper has taken
    it off. Records that supervisors entered here are left alone. Raises `Refused` with every problem of every line, `Forbidden`,
    `Conflict`.
    """
    require(by, "import_credit_list", Role.CENTRE, Role.SUPERVISOR)
    before = tables.copy_of(unit.store, code)
    refuse_if(_check_copy(code, source, taken_at, before, unit.now))
    listed, problems = read_list(code, csv_text, local_date(unit.now))
    refuse_if(problems)
    result = _take_over(unit, by, listed, tables.imported(unit.store, code), snapshot_of(csv_text))
    public = {
        "list": code, "source": source, "taken_at": instant_text(taken_at), "sha256": result.sha256, "rows": len(listed),
        "entered": result.entered, "changed": result.changed, "delisted": result.delisted,
    }  # fmt: skip
    unit.store.append(f"credit-list/{code}", before.version if before else 0, [signed_by(by, "list_imported", public)], unit.now)
    return result


def _check_copy(code: str, source: str, taken_at: datetime, before: tables.Copy | None, now: datetime) -> list[Problem]:
    problems = []
    if code not in LISTS:
        problems.append(Problem("credit.unknown_list", "list", {"lists": ", ".join(LISTS)}, "CR-1"))
    if not 2 <= len(source) <= SOURCE_MAX or not source.isprintable():
        problems.append(Problem("credit_list.source", "source", {"maximum": SOURCE_MAX}, "CR-5"))
    if taken_at > now:
        problems.append(Problem("credit_list.taken_in_future", "taken_at"))
    if before is not None and taken_at < before.taken_at:
        problems.append(Problem("credit_list.older_copy", "taken_at", {"newest": instant_text(before.taken_at)}))
    return problems


def _take_over(unit: Unit, by: Actor, listed: Sequence[Listed], before: Mapping[str, Record], snapshot: str) -> Imported:
    entered = changed = 0
    now_listed = {_case(unit, line): line.entry for line in listed}
    for case, entry in now_listed.items():
        record = before.get(case)
        if record is None:
            append_entry(unit, by, case, 0, "record_entered", entry)
            entered += 1
        elif record.delisted_at is not None or not _same(record.entry, entry):
            append_entry(unit, by, case, record.version, "record_changed", entry)
            changed += 1
    gone = [r for case, r in before.items() if case not in now_listed and r.delisted_at is None]
    for r in gone:
        event = signed_by(by, "record_delisted", {"case": r.case, "snapshot": snapshot})
        unit.store.append(f"credit/{r.case}", r.version, [event], unit.now)
    return Imported(snapshot, entered, changed, len(gone), len(listed) - entered - changed)


def _case(unit: Unit, line: Listed) -> str:
    """The case of a listing, the same for every copy. Keyed: nobody can try out codes to learn whom a record named."""
    return unit.store.vault.blind(line.key)[:16].hex()


def _same(one: Entry, other: Entry) -> bool:
    """Whether two copies say the same of a listing."""
    return replace(one, snapshot="") == replace(other, snapshot="")
