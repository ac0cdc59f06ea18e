"""Who may bid and from when until when, and who may take the price by right [04 §4.4, 05 §5.6]."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from ..errors import Problem
from ..events import instant_text
from ..lot import Lot
from ..stages.registering import Registration
from ..stages.suspending import phase
from ..trade import Command
from .hall import Hall
from .rules import LAST, REGISTERED, WITHIN, Rules

LISTING, QUIET, PREPARING, TIMED, EXERCISING = "LISTING", "QUIET", "PREPARING", "TIMED", "EXERCISING"
OVER = {"ANNOUNCED": "auction.not_yet", "QUIET": "auction.quiet", "PREPARING": "auction.preparing", "EXERCISING": "auction.exercising",
        "DEAL": "auction.over", "SUSPENDED": "auction.paused"}  # fmt: skip
BEGINNINGS = ("listing_started", "timed_bidding_began", "exercise_opened", "resumed", "phase_restored")
END = "phase_end"


def eligible(rules: Rules, lot: Lot) -> frozenset[str]:
    """The numbers under which one may bid in the running phase."""
    hall = lot.part(Hall)
    return frozenset(hall.entrants) if phase(lot) == TIMED else frozenset(a.paddle for a in lot.part(Registration).admitted())


def rights(lot: Lot) -> Mapping[str, int]:
    """Rank of the right of priority by number, of those admitted who have one."""
    return {a.paddle: a.right for a in lot.part(Registration).admitted() if a.right}


def askable(lot: Lot) -> frozenset[str]:
    """The right holders who could still take the leading price: of a better rank than the leader, and without an answer yet."""
    hall, held = lot.part(Hall), rights(lot)
    if hall.top is None:
        return frozenset()
    leads = held.get(hall.top.paddle)
    return frozenset(p for p, rank in held.items() if p != hall.top.paddle and p not in hall.answered and (leads is None or rank < leads))


def entrants(rules: Rules, lot: Lot, hall: Hall) -> tuple[str, ...]:
    """Who may take part in the rounds, as the notice says. A right to be used in them or after them is not lost by not bidding before:
    what its holder loses by silence the law says [05 §5.6]."""
    if rules.timed_entry == REGISTERED:
        return tuple(a.paddle for a in lot.part(Registration).admitted())
    return tuple(sorted({*hall.bidders, *(rights(lot) if rules.priority in (WITHIN, LAST) else ())}))


def is_capped(rules: Rules, hall: Hall) -> bool:
    """Whether the price cap is reached, so that other terms decide [04 §4.5]."""
    return bool(rules.cap_fen) and hall.top is not None and hall.top.amount_fen == rules.cap_fen


def received(lot: Lot, command: Command) -> datetime:
    """When the bid counts as received: never before the one decided before it, nor before its phase began or went on. What waited
    for that would else end the round too early."""
    top = lot.part(Hall).top
    before = [*([top.at] if top is not None else []), *(lot.history[e] for e in BEGINNINGS if e in lot.history)]
    return max([command.received_at, *before])


def late(lot: Lot, now: datetime) -> Problem:
    """What came at the end of the phase or after it."""
    return Problem("auction.late", params={"end": instant_text(lot.schedule[END]), "received": instant_text(now)})


def entry_problems(rules: Rules, lot: Lot, paddle: str, now: datetime) -> Iterator[Problem]:
    """Why somebody may not bid now, whatever the amount."""
    if not paddle:
        yield Problem("auction.not_admitted")
    if lot.status in OVER:
        yield Problem(OVER[lot.status], params={"state": lot.status})
    elif now >= lot.schedule[END]:
        yield late(lot, now)
    elif paddle and paddle not in eligible(rules, lot):
        yield Problem("auction.not_in_timed")
