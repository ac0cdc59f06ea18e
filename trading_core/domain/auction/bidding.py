"""What bidders do in the hall: bid, leave a standing bid, ask for timed bidding [04 §4.4, 05 §5.4].

The instant that counts is the one at which the server received the bid; of two in one instant the one decided first. A bid at the very
end of a phase is too late. Accepted bids rise strictly, and the record holds each of them in its order.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import cast

from ..errors import Problem, refuse_if
from ..events import Event, Recorded, instant_from, instant_text
from ..fields import Field
from ..lot import Lot
from ..stages.registering import BIDDER, Registration
from ..trade import Act, Command, Facts, TradeType
from .bids import amount_problems, answers, standing_problems, terms_problems
from .entry import END, LISTING, QUIET, TIMED, eligible, entry_problems, is_capped, late, received
from .hall import Bid, Hall
from .rules import TERMS, WISHED, Rules, rules_of

HAND, STANDING, RIGHT = "hand", "standing", "right"


# ------------------------------------------------------------------ decisions

def _place(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    rules, hall, data, now = rules_of(lot.terms), lot.part(Hall), command.data, received(lot, command)
    paddle, timed = lot.part(Registration).paddle_of(command.actor.organisation), lot.status == TIMED
    found = list(entry_problems(rules, lot, paddle, now))
    amount, terms = cast("int", data["amount_fen"]), cast("int", data.get("terms") or 0)
    if hall.top is not None and paddle and hall.top.paddle == paddle and not hall.by_right:
        found.append(Problem("auction.you_lead", "amount_fen"))
    elif not found:
        found += _offer_problems(rules, hall, timed, amount, terms)
    refuse_if(found)
    bid = Bid(hall.count + 1, paddle, amount, now, terms)
    event = bid_event(rules, lot, bid, HAND, {"person": command.actor.person}, timed)
    return [event, *answered(rules, lot, hall.with_bid(bid), timed, eligible(rules, lot), now)]


def _offer_problems(rules: Rules, hall: Hall, timed: bool, amount_fen: int, terms: int) -> Iterator[Problem]:
    if is_capped(rules, hall) and rules.cap_then == TERMS:
        if amount_fen != rules.cap_fen:
            yield Problem("auction.cap_reached", "amount_fen", {"cap_fen": rules.cap_fen})
        yield from terms_problems(rules, hall, terms)
        return
    if terms:
        yield Problem("auction.terms_not_yet", "terms")
    yield from amount_problems(rules, hall, timed, amount_fen)


def answered(rules: Rules, lot: Lot, hall: Hall, timed: bool, who: frozenset[str], at: datetime) -> list[Event]:
    """What standing bids answer where the bidding stands so, as events of the same instant. They know no terms beyond the price."""
    if is_capped(rules, hall):
        return []
    return [bid_event(rules, lot, b, STANDING, None, timed) for b in answers(rules, hall, timed, who, at)]


def bid_event(rules: Rules, lot: Lot, bid: Bid, how: str, private: Mapping[str, object] | None, timed: bool) -> Event:
    """The event of an accepted bid. timed: whether it is made in timed bidding, which the same act may have begun."""
    moved = _moved_end(rules, lot, bid.at, timed)
    said = {"number": bid.number, "paddle": bid.paddle, "amount_fen": bid.amount_fen, "how": how, "received_at": instant_text(bid.at)}
    return Event("bid_placed", {
        **said, **({"terms": bid.terms} if bid.terms else {}), **({"ends": instant_text(moved)} if moved is not None else {}),
    }, private)  # fmt: skip


def _moved_end(rules: Rules, lot: Lot, at: datetime, timed: bool) -> datetime | None:
    """The new end of the phase: a bid gives a whole round in timed bidding, and near the end of free bidding that prolongs itself."""
    near = rules.extension and lot.status == LISTING and at >= lot.schedule[END] - rules.round
    return at + rules.round if timed or near else None


def _leave(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Leave a standing bid, or raise it: it answers at once where somebody else leads. Nobody learns its limit before the end."""
    rules, hall, now = rules_of(lot.terms), lot.part(Hall), received(lot, command)
    paddle, timed = lot.part(Registration).paddle_of(command.actor.organisation), lot.status == TIMED
    limit_fen = cast("int", command.data["limit_fen"])
    found = list(entry_problems(rules, lot, paddle, now))
    if is_capped(rules, hall):
        found.append(Problem("auction.cap_reached", "limit_fen", {"cap_fen": rules.cap_fen}))
    if not found:
        found += standing_problems(rules, hall, timed, paddle, limit_fen)
    refuse_if(found)
    said = {"paddle": paddle, "received_at": instant_text(now)}
    left = Event("standing_bid_left", said, {"limit_fen": limit_fen, "person": command.actor.person})
    after = hall.with_standing(paddle, limit_fen, now)
    return [left, *answered(rules, lot, after, timed, eligible(rules, lot), now)]


def _wish(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """A bidder asks for timed bidding; it needs a bid of its own for that [39 19]."""
    rules, hall = rules_of(lot.terms), lot.part(Hall)
    paddle, found = lot.part(Registration).paddle_of(command.actor.organisation), []
    if rules.timed_when != WISHED:
        found.append(Problem("auction.wish_not_asked"))
    if paddle not in hall.bidders:
        found.append(Problem("auction.no_bid_of_yours"))
    if paddle in hall.wishes:
        found.append(Problem("auction.wished_before"))
    over = lot.status == QUIET or not rules.quiet  # the quiet window is time to ask
    if over and command.received_at >= lot.schedule[END]:
        found.append(late(lot, command.received_at))
    refuse_if(found)
    return [Event("timed_bidding_wished", {"paddle": paddle})]


# ------------------------------------------------------------------ what events mean

def bid_of(r: Recorded) -> Bid:
    """The bid that an event tells."""
    p = r.public
    return Bid(cast("int", p["number"]), str(p["paddle"]), cast("int", p["amount_fen"]), instant_from(str(p["received_at"])),
               cast("int", p.get("terms", 0)))  # fmt: skip


def moved(lot: Lot, r: Recorded) -> Lot:
    """The lot with the end of the phase where the event moved it."""
    if "ends" not in r.public:
        return lot
    ends = instant_from(str(r.public["ends"]))
    listing = {LISTING: ends + rules_of(lot.terms).quiet, QUIET: ends}.get(lot.status)
    return lot.with_schedule(phase_end=ends, **({"listing_end": listing} if listing is not None else {}))


def _bid_placed(lot: Lot, r: Recorded) -> Lot:
    return moved(lot.with_part(lot.part(Hall).with_bid(bid_of(r))), r)


def _left(lot: Lot, r: Recorded) -> Lot:
    p, limit_fen = r.public, cast("int", (r.private or {}).get("limit_fen", 0))
    return lot.with_part(lot.part(Hall).with_standing(str(p["paddle"]), limit_fen, instant_from(str(p["received_at"]))))


def _wished(lot: Lot, r: Recorded) -> Lot:
    hall = lot.part(Hall)
    return lot.with_part(replace(hall, wishes=(*hall.wishes, str(r.public["paddle"]))))


EVOLVE = {"bid_placed": _bid_placed, "standing_bid_left": _left, "timed_bidding_wished": _wished}

ACTS = (
    Act("place_bid", "bid_placed", BIDDER, _place, (
        Field("amount_fen", "money", minimum=1, rule="04 §4.4"),
        Field("terms", "integer", required=False, minimum=1, maximum=10**9, rule="04 §4.5")), rule="L-B1"),
    Act("leave_standing_bid", "standing_bid_left", BIDDER, _leave, (Field("limit_fen", "money", minimum=1, secret=True),),
        irrevocable=True, rule="L-B1"),
    Act("wish_timed_bidding", "timed_bidding_wished", BIDDER, _wish, rule="39 19"),
)  # fmt: skip
