"""Continuous listing with partial fills: a book that is what its history gives, and the decisions that lengthen it [06 §6.5].

A listing offers a quantity at an asking price, a buyer's order takes part up to a limit. The best price goes first, of equal prices the
earlier; both meet at the price of whoever was there first. What does not meet waits, frozen: the seller's quantity, and the buyer's money
at his limit. Only what waits can be cancelled. What was filled leaves the book for settlement.
"""
from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import reduce
from typing import Literal

from ..errors import Problem, Refused, refuse_if
from ..fields import MONEY_MAX_FEN
from .quantities import Quantum

Side = Literal["sell", "buy"]


@dataclass(frozen=True, slots=True)
class Placed:
    """An order came in. number: 1, 2, 3 … in the book. quantity: quanta. unit_price_fen: what a seller asks, the most a buyer pays.
    frozen_fen: the buyer's money; a seller freezes the quantity and no money."""

    number: int
    party: str
    side: Side
    quantity: int
    unit_price_fen: int
    frozen_fen: int


@dataclass(frozen=True, slots=True)
class Filled:
    """Two orders met. amount_fen: what the buyer pays of his frozen money, parts of a fen cut off. released_fen: what is freed of it
    besides, because he pays less than his limit."""

    sell: int
    buy: int
    quantity: int
    unit_price_fen: int
    amount_fen: int
    released_fen: int


@dataclass(frozen=True, slots=True)
class Cancelled:
    """What still waited of an order is withdrawn. quantity, released_fen: what is freed, the quantity of a seller, the money of a buyer."""

    number: int
    quantity: int
    released_fen: int


Happened = Placed | Filled | Cancelled


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is left of an order. quantity: quanta, above 0."""

    number: int
    party: str
    quantity: int
    unit_price_fen: int


@dataclass(frozen=True, slots=True)
class Book:
    """What waits on both sides, the best first: the lowest asking price, the highest limit, then the earlier. placed: orders so far."""

    quantum: Quantum
    sells: tuple[Waiting, ...] = ()
    buys: tuple[Waiting, ...] = ()
    placed: int = 0

    def frozen_quantity(self, party: str) -> int:
        """Quanta of a seller that wait in the book."""
        return sum(w.quantity for w in self.sells if w.party == party)

    def frozen_fen(self, party: str) -> int:
        """Money of a buyer that waits in the book."""
        return sum(self.frozen_for(w) for w in self.buys if w.party == party)

    def crossed(self) -> Filled | None:
        """The next fill that the book asks for, None when no two orders meet."""
        if not self.sells or not self.buys or self.sells[0].unit_price_fen > self.buys[0].unit_price_fen:
            return None
        sell, buy = self.sells[0], self.buys[0]
        quantity = min(sell.quantity, buy.quantity)
        price = min(sell, buy, key=lambda w: w.number).unit_price_fen
        amount = self.quantum.fen(price * quantity)
        after = replace(buy, quantity=buy.quantity - quantity)
        return Filled(sell.number, buy.number, quantity, price, amount, self.frozen_for(buy) - amount - self.frozen_for(after))

    def frozen_for(self, buy: Waiting) -> int:
        """Money that waits with a buyer's order: what its quantity costs at his limit, a part of a fen being a whole one."""
        return self.quantum.fen_to_freeze(buy.unit_price_fen * buy.quantity)


# ------------------------------------------------------------------ decisions

def place(book: Book, party: str, side: Side, quantity: int, unit_price_fen: int) -> tuple[Happened, ...]:
    """A new order and all that it meets at once. Whether the party holds the quantity or the money is for the caller, who freezes them.

    Raises `Refused`: nothing or endless money, or an order that would meet one of the same party.
    """
    refuse_if(_place_problems(book, party, side, quantity, unit_price_fen))
    events: list[Happened] = [_placed(book, party, side, quantity, unit_price_fen)]
    book = evolve(book, events[0])
    while (met := book.crossed()) is not None:
        events.append(met)
        book = evolve(book, met)
    return tuple(events)


def _place_problems(book: Book, party: str, side: Side, quantity: int, unit_price_fen: int) -> Iterator[Problem]:
    if quantity <= 0:
        yield Problem("clearing.not_positive", "quantity", {"value": book.quantum.text(quantity)}, "06 §6.5")
    if unit_price_fen <= 0:
        yield Problem("clearing.not_positive", "unit_price_fen", {"value": unit_price_fen}, "06 §6.5")
    amount = book.quantum.fen_to_freeze(unit_price_fen * quantity)
    if amount > MONEY_MAX_FEN:
        limits = {"minimum_fen": 0, "maximum_fen": MONEY_MAX_FEN, "value_fen": amount}
        yield Problem("field.amount_out_of_range", "unit_price_fen", limits)
    for w in book.buys if side == "sell" else book.sells:
        if w.party == party and (w.unit_price_fen >= unit_price_fen if side == "sell" else w.unit_price_fen <= unit_price_fen):
            yield Problem("clearing.own_order", "unit_price_fen", {"number": w.number})


def _placed(book: Book, party: str, side: Side, quantity: int, unit_price_fen: int) -> Placed:
    frozen = book.quantum.fen_to_freeze(unit_price_fen * quantity) if side == "buy" else 0
    return Placed(book.placed + 1, party, side, quantity, unit_price_fen, frozen)


def cancel(book: Book, party: str, number: int) -> tuple[Happened, ...]:
    """Withdraw what still waits of an order. Raises `Refused` when nothing of it does, or when it is another party's."""
    event = _withdrawn(book, number)
    if event is None:
        raise Refused(Problem("clearing.not_open", "number", {"number": number}, "06 §6.5"))
    if not any(w.number == number and w.party == party for w in (*book.sells, *book.buys)):
        raise Refused(Problem("clearing.not_yours", "number", {"number": number}))
    return (event,)


def _withdrawn(book: Book, number: int) -> Cancelled | None:
    """What cancelling an order frees, None when nothing of it waits."""
    for w in book.sells:
        if w.number == number:
            return Cancelled(number, w.quantity, 0)
    for w in book.buys:
        if w.number == number:
            return Cancelled(number, w.quantity, book.frozen_for(w))
    return None


# ------------------------------------------------------------------ what events mean

def replay(quantum: Quantum, history: Iterable[Happened]) -> Book:
    """The book that a history gives. ValueError when it is not one that the rules give: an order out of turn, a fill out of priority."""
    return reduce(evolve, history, Book(quantum))


def evolve(book: Book, event: Happened) -> Book:
    """The book after the event. ValueError when the rules do not give it here."""
    match event:
        case Placed():
            return _with_order(book, event)
        case Filled():
            if event != book.crossed():
                raise ValueError(f"not the fill that is due: {event}")
            return replace(book, sells=_taken(book.sells, event.quantity), buys=_taken(book.buys, event.quantity))
        case Cancelled():
            if event != _withdrawn(book, event.number):
                raise ValueError(f"not what waits: {event}")
            sells, buys = (tuple(w for w in side if w.number != event.number) for side in (book.sells, book.buys))
            return replace(book, sells=sells, buys=buys)


def _with_order(book: Book, event: Placed) -> Book:
    if event != _placed(book, event.party, event.side, event.quantity, event.unit_price_fen) or book.crossed() is not None:
        raise ValueError(f"not an order in its turn: {event}")
    waiting, placed = Waiting(event.number, event.party, event.quantity, event.unit_price_fen), event.number
    if event.side == "sell":
        at = bisect_right(book.sells, waiting.unit_price_fen, key=lambda w: w.unit_price_fen)
        return replace(book, sells=(*book.sells[:at], waiting, *book.sells[at:]), placed=placed)
    at = bisect_right(book.buys, -waiting.unit_price_fen, key=lambda w: -w.unit_price_fen)
    return replace(book, buys=(*book.buys[:at], waiting, *book.buys[at:]), placed=placed)


def _taken(side: tuple[Waiting, ...], quantity: int) -> tuple[Waiting, ...]:
    """The side after its best order gave so much."""
    best, *others = side
    left = best.quantity - quantity
    return (replace(best, quantity=left), *others) if left else tuple(others)
