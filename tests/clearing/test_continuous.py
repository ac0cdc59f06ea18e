"""Continuous listing: what holds for any history of orders and cancellations, and a slow book that meets quantum by quantum [06 §6.5]."""
from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trading_core.domain.clearing.continuous import (
    Book,
    Cancelled,
    Filled,
    Happened,
    Placed,
    Side,
    cancel,
    evolve,
    place,
    replay,
)
from trading_core.domain.clearing.quantities import Quantum
from trading_core.domain.errors import Refused

TONNE, KILOGRAM = Quantum(Fraction(1)), Quantum(Fraction(1, 1000))


def refusal(act: Any, *args: Any) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as caught:
        act(*args)
    return [(p.code, p.path) for p in caught.value.problems]


def book_of(*orders: tuple[str, Side, int, int], quantum: Quantum = TONNE) -> tuple[Book, list[Happened]]:
    book, history = Book(quantum), list[Happened]()
    for party, side, quantity, price in orders:
        events = place(book, party, side, quantity, price)
        book, history = replay(quantum, [*history, *events]), [*history, *events]
    return book, history


def fills(history: Sequence[Happened]) -> list[Filled]:
    return [e for e in history if isinstance(e, Filled)]


# ------------------------------------------------------------------ how it goes

def test_a_listing_is_filled_in_parts() -> None:
    book, history = book_of(("S", "sell", 100, 500_000), ("A", "buy", 30, 500_000), ("B", "buy", 20, 520_000))
    assert fills(history) == [Filled(1, 2, 30, 500_000, 15_000_000, 0), Filled(1, 3, 20, 500_000, 10_000_000, 400_000)]
    assert book.frozen_quantity("S") == 50 and book.frozen_fen("A") == book.frozen_fen("B") == 0


def test_the_lowest_asking_price_goes_first_then_the_earlier() -> None:
    _, history = book_of(("S1", "sell", 10, 510_000), ("S2", "sell", 10, 500_000), ("S3", "sell", 10, 500_000), ("A", "buy", 25, 510_000))
    assert [(f.sell, f.quantity, f.unit_price_fen) for f in fills(history)] == [(2, 10, 500_000), (3, 10, 500_000), (1, 5, 510_000)]


def test_a_buyer_waits_at_his_limit_and_the_highest_goes_first() -> None:
    orders: tuple[tuple[str, Side, int, int], ...] = (("A", "buy", 10, 490_000), ("B", "buy", 10, 500_000), ("C", "buy", 10, 500_000))
    book, history = book_of(*orders)
    assert fills(history) == [] and book.frozen_fen("B") == 5_000_000
    book, history = book_of(*orders, ("S", "sell", 25, 480_000))
    assert [(f.buy, f.quantity, f.unit_price_fen) for f in fills(history)] == [(2, 10, 500_000), (3, 10, 500_000), (1, 5, 490_000)]
    assert book.frozen_fen("A") == 2_450_000 and not book.sells


def test_only_what_is_unfilled_can_be_cancelled() -> None:
    book, history = book_of(("S", "sell", 100, 500_000), ("A", "buy", 30, 500_000))
    assert cancel(book, "S", 1) == (Cancelled(1, 70, 0),)
    after = evolve(book, cancel(book, "S", 1)[0])
    assert after.frozen_quantity("S") == 0 and fills(history)[0].quantity == 30
    for args in ((after, "S", 1), (book, "A", 2), (book, "A", 9)):
        assert refusal(cancel, *args) == [("clearing.not_open", "number")]
    assert refusal(cancel, book, "A", 1) == [("clearing.not_yours", "number")]


def test_cancelling_gives_back_the_money_that_waits() -> None:
    book, _ = book_of(("S", "sell", 10, 500_000), ("A", "buy", 30, 500_000))
    assert cancel(book, "A", 2) == (Cancelled(2, 20, 10_000_000),)


def test_parts_of_a_fen_stay_the_buyers() -> None:
    """1 kg at 10.05 fen each: 11 fen cover it; three kilograms freeze 31, one is paid with 10, two go on with 21."""
    book, history = book_of(("A", "buy", 3, 10_050), ("S", "sell", 1, 10_050), quantum=KILOGRAM)
    assert cast("Placed", history[0]).frozen_fen == 31
    assert fills(history) == [Filled(2, 1, 1, 10_050, 10, 0)] and book.frozen_fen("A") == 21


def test_what_cannot_be_placed() -> None:
    empty = Book(TONNE)
    assert refusal(place, empty, "A", "buy", 0, 0) == [("clearing.not_positive", "quantity"), ("clearing.not_positive", "unit_price_fen")]
    assert refusal(place, empty, "A", "sell", 2, 5 * 10**14 + 1) == [("field.amount_out_of_range", "unit_price_fen")]
    assert place(empty, "A", "sell", 2, 5 * 10**14)


def test_nobody_meets_himself() -> None:
    """Such a fill would show a price at which nothing was sold."""
    listed, _ = book_of(("S", "sell", 10, 500_000))
    assert refusal(place, listed, "S", "buy", 5, 500_000) == [("clearing.own_order", "unit_price_fen")]
    assert len(place(listed, "S", "buy", 5, 499_999)) == 1
    wanted, _ = book_of(("A", "buy", 10, 500_000))
    assert refusal(place, wanted, "A", "sell", 5, 500_000) == [("clearing.own_order", "unit_price_fen")]
    assert len(place(wanted, "A", "sell", 5, 500_001)) == 1


# ------------------------------------------------------------------ any history

@dataclass(frozen=True)
class Told:
    """One order, from its events alone."""

    placed: Placed
    filled: int
    paid_fen: int
    released_fen: int
    cancelled: int

    @property
    def open(self) -> int:
        return self.placed.quantity - self.filled - self.cancelled


def told(history: Sequence[Happened]) -> dict[int, Told]:
    orders: dict[int, Told] = {}
    for event in history:
        match event:
            case Placed():
                orders[event.number] = Told(event, 0, 0, 0, 0)
            case Filled():
                sell, buy = orders[event.sell], orders[event.buy]
                orders[event.sell] = replace(sell, filled=sell.filled + event.quantity)
                orders[event.buy] = replace(
                    buy, filled=buy.filled + event.quantity, paid_fen=buy.paid_fen + event.amount_fen,
                    released_fen=buy.released_fen + event.released_fen,
                )  # fmt: skip
            case Cancelled():
                own = orders[event.number]
                orders[event.number] = replace(own, cancelled=event.quantity, released_fen=own.released_fen + event.released_fen)
    return orders


Act = tuple[str, str, int, int]
ACTS = st.lists(
    st.tuples(st.sampled_from(["sell", "buy", "sell", "buy", "cancel"]), st.sampled_from("STAB"), st.integers(1, 9), st.integers(1, 6)),
    max_size=25,
)
QUANTA = st.sampled_from([TONNE, Quantum(Fraction(1, 4)), Quantum(Fraction(3, 10)), Quantum(Fraction(7))])


def played(quantum: Quantum, acts: Sequence[Act]) -> tuple[list[Book], list[Happened]]:
    """The book after each act, and the history; what is refused leaves no trace. A cancellation names the order by its number."""
    books, history = [Book(quantum)], list[Happened]()
    for kind, party, quantity, price in acts:
        try:
            if kind == "cancel":
                events = cancel(books[-1], party, quantity)
            else:
                events = place(books[-1], party, cast("Side", kind), quantity, price)
        except Refused:
            continue
        book = books[-1]
        for event in events:
            book = evolve(book, event)
        books.append(book)
        history += events
    return books, history


@given(QUANTA, ACTS)
def test_quantity_is_conserved(quantum: Quantum, acts: list[Act]) -> None:
    books, history = played(quantum, acts)
    orders = told(history)
    waiting = {w.number: w.quantity for w in (*books[-1].sells, *books[-1].buys)}
    for number, order in orders.items():
        assert 0 <= order.filled <= order.placed.quantity and order.open >= 0
        assert order.open == waiting.get(number, 0)
    for side in ("sell", "buy"):
        assert sum(o.filled for o in orders.values() if o.placed.side == side) == sum(f.quantity for f in fills(history))
    for party in "STAB":
        assert books[-1].frozen_quantity(party) == sum(
            o.open for o in orders.values() if (o.placed.side, o.placed.party) == ("sell", party)
        )


@given(QUANTA, ACTS)
def test_money_is_conserved(quantum: Quantum, acts: list[Act]) -> None:
    """What a buyer froze is what was paid, what was freed and what still waits; nothing is freed that was not frozen."""
    books, history = played(quantum, acts)
    orders = told(history)
    assert all(e.released_fen >= 0 and e.amount_fen >= 0 for e in fills(history))
    for party in "STAB":
        own = [o for o in orders.values() if (o.placed.side, o.placed.party) == ("buy", party)]
        assert sum(o.placed.frozen_fen - o.paid_fen - o.released_fen for o in own) == books[-1].frozen_fen(party)
    for order in orders.values():
        if order.placed.side == "buy":
            left = order.placed.frozen_fen - order.paid_fen - order.released_fen
            assert left >= order.open * order.placed.unit_price_fen * quantum.size and (order.open or not left)
            assert order.paid_fen <= order.filled * order.placed.unit_price_fen * quantum.size
        else:
            assert (order.placed.frozen_fen, order.paid_fen, order.released_fen) == (0, 0, 0)
    for f in fills(history):
        assert 0 <= f.quantity * f.unit_price_fen * quantum.size - f.amount_fen < 1


@given(QUANTA, ACTS)
def test_each_meets_at_a_price_that_both_agreed_to(quantum: Quantum, acts: list[Act]) -> None:
    orders = told(history := played(quantum, acts)[1])
    for f in fills(history):
        sell, buy = orders[f.sell].placed, orders[f.buy].placed
        assert sell.unit_price_fen <= f.unit_price_fen <= buy.unit_price_fen and sell.party != buy.party
        assert f.unit_price_fen == (sell if f.sell < f.buy else buy).unit_price_fen


@given(QUANTA, ACTS)
def test_nothing_is_left_that_could_meet(quantum: Quantum, acts: list[Act]) -> None:
    for book in played(quantum, acts)[0]:
        assert not book.sells or not book.buys or book.sells[0].unit_price_fen > book.buys[0].unit_price_fen


@given(QUANTA, ACTS)
def test_what_is_cancelled_never_fills(quantum: Quantum, acts: list[Act]) -> None:
    gone: set[int] = set()
    for event in played(quantum, acts)[1]:
        if isinstance(event, Cancelled):
            gone.add(event.number)
        elif isinstance(event, Filled):
            assert not gone & {event.sell, event.buy}


@given(QUANTA, ACTS)
def test_the_history_gives_the_same_book(quantum: Quantum, acts: list[Act]) -> None:
    books, history = played(quantum, acts)
    assert replay(quantum, history) == books[-1]


@settings(max_examples=300)
@given(QUANTA, ACTS, st.data())
def test_a_history_that_the_rules_do_not_give_is_found(quantum: Quantum, acts: list[Act], data: st.DataObject) -> None:
    """An event that is left out, told twice or changed: refused, unless nothing that followed depended on it."""
    _, history = played(quantum, acts)
    met = [i for i, e in enumerate(history) if not isinstance(e, Placed)]
    if not met:
        return
    i = data.draw(st.sampled_from(met))
    more = {"quantity": history[i].quantity + 1}
    for spoiled in ([*history[:i], replace(history[i], **more), *history[i + 1 :]], [*history[: i + 1], history[i], *history[i + 1 :]]):
        with pytest.raises(ValueError):
            replay(quantum, spoiled)
    if isinstance(history[i], Filled) and any(isinstance(e, Placed) for e in history[i + 1 :]):
        with pytest.raises(ValueError):
            replay(quantum, [*history[:i], *history[i + 1 :]])


def test_an_order_out_of_turn_or_with_other_money_is_found() -> None:
    _, history = book_of(("A", "buy", 10, 500_000))
    first = cast("Placed", history[0])
    for spoiled in ([first, first], [replace(first, number=2)], [replace(first, frozen_fen=0)], [replace(first, side="sell")]):
        with pytest.raises(ValueError):
            replay(TONNE, spoiled)


@settings(max_examples=300)
@given(QUANTA, ACTS)
def test_a_slow_book_meets_the_same(quantum: Quantum, acts: list[Act]) -> None:
    """Price, then time: each quantum of a new order meets the best that waits, found anew by looking at all orders."""
    _, history = played(quantum, acts)
    left: dict[int, Placed] = {}
    open_: Counter[int] = Counter()
    expected: Counter[tuple[int, int, int]] = Counter()
    for event in history:
        if isinstance(event, Cancelled):
            assert open_[event.number] == event.quantity
            open_[event.number] = 0
        if not isinstance(event, Placed):
            continue
        left[event.number], open_[event.number] = event, event.quantity
        selling = event.side == "sell"
        while open_[event.number]:
            limit = event.unit_price_fen
            others = [o for o in left.values() if o.side != event.side and open_[o.number]]
            agreed = [o for o in others if (o.unit_price_fen >= limit if selling else o.unit_price_fen <= limit)]
            if not agreed:
                break
            best = min(agreed, key=lambda o: (-o.unit_price_fen if selling else o.unit_price_fen, o.number))
            pair = (event.number, best.number) if selling else (best.number, event.number)
            expected[(*pair, best.unit_price_fen)] += 1
            open_[event.number] -= 1
            open_[best.number] -= 1
    assert {(f.sell, f.buy, f.unit_price_fen): f.quantity for f in fills(history)} == expected
