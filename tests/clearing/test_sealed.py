"""The divisible sealed auction: V-F1 and V-F2 to the last digit, every step and invariant of 06 §6.4, and a slow way to the same result."""
from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trading_core.domain.clearing.quantities import Quantum
from trading_core.domain.clearing.rules import (
    LARGEST_FIRST,
    LARGEST_FRACTION,
    PAY_AS_BID,
    PRO_RATA,
    TIME_PRIORITY,
    UNIFORM,
    Rules,
)  # fmt: skip
from trading_core.domain.clearing.sealed import Clearing, Level, Order, clear

MORNING = datetime(2026, 5, 6, 1, tzinfo=UTC)
RULES = Rules(
    quantity_unit="t", quantum=Quantum(Fraction(1)), supply=100, reserve_unit_price_fen=300_000, several_steps=True, bidder_max=None,
    cut=False, pricing_rule=UNIFORM, marginal_rule=PRO_RATA, rounding_rule=LARGEST_FRACTION,
)  # fmt: skip


def order(bidder: str, quantity: int, yuan: int, second: int, seq: int | None = None) -> Order:
    return Order(bidder, quantity, yuan * 100, MORNING + timedelta(seconds=second), second if seq is None else seq)


BIDS = (
    order("A", 40, 5200, 1), order("B", 30, 5000, 2), order("C", 50, 4800, 3),
    order("D", 20, 4800, 4), order("E", 30, 4500, 5), order("F", 10, 2900, 6),
)  # fmt: skip


def cleared(*orders: Order, **changes: Any) -> Clearing:
    return clear(replace(RULES, **changes), orders)


def given_to(result: Clearing) -> dict[str, int]:
    """Bidder → quanta, of bids with one step each."""
    return {a.order.bidder: a.quantity for a in result.allocations}


# ------------------------------------------------------------------ worked examples

def test_v_f1_in_proportion() -> None:
    result = cleared(*BIDS)
    assert given_to(result) == {"A": 40, "B": 30, "C": 21, "D": 9, "E": 0, "F": 0}
    assert [(a.order.bidder, a.dropped) for a in result.allocations if a.dropped] == [("F", "below_reserve")]
    assert (result.price_fen, result.revenue_fen, result.sold, result.unsold) == (480_000, 48_000_000, 100, 0)
    assert result.marginal == Level(480_000, 30, 70)
    assert {p.bidder: (p.quantity, p.amount_fen) for p in result.purchases} == {
        "A": (40, 19_200_000), "B": (30, 14_400_000), "C": (21, 10_080_000), "D": (9, 4_320_000),
    }  # fmt: skip


def test_v_f1_pay_as_bid() -> None:
    result = cleared(*BIDS, pricing_rule=PAY_AS_BID)
    assert result.revenue_fen == 50_200_000 and result.price_fen == 480_000
    assert {p.bidder: p.amount_fen for p in result.purchases} == {"A": 20_800_000, "B": 15_000_000, "C": 10_080_000, "D": 4_320_000}


@pytest.mark.parametrize("rule", [TIME_PRIORITY, LARGEST_FIRST])
def test_v_f1_in_turn(rule: str) -> None:
    """C is both the earlier and the larger."""
    for pricing, revenue in ((UNIFORM, 48_000_000), (PAY_AS_BID, 50_200_000)):
        result = cleared(*BIDS, marginal_rule=rule, pricing_rule=pricing)
        assert given_to(result) == {"A": 40, "B": 30, "C": 30, "D": 0, "E": 0, "F": 0}
        assert result.revenue_fen == revenue


@pytest.mark.parametrize("rule", [PRO_RATA, TIME_PRIORITY, LARGEST_FIRST])
def test_v_f2_supply_left_over(rule: str) -> None:
    result = cleared(*BIDS, supply=200, marginal_rule=rule)
    assert given_to(result) == {"A": 40, "B": 30, "C": 50, "D": 20, "E": 30, "F": 0}
    assert (result.sold, result.unsold, result.price_fen, result.revenue_fen, result.marginal) == (170, 30, 450_000, 76_500_000, None)
    assert cleared(*BIDS, supply=200, marginal_rule=rule, pricing_rule=PAY_AS_BID).revenue_fen == 82_900_000


# ------------------------------------------------------------------ the steps one by one

def test_time_and_size_differ_where_the_larger_is_later() -> None:
    late = (*BIDS[:2], replace(BIDS[2], received_at=MORNING + timedelta(seconds=9)), *BIDS[3:])
    assert given_to(cleared(*late, marginal_rule=TIME_PRIORITY)) == {"A": 40, "B": 30, "D": 20, "C": 10, "E": 0, "F": 0}
    assert given_to(cleared(*late, marginal_rule=LARGEST_FIRST)) == {"A": 40, "B": 30, "D": 0, "C": 30, "E": 0, "F": 0}


def test_a_level_that_fits_exactly_is_filled_and_sets_the_price() -> None:
    result = cleared(*BIDS, supply=70)
    assert given_to(result) == {"A": 40, "B": 30, "C": 0, "D": 0, "E": 0, "F": 0}
    assert (result.price_fen, result.marginal, result.unsold) == (500_000, None, 0)


def test_equal_fractions_go_to_the_earlier_then_to_the_lower_number() -> None:
    """3 quanta for three times 2: one each and nothing over; 4: one over; with 5 two."""
    early, late = order("early", 2, 4000, 1, seq=9), order("late", 2, 4000, 2, seq=1)
    later = order("later", 2, 4000, 2, seq=2)
    assert given_to(cleared(later, late, early, supply=3)) == {"early": 1, "late": 1, "later": 1}
    assert given_to(cleared(later, late, early, supply=4)) == {"early": 2, "late": 1, "later": 1}
    assert given_to(cleared(later, late, early, supply=5)) == {"early": 2, "late": 2, "later": 1}


def test_a_price_at_the_reserve_takes_part() -> None:
    assert cleared(order("A", 5, 3000, 1)).sold == 5
    nobody = cleared(replace(order("A", 5, 3000, 1), unit_price_fen=299_999))
    assert (nobody.sold, nobody.unsold, nobody.price_fen, nobody.revenue_fen, nobody.purchases) == (0, 100, None, 0, ())
    assert cleared().price_fen is None


def test_the_limit_counts_all_steps_from_the_highest_price_down() -> None:
    steps = (order("A", 20, 4000, 1), order("A", 30, 5000, 2), order("A", 5, 3500, 3), order("B", 10, 3500, 4))
    cut, drop = (cleared(*steps, bidder_max=40, cut=cut) for cut in (True, False))
    assert [(a.order.seq, a.counted, a.quantity, a.dropped) for a in cut.allocations] == [
        (2, 30, 30, ""), (1, 10, 10, ""), (3, 0, 0, "above_max"), (4, 10, 10, ""),
    ]  # fmt: skip
    assert [(a.order.seq, a.counted, a.quantity, a.dropped) for a in drop.allocations] == [
        (2, 30, 30, ""), (1, 0, 0, "above_max"), (3, 5, 5, ""), (4, 10, 10, ""),
    ]  # fmt: skip


def test_what_is_below_the_reserve_uses_nothing_of_the_limit() -> None:
    result = cleared(order("A", 30, 2000, 1), order("A", 40, 5000, 2), bidder_max=40)
    assert [(a.quantity, a.dropped) for a in result.allocations] == [(40, ""), (0, "below_reserve")]


def test_the_marginal_level_is_shared_by_what_counts() -> None:
    """C's 50 cut to 20: 30 for a demand of 40, so half each."""
    assert given_to(cleared(*BIDS, bidder_max=40, cut=True)) == {"A": 40, "B": 30, "C": 20, "D": 10, "E": 0, "F": 0}
    assert given_to(cleared(*BIDS[2:4], bidder_max=20, cut=True, supply=30)) == {"C": 15, "D": 15}


def test_parts_of_a_fen_are_cut_off_once_for_each_bidder() -> None:
    """0.003 t at 100.50 yuan/t is 30.15 fen in one step or three; two bidders pay 30 and 30, not 60.30."""
    gram = {"quantum": Quantum(Fraction(1, 1000)), "reserve_unit_price_fen": 1}
    whole = cleared(Order("A", 3, 10_050, MORNING, 1), **gram)
    split = cleared(*(Order("A", 1, 10_050, MORNING, n) for n in range(3)), Order("B", 3, 10_050, MORNING, 3), **gram)
    assert whole.revenue_fen == 30
    assert [(p.bidder, p.quantity, p.amount_fen) for p in split.purchases] == [("A", 3, 30), ("B", 3, 30)] and split.revenue_fen == 60


# ------------------------------------------------------------------ the slow way

def slowly(rules: Rules, orders: list[Order]) -> dict[int, int]:
    """seq → quanta, handed out one by one from the text of §6.4."""
    left, got, counts = rules.supply, Counter[int](), Counter[int]()
    first = sorted(orders, key=lambda o: (o.received_at, o.seq))
    for o in sorted(first, key=lambda o: -o.unit_price_fen):  # step 1
        own = sum(counts[other.seq] for other in orders if other.bidder == o.bidder)
        room = o.quantity if rules.bidder_max is None else rules.bidder_max - own
        if o.unit_price_fen >= rules.reserve_unit_price_fen and (rules.cut or o.quantity <= room):
            counts[o.seq] = min(o.quantity, room)
    for price in sorted({o.unit_price_fen for o in orders}, reverse=True):  # steps 2, 3
        level = [o for o in first if o.unit_price_fen == price]
        demand, available = sum(counts[o.seq] for o in level), left
        for _ in range(min(demand, available)):
            hungry = [o for o in level if got[o.seq] < counts[o.seq]]
            if rules.marginal_rule == TIME_PRIORITY:  # step 4
                next_one = hungry[0]
            elif rules.marginal_rule == LARGEST_FIRST:
                next_one = max(hungry, key=lambda o: counts[o.seq])
            else:  # step 5: to whom most is missing of the exact share
                next_one = max(hungry, key=lambda o: Fraction(counts[o.seq] * min(available, demand), demand) - got[o.seq])
            got[next_one.seq] += 1
            left -= 1
    return {o.seq: got[o.seq] for o in orders}


def worth(rules: Rules, orders: list[Order], got: dict[int, int]) -> Fraction:
    """Fen that all pay together before parts of a fen are cut off."""
    lowest = min((o.unit_price_fen for o in orders if got[o.seq]), default=0)  # step 6
    paid = {o.seq: lowest if rules.pricing_rule == UNIFORM else o.unit_price_fen for o in orders}
    return sum((paid[seq] * n * rules.quantum.size for seq, n in got.items()), Fraction(0))


# ------------------------------------------------------------------ properties

@st.composite
def auctions(draw: st.DrawFn, most: int = 12) -> tuple[Rules, list[Order]]:
    """Few prices, instants and bidders, so that levels, ties and limits meet."""
    bids = st.tuples(st.sampled_from("ABCDE"), st.integers(1, most), st.integers(1, 5), st.integers(0, 2))
    drawn = draw(st.lists(bids, max_size=9))
    seqs = draw(st.permutations(range(len(drawn))))
    orders = [Order(b, q, price, MORNING + timedelta(seconds=s), seq) for (b, q, price, s), seq in zip(drawn, seqs, strict=True)]
    return Rules(
        "t", Quantum(draw(st.sampled_from([Fraction(1), Fraction(1, 1000), Fraction(3, 10), Fraction(5)]))), draw(st.integers(1, 40)),
        draw(st.integers(1, 3)), True, draw(st.none() | st.integers(1, 15)), draw(st.booleans()),
        draw(st.sampled_from([UNIFORM, PAY_AS_BID])), draw(st.sampled_from([PRO_RATA, TIME_PRIORITY, LARGEST_FIRST])), LARGEST_FRACTION,
    ), orders  # fmt: skip


@settings(max_examples=500)
@given(auctions())
def test_the_slow_way_gives_the_same(auction: tuple[Rules, list[Order]]) -> None:
    rules, orders = auction
    result, got = clear(rules, orders), slowly(*auction)
    assert {a.order.seq: a.quantity for a in result.allocations} == got
    assert result.price_fen == min((o.unit_price_fen for o in orders if got[o.seq]), default=None)
    exact = worth(rules, orders, got)
    assert 0 <= exact - result.revenue_fen <= len(result.purchases)  # each bidder gains less than a fen, and none loses
    if rules.quantum.size.denominator == 1:
        assert result.revenue_fen == exact


@settings(max_examples=300)
@given(auctions(most=10**6))
def test_the_invariants_of_the_rulebook(auction: tuple[Rules, list[Order]]) -> None:
    """06 §6.4, one line each; steps that a limit cut are measured by what counts of them."""
    rules, orders = auction
    rules = replace(rules, supply=rules.supply * 50_000)
    result = clear(rules, orders)
    accepted = [a for a in result.allocations if a.quantity]
    assert sum(a.quantity for a in result.allocations) == result.sold == rules.supply - result.unsold <= rules.supply
    assert all(0 <= a.quantity <= a.counted <= a.order.quantity for a in result.allocations)
    assert all(a.order.unit_price_fen >= (result.price_fen or 0) >= rules.reserve_unit_price_fen for a in accepted)
    for a, b in combinations([a for a in result.allocations if not a.dropped], 2):
        if a.order.unit_price_fen > b.order.unit_price_fen:
            assert a.quantity * b.counted >= b.quantity * a.counted
            assert a.quantity == a.counted or not b.quantity
    if rules.bidder_max is not None:
        assert all(p.quantity <= rules.bidder_max for p in result.purchases)
    assert not result.unsold or all(a.quantity == a.counted for a in result.allocations)
    assert {a.order.seq for a in result.allocations} == {o.seq for o in orders}
    assert all((a.counted == 0) == bool(a.dropped) for a in result.allocations)
    assert sum(p.quantity for p in result.purchases) == result.sold
    assert sum(p.amount_fen for p in result.purchases) == result.revenue_fen


@given(auctions())
def test_at_the_margin_each_gets_his_share_to_less_than_a_quantum(auction: tuple[Rules, list[Order]]) -> None:
    rules, orders = replace(auction[0], marginal_rule=PRO_RATA), auction[1]
    result = clear(rules, orders)
    if level := result.marginal:
        claims = [a for a in result.allocations if a.order.unit_price_fen == level.unit_price_fen]
        assert sum(a.counted for a in claims) == level.demanded > level.available == sum(a.quantity for a in claims)
        assert all(abs(a.quantity - Fraction(level.available * a.counted, level.demanded)) < 1 for a in claims)


@given(auctions(), st.randoms(use_true_random=False))
def test_the_order_of_input_changes_nothing(auction: tuple[Rules, list[Order]], chance: Any) -> None:
    rules, orders = auction
    shuffled = list(orders)
    chance.shuffle(shuffled)
    assert clear(rules, shuffled) == clear(rules, orders)


@given(auctions())
def test_pay_as_bid_moves_money_not_quantities(auction: tuple[Rules, list[Order]]) -> None:
    rules, orders = auction
    one, own = (clear(replace(rules, pricing_rule=rule), orders) for rule in (UNIFORM, PAY_AS_BID))
    assert own.allocations == one.allocations and own.revenue_fen >= one.revenue_fen


@given(auctions())
def test_everything_is_an_integer(auction: tuple[Rules, list[Order]]) -> None:
    result = clear(*auction)
    numbers = [n for a in result.allocations for n in (a.counted, a.quantity)] + [result.sold, result.unsold, result.revenue_fen]
    numbers += [n for p in result.purchases for n in (p.quantity, p.amount_fen)]
    assert all(type(n) is int for n in numbers)


# ------------------------------------------------------------------ quantities

QUANTA = st.sampled_from([Fraction(1), Fraction(1, 1000), Fraction(1, 4), Fraction(3, 2), Fraction(20)])


@given(QUANTA, st.integers(1, 10**9))
def test_what_is_written_is_read_again(size: Fraction, count: int) -> None:
    quantum = Quantum(size)
    assert quantum.whole(quantum.text(count)) == quantum.count(quantum.text(count)) == count
    assert Fraction(quantum.text(count)) == count * size


@given(QUANTA, st.lists(st.integers(0, 10**12), min_size=1))
def test_payments_of_a_worth_never_pass_what_is_frozen_for_it(size: Fraction, parts: list[int]) -> None:
    quantum, whole = Quantum(size), sum(parts)
    assert sum(map(quantum.fen, parts)) <= quantum.fen(whole) <= whole * size <= quantum.fen_to_freeze(whole) < whole * size + 1
