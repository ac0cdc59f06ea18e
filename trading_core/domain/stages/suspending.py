"""Suspension: what holds a lot, and how its time goes on when nothing holds it any more [01 §1.9, S-01 to S-06, T-12].

A lot is suspended while anything holds it: an open objection, an order of the supervisor, a failure the centre reports, the
principal's own decision. Each hold is lifted by whom it belongs to, or by the clock when its term ends; the last one lifted resumes
the lot. Time that was frozen is given back exactly, and a minimum period that would then end on a rest day ends on the next working day.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import cast

from ..deadlines import shift
from ..errors import Problem, refuse_if
from ..events import Event, Recorded, instant_from, instant_text
from ..fields import Field
from ..identity import Actor, Role
from ..lot import Lot
from ..trade import Act, Command, Facts, Stage, TradeType
from ..workcalendar import DAY, UnknownYear, WorkCalendar, closing_day, start_of_day
from . import lifecycle
from .announcing import CLOCK, HOSTS, REASON, period_facts

OBJECTION, SUPERVISOR, TECHNICAL, PRINCIPAL = "objection", "supervisor", "technical", "principal"
KIND_OF = {Role.SUPERVISOR: SUPERVISOR, Role.CENTRE: TECHNICAL, Role.PRINCIPAL: PRINCIPAL, Role.AGENCY: PRINCIPAL}
RE_EVALUATE = "re_evaluate"
NOTHING_SAID = {"reason": "", "legal_basis": ""}  # an outage: what is said of it is the same for all


@dataclass(frozen=True, slots=True)
class Hold:
    """One reason why a lot stands still. number: of the objection, else counted per lot. until: when an order's term ends."""

    kind: str
    number: int
    at: datetime
    until: datetime | None = None
    organisation: str = ""
    reason: str = ""
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Suspension:
    """holds: what stops the lot now. frozen: points of the schedule that lay ahead when it stopped. placed: holds placed so far by
    order; supervised: the supervisor's was among them. afterwards: ``re_evaluate`` when an upheld objection sends the lot back to
    the committee instead of resuming it. uncounted: points that moved by the bare span into a year without a calendar; counted_at:
    when their rest days were last looked for."""

    holds: tuple[Hold, ...] = ()
    frozen: tuple[str, ...] = ()
    placed: int = 0
    supervised: bool = False
    afterwards: str = ""
    uncounted: tuple[str, ...] = ()
    counted_at: datetime | None = None


def phase(lot: Lot) -> str:
    """The state the lot is in, or will be in again once it is resumed."""
    return lot.resume_to or lot.status


def standing_time(lot: Lot, now: datetime) -> datetime:
    """The instant by which limits of the procedure are judged: while suspended, the one at which time stopped [T-12]."""
    return now if lot.suspended_at is None else min(now, lot.suspended_at)


def re_evaluable(trade: TradeType, lot: Lot) -> bool:
    """Whether there is a report to be done again, and no contract yet [01 §1.2.1]."""
    return "report_submitted" in lot.history and trade.lifecycle.allows(phase(lot), "re_evaluation_ordered")


# ------------------------------------------------------------------ for other decisions

def freeze(lot: Lot, kind: str, basis: str) -> list[Event]:
    """The event that stops a running lot; none when it stands still already."""
    return [] if lot.suspended_at is not None else [Event("suspended", {"kind": kind, "basis": basis})]


def release(
    trade: TradeType, lot: Lot, lifted: tuple[Hold, ...], now: datetime, calendar: WorkCalendar, afterwards: str = ""
) -> list[Event]:
    """What follows when these holds fall away: nothing while others stay, else the lot goes on, or back to its committee."""
    part = lot.part(Suspension)
    if lot.suspended_at is None or set(part.holds) - set(lifted):
        return []
    if RE_EVALUATE in (afterwards, part.afterwards):
        return [Event("re_evaluation_ordered", {"basis": trade.law.get("basis.result_objection", ""), "committee": "same"})]
    rest_days, unknown = _rest_days(trade, lot, part.frozen, now - lot.suspended_at, calendar)
    said: dict[str, object] = {"suspended_at": instant_text(lot.suspended_at), "resume_to": lot.resume_to, "rest_days": rest_days}
    return [Event("resumed", {**said, **({"rest_days_unknown": unknown} if unknown else {})})]


def _rest_days(
    trade: TradeType, lot: Lot, names: tuple[str, ...], frozen: timedelta, calendar: WorkCalendar
) -> tuple[dict[str, int], list[str]]:
    """By how many days each frozen point must move on beyond the frozen span, so that no minimum period ends on a rest day [T-09].

    And the points in a year whose calendar is not yet known: they move by the bare span, and the record says so. Refusing to go on
    would leave the lot in a dead end until that calendar is published [T-15].
    """
    reasons, facts = cast("Mapping[str, str]", lot.terms.get("rest_day_reasons") or {}), period_facts(lot.terms)
    minimums = [p for p in trade.periods if p.is_minimum and p.unit != "hours" and p.lands_on_workday and p.applies_to(facts)]
    bound = {p.end for p in minimums if not reasons.get(p.id)}
    days, unknown = dict.fromkeys(names, 0), []
    for name in sorted(bound & days.keys()):
        day = closing_day(lot.schedule[name] + frozen)
        try:
            days[name] = (calendar.workday_from(day) - day).days
        except UnknownYear:
            unknown.append(name)
    if "opening" in days:
        days["opening"] = days.get("bid_deadline", 0)  # opening is the moment of the deadline [E-T09]
    return days, unknown


def cleared(lot: Lot) -> Lot:
    """The lot after leaving the suspension for good."""
    part = lot.part(Suspension)
    left = replace(part, holds=(), frozen=(), afterwards="")
    return replace(lot, resume_to="", suspended_at=None).with_part(left)


def with_hold(lot: Lot, hold: Hold) -> Lot:
    part = lot.part(Suspension)
    return lot.with_part(replace(part, holds=(*part.holds, hold)))


def without_hold(lot: Lot, kind: str, number: int) -> Lot:
    part = lot.part(Suspension)
    return lot.with_part(replace(part, holds=tuple(h for h in part.holds if (h.kind, h.number) != (kind, number))))


# ------------------------------------------------------------------ decisions

def _order(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    until = command.data.get("until")
    if until is not None and instant_from(str(until)) <= command.received_at:
        refuse_if([Problem("hold.until_past", "until", {"until": until}, "S-03")])
    return _place(lot, command)


def _hold(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    return _place(lot, command)


def _place(lot: Lot, command: Command) -> list[Event]:
    kind, data = KIND_OF[command.actor.role], command.data
    said = {"kind": kind, "number": lot.part(Suspension).placed + 1, "organisation": command.actor.organisation, **data}
    return [Event("hold_placed", said), *freeze(lot, kind, str(data["legal_basis"]))]


def _make_up(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Time stood still from the first moment of an outage, and does so until a while after its end."""
    data, number = command.data, lot.part(Suspension).placed + 1
    hold = {"kind": TECHNICAL, "number": number, "organisation": lot.parties.get("centre", ""), "until": data["until"], **NOTHING_SAID}
    return [Event("hold_placed", hold), Event("suspended", {"kind": TECHNICAL, "since": data["since"]})]


def _resume(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Lift what the actor's side has placed; another's hold stays."""
    holds = lot.part(Suspension).holds
    own = tuple(h for h in holds if _belongs(h, command.actor))
    refuse_if(() if own else [Problem("hold.none_of_yours", params={"kinds": ", ".join(sorted({h.kind for h in holds}))})])
    return _lift(trade, lot, own, command, facts, str(command.data["reason"]))


def _belongs(hold: Hold, actor: Actor) -> bool:
    same_side = hold.kind == KIND_OF[actor.role]
    return same_side and (hold.kind != SUPERVISOR or hold.organisation == actor.organisation)  # the body that paused resumes


def _end_of_term(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    over = tuple(h for h in lot.part(Suspension).holds if h.until is not None and h.until <= command.received_at)
    return _lift(trade, lot, over, command, facts, "S-04a")


def _lift(trade: TradeType, lot: Lot, holds: tuple[Hold, ...], command: Command, facts: Facts, reason: str) -> list[Event]:
    lifted = [Event("hold_lifted", {"kind": h.kind, "number": h.number, "reason": reason}) for h in holds]
    return [*lifted, *release(trade, lot, holds, command.received_at, facts.calendar)]


def _term_over(trade: TradeType, lot: Lot) -> datetime | None:
    return min((h.until for h in lot.part(Suspension).holds if h.until is not None), default=None)


def _count_rest_days(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Roll what moved by the bare span to working days, once the calendar of its year is known; say so while it is not [01 §1.4.3]."""
    ahead = tuple(name for name in lot.part(Suspension).uncounted if name in lot.schedule and lot.schedule[name] > command.received_at)
    names = (*ahead, *(("opening",) if "bid_deadline" in ahead and "opening" in lot.schedule else ()))
    days, unknown = _rest_days(trade, lot, names, timedelta(0), facts.calendar)
    return [Event("rest_days_counted", {"rest_days": {n: d for n, d in days.items() if d}, "rest_days_unknown": unknown})]


def _count_next(trade: TradeType, lot: Lot) -> datetime | None:
    """Daily from the November in which the calendar of the next year is published, as long as a point stays uncounted."""
    part = lot.part(Suspension)
    if not part.uncounted or part.counted_at is None:
        return None
    years = [closing_day(lot.schedule[name]).year for name in part.uncounted if name in lot.schedule]
    return max(part.counted_at + DAY, start_of_day(date(min(years) - 1, 11, 1))) if years else part.counted_at + DAY


# ------------------------------------------------------------------ what events mean

def _suspended(lot: Lot, r: Recorded) -> Lot:
    since = instant_from(str(r.public["since"])) if "since" in r.public else r.at
    ahead = tuple(sorted(name for name, at in lot.schedule.items() if at > since))
    stopped = replace(lot, resume_to=lot.status, suspended_at=since)
    return stopped.with_part(replace(lot.part(Suspension), frozen=ahead))


def _placed(lot: Lot, r: Recorded) -> Lot:
    p, part = r.public, lot.part(Suspension)
    until = instant_from(str(p["until"])) if p.get("until") else None
    number = cast("int", p["number"])
    hold = Hold(str(p["kind"]), number, r.at, until, str(p["organisation"]), str(p["reason"]), str(p["legal_basis"]))
    return with_hold(lot.with_part(replace(part, placed=number, supervised=part.supervised or hold.kind == SUPERVISOR)), hold)


def _lifted(lot: Lot, r: Recorded) -> Lot:
    return without_hold(lot, str(r.public["kind"]), cast("int", r.public["number"]))


def _resumed(lot: Lot, r: Recorded) -> Lot:
    """Every frozen point moves by the span from the stop to this event, to the microsecond."""
    if lot.suspended_at is None:
        raise ValueError("a lot that runs cannot be resumed")
    rest_days = cast("Mapping[str, int]", r.public["rest_days"])
    schedule = shift(lot.schedule, r.at - lot.suspended_at, rest_days)
    after = cleared(_later(replace(lot, schedule=schedule), rest_days))
    part = after.part(Suspension)
    unknown = cast("Sequence[str]", r.public.get("rest_days_unknown", ()))
    uncounted = {*unknown} | {name for name in part.uncounted if name not in rest_days}
    return after.with_part(replace(part, uncounted=tuple(sorted(uncounted)), counted_at=r.at if uncounted else None))


def _counted(lot: Lot, r: Recorded) -> Lot:
    unknown = tuple(cast("Sequence[str]", r.public["rest_days_unknown"]))
    after = _later(lot, cast("Mapping[str, int]", r.public["rest_days"]))
    return after.with_part(replace(after.part(Suspension), uncounted=unknown, counted_at=r.at if unknown else None))


def _later(lot: Lot, days: Mapping[str, int]) -> Lot:
    return replace(lot, schedule={name: at + days.get(name, 0) * DAY for name, at in lot.schedule.items()})


EVOLVE = {"suspended": _suspended, "hold_placed": _placed, "hold_lifted": _lifted, "resumed": _resumed, "rest_days_counted": _counted}

BASIS = Field("legal_basis")
ORDER = (Field("decision_number"), BASIS, REASON, Field("document", "file"))
ACTS = (
    Act("order_suspension", "hold_placed", frozenset({Role.SUPERVISOR}), _order, (*ORDER, Field("until", "instant", required=False)),
        rule="S-03"),
    Act("make_up_outage", "hold_placed", CLOCK, _make_up, (Field("since", "instant"), Field("until", "instant")), rule="S-06"),
    Act("suspend_technically", "hold_placed", frozenset({Role.CENTRE}), _hold, (BASIS, REASON, Field("reported_to")),
        rule="S-06"),
    Act("suspend", "hold_placed", HOSTS, _hold, (BASIS, REASON), rule="S-01"),
    Act("resume", "hold_lifted", frozenset(KIND_OF), _resume, (REASON,), rule="T-12"),
    Act("end_suspension", "hold_lifted", CLOCK, _end_of_term, due=_term_over, rule="S-04a"),
    Act("count_rest_days", "rest_days_counted", CLOCK, _count_rest_days, due=_count_next, rule="T-09"),
)  # fmt: skip
STAGE = Stage(lifecycle.SUSPENSION, ACTS, EVOLVE, (Suspension,))
