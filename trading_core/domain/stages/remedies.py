"""Objections to the tender document and to the result: raised, frozen, answered, withdrawn [01 §1.9, 02 §2.9, 10 §10.8].

Objections at the opening are raised and answered on the spot (see `opening`). Before the opening nobody may learn who is interested
in a tender [BL 22]: whoever objects to a document shows a commitment to their name, as with a bid, and can prove later that they did.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from ..errors import Problem, Refused, refuse_if
from ..events import Event, Recorded, instant_from, instant_text
from ..fields import Field
from ..identity import Role
from ..lot import Lot
from ..trade import Act, Command, Facts, Stage, TradeType
from ..workcalendar import WorkCalendar
from . import lifecycle
from .announcing import FILE, HOSTS
from .limits import limit, timeliness
from .suspending import (
    OBJECTION,
    RE_EVALUATE,
    Hold,
    Suspension,
    freeze,
    phase,
    re_evaluable,
    release,
    standing_time,
    with_hold,
    without_hold,
)

DOCUMENT, RESULT = "document", "result"
REPUBLISH, NO_EFFECT = "republish", "no_effect"
UPHELD = frozenset({"upheld", "partly_upheld"})
OBJECTIONS_MAX = 200
BIDDER = frozenset({Role.BIDDER})


@dataclass(frozen=True, slots=True)
class Objection:
    """One objection, number counting from 1 per lot.

    about: ``document`` or ``result``. late: raised after its window; it is answered but stops nothing [T-15]. due: when the answer
    is. organisation: who objected to a result; commitment: of who objected to a document. remedy: what an upheld objection to a
    result leads to.
    """

    number: int
    about: str
    text: str
    at: datetime
    late: bool
    due: datetime | None = None
    organisation: str = ""
    commitment: str = ""
    contact: str = ""
    outcome: str = ""
    answer: str = ""
    remedy: str = ""
    answered_at: datetime | None = None
    withdrawn_at: datetime | None = None

    @property
    def open(self) -> bool:
        return self.answered_at is None and self.withdrawn_at is None


@dataclass(frozen=True, slots=True)
class OnTheSpot:
    """An objection raised at the opening and its answer [S-02]."""

    number: int
    organisation: str
    text: str
    at: datetime
    answer: str = ""
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Objections:
    """All objections of a lot. on_the_spot: those raised at an opening. republish: an upheld one asks for a new publicity of corrected
    candidates."""

    raised: tuple[Objection, ...] = ()
    on_the_spot: tuple[OnTheSpot, ...] = ()
    republish: bool = False

    def open(self) -> tuple[Objection, ...]:
        return tuple(o for o in self.raised if o.open)

    def numbered(self, number: object) -> Objection | None:
        return next((o for o in self.raised if o.number == number), None)


def open_problems(lot: Lot) -> Iterator[Problem]:
    """Nothing is decided over an objection that nobody has answered, be it late or not [01 §1.2 AWARDED]."""
    numbers = [str(o.number) for o in lot.part(Objections).open()]
    if numbers:
        yield Problem("objection.open", params={"numbers": ", ".join(numbers)}, rule="S-01")


# ------------------------------------------------------------------ the windows

def document_window(trade: TradeType, lot: Lot, calendar: WorkCalendar) -> datetime | None:
    """When the window for objections to the document closes; None when no deadline is planned yet [E-T06, E-T07]."""
    deadline_name, cutoff = _DOCUMENT_POINTS[phase(lot).startswith("PREQ_")]
    deadline = lot.schedule.get(deadline_name)
    if deadline is None:
        return None
    found = limit(trade, lot, deadline_name, cutoff, deadline, calendar)
    return found.at if found is not None and found.at is not None else deadline


_DOCUMENT_POINTS = {
    False: ("bid_deadline", "document_objection_cutoff"),
    True: ("application_deadline", "prequalification_objection_cutoff"),
}


def result_window(lot: Lot) -> datetime | None:
    """When the window for objections to the result closes: with the publicity of candidates [E-T12]."""
    return lot.schedule.get("publicity_end")


# ------------------------------------------------------------------ decisions

def _object_to_document(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Who objects is checked in passing; only what they committed to is kept [BL 22, 10 §10.8]."""
    data, problems = command.data, list(_raising_problems(lot))
    if facts["objector_commitment"] != data["objector_commitment"]:
        problems.append(Problem("objection.other_identity", "objector_commitment"))
    refuse_if(problems)
    window = document_window(trade, lot, facts.calendar)
    said = {"objector_commitment": data["objector_commitment"], "text": data["text"], "contact": data.get("contact", "")}
    return _raise(trade, lot, command, facts, DOCUMENT, window, said, None)


def _object_to_result(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    window, problems = result_window(lot), list(_raising_problems(lot))
    if window is None:
        problems.append(Problem("objection.no_result_yet"))
    refuse_if(problems)
    private = {"organisation": command.actor.organisation, "text": command.data["text"], "files": command.data.get("files", [])}
    return _raise(trade, lot, command, facts, RESULT, window, {}, private)


def _raising_problems(lot: Lot) -> Iterator[Problem]:
    if len(lot.part(Objections).raised) >= OBJECTIONS_MAX:
        yield Problem("objection.too_many", params={"maximum": OBJECTIONS_MAX})


def _raise(
    trade: TradeType, lot: Lot, command: Command, facts: Facts, about: str, window: datetime | None, said: Mapping[str, object],
    private: Mapping[str, object] | None,
) -> list[Event]:  # fmt: skip
    """A late objection is recorded like any other and will be answered as late; only one in time stops the lot [S-01, T-15]."""
    now = command.received_at
    late = window is not None and standing_time(lot, now) >= window
    due = limit(trade, lot, f"{about}_objection_raised", f"{about}_objection_answered", now, facts.calendar)
    public = {
        "number": len(lot.part(Objections).raised) + 1, "about": about, "late": late, **said,
        "window": instant_text(window) if window is not None else "",
        "answer_due": instant_text(due.at) if due is not None and due.at is not None else "",
    }  # fmt: skip
    return [Event("objection_raised", public, private), *([] if late else freeze(lot, OBJECTION, _basis(trade, about)))]


def _basis(trade: TradeType, about: str) -> str:
    """The article by which such an objection stops the lot or sends it back."""
    return trade.law.get(f"basis.{about}_objection", "")


def _answer(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The answer, and what follows: the lot goes on once nothing holds it, or returns to its committee [02 §2.9]."""
    data, now = command.data, command.received_at
    found = lot.part(Objections).numbered(data["number"])
    if found is None or not found.open:
        raise Refused(Problem("objection.not_open", "number", {"number": data["number"]}))
    remedy = str(data.get("remedy", ""))
    refuse_if(_remedy_problems(trade, lot, found, str(data["outcome"]), remedy))
    due = limit(trade, lot, f"{found.about}_objection_raised", f"{found.about}_objection_answered", found.at, facts.calendar)
    answered = Event("objection_answered", {
        "number": found.number, "about": found.about, "raised_late": found.late, "outcome": data["outcome"], "answer": data["answer"],
        "remedy": remedy, **timeliness(due, now, data.get("late_reason")),
    })  # fmt: skip
    return [answered, *_go_on(trade, lot, found, command, facts, remedy)]


def _remedy_problems(trade: TradeType, lot: Lot, objection: Objection, outcome: str, remedy: str) -> Iterator[Problem]:
    """An upheld objection to the result says what becomes of the result, and only what is still possible."""
    wanted = objection.about == RESULT and outcome in UPHELD
    if wanted and not remedy:
        yield Problem("objection.remedy_missing", "remedy")
    elif remedy and not wanted:
        yield Problem("objection.remedy_without_ground", "remedy")
    possible = {RE_EVALUATE: re_evaluable(trade, lot), REPUBLISH: trade.lifecycle.allows(phase(lot), "publicity_ended")}
    if not possible.get(remedy, True):
        yield Problem("objection.remedy_too_late", "remedy", {"state": phase(lot)})


def _go_on(trade: TradeType, lot: Lot, objection: Objection, command: Command, facts: Facts, remedy: str) -> list[Event]:
    if lot.suspended_at is None:
        return [Event("re_evaluation_ordered", {"basis": _basis(trade, RESULT), "committee": "same"})] if remedy == RE_EVALUATE else []
    hold = tuple(h for h in lot.part(Suspension).holds if (h.kind, h.number) == (OBJECTION, objection.number))
    return release(trade, lot, hold, command.received_at, facts.calendar, remedy)


def _withdraw(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Only who raised it takes it back; who objected to a document shows the salt of their commitment again."""
    number = command.data["number"]
    found = lot.part(Objections).numbered(number)
    own = found is not None and found.open and (
        found.organisation == command.actor.organisation if found.about == RESULT else found.commitment == facts["objector_commitment"]
    )  # fmt: skip
    if found is None or not own:
        raise Refused(Problem("objection.not_yours", "number", {"number": number}))
    return [Event("objection_withdrawn", {"number": number}), *_go_on(trade, lot, found, command, facts, "")]


# ------------------------------------------------------------------ what events mean

def _raised(lot: Lot, r: Recorded) -> Lot:
    p, private, part = r.public, r.private or {}, lot.part(Objections)
    due = instant_from(str(p["answer_due"])) if p["answer_due"] else None
    objection = Objection(
        cast("int", p["number"]), str(p["about"]), str(p.get("text") or private.get("text", "")), r.at, bool(p["late"]), due,
        str(private.get("organisation", "")), str(p.get("objector_commitment", "")), str(p.get("contact", "")),
    )  # fmt: skip
    after = lot.with_part(replace(part, raised=(*part.raised, objection)))
    return after if objection.late else with_hold(after, Hold(OBJECTION, objection.number, r.at))


def _answered(lot: Lot, r: Recorded) -> Lot:
    p, part = r.public, lot.part(Objections)
    remedy = str(p["remedy"])
    done = _replaced(part.raised, p["number"], outcome=str(p["outcome"]), answer=str(p["answer"]), remedy=remedy, answered_at=r.at)
    after = lot.with_part(replace(part, raised=done, republish=part.republish or remedy == REPUBLISH))
    if remedy == RE_EVALUATE:
        after = after.with_part(replace(after.part(Suspension), afterwards=RE_EVALUATE))
    return without_hold(after, OBJECTION, cast("int", p["number"]))


def _withdrawn(lot: Lot, r: Recorded) -> Lot:
    part = lot.part(Objections)
    after = lot.with_part(replace(part, raised=_replaced(part.raised, r.public["number"], withdrawn_at=r.at)))
    return without_hold(after, OBJECTION, cast("int", r.public["number"]))


def _replaced(raised: Sequence[Objection], number: object, **values: object) -> tuple[Objection, ...]:
    return tuple(replace(o, **values) if o.number == number else o for o in raised)  # type: ignore[arg-type]


EVOLVE = {"objection_raised": _raised, "objection_answered": _answered, "objection_withdrawn": _withdrawn}

NUMBER = Field("number", "integer", minimum=1)
SALT = Field("salt", "hash", secret=True)
ACTS = (
    Act("object_to_document", "objection_raised", BIDDER, _object_to_document, (
        Field("text", "long_text", maximum=8000), Field("objector_commitment", "hash"), SALT, Field("contact", required=False)),
        needs=frozenset({"objector_commitment"}), rule="E-T07"),
    Act("object_to_result", "objection_raised", BIDDER, _object_to_result, (
        Field("text", "long_text", maximum=8000), Field("files", "list", required=False, maximum=20, fields=FILE)), rule="E-T12"),
    Act("answer_objection", "objection_answered", HOSTS, _answer, (
        NUMBER, Field("outcome", "choice", choices=("upheld", "partly_upheld", "rejected")), Field("answer", "long_text", maximum=8000),
        Field("remedy", "choice", required=False, choices=(RE_EVALUATE, REPUBLISH, NO_EFFECT)),
        Field("late_reason", "long_text", required=False, maximum=4000)), documents=("objection_answer",), rule="E-T08"),
    Act("withdraw_objection", "objection_withdrawn", BIDDER, _withdraw, (NUMBER, replace(SALT, required=False)),
        needs=frozenset({"objector_commitment"}), irrevocable=True, rule="10 §10.8"),
)  # fmt: skip
STAGE = Stage(lifecycle.OBJECTIONS, ACTS, EVOLVE, (Objections,))
