"""What a supervisor watches: running lots with their lights and clocks, and each lot's course, from the record and the periods."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from pyramid.httpexceptions import HTTPNotFound

from trading_core.domain.identity import Actor, Role
from trading_core.domain.lot import Lot
from trading_core.domain.workcalendar import local_date
from trading_core.services import lots

from . import lot_page
from .contexts import LotOf, Site, lot_context
from .models import Clock, Line, PeriodLine

if TYPE_CHECKING:
    from pyramid.request import Request

Light = Literal["red", "yellow", "green"]
LIGHTS: tuple[Light, ...] = ("red", "yellow", "green")
SOON = timedelta(days=3)
REFUSED = frozenset({"report_refused", "seat_recused", "expert_refused", "failed", "terminated", "invalidated", "document_illegal",
                     "document_defective"})  # fmt: skip
STOPPED = frozenset({"suspended", "hold_placed"})
REACHED = frozenset(lot_page.POINTS.values())  # points that an event fixes: one that has not come by its limit is overdue
FILTERS = ("red", "yellow", "opening", "evaluating", "suspended")


@dataclass(frozen=True)
class Watched:
    """A running lot on the console. faults: periods broken or overdue; due: the next limit that the procedure has to keep."""

    lot: Lot
    light: Light
    faults: tuple[PeriodLine, ...]
    due: PeriodLine | None
    clock: Clock | None

    def fits(self, chosen: str, now: datetime) -> bool:
        """Whether the lot belongs under a tile of the console."""
        deadline = self.lot.schedule.get("bid_deadline")
        match chosen:
            case "red" | "yellow":
                return self.light == chosen
            case "opening":
                return deadline is not None and local_date(deadline) == local_date(now)
            case "evaluating":
                return self.lot.status in ("OPENED", "EVALUATING")
            case "suspended":
                return self.lot.status == "SUSPENDED"
        return True


@dataclass(frozen=True, slots=True)
class Step:
    """A line of a lot's course. mark: ``late``, ``refused``, ``stopped`` or empty; reason: what was stated for it. person: whose data
    the reader may ask for."""

    line: Line
    mark: str
    reason: str = ""
    person: str = ""


def limit_of(w: Watched) -> float:
    return w.due.limit.timestamp() if w.due is not None and w.due.limit is not None else 0


def supervises(lot: Lot, actor: Actor) -> bool:
    return lot.parties.get(Role.SUPERVISOR.value) in (None, actor.organisation)


def watched(request: Request, lot: Lot) -> Watched:
    """A lot with its light, from the statutory periods and what has happened; folded state only, without reading its stream."""
    trade, now, calendar = lots.trade_of(request.unit, lot), request.unit.now, request.platform.calendar
    happened = [Line(at, name, name) for name, at in sorted(lot.history.items(), key=lambda e: (e[1], e[0]), reverse=True)]
    periods = lot_page.periods(trade, lot, happened, calendar)
    faults = tuple(p for p in periods if p.kind in ("blocked", "late") or overdue(p, now))
    due = next_due(periods, now)
    soon = due is not None and due.limit is not None and due.limit - now <= SOON
    light: Light = "red" if faults else "yellow" if soon or lot.status == "SUSPENDED" else "green"
    return Watched(lot, light, faults, due, lot_page.clock(trade, lot, happened, calendar, now, request.words))


def overdue(p: PeriodLine, now: datetime) -> bool:
    """An upper limit that has passed without its point having come."""
    return p.kind == "ahead" and p.bound == "at_most" and not p.backward and p.end in REACHED and p.limit is not None and p.limit < now


def next_due(periods: Iterable[PeriodLine], now: datetime) -> PeriodLine | None:
    """The upper limit that runs out next."""
    upper = [p for p in periods if p.kind == "ahead" and p.bound == "at_most" and p.end in REACHED]
    ahead = [(p.limit, p.rule, p) for p in upper if p.limit is not None and p.limit >= now]
    return min(ahead, key=lambda a: a[:2])[2] if ahead else None


# ------------------------------------------------------------------ one lot

def supervised_lot(request: Request) -> LotOf | Site:
    """A published lot that the reader supervises."""
    if request.identity is None:
        return Site(request)
    found, actor = lot_context(request), request.identity.actor
    if actor.role is not Role.SUPERVISOR or not supervises(found.lot, actor) or not found.published:
        raise HTTPNotFound
    return found


def step(line: Line) -> Step:
    """What kind of step it was: late by its own account, refused, or stopped."""
    p = line.public
    failed = line.type in REFUSED or (line.type == "bid_opened" and p.get("ok") is False)
    mark = "late" if p.get("late") is True else "refused" if failed else "stopped" if line.type in STOPPED else ""
    reason = str(p.get("late_reason") or p.get("delay_reason") or "")
    if line.type == "opening_started" and reason:
        mark = mark or "late"
    return Step(line, mark, reason)


