"""Which bids are good, and what standing bids answer to them [04 §4.4, 05 §5.4].

A bid is irrevocable [L-B1]. It must reach the lowest amount that may be bid; where the notice wants multiples, it exceeds the price by
whole increments. Who leads cannot outbid itself: a second press of a button costs nobody money.
"""
from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ..errors import Problem
from .hall import Bid, Hall, Standing
from .rules import Rules


def lowest(rules: Rules, hall: Hall, timed: bool) -> int:
    """The least that may be bid now, in fen: the cap from anywhere below it, and above it there is no price any more."""
    if hall.top is None:
        return rules.start_fen
    price = hall.top.amount_fen
    least = price + rules.increment(price, timed, hall.changed_fen)
    return min(least, rules.cap_fen) if price < rules.cap_fen else least


def highest(rules: Rules, hall: Hall, timed: bool, limit_fen: int) -> int | None:
    """The most that may be bid now without passing the limit, in fen; None when even the least passes it."""
    least = lowest(rules, hall, timed)
    bound = min(limit_fen, rules.cap_fen) if rules.cap_fen else limit_fen
    if bound < least:
        return None
    if not rules.multiple or bound == rules.cap_fen:
        return bound
    step = _step(rules, hall, timed)
    return least + (bound - least) // step * step


def _step(rules: Rules, hall: Hall, timed: bool) -> int:
    price = hall.top.amount_fen if hall.top is not None else rules.start_fen
    return rules.increment(price, timed, hall.changed_fen)


def amount_problems(rules: Rules, hall: Hall, timed: bool, amount_fen: int) -> Iterator[Problem]:
    """Why an amount cannot be bid now. The cap itself can always be bid, whatever the steps to it."""
    least, step = lowest(rules, hall, timed), _step(rules, hall, timed)
    if rules.cap_fen and amount_fen > rules.cap_fen:
        yield Problem("auction.above_cap", "amount_fen", {"cap_fen": rules.cap_fen})
    elif amount_fen < least:
        yield Problem("auction.too_low", "amount_fen", {"lowest_fen": least})
    elif rules.multiple and amount_fen != rules.cap_fen and (amount_fen - least) % step:
        nearest = least + (amount_fen - least) // step * step
        yield Problem("auction.not_multiple", "amount_fen", {"increment_fen": step, "nearest_fen": nearest})


def answers(rules: Rules, hall: Hall, timed: bool, eligible: frozenset[str], at: datetime) -> Iterator[Bid]:
    """The bids that standing bids make now, in their order, until none can answer the leader.

    The highest limit wins, of equal ones the earlier, at no more than it takes to pass the next [05 §5.4 price first, time first].
    """
    while (bid := _answer(rules, hall, timed, eligible, at)) is not None:
        yield bid
        hall = hall.with_bid(bid)


def _answer(rules: Rules, hall: Hall, timed: bool, eligible: frozenset[str], at: datetime) -> Bid | None:
    leader = hall.top.paddle if hall.top is not None else ""
    able = {s.paddle: most for s in hall.standing.values() if s.paddle in eligible and s.paddle != leader
            and (most := highest(rules, hall, timed, s.limit_fen)) is not None}  # fmt: skip
    if not able:
        return None
    ranked = sorted((hall.standing[p] for p in able), key=_strength)
    best, own = ranked[-1], hall.standing.get(leader) if leader in eligible else None
    if own is not None and _strength(own) > _strength(best):
        # the leader's own standing bid is the stronger one: the other goes as far as it can be answered, else the leader goes before it
        if _answerable(rules, hall, timed, best, able[best.paddle], own, at):
            return _bid(hall, best.paddle, able[best.paddle], at)
        defended = highest(rules, hall, timed, own.limit_fen)
        return _bid(hall, leader, defended, at) if defended is not None else _bid(hall, best.paddle, able[best.paddle], at)
    if len(ranked) > 1:
        next_best = ranked[-2]
        if _answerable(rules, hall, timed, next_best, able[next_best.paddle], best, at):
            return _bid(hall, next_best.paddle, able[next_best.paddle], at)
        return _bid(hall, best.paddle, able[best.paddle], at)
    return _bid(hall, best.paddle, lowest(rules, hall, timed), at)


def _strength(standing: Standing) -> tuple[int, int]:
    """By which standing bids are compared: the higher limit, of equal ones the earlier."""
    return standing.limit_fen, -standing.order


def _answerable(rules: Rules, hall: Hall, timed: bool, weak: Standing, amount_fen: int, strong: Standing, at: datetime) -> bool:
    """Whether the stronger standing bid could still answer if the weaker one went to this amount."""
    after = hall.with_bid(_bid(hall, weak.paddle, amount_fen, at))
    return highest(rules, after, timed, strong.limit_fen) is not None


def _bid(hall: Hall, paddle: str, amount_fen: int, at: datetime) -> Bid:
    return Bid(hall.count + 1, paddle, amount_fen, at)


def terms_problems(rules: Rules, hall: Hall, terms: int) -> Iterator[Problem]:
    """Beyond the cap bidders offer more of the other terms, from nothing upwards by whole steps [04 §4.5]."""
    least = (hall.top.terms if hall.top is not None else 0) + rules.terms_step
    if terms < least:
        yield Problem("auction.terms_too_low", "terms", {"lowest": least})
    elif terms % rules.terms_step:
        yield Problem("auction.terms_step", "terms", {"step": rules.terms_step})


def standing_problems(rules: Rules, hall: Hall, timed: bool, paddle: str, limit_fen: int) -> Iterator[Problem]:
    """Why a standing bid cannot be left: it must be able to bid, and as a bid is irrevocable it may only be raised [L-B1]."""
    before = hall.standing.get(paddle)
    leads = hall.top is not None and hall.top.paddle == paddle
    least = lowest(rules, hall, timed)
    if before is not None and limit_fen <= before.limit_fen:
        yield Problem("auction.standing_only_raised", "limit_fen", {"limit_fen": before.limit_fen})
    elif not leads and limit_fen < least:
        yield Problem("auction.too_low", "limit_fen", {"lowest_fen": least})
    if rules.cap_fen and limit_fen > rules.cap_fen:
        yield Problem("auction.above_cap", "limit_fen", {"cap_fen": rules.cap_fen})


