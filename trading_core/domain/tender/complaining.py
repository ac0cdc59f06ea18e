"""Complaints to the supervisor: received, accepted or not, decided, each with its term [E-T14, E-T15, E-T16, 10 §10.8].

A complaint stops nothing by itself; what the supervisor orders because of it are its acts of suspending, ordering a new evaluation,
finding an award invalid or declaring the lot failed [S-04a, BLR 62, 81]. Who complains is in the private parts.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import cast

from ..errors import Problem, Refused, refuse_if
from ..events import Event, Recorded
from ..fields import Field
from ..identity import Role
from ..lot import Lot
from ..trade import Act, Command, Facts, TradeType
from ..workcalendar import end_of_day, local_date
from .announcing import FILE, REASON
from .limits import limit, timeliness
from .opening import Opening
from .remedies import Objections

SUPERVISOR = frozenset({Role.SUPERVISOR})
OBJECTED_FIRST = ("document", "opening", "result")
OTHER = "other"
COMPLAINTS_MAX = 200


@dataclass(frozen=True, slots=True)
class Complaint:
    """One complaint, number counting from 1 per lot.

    about: its matter. objection: number of the objection it follows, 0 without one. late: filed after its term. received_at: when the
    supervisor entered it; from then the terms of handling count. accepted: None while undecided. outcome: empty while undecided.
    """

    number: int
    about: str
    objection: int
    late: bool
    received_at: datetime
    accepted: bool | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Complaints:
    """All complaints of a lot."""

    received: tuple[Complaint, ...] = ()

    def open(self) -> tuple[Complaint, ...]:
        return tuple(c for c in self.received if c.accepted is not False and not c.outcome)


def answering_time(lot: Lot, about: str, number: int) -> timedelta:
    """How long the objection took to be answered: that time does not count against who complains [BLR 60]."""
    for o in lot.part(Opening).objections if about == "opening" else lot.part(Objections).raised:
        if o.number == number and o.answered_at is not None:
            return o.answered_at - o.at
    return timedelta(0)


def objected(lot: Lot, about: str, number: int) -> bool:
    """Whether that objection was raised on that matter."""
    if about == "opening":
        return any(o.number == number for o in lot.part(Opening).objections)
    return any(o.number == number and o.about == about for o in lot.part(Objections).raised)


# ------------------------------------------------------------------ decisions

def _receive(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Enter a complaint as it came in; one that is late or lacks its objection is recorded and not accepted [T-15, BLR 60]."""
    data, part = command.data, lot.part(Complaints)
    about, objection = str(data["about"]), cast("int", data.get("objection") or 0)
    filed, known = (date.fromisoformat(str(data[name])) for name in ("filed_on", "known_on"))
    problems = []
    if not known <= filed <= local_date(command.received_at):
        problems.append(Problem("complaint.days", "filed_on", {"known": known.isoformat(), "filed": filed.isoformat()}, "E-T14"))
    if objection and not objected(lot, about, objection):
        problems.append(Problem("complaint.no_such_objection", "objection", {"number": objection}, "BLR 60"))
    if len(part.received) >= COMPLAINTS_MAX:
        problems.append(Problem("complaint.too_many", params={"maximum": COMPLAINTS_MAX}))
    refuse_if(problems)
    found = limit(trade, lot, "fact_known", "complaint_filed", end_of_day(known) - timedelta(seconds=1), facts.calendar)
    last = found.at + answering_time(lot, about, objection) if found is not None and found.at is not None else None
    public = {"number": len(part.received) + 1, "about": about, "objection": objection, "known_on": data["known_on"],
              "filed_on": data["filed_on"], "late": last is not None and end_of_day(filed) > last}  # fmt: skip
    return [Event("complaint_received", public, {k: data[k] for k in ("complainant", "text", "files") if k in data})]


def _decide_acceptance(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Accept it or not, with the reason: too late, or without the objection that the law asks for first, it is not accepted."""
    complaint, data = _numbered(lot, command.data["number"]), command.data
    problems = []
    if complaint.accepted is not None:
        problems.append(Problem("complaint.decided_before", "number", {"number": complaint.number}))
    if data["accepted"]:
        problems += _obstacles(complaint)
    refuse_if(problems)
    due = limit(trade, lot, "complaint_received", "complaint_acceptance", complaint.received_at, facts.calendar)
    said = {"number": complaint.number, "accepted": data["accepted"], "reason": data["reason"]}
    return [Event("complaint_acceptance_decided", {**said, **timeliness(due, command.received_at, data.get("late_reason"))})]


def _obstacles(complaint: Complaint) -> Iterator[Problem]:
    if complaint.late:
        yield Problem("complaint.late", "accepted", {"number": complaint.number}, "E-T14")
    if complaint.about in OBJECTED_FIRST and not complaint.objection:
        yield Problem("complaint.objection_first", "accepted", {"number": complaint.number}, "BLR 60")


def _decide(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The decision on an accepted complaint. The day of receipt counts as that of acceptance: the earlier limit [10 §10.8]."""
    complaint, data = _numbered(lot, command.data["number"]), command.data
    problems = []
    if not complaint.accepted:
        problems.append(Problem("complaint.not_accepted", "number", {"number": complaint.number}, "BLR 61"))
    if complaint.outcome:
        problems.append(Problem("complaint.decided_before", "number", {"number": complaint.number}))
    refuse_if(problems)
    due = limit(trade, lot, "complaint_accepted", "complaint_decided", complaint.received_at, facts.calendar)
    said = {k: data[k] for k in ("number", "outcome", "decision_number", "reason", "document")}
    return [Event("complaint_decided", {**said, **timeliness(due, command.received_at, data.get("late_reason"))})]


def _numbered(lot: Lot, number: object) -> Complaint:
    found = next((c for c in lot.part(Complaints).received if c.number == number), None)
    if found is None:
        raise Refused(Problem("complaint.unknown", "number", {"number": number}))
    return found


# ------------------------------------------------------------------ what events mean

def _received(lot: Lot, r: Recorded) -> Lot:
    p = r.public
    complaint = Complaint(cast("int", p["number"]), str(p["about"]), cast("int", p["objection"]), bool(p["late"]), r.at)
    return lot.with_part(Complaints((*lot.part(Complaints).received, complaint)))


def _acceptance(lot: Lot, r: Recorded) -> Lot:
    return _changed(lot, r, accepted=bool(r.public["accepted"]))


def _decided(lot: Lot, r: Recorded) -> Lot:
    return _changed(lot, r, outcome=str(r.public["outcome"]))


def _changed(lot: Lot, r: Recorded, **values: object) -> Lot:
    known = lot.part(Complaints).received
    after = tuple(replace(c, **values) if c.number == r.public["number"] else c for c in known)  # type: ignore[arg-type]
    return lot.with_part(Complaints(after))


EVOLVE = {"complaint_received": _received, "complaint_acceptance_decided": _acceptance, "complaint_decided": _decided}

NUMBER = Field("number", "integer", minimum=1)
LATE = Field("late_reason", "long_text", required=False, maximum=4000)
ACTS = (
    Act("receive_complaint", "complaint_received", SUPERVISOR, _receive, (
        Field("about", "choice", choices=(*OBJECTED_FIRST, OTHER)), Field("complainant"), Field("known_on", "date"),
        Field("filed_on", "date"), Field("objection", "integer", required=False, minimum=1), Field("text", "long_text", maximum=8000),
        Field("files", "list", required=False, maximum=20, fields=FILE)), rule="E-T14"),
    Act("decide_complaint_acceptance", "complaint_acceptance_decided", SUPERVISOR, _decide_acceptance, (
        NUMBER, Field("accepted", "boolean"), REASON, LATE), irrevocable=True, rule="E-T15"),
    Act("decide_complaint", "complaint_decided", SUPERVISOR, _decide, (
        NUMBER, Field("outcome", "choice", choices=("upheld", "partly_upheld", "rejected", "withdrawn")), Field("decision_number"),
        REASON, Field("document", "file"), LATE), irrevocable=True, rule="E-T16"),
)  # fmt: skip
