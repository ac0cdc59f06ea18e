"""Records: entering a ban that was decided, withdrawing one whose decision was revoked."""
from __future__ import annotations

from trading_core.domain.errors import Forbidden, Problem, Refused, refuse_if
from trading_core.domain.identity import Actor, Role
from trading_core.domain.workcalendar import local_date
from trading_core.platform import Unit
from trading_core.services.organisations import signed_by

from .. import tables
from ..domain.admission import SHA256, TEXT_MAX, check_entry
from ..domain.record import Entry, Record, entry_private, entry_public

REASON_MAX = 2000


def enter(unit: Unit, by: Actor, entry: Entry) -> str:
    """Publish a record that rests on a decision of the supervisor's own; its case. It counts from this instant on, within its dates.

    Raises `Refused` with everything wrong, `Forbidden` for everybody but supervisors: the centre lists nobody [FCR16 10(1)].
    """
    require(by, "enter_credit_record", Role.SUPERVISOR)
    if entry.snapshot:
        raise ValueError("a record entered here comes from no copy of a list")
    refuse_if(check_entry(entry, local_date(unit.now)))
    case = unit.platform.entropy.token_bytes(16).hex()
    append_entry(unit, by, case, 0, "record_entered", entry)
    return case


def append_entry(unit: Unit, by: Actor, case: str, version: int, kind: str, entry: Entry) -> None:
    """Record an entry that has been checked."""
    event = signed_by(by, kind, {"case": case, **entry_public(entry)}, entry_private(entry))
    unit.store.append(f"credit/{case}", version, [event], unit.now)


def withdraw(unit: Unit, by: Actor, case: str, document: str, document_sha256: str, reason: str) -> None:
    """Take back a record whose decision was revoked or an error: as if it never was [09 §9.4]. Only who entered it can.

    Raises `Refused`, `Forbidden`.
    """
    require(by, "withdraw_credit_record", Role.SUPERVISOR)
    record = known(unit, case)
    if record.entry.snapshot:
        raise Refused(Problem("credit.kept_elsewhere", "case"))
    if record.keeper != by.organisation:
        raise Refused(Problem("credit.other_keeper", "case", rule="09 §9.4"))
    problems = [] if not record.withdrawn else [Problem("credit.withdrawn_before", "case")]
    if not 2 <= len(document) <= TEXT_MAX or not document.isprintable():
        problems.append(Problem("credit.document", "document", {"maximum": TEXT_MAX}, "CR-3"))
    if not SHA256.fullmatch(document_sha256):
        problems.append(Problem("credit.document_file", "document_sha256", rule="CR-3"))
    if not 2 <= len(reason.strip()) <= REASON_MAX:
        problems.append(Problem("credit.reason", "reason", {"maximum": REASON_MAX}))
    refuse_if(problems)
    public = {"case": case, "document": document, "document_sha256": document_sha256}
    event = signed_by(by, "record_withdrawn", public, {"reason": reason.strip()})
    unit.store.append(f"credit/{case}", record.version, [event], unit.now)


def known(unit: Unit, case: str) -> Record:
    """The record of a case. Raises `Forbidden` when there is none."""
    found = tables.find(unit.store, case)
    if found is None:
        raise Forbidden(Problem("credit.unknown", "case"))
    return found


def require(by: Actor, permission: str, *roles: Role) -> None:
    """Raise `Forbidden` unless the actor has one of the roles, for an organisation."""
    if by.role not in roles or not by.organisation:
        raise Forbidden(Problem("permission.denied", params={"permission": permission}))
