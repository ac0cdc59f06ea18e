"""Mismatches within a bid in the order of procurement: opening list, words, decimal point, sum of unit prices [03 §3.6, 87 59]."""
from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evaluation.case_files import Json, by_bid, case_file, changed, refusal
from trading_core.domain.evaluation.arithmetic import Arithmetic, Line, correct
from trading_core.domain.evaluation.case import evaluate
from trading_core.domain.evaluation.mismatch import correct_by_list

GOODS = case_file("P-F1")
UP = "ROUND_HALF_UP"


def line(name: str, quantity: int, unit_price: int, total: int, astray: bool | None = None) -> Line:
    return Line(name, total, Fraction(quantity), Fraction(unit_price), astray)


def told(found: Arithmetic) -> list[tuple[str, str, int, int]]:
    return [(c.rule, c.line, int(c.before), int(c.after)) for c in found.corrections]


def by_list(quoted: int, lines: list[Line], words: int | None = None, parts: list[tuple[str, int]] | None = None) -> Arithmetic:
    return correct_by_list(quoted, words, parts or [], lines, UP)


# ------------------------------------------------------------------ the four rules

def test_1_the_opening_list_stands_above_other_parts() -> None:
    found = by_list(1000, [], parts=[("报价明细表", 990), ("投标函", 1000)])
    assert told(found) == [("opening_list_over_parts", "报价明细表", 990, 1000)]
    assert (found.corrected_fen, found.needs_confirmation) == (1000, True)


def test_2_words_stand_above_figures() -> None:
    found = by_list(1000, [], words=1100, parts=[("投标函", 1000)])
    assert told(found) == [("opening_list_over_parts", "投标函", 1000, 1100), ("words_over_figures", "", 1000, 1100)]
    assert found.corrected_fen == 1100


def test_3_an_obvious_decimal_error_leaves_the_total_and_changes_the_unit_price() -> None:
    carried = [line("1", 100, 98, 9_800), line("2", 1, 20, 20)]  # 0.98 was meant: the line's own total has the error too
    assert told(by_list(118, carried)) == [("opening_list_over_unit_price", "1", 98, 0), ("unit_price_over_total", "1", 9_800, 98)]
    assert by_list(118, carried).corrected_fen == 118
    shown = [line("1", 100, 98, 980), line("2", 10, 5, 500)]  # 9.8 and 50 were meant, as both totals show
    assert told(by_list(1480, shown)) == [("opening_list_over_unit_price", "1", 98, 9), ("opening_list_over_unit_price", "2", 5, 50)]
    percent = [line("1", 3, 4_000, 12_000), line("2", 5, 100, 500)]
    assert told(by_list(62_000, percent))[0] == ("opening_list_over_unit_price", "2", 100, 10_000)


def test_4_the_sum_of_unit_prices_stands_above_the_total() -> None:
    found = by_list(1_000, [line("1", 3, 300, 900), line("2", 2, 60, 100)])
    assert told(found) == [("unit_price_over_total", "2", 100, 120), ("lines_over_total", "", 1_000, 1_020)]
    assert found.corrected_fen == 1_020


def test_two_and_more_mismatches_are_corrected_in_this_order() -> None:
    found = by_list(1_000, [line("1", 3, 300, 900)], words=1_010, parts=[("明细表", 905)])
    assert [c.rule for c in found.corrections] == ["opening_list_over_parts", "words_over_figures", "lines_over_total"]
    assert found.corrected_fen == 900


def test_lump_sums_are_what_they_are() -> None:
    assert told(by_list(300, [Line("1", 100), Line("2", 200)])) == []
    assert by_list(350, [Line("1", 100), Line("2", 200)]).corrected_fen == 300


# ------------------------------------------------------------------ what is not obvious, the committee finds

def test_an_error_that_two_lines_could_explain_is_not_obvious() -> None:
    twins = [line("1", 10, 10, 100), line("2", 10, 10, 100)]
    assert by_list(1_100, twins).corrected_fen == 200
    named = [line("1", 10, 10, 100), line("2", 10, 10, 100, astray=True)]
    assert told(by_list(1_100, named)) == [("opening_list_over_unit_price", "2", 10, 100), ("unit_price_over_total", "2", 100, 1_000)]


def test_the_committee_may_find_that_a_point_is_right() -> None:
    lines = [line("1", 100, 98, 9_800, astray=False), line("2", 1, 20, 20)]
    assert by_list(118, lines).corrected_fen == 9_820


def test_a_line_that_the_committee_named_takes_what_is_missing() -> None:
    found = by_list(1_000, [line("1", 3, 250, 750, astray=True), line("2", 1, 100, 100)])
    assert told(found) == [("opening_list_over_unit_price", "1", 250, 300), ("unit_price_over_total", "1", 750, 900)]
    assert found.corrected_fen == 1_000


# ------------------------------------------------------------------ in a case

def with_bid(**more: object) -> Json:
    return changed(GOODS, bids__0={**GOODS["bids"][0], **more})


def test_in_a_case_the_correction_binds_once_confirmed() -> None:
    bill = [{"id": "1", "quantity": "10", "unit_price_fen": "9600000", "total_fen": 96_000_000}]
    assert refusal(with_bid(lines=bill)) == [("evaluation.correction_unanswered", "bids.0.correction")]
    found = by_bid(evaluate(with_bid(lines=bill, correction="confirmed")))["A"]
    assert (found["quoted_fen"], found["bid_price_fen"], found["review"]["review_fen"]) == (95_000_000, 96_000_000, 96_000_000)


def test_another_price_in_the_bid_is_corrected_and_not_put_to_the_vote() -> None:
    """In procurement the opening list settles it; in tenders of works it is a second price (RJ-4)."""
    other = [{"price_fen": 94_000_000, "place": "投标函"}]
    assert refusal(with_bid(further_prices=other)) == [("evaluation.correction_unanswered", "bids.0.correction")]
    result = evaluate(with_bid(further_prices=other, correction="confirmed"))
    assert result["proposals"] == []
    expected = {"rule": "opening_list_over_parts", "place": "投标函", "before_fen": 94_000_000, "after_fen": 95_000_000}
    assert by_bid(result)["A"]["corrections"] == [expected]


def test_a_document_may_state_the_other_order() -> None:
    bill = [{"id": "1", "quantity": "100", "unit_price_fen": "9500000", "total_fen": 950_000_000}]
    by_law = evaluate(with_bid(lines=bill, correction="confirmed"))
    assert by_bid(by_law)["A"]["corrections"][0] == {
        "rule": "opening_list_over_unit_price", "line": "1",
        "unit_price_before_fen": "9500000.000000000000", "unit_price_after_fen": "950000.000000000000",
    }  # fmt: skip
    case = changed(with_bid(lines=bill, correction="confirmed"), rules__corrections="unit_prices", budget_fen=1_000_000_000)
    assert by_bid(evaluate(case))["A"]["bid_price_fen"] == 950_000_000


def test_a_finding_that_explains_nothing_is_refused() -> None:
    bill = [{"id": "1", "quantity": "10", "unit_price_fen": "9500000", "total_fen": 95_000_000, "decimal_point_error": True}]
    assert refusal(with_bid(lines=bill)) == [("evaluation.decimal_point_unexplained", "bids.0.lines.0.decimal_point_error")]


# ------------------------------------------------------------------ properties

figures = st.integers(1, 10**6)
bills = st.lists(st.tuples(st.integers(1, 50), figures, figures, st.sampled_from([None, None, False, True])), max_size=4).map(
    lambda rows: [line(str(i), q, u, t, flag) for i, (q, u, t, flag) in enumerate(rows)]
)


@given(figures, st.none() | figures, bills, st.lists(st.tuples(st.just("p"), figures), max_size=2))
def test_the_price_comes_from_the_opening_list_or_from_the_unit_prices(
    quoted: int, words: int | None, lines: list[Line], parts: list[tuple[str, int]]
) -> None:
    found = correct_by_list(quoted, words, parts, lines, UP)
    listed = quoted if words is None else words
    by_unit_prices = sum(int(x.quantity * x.unit_price_fen) for x in lines if x.quantity and x.unit_price_fen)
    assert found.corrected_fen == listed or (lines and found.corrected_fen == by_unit_prices)
    if found.corrected_fen != quoted:
        assert found.needs_confirmation
    if any(c.rule == "opening_list_over_unit_price" for c in found.corrections):
        assert found.corrected_fen == listed


@given(st.lists(st.tuples(st.integers(1, 50), figures), min_size=1, max_size=4))
def test_a_bid_that_agrees_with_itself_is_left_alone(rows: list[tuple[int, int]]) -> None:
    lines = [line(str(i), q, u, q * u) for i, (q, u) in enumerate(rows)]
    total = sum(q * u for q, u in rows)
    assert by_list(total, lines, words=total, parts=[("x", total)]) == correct(total, total, lines, UP) == Arithmetic(total, total, ())


@pytest.mark.parametrize("shift", [-4, -1, 1, 4])
def test_a_point_astray_is_found_up_to_four_places(shift: int) -> None:
    meant, quantity = Fraction(123_000_000), 2
    astray = meant * Fraction(10) ** shift
    bill = [Line("1", int(astray * quantity), Fraction(quantity), astray), line("2", 1, 7, 7)]
    found = by_list(int(meant * quantity) + 7, bill)
    assert found.corrected_fen == meant * quantity + 7
    assert [(c.rule, c.after) for c in found.corrections][:1] == [("opening_list_over_unit_price", meant)]
