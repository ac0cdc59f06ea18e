"""Arithmetic correction and the ceiling test [02 §2.5.1]."""
from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from trading_core.domain.evaluation.arithmetic import Arithmetic, Line, above_ceiling, correct

HALF_UP = "ROUND_HALF_UP"


def line(total_fen: int, quantity: str | None = None, unit_price_fen: str | None = None, astray: bool | None = None) -> Line:
    return Line("1", total_fen, Fraction(quantity) if quantity else None, Fraction(unit_price_fen) if unit_price_fen else None, astray)


def rules(found: Arithmetic) -> list[str]:
    return [c.rule for c in found.corrections]


# ------------------------------------------------------------------ each rule

def test_a_consistent_bid_is_left_alone() -> None:
    found = correct(12_345, 12_345, [line(12_345, "3", "4115")], HALF_UP)
    assert found == Arithmetic(12_345, 12_345, ()) and not found.needs_confirmation


def test_words_count_over_figures() -> None:
    found = correct(986_000_00, 968_000_00, [], HALF_UP)
    assert (found.corrected_fen, rules(found)) == (968_000_00, ["words_over_figures"])
    assert found.needs_confirmation


def test_the_unit_price_counts_over_the_total() -> None:
    found = correct(30_00, None, [line(30_00, "4", "800")], HALF_UP)
    assert (found.corrected_fen, rules(found)) == (32_00, ["unit_price_over_total", "lines_over_total"])


def test_an_obvious_decimal_point_error_keeps_the_total() -> None:
    found = correct(125_000_00, None, [line(125_000_00, "100", "1250000")], HALF_UP)
    assert (found.corrected_fen, rules(found)) == (125_000_00, ["total_over_unit_price"])
    assert (found.corrections[0].before, found.corrections[0].after) == (1_250_000, 125_000)
    assert found.needs_confirmation  # the unit price of the contract changes


def test_a_decimal_point_error_may_make_the_unit_price_too_small() -> None:
    found = correct(125_000_00, None, [line(125_000_00, "100", "1250")], HALF_UP)
    assert (rules(found), found.corrections[0].after) == (["total_over_unit_price"], 125_000)


def test_the_committee_may_find_otherwise_about_the_decimal_point() -> None:
    kept = correct(125_000_00, None, [line(125_000_00, "100", "1250000", astray=False)], HALF_UP)
    assert (kept.corrected_fen, rules(kept)) == (1_250_000_00, ["unit_price_over_total", "lines_over_total"])
    found = correct(100_00, None, [line(100_00, "3", "33000", astray=True)], HALF_UP)
    assert (found.corrected_fen, rules(found), found.corrections[0].after) == (100_00, ["total_over_unit_price"], 3333)


def test_the_lines_count_over_the_bid_total() -> None:
    """Bid B of 02 §2.7.1: quoted 9 790 000, correction +26 000."""
    found = correct(979_000_000, None, [line(900_000_000), line(81_600_000)], HALF_UP)
    assert (found.corrected_fen, rules(found)) == (981_600_000, ["lines_over_total"])


def test_words_first_then_the_lines() -> None:
    found = correct(100, 200, [line(300)], HALF_UP)
    assert [(c.rule, c.before, c.after) for c in found.corrections] == [("words_over_figures", 100, 200), ("lines_over_total", 200, 300)]


def test_rounding_of_a_line_is_no_error() -> None:
    assert correct(3_33, None, [line(3_33, "0.333", "1000.5")], HALF_UP).corrections == ()  # 333.1665 fen
    assert rules(correct(3_34, None, [line(3_34, "0.333", "1000.5")], HALF_UP)) == ["unit_price_over_total", "lines_over_total"]
    half = [line(2, "0.5", "3")]
    assert correct(2, None, half, HALF_UP).corrections == ()
    assert rules(correct(2, None, half, "ROUND_DOWN")) == ["unit_price_over_total", "lines_over_total"]


# ------------------------------------------------------------------ ceiling

def test_at_the_ceiling_is_not_above_it() -> None:
    assert list(above_ceiling(correct(100, None, [], HALF_UP), 100)) == []
    assert list(above_ceiling(correct(101, None, [], HALF_UP), 100)) == ["read"]


def test_the_ceiling_is_tested_again_on_the_corrected_price() -> None:
    assert list(above_ceiling(correct(100, 101, [], HALF_UP), 100)) == ["corrected"]
    assert list(above_ceiling(correct(101, 100, [], HALF_UP), 100)) == ["read"]
    assert list(above_ceiling(correct(101, 102, [], HALF_UP), 100)) == ["read", "corrected"]


def test_an_unpublished_ceiling_rejects_nobody() -> None:
    assert list(above_ceiling(correct(10**15, None, [], HALF_UP), None)) == []


# ------------------------------------------------------------------ properties

lines = st.lists(
    st.builds(
        Line, st.just("x"), st.integers(0, 10**10),
        st.fractions(0, 10**6, max_denominator=1000), st.fractions(0, 10**8, max_denominator=100), st.sampled_from([None, True, False]),
    ),
    max_size=6,
)  # fmt: skip


@given(st.integers(1, 10**12), st.none() | st.integers(1, 10**12), lines)
def test_correcting_what_was_corrected_finds_nothing_in_the_totals(quoted: int, words: int | None, bill: list[Line]) -> None:
    """The result is consistent: words, lines and price say the same, whatever the bid said."""
    found = correct(quoted, words, bill, HALF_UP)
    if not bill:
        assert found.corrected_fen == (quoted if words is None else words)
    assert correct(found.corrected_fen, found.corrected_fen, [], HALF_UP).corrections == ()
    again = correct(found.corrected_fen, None, bill, HALF_UP)
    assert again.corrected_fen == found.corrected_fen and "lines_over_total" not in rules(again)


@given(st.integers(1, 10**12), st.none() | st.integers(1, 10**12), lines)
def test_a_changed_price_is_always_explained(quoted: int, words: int | None, bill: list[Line]) -> None:
    found = correct(quoted, words, bill, HALF_UP)
    steps = [c for c in found.corrections if c.rule in ("words_over_figures", "lines_over_total")]
    price = Fraction(quoted)
    for step in steps:
        assert step.before == price
        price = step.after
    assert price == found.corrected_fen
