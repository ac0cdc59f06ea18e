"""The right of priority: its holder takes the leading price, within the rounds, after them, or at their end [05 §5.6 RF-A, B, C]."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import cast

from ..errors import Problem, refuse_if
from ..events import Event, Recorded, instant_text
from ..fields import Field
from ..lot import Lot
from ..stages.registering import BIDDER, Registration
from ..trade import Act, Command, Facts, TradeType
from .bidding import RIGHT, answered, bid_event, bid_of, moved
from .entry import END, EXERCISING, LISTING, TIMED, eligible, entrants, late, received, rights
from .hall import Bid, Hall
from .rules import AFTER, LAST, WITHIN, Rules, rules_of

MEANT = (
    Field("amount_fen", "money", required=False, minimum=1, rule="05 §5.6"),
    Field("terms", "integer", required=False, minimum=1, maximum=10**9, rule="04 §4.5"),
)
"""The offer that is taken or let pass: with it, nothing happens once another leads."""


def _exercise(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """A right holder takes the leading price: within the rounds others may go higher, afterwards nobody may [05 §5.6 RF-A, B, C]."""
    rules, hall, now = rules_of(lot.terms), lot.part(Hall), received(lot, command)
    paddle = lot.part(Registration).paddle_of(command.actor.organisation)
    refuse_if([*_exercise_problems(rules, lot, hall, paddle, now), *_moved_problems(hall, command)])
    top = cast("Bid", hall.top)
    bid = replace(top, number=hall.count + 1, paddle=paddle, at=now)
    event = bid_event(rules, lot, bid, RIGHT, {"person": command.actor.person}, lot.status == TIMED)
    return [replace(event, type="right_exercised"), *_going_on(rules, lot, hall.with_bid(bid, by_right=True), now)]


def _exercise_problems(rules: Rules, lot: Lot, hall: Hall, paddle: str, now: datetime) -> Iterator[Problem]:
    held, rank = rights(lot), rights(lot).get(paddle, 0)
    rounds = (TIMED, LISTING) if rules.extension else (TIMED,)
    where: tuple[str, ...] = {WITHIN: rounds, AFTER: (EXERCISING,), LAST: (EXERCISING,)}.get(rules.priority, ())
    if not rank:
        yield Problem("auction.no_right")
    elif lot.status == "SUSPENDED":
        yield Problem("auction.paused", params={"state": lot.status})
    elif lot.status not in where:
        yield Problem("auction.right_not_now", params={"state": lot.status})
    elif now >= lot.schedule[END]:
        yield late(lot, now)
    elif hall.top is None:
        yield Problem("auction.nothing_to_match")
    elif hall.top.paddle == paddle:
        yield Problem("auction.you_lead")
    elif hall.top.paddle in held and held[hall.top.paddle] <= rank:
        yield Problem("auction.right_lower")


def _moved_problems(hall: Hall, command: Command) -> Iterator[Problem]:
    """The price that was meant leads no more: nobody takes or lets pass a price it has not seen."""
    meant, top = command.data.get("amount_fen"), hall.top
    if meant is not None and top is not None and (meant, command.data.get("terms", 0)) != (top.amount_fen, top.terms):
        yield Problem("auction.price_moved", "amount_fen", {"amount_fen": top.amount_fen})


def _going_on(rules: Rules, lot: Lot, hall: Hall, now: datetime) -> list[Event]:
    """Where others may still go higher, their standing bids do so at once; at the end a whole round begins for them first [RF-B, RF-C]."""
    if rules.priority == AFTER:
        return []
    if rules.priority == WITHIN:
        return answered(rules, lot, hall, lot.status == TIMED, eligible(rules, lot), now)
    who = hall.entrants or entrants(rules, lot, hall)
    began = Event("timed_bidding_began", {"ends": instant_text(now + rules.round), **({} if hall.entrants else {"entrants": list(who)})})
    return [began, *answered(rules, lot, hall, True, frozenset(who), now)]


def _waive(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """A right holder lets the last price pass."""
    hall, paddle = lot.part(Hall), lot.part(Registration).paddle_of(command.actor.organisation)
    found = [] if rights(lot).get(paddle) else [Problem("auction.no_right")]
    if paddle in hall.answered:
        found.append(Problem("auction.right_answered"))
    refuse_if([*found, *_moved_problems(hall, command)])
    return [Event("right_waived", {"paddle": paddle})]


# ------------------------------------------------------------------ what events mean

def _exercised(lot: Lot, r: Recorded) -> Lot:
    hall = lot.part(Hall).with_bid(bid_of(r), by_right=True)
    answered = tuple(dict.fromkeys((*hall.answered, str(r.public["paddle"]))))
    return moved(lot.with_part(replace(hall, answered=answered)), r)


def _waived(lot: Lot, r: Recorded) -> Lot:
    hall = lot.part(Hall)
    return lot.with_part(replace(hall, answered=(*hall.answered, str(r.public["paddle"]))))


EVOLVE = {"right_exercised": _exercised, "right_waived": _waived}
ACTS = (
    Act("exercise_right", "right_exercised", BIDDER, _exercise, MEANT, irrevocable=True, rule="05 §5.6"),
    Act("waive_right", "right_waived", BIDDER, _waive, MEANT, irrevocable=True, rule="05 §5.6"),
)
