"""The score sheet: what may be entered, SC-1 and SC-2, and how members' scores are joined [E-F7, 08 §8.8]."""
from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_core.domain.evaluation.numbers import text
from trading_core.domain.evaluation.scoring import (
    Aggregation,
    Item,
    aggregate,
    check_objective,
    check_points,
    check_sheet,
    group_score,
    score_bid,
)

PLAN = Item("T1", "Plan", "technical", "subjective", "0", "40", "0.5")
WORKS = Item("C1", "Works", "commercial", "objective", "0", "6", "2")
BAND = Item("T2", "Band", "technical", "subjective", "2", "4.5", "0.5")
SHEET = (PLAN, WORKS, BAND)
MEAN = Aggregation("mean", 4, "ROUND_HALF_UP")
TRIMMED = Aggregation("trimmed_mean", 4, "ROUND_HALF_UP")


def by_member(*points: str) -> dict[str, str]:
    return {f"e{i}": p for i, p in enumerate(points, 1)}


def codes(points: dict[str, object], complete: bool = True) -> list[tuple[str, str]]:
    return [(p.code.removeprefix("evaluation."), p.path) for p in check_points(SHEET, points, complete=complete)]


# ------------------------------------------------------------------ E-F7 worked examples

@pytest.mark.parametrize(
    ("points", "trimmed", "plain"),
    [(("33", "35", "36", "31", "38"), "34.6667", "34.6000"), (("34", "34", "35", "29", "37"), "34.3333", "33.8000")],
)
def test_e_f7_item_scores(points: tuple[str, ...], trimmed: str, plain: str) -> None:
    assert text(aggregate(PLAN, by_member(*points), TRIMMED).score) == trimmed
    assert text(aggregate(PLAN, by_member(*points), MEAN).score) == plain


def test_trimming_names_whose_points_it_left_out() -> None:
    found = aggregate(PLAN, by_member("33", "35", "36", "31", "38"), TRIMMED)
    assert found.dropped == ("e4", "e5") and found.unrounded == Fraction(104, 3)


def test_two_members_cannot_be_trimmed() -> None:
    with pytest.raises(ValueError, match="three members"):
        aggregate(PLAN, by_member("1", "2"), TRIMMED)


def test_an_objective_item_is_taken_not_averaged() -> None:
    found = aggregate(WORKS, by_member("4", "4.0", "4", "4", "4"), Aggregation("mean", 0, "ROUND_DOWN"))
    assert (text(found.score), found.dropped) == ("4", ())
    odd = Item("C2", "", "credit", "objective", "0", "1", "0.25")
    assert text(aggregate(odd, by_member("0.75", "0.75"), Aggregation("mean", 1, "ROUND_DOWN")).score) == "0.75"


def test_groups_add_up_rounded_items() -> None:
    given = {"e1": {"T1": "33", "C1": "2", "T2": "2"}, "e2": {"T1": "35", "C1": "2", "T2": "4.5"}, "e3": {"T1": "36", "C1": "2", "T2": "3"}}
    found = score_bid(SHEET, given, MEAN)
    assert [text(s.score) for s in found] == ["34.6667", "2", "3.1667"]
    assert group_score(found, "technical") == Fraction("37.8334") and group_score(found, "credit") == 0


# ------------------------------------------------------------------ SC-2: range and step are a hard stop

def test_a_good_entry_has_no_fault() -> None:
    assert codes({"T1": "38.5", "C1": "6", "T2": "4.50"}) == []


@pytest.mark.parametrize("points", ["40.5", "-0.5", "100"])
def test_points_outside_the_range(points: str) -> None:
    assert codes({"T1": points, "C1": "0", "T2": "2"}) == [("points_out_of_range", "T1")]


def test_points_between_two_steps() -> None:
    assert codes({"T1": "38.25", "C1": "3", "T2": "2.1"}) == [("points_off_step", name) for name in ("T1", "C1", "T2")]


def test_steps_count_from_the_lowest_points() -> None:
    odd = Item("T3", "", "technical", "subjective", "1", "7", "2")
    assert [p.code for p in check_points([odd], {"T3": "3"})] == []
    assert [p.code for p in check_points([odd], {"T3": "4"})] == ["evaluation.points_off_step"]


def test_missing_unknown_and_ill_written_points_come_together() -> None:
    assert codes({"X": "1", "T1": "1e1", "C1": 2}) == [
        ("item_unknown", "X"), ("not_plain_decimal", "T1"), ("not_plain_decimal", "C1"), ("points_missing", "T2"),
    ]  # fmt: skip
    assert codes({"T1": "1"}, complete=False) == []


# ------------------------------------------------------------------ SC-1: objective items

def test_members_who_differ_on_an_objective_item_must_reconcile() -> None:
    entries = {"B": {"e1": {"C1": "4"}, "e2": {"C1": "6"}}, "A": {"e1": {"C1": "2"}, "e2": {"C1": "2.0"}}}
    [found] = check_objective(SHEET, entries)
    assert (found.code, found.path, found.rule) == ("evaluation.objective_differs", "B.C1", "SC-1")
    assert found.params == {"bid": "B", "item": "C1", "points": "e1 4, e2 6"}


def test_subjective_items_may_differ() -> None:
    assert list(check_objective(SHEET, {"A": {"e1": {"T1": "4"}, "e2": {"T1": "6"}}})) == []


# ------------------------------------------------------------------ the sheet itself

@pytest.mark.parametrize(
    ("item", "code"),
    [
        (Item("T1", "", "technical", "subjective", "5", "5", "1"), "item_range"),
        (Item("T1", "", "technical", "subjective", "0", "5", "0"), "item_step"),
        (Item("T1", "", "technical", "subjective", "0", "5", "2"), "item_step"),
        (Item("T1", "", "technical", "subjective", "0", "0.00005", "0.00001"), "finer_than_rounding"),
    ],
)
def test_faults_of_an_item(item: Item, code: str) -> None:
    assert [p.code for p in check_sheet([item], MEAN)] == [f"evaluation.{code}"]


def test_an_item_twice_is_told() -> None:
    assert [(p.code, p.path) for p in check_sheet([PLAN, PLAN], MEAN)] == [("evaluation.twice", "items.1.id")]
    assert list(check_sheet(SHEET, MEAN)) == []


# ------------------------------------------------------------------ properties

steps = st.integers(0, 80).map(lambda n: f"{n / 2:.1f}")


@given(st.lists(steps, min_size=3, max_size=9), st.sampled_from([MEAN, TRIMMED]), st.randoms(use_true_random=False))
def test_who_gave_which_points_does_not_change_the_score(points: list[str], how: Aggregation, chance: object) -> None:
    shuffled = list(points)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert aggregate(PLAN, by_member(*points), how).score == aggregate(PLAN, by_member(*shuffled), how).score


@given(st.lists(steps, min_size=3, max_size=9), st.sampled_from([MEAN, TRIMMED]))
def test_the_score_lies_between_the_members(points: list[str], how: Aggregation) -> None:
    found = aggregate(PLAN, by_member(*points), how).score
    assert min(map(Decimal, points)) <= found <= max(map(Decimal, points))


@given(st.lists(steps, min_size=3, max_size=9), st.integers(0, 8))
def test_one_member_cannot_move_a_trimmed_mean_beyond_the_others(points: list[str], who: int) -> None:
    others = sorted(Decimal(p) for i, p in enumerate(points) if i != who % len(points))
    found = aggregate(PLAN, by_member(*points), TRIMMED).score
    assert others[0] <= found <= others[-1]


@given(st.decimals(0, 40, places=2))
def test_exactly_the_stated_steps_are_accepted(value: Decimal) -> None:
    accepted = not list(check_points([PLAN], {"T1": f"{value:f}"}))
    assert accepted == (value % Decimal("0.5") == 0)
