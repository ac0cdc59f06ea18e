"""Documents begin to be given out: the periods of preparation run from this moment, not from the one that was planned [02 §2.11(1)].

A start that comes late (the service was down, or the lot stood still) may leave less time than the law asks for. Then the start itself
moves the deadlines, just far enough, and says so in its event: never in secret, never earlier [A-07, E-T01, E-T03].
"""
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from ..deadlines import delayed
from ..events import Event, Recorded, instant_from, instant_text
from ..lot import Lot
from ..periods import Period
from ..trade import Act, Command, Decide, Evolve, Facts, Stage, TradeType
from . import lifecycle
from .announcing import CLOCK, period_facts

IN_ORDER = Period("01 §1.2", "issue_end", "bid_deadline", 1, "days", "at_least", "forward", "", True, start_closes=True)
"""Whoever fetches the document on its last day can still bid: a start that moves that day takes the deadline along."""


def starting(event: str, start: str) -> Decide:
    """The decision that lets a span of issuing begin; `start` is its point in the schedule."""
    def decide(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
        periods = (*trade.periods, IN_ORDER)
        moved = delayed(periods, lot.schedule, start, command.received_at, period_facts(lot.terms), facts.calendar)
        moves = {name: {"before": instant_text(lot.schedule[name]), "after": instant_text(at)} for name, at in sorted(moved.items())}
        return [Event(event, {"moves": moves})]
    return decide


def started(start: str) -> Evolve:
    """What the event means: the point is the real moment, and the deadlines are where it moved them."""
    def evolve(lot: Lot, r: Recorded) -> Lot:
        moves = cast("Mapping[str, Mapping[str, str]]", r.public["moves"])
        return with_deadlines(lot.with_schedule(**{start: r.at}), {name: instant_from(m["after"]) for name, m in moves.items()})
    return evolve


def with_deadlines(lot: Lot, moved: Mapping[str, datetime]) -> Lot:
    """The lot with these deadlines. Bids are opened at the moment of theirs [E-T09]."""
    opening = {"opening": moved["bid_deadline"]} if "bid_deadline" in moved and "opening" in lot.schedule else {}
    return lot.with_schedule(**moved, **opening)


def _open_bidding(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    return [Event("bidding_opened")]


def _issue_over(trade: TradeType, lot: Lot) -> datetime | None:
    """Bidding is the state after issuing; bids may come in as soon as documents are out [01 §1.2 BIDDING]."""
    return lot.schedule.get("issue_end")


EVOLVE = {"issuing_started": started("issue_start")}
ACTS = (
    Act("start_issuing", "issuing_started", CLOCK, starting("issuing_started", "issue_start"),
        due=lambda _, lot: lot.schedule.get("issue_start"), documents=("clarification",), rule="E-T03"),
    Act("open_bidding", "bidding_opened", CLOCK, _open_bidding, due=_issue_over),
)  # fmt: skip
STAGE = Stage(lifecycle.ISSUING, ACTS, EVOLVE, ())
