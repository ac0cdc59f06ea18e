"""Where the bidding of a lot stands: everything that decides the next bid, and nothing that grows with the number of bids."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Bid:
    """An accepted bid. number counts from 1 on the lot, in the order of decision. paddle: the bidder's number, which stands for its name
    until the end [L-B2]. terms: units beyond the price cap, 0 for a bid of price. at: when the server received it."""

    number: int
    paddle: str
    amount_fen: int
    at: datetime
    terms: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """A bid left with the service: it answers for its bidder up to limit_fen. order: which standing bid of the lot it is. at: when the
    server received it."""

    paddle: str
    limit_fen: int
    order: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Hall:
    """The state of the bidding. When the running phase ends stands in the lot's schedule as ``phase_end``.

    count: accepted bids. top: the one that leads. last: by paddle its latest bid. standing: by paddle; secret. orders: standing bids
    left so far. wishes: paddles that ask for timed bidding. entrants: who may bid in it. changed_fen: the increment in force when it
    was changed. by_right: the leader leads at an equal price, by its right of priority. answered: right holders who have exercised or
    waived since the price last rose. reserve_fen: None while none is entered; secret. paused: the phase that a suspension interrupted.
    """

    count: int = 0
    top: Bid | None = None
    last: Mapping[str, Bid] = field(default_factory=dict)
    standing: Mapping[str, Standing] = field(default_factory=dict)
    orders: int = 0
    wishes: tuple[str, ...] = ()
    entrants: tuple[str, ...] = ()
    changed_fen: int = 0
    by_right: bool = False
    answered: tuple[str, ...] = ()
    reserve_fen: int | None = None
    paused: str = ""

    @property
    def bidders(self) -> Mapping[str, datetime]:
        """When each bidder last bid. Who left a standing bid is bound by it, also where it never came to the front [L-B1]."""
        left = {p: s.at for p, s in self.standing.items()}
        return {**left, **{p: max(b.at, left.get(p, b.at)) for p, b in self.last.items()}}

    def with_bid(self, bid: Bid, by_right: bool = False) -> Hall:
        """After this bid."""
        answered = self.answered if by_right else ()
        return replace(self, count=bid.number, top=bid, last={**self.last, bid.paddle: bid}, by_right=by_right, answered=answered)

    def with_standing(self, paddle: str, limit_fen: int, at: datetime) -> Hall:
        """After a standing bid was left or raised; a raised one is as late as a new one."""
        one = Standing(paddle, limit_fen, self.orders + 1, at)
        return replace(self, standing={**self.standing, paddle: one}, orders=one.order)
