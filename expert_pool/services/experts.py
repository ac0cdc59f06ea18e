"""Experts: entering them in a pool, pausing, suspending, removing them, finding them."""
from __future__ import annotations

from datetime import date

from trading_core.domain.errors import Forbidden, Problem, refuse_if
from trading_core.domain.events import Event
from trading_core.domain.identity import Actor, Role
from trading_core.domain.workcalendar import local_date
from trading_core.platform import Unit
from trading_core.services.organisations import signed_by

from .. import tables
from ..domain.expert import Expert, State, registration
from ..domain.lifecycle import LIFECYCLE, MAY_END, PERMANENT, REASONS

NOTE_MAX = 2000


def check_place(unit: Unit, expert: Expert) -> list[Problem]:
    """Why the pool has no place for a record: its number is taken, or the person is or was in it."""
    problems = [Problem("expert.number_taken", "number")] if tables.find(unit.store, expert.number) else []
    for member in tables.of_person(unit.store, expert.person) if expert.person else ():
        if member.pool == expert.pool:
            code = "expert.removed_for_good" if member.permanent else "expert.in_pool"
            problems.append(Problem(code, "person", {"pool": expert.pool}, "08 §8.1"))
    return problems


def append_registration(unit: Unit, by: Actor, expert: Expert) -> None:
    """Record a registration that has been checked."""
    public, private = registration(expert)
    unit.store.append(f"expert/{expert.number}", 0, [signed_by(by, "expert_registered", public, private)], unit.now)


def pause(unit: Unit, by: Actor, number: str, reason: str, until: date | None = None, note: str = "") -> None:
    """Take an expert out from today on, to the end of a day or until somebody resumes. Reason and note stay private."""
    expert = _permitted(unit, by, number, "expert_paused")
    problems = [*_check_reason(by, "expert_paused", reason, note), *_check_state(unit, expert, "expert_paused")]
    if until is not None and until < local_date(unit.now):
        problems.append(Problem("expert.ends_in_the_past", "until"))
    refuse_if(problems)
    public = {"from": local_date(unit.now).isoformat(), "until": until.isoformat() if until else None}
    _append(unit, expert, signed_by(by, "expert_paused", public, {"reason": reason, "note": note}))


def resume(unit: Unit, by: Actor, number: str, reason: str, note: str = "") -> None:
    """Bring a paused expert back today. Whoever is below the one who paused cannot."""
    expert = _permitted(unit, by, number, "expert_resumed")
    problems = [*_check_reason(by, "expert_resumed", reason, note), *_check_state(unit, expert, "expert_resumed")]
    running = [a for a in expert.absences if a.state is State.PAUSED and a.covers(local_date(unit.now))]
    if any(a.by not in MAY_END[by.role.value] for a in running):
        problems.append(Problem("expert.paused_by_other", "number"))
    refuse_if(problems)
    _append(unit, expert, signed_by(by, "expert_resumed", {}, {"reason": reason, "note": note}))


def suspend(unit: Unit, by: Actor, number: str, document: str, document_sha256: str, since: date, until: date) -> None:
    """Carry out a supervisor's decision that bars an expert from a day to a day, both included [BLR 71]; published [BLR 78]."""
    expert = _permitted(unit, by, number, "expert_suspended")
    problems = [*_check_state(unit, expert, "expert_suspended"), *_check_document(document, document_sha256)]
    if until < since:
        problems.append(Problem("expert.runs_backwards", "until"))
    elif until < local_date(unit.now):
        problems.append(Problem("expert.ends_in_the_past", "until"))
    refuse_if(problems)
    public = {"document": document, "document_sha256": document_sha256, "from": since.isoformat(), "until": until.isoformat()}
    _append(unit, expert, signed_by(by, "expert_suspended", public))


def lift_suspension(unit: Unit, by: Actor, number: str, document: str, document_sha256: str) -> None:
    """End a suspension today by a new decision."""
    expert = _permitted(unit, by, number, "suspension_lifted")
    refuse_if([*_check_state(unit, expert, "suspension_lifted"), *_check_document(document, document_sha256)])
    public = {"document": document, "document_sha256": document_sha256}
    _append(unit, expert, signed_by(by, "suspension_lifted", public))


def remove(unit: Unit, by: Actor, number: str, reason: str, note: str = "") -> None:
    """Take an expert out of the pool; for good when the reason is criminal or bribery [08 §8.1]. The reason stays private."""
    expert = _permitted(unit, by, number, "expert_removed")
    refuse_if([*_check_reason(by, "expert_removed", reason, note), *_check_state(unit, expert, "expert_removed")])
    public = {"permanent": reason in PERMANENT}
    _append(unit, expert, signed_by(by, "expert_removed", public, {"reason": reason, "note": note}))


# ------------------------------------------------------------------ finding

def number_of(unit: Unit, person: str, pool: str = "") -> str | None:
    """The number of a person in a pool, in the first pool they are in when none is named; None when they are in none."""
    found = tables.of_person(unit.store, person) if person else []
    return next((e.number for e in found if not pool or e.pool == pool), None)


def name_of(unit: Unit, number: str) -> str | None:
    """The name of an expert, None when there is none or it was erased. The caller has checked `see_expert_names`."""
    expert = tables.find(unit.store, number)
    if expert is None or not expert.person:
        return None
    private = unit.store.read(f"person/{expert.person}")[0].recorded().private
    return str(private["name"]) if private else None


# ------------------------------------------------------------------ permission and checks

def require_role(by: Actor, event: str) -> None:
    """Raise `Forbidden` unless the role may bring the event about."""
    if by.role not in REASONS[event]:
        raise Forbidden(Problem("permission.denied", params={"permission": event}))


def _permitted(unit: Unit, by: Actor, number: str, event: str) -> Expert:
    """The expert, when the actor may do this to him. To everybody else he looks absent."""
    expert = tables.find(unit.store, number)
    own = expert is not None and by.person == expert.person
    if expert is None or by.role not in REASONS[event] or (by.role is Role.EXPERT and not own):
        raise Forbidden(Problem("expert.unknown", "number"))
    return expert


def _check_reason(by: Actor, event: str, reason: str, note: str) -> list[Problem]:
    choices = REASONS[event][by.role]
    problems = [] if reason in choices else [Problem("expert.reason", "reason", {"choices": ", ".join(choices)})]
    if len(note) > NOTE_MAX:
        problems.append(Problem("field.too_long", "note", {"maximum": NOTE_MAX, "length": len(note)}))
    return problems


def _check_state(unit: Unit, expert: Expert, event: str) -> list[Problem]:
    state = expert.state_on(local_date(unit.now))
    if LIFECYCLE.allows(state.value, event):
        return []
    return [Problem("expert.state", "number", {"state": state.value, "event": event}, "08 §8.1")]


def _check_document(number: str, sha256: str) -> list[Problem]:
    problems = [] if 2 <= len(number) <= 100 and number.isprintable() else [Problem("expert.document", "document", rule="BLR 78")]
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        problems.append(Problem("field.not_hash", "document_sha256"))
    return problems


def _append(unit: Unit, expert: Expert, event: Event) -> None:
    unit.store.append(f"expert/{expert.number}", expert.version, [event], unit.now)
