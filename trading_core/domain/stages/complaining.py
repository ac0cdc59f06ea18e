"""Complaints to the supervisor: received, accepted or not, decided, each with its term [E-T14, E-T15, E-T16, 10 §10.8].

A complaint stops nothing by itself; what the supervisor orders because of it are its acts of suspending, ordering a new evaluation,
finding an award invalid or declaring the lot failed [S-04a, BLR 62, 81]. Who complains is in the private parts.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import cast

from ..deadlines import Due, due_dates, excluding
from ..errors import Problem, Refused, refuse_if
from ..events import Event, Recorded, instant_from, instant_text
from ..fields import Field
from ..identity import Role
from ..lot import Lot
from ..trade import Act, Command, Facts, Stage, TradeType
from ..workcalendar import DAY, UnknownYear, WorkCalendar, end_of_day, local_date
from . import lifecycle
from .announcing import FILE, REASON
from .limits import limit, period_between, timeliness
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
    spans: days that do not count, for inspection, testing or expert review; stopped_at: since when such a time runs; decide_by: when
    the decision is due, None while the time stands still.
    """

    number: int
    about: str
    objection: int
    late: bool
    received_at: datetime
    accepted: bool | None = None
    outcome: str = ""
    spans: tuple[tuple[date, date], ...] = ()
    stopped_at: datetime | None = None
    decide_by: datetime | None = None

    def spans_until(self, now: datetime) -> tuple[tuple[date, date], ...]:
        """The days that do not count as things stand; the day of receipt never counted [T-01]."""
        if self.stopped_at is None:
            return self.spans
        first = max(local_date(self.stopped_at), local_date(self.received_at) + DAY)
        return (*self.spans, (first, local_date(now))) if first <= local_date(now) else self.spans


@dataclass(frozen=True, slots=True)
class Complaints:
    """All complaints of a lot."""

    received: tuple[Complaint, ...] = ()

    def open(self) -> tuple[Complaint, ...]:
        return tuple(c for c in self.received if c.accepted is not False and not c.outcome)


def answering_time(lot: Lot, about: str, number: int) -> timedelta:
    """How long the objection took to be answered: that time does not count against who complains [BLR 60]."""
    for o in lot.part(Objections).on_the_spot if about == "opening" else lot.part(Objections).raised:
        if o.number == number and o.answered_at is not None:
            return o.answered_at - o.at
    return timedelta(0)


def objected(lot: Lot, about: str, number: int) -> bool:
    """Whether that objection was raised on that matter."""
    if about == "opening":
        return any(o.number == number for o in lot.part(Objections).on_the_spot)
    return any(o.number == number and o.about == about for o in lot.part(Objections).raised)


def decision_limit(trade: TradeType, lot: Lot, complaint: Complaint, now: datetime, calendar: WorkCalendar) -> Due | None:
    """When the decision is due, without the time that inspection, testing and expert review took [BLR 61, T-13].

    The day of receipt counts as that of acceptance: the earlier limit [10 §10.8]."""
    period = period_between(trade, lot, "complaint_accepted", "complaint_decided")
    try:
        counted = excluding(period, complaint.spans_until(now), calendar) if period else None
    except UnknownYear:
        return None
    return due_dates([counted], {counted.start: complaint.received_at}, {}, calendar)[0] if counted else None


def _due_text(due: Due | None) -> str:
    return instant_text(due.at) if due is not None and due.at is not None else ""


# ------------------------------------------------------------------ decisions

def _receive(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Enter a complaint as it came in; one that is late or lacks its objection is recorded and not accepted [T-15, BLR 60]."""
    data, part = command.data, lot.part(Complaints)
    about, objection = str(data["about"]), cast("int", data.get("objection") or 0)
    filed, known = (date.fromisoformat(str(data[name])) for name in ("filed_on", "known_on"))
    problems = []
    if not known <= filed <= local_date(command.received_at):
        problems.append(Problem("complaint.days", "filed_on", {"known": known.isoformat(), "filed": filed.isoformat()}))
    if objection and not objected(lot, about, objection):
        problems.append(Problem("complaint.no_such_objection", "objection", {"number": objection}))
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
    decide_by = _due_text(decision_limit(trade, lot, complaint, command.received_at, facts.calendar)) if data["accepted"] else ""
    said = {"number": complaint.number, "accepted": data["accepted"], "reason": data["reason"], "decision_due": decide_by}
    return [Event("complaint_acceptance_decided", {**said, **timeliness(due, command.received_at, data.get("late_reason"))})]


def _obstacles(complaint: Complaint) -> Iterator[Problem]:
    if complaint.late:
        yield Problem("complaint.late", "accepted", {"number": complaint.number})
    if complaint.about in OBJECTED_FIRST and not complaint.objection:
        yield Problem("complaint.objection_first", "accepted", {"number": complaint.number})


def _decide(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The decision on an accepted complaint. It ends a time that does not count."""
    complaint, data = _numbered(lot, command.data["number"]), command.data
    refuse_if(_undecided(complaint))
    due = decision_limit(trade, lot, complaint, command.received_at, facts.calendar)
    said = {k: data[k] for k in ("number", "outcome", "decision_number", "reason", "document")}
    return [Event("complaint_decided", {**said, **timeliness(due, command.received_at, data.get("late_reason"))})]


def _undecided(complaint: Complaint) -> Iterator[Problem]:
    if not complaint.accepted:
        yield Problem("complaint.not_accepted", "number", {"number": complaint.number})
    if complaint.outcome:
        yield Problem("complaint.decided_before", "number", {"number": complaint.number})


def _stop_time(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """From today the days do not count: something has to be inspected, tested or looked at by experts [BLR 61]."""
    complaint, data = _numbered(lot, command.data["number"]), command.data
    problems = list(_undecided(complaint))
    if complaint.stopped_at is not None:
        problems.append(Problem("complaint.time_stopped", "number", {"number": complaint.number}, "T-13"))
    refuse_if(problems)
    return [Event("complaint_time_stopped", {k: data[k] for k in ("number", "stopped_for", "reason")})]


def _run_time(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The finding is there: from tomorrow the days count again."""
    complaint = _numbered(lot, command.data["number"])
    problems = list(_undecided(complaint))
    if complaint.stopped_at is None:
        problems.append(Problem("complaint.time_runs", "number", {"number": complaint.number}, "T-13"))
    refuse_if(problems)
    spans = [[first.isoformat(), last.isoformat()] for first, last in complaint.spans_until(command.received_at)]
    decide_by = _due_text(decision_limit(trade, lot, complaint, command.received_at, facts.calendar))
    return [Event("complaint_time_resumed", {"number": complaint.number, "spans": spans, "decision_due": decide_by})]


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
    return _changed(lot, r, accepted=bool(r.public["accepted"]), decide_by=_due_of(r))


def _due_of(r: Recorded) -> datetime | None:
    return instant_from(str(r.public["decision_due"])) if r.public["decision_due"] else None


def _stopped(lot: Lot, r: Recorded) -> Lot:
    return _changed(lot, r, stopped_at=r.at, decide_by=None)


def _running(lot: Lot, r: Recorded) -> Lot:
    spans = tuple((date.fromisoformat(a), date.fromisoformat(b)) for a, b in cast("list[list[str]]", r.public["spans"]))
    return _changed(lot, r, spans=spans, stopped_at=None, decide_by=_due_of(r))


def _decided(lot: Lot, r: Recorded) -> Lot:
    return _changed(lot, r, outcome=str(r.public["outcome"]))


def _changed(lot: Lot, r: Recorded, **values: object) -> Lot:
    known = lot.part(Complaints).received
    after = tuple(replace(c, **values) if c.number == r.public["number"] else c for c in known)  # type: ignore[arg-type]
    return lot.with_part(Complaints(after))


EVOLVE = {
    "complaint_received": _received, "complaint_acceptance_decided": _acceptance, "complaint_decided": _decided,
    "complaint_time_stopped": _stopped, "complaint_time_resumed": _running,
}  # fmt: skip

NUMBER = Field("number", "integer", minimum=1)
LATE = Field("late_reason", "long_text", required=False, maximum=4000)
ACTS = (
    Act("receive_complaint", "complaint_received", SUPERVISOR, _receive, (
        Field("about", "choice", choices=(*OBJECTED_FIRST, OTHER)), Field("complainant"), Field("known_on", "date"),
        Field("filed_on", "date"), Field("objection", "integer", required=False, minimum=1), Field("text", "long_text", maximum=8000),
        Field("files", "list", required=False, maximum=20, fields=FILE)), rule="E-T14"),
    Act("decide_complaint_acceptance", "complaint_acceptance_decided", SUPERVISOR, _decide_acceptance, (
        NUMBER, Field("accepted", "boolean"), REASON, LATE), irrevocable=True, rule="E-T15"),
    Act("stop_complaint_time", "complaint_time_stopped", SUPERVISOR, _stop_time, (
        NUMBER, Field("stopped_for", "choice", choices=("inspection", "testing", "appraisal", "expert_review")), REASON), rule="BLR 61"),
    Act("run_complaint_time", "complaint_time_resumed", SUPERVISOR, _run_time, (NUMBER,), rule="BLR 61"),
    Act("decide_complaint", "complaint_decided", SUPERVISOR, _decide, (
        NUMBER, Field("outcome", "choice", choices=("upheld", "partly_upheld", "rejected", "withdrawn")), Field("decision_number"),
        REASON, Field("document", "file"), LATE), irrevocable=True, rule="E-T16"),
)  # fmt: skip
STAGE = Stage(lifecycle.COMPLAINTS, ACTS, EVOLVE, (Complaints,))
