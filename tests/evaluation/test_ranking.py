"""Ranking: stated criteria, ties that stay tied, at most three candidates [02 §2.7.2, §2.8]."""
from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from trading_core.domain.evaluation.ranking import Criterion, Place, rank, recommend, undecided_groups

TOTAL, PRICE, TECHNICAL = Criterion("total", "high"), Criterion("lower_price", "low"), Criterion("higher_technical", "high")


def bids(**values: tuple[int, ...]) -> dict[str, dict[str, Fraction]]:
    names = ("total", "lower_price", "higher_technical")
    return {bid: dict(zip(names, map(Fraction, (*own, 0, 0)), strict=False)) for bid, own in values.items()}


def told(places: tuple[Place, ...]) -> list[tuple[str, int, int, str]]:
    return [(p.bid, p.rank, p.tie_group, p.settled_by) for p in places]


def test_by_total_then_price_then_the_documents_rule() -> None:
    values = bids(A=(90, 5, 1), B=(95, 9, 1), C=(90, 4, 1), D=(90, 5, 2))
    assert told(rank(values, (TOTAL, PRICE, TECHNICAL))) == [
        ("B", 1, 0, ""), ("C", 2, 0, "total"), ("D", 3, 0, "lower_price"), ("A", 4, 0, "higher_technical"),
    ]  # fmt: skip


def test_without_a_rule_equals_stay_tied() -> None:
    values = bids(A=(90, 5, 1), B=(95, 9, 1), C=(80, 4, 1), D=(90, 5, 2))
    places = rank(values, (TOTAL, PRICE))
    assert told(places) == [("B", 1, 0, ""), ("A", 2, 1, "total"), ("D", 2, 1, ""), ("C", 4, 0, "total")]
    assert undecided_groups(places) == (frozenset("AD"),)


def test_the_tenderer_decides_a_whole_group() -> None:
    values = bids(A=(90,), B=(95,), C=(80,), D=(90,))
    places = rank(values, (TOTAL, PRICE), [("D", "A")])
    assert told(places) == [("B", 1, 0, ""), ("D", 2, 0, "total"), ("A", 3, 0, "tenderer"), ("C", 4, 0, "total")]
    assert undecided_groups(places) == ()


def test_a_decision_on_less_than_the_group_does_nothing() -> None:
    values = bids(A=(90,), B=(90,), C=(90,))
    assert rank(values, (TOTAL,), [("A", "B")]) == rank(values, (TOTAL,))


def test_at_most_three_candidates() -> None:
    places = rank(bids(A=(4,), B=(3,), C=(2,), D=(1,)), (TOTAL,))
    found = recommend(places, 3)
    assert [p.bid for p in found.candidates] == ["A", "B", "C"] and not found.undecided and not found.open_seats
    assert [p.bid for p in recommend(places[:2], 3).candidates] == ["A", "B"]
    assert recommend((), 3).candidates == ()


def test_a_tie_over_the_last_seat_is_left_open() -> None:
    found = recommend(rank(bids(A=(4,), B=(3,), C=(2,), D=(2,), E=(2,)), (TOTAL,)), 3)
    assert [p.bid for p in found.candidates] == ["A", "B"]
    assert (found.undecided, found.open_seats) == (("C", "D", "E"), 1)


def test_a_tie_below_the_last_seat_is_nobodys_business() -> None:
    found = recommend(rank(bids(A=(4,), B=(3,), C=(2,), D=(1,), E=(1,)), (TOTAL,)), 3)
    assert ([p.bid for p in found.candidates], found.undecided, found.open_seats) == (["A", "B", "C"], (), 0)


def test_a_tie_within_the_seats_makes_both_candidates_but_stays_flagged() -> None:
    found = recommend(rank(bids(A=(4,), B=(4,), C=(2,), D=(1,)), (TOTAL,)), 3)
    assert [(p.bid, p.rank, p.tie_group) for p in found.candidates] == [("A", 1, 1), ("B", 1, 1), ("C", 3, 0)]


# ------------------------------------------------------------------ properties

values = st.dictionaries(st.text("ABCDEFGH", min_size=1, max_size=2), st.tuples(*[st.integers(0, 3)] * 3), max_size=12).map(
    lambda found: bids(**found)
)
CRITERIA = (TOTAL, PRICE, TECHNICAL)


def better(a: Mapping[str, Fraction], b: Mapping[str, Fraction]) -> bool:
    return (-a["total"], a["lower_price"], -a["higher_technical"]) < (-b["total"], b["lower_price"], -b["higher_technical"])


@given(values)
def test_ranks_are_a_total_preorder_that_agrees_with_the_criteria(found: dict[str, dict[str, Fraction]]) -> None:
    places = {p.bid: p for p in rank(found, CRITERIA)}
    assert set(places) == set(found)
    for a in found:
        assert places[a].rank == 1 + sum(better(found[b], found[a]) for b in found)
        assert bool(places[a].tie_group) == any(found[b] == found[a] for b in found if b != a)
        for b in found:
            assert (places[a].rank < places[b].rank) == better(found[a], found[b])


@given(values, st.randoms(use_true_random=False))
def test_the_order_of_bids_changes_nothing(found: dict[str, dict[str, Fraction]], chance: object) -> None:
    shuffled = list(found.items())
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert rank(dict(shuffled), CRITERIA) == rank(found, CRITERIA)


@given(values, st.integers(1, 3))
def test_candidates_are_the_best_and_never_too_many(found: dict[str, dict[str, Fraction]], seats: int) -> None:
    places = rank(found, CRITERIA)
    recommended = recommend(places, seats)
    assert len(recommended.candidates) + recommended.open_seats == min(seats, len(found))
    left_out = {p.bid for p in places} - {p.bid for p in recommended.candidates}
    for p in recommended.candidates:
        assert all(better(found[p.bid], found[other]) for other in left_out)


@given(values)
def test_every_step_down_is_explained(found: dict[str, dict[str, Fraction]]) -> None:
    for above, below in pairwise(rank(found, CRITERIA)):
        if above.rank < below.rank:
            first = next(c.name for c in CRITERIA if found[above.bid][c.name] != found[below.bid][c.name])
            assert below.settled_by == first
        else:
            assert below.settled_by == ""
