"""Where the higher price wins, where bids state factors, and where intermediaries are compared [04 §4.6, 05 §5.4, 07 §7.4]."""
from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evaluation.case_files import by_bid, case_file, changed, commanded, places, refusal
from trading_core.domain.evaluation.case import evaluate
from trading_core.domain.evaluation.formulas import PRICE_FORMULAS, PROPORTIONAL

LAND, WEIGHTED, ONE_SHOT = case_file("land-tender"), case_file("R-F2"), case_file("R-M2")
SELECTION, COMPARISON = case_file("SEL-2"), case_file("SEL-4")
RATIO = {"full_score": "60", "score_places": 4, "rounding": "ROUND_HALF_UP"}


# ------------------------------------------------------------------ worked examples

def test_land_price_scores() -> None:
    """04 §4.6: 5 200, 5 000, 4 750 with F = 60 → 60.0000, 57.6923, 54.8077; an offer below the reserve is not ranked."""
    result = commanded("land-tender")
    found = by_bid(result)
    assert [found[bid]["price"]["score"] for bid in "ABC"] == ["60.0000", "57.6923", "54.8077"]
    assert result["price"]["benchmark"] == {"value": "52000000.00", "unit": "yuan", "counted": ["A"], "dropped": []}
    assert found["D"]["status"] == "below_reserve" and "total" not in found["D"]
    assert places(result) == [("B", 1, ""), ("C", 2, "total"), ("A", 3, "total")]


def test_weighted_offers() -> None:
    """05 R-F2: totals 94.6667, 86.0000, 97.3333; C wins."""
    result = commanded("R-F2")
    found = by_bid(result)
    assert [found[bid]["price"]["score"] for bid in "ABC"] == ["66.6667", "70.0000", "68.3333"]
    assert [found[bid]["factors"][0]["score"] for bid in "ABC"] == ["20.0", "10.0", "20.0"]
    assert [found[bid]["groups"]["technical"] for bid in "ABC"] == ["8.0000", "6.0000", "9.0000"]
    assert [found[bid]["total"] for bid in "ABC"] == ["94.6667", "86.0000", "97.3333"]
    assert [(c["bid"], c["contract_fen"]) for c in result["candidates"]] == [("C", 1_230_000_000)]


def test_one_shot_offers() -> None:
    """05 R-M2: the highest at or above the floor wins; equal ones by what the document says, here the earlier receipt."""
    result = commanded("R-M2")
    assert places(result) == [("C", 1, ""), ("B", 2, "earlier_receipt"), ("A", 3, "higher_offer")]
    assert by_bid(result)["D"]["status"] == "below_reserve"
    assert by_bid(evaluate(changed(ONE_SHOT, reserve_fen=49_999_900)))["D"]["status"] == "valid"


def test_price_selection_leaves_a_tie_for_a_draw() -> None:
    """07 SEL-2: limit 50 000; 42 000, 39 500, 39 500 → two tied at a discount of 21.00 %."""
    result = commanded("SEL-2")
    assert [by_bid(result)[bid]["discount"] for bid in "ABC"] == ["16.00", "21.00", "21.00"]
    assert [(p["bid"], p["rank"], p.get("tie_group")) for p in result["ranking"]] == [("B", 1, 1), ("C", 1, 1), ("A", 3, None)]
    assert result["undecided"] == {"bids": ["B", "C"], "open_seats": 1}
    drawn = evaluate(changed(SELECTION, tie_decisions=[{"order": ["C", "B"], "reason": "draw 17"}]))
    assert places(drawn) == [("C", 1, ""), ("B", 2, "draw"), ("A", 3, "higher_discount")]
    by_price = evaluate(changed(SELECTION, rules__discount=...))
    assert places(by_price)[2] == ("A", 3, "evaluated_price") and "discount" not in by_bid(by_price)["A"]


def test_comparison_with_credit() -> None:
    """07 SEL-4: price 38.0000 and 40.0000, credit 36.0000 and 32.0000, totals 89.0000 and 90.0000."""
    result = commanded("SEL-4")
    found = by_bid(result)
    assert [found[bid]["price"]["score"] for bid in "AB"] == ["38.0000", "40.0000"]
    assert [found[bid]["factors"][0]["score"] for bid in "AB"] == ["36.0000", "32.0000"]
    assert [found[bid]["total"] for bid in "AB"] == ["89.0000", "90.0000"]
    assert places(result) == [("B", 1, ""), ("A", 2, "total")]


def test_equal_comparisons_go_to_the_better_credit_then_to_the_lower_price() -> None:
    """07 §7.4 ties: A 38 + 36 + 16 = B 40 + 32 + 18, and A has the better credit although it asks more."""
    level = changed(COMPARISON, entries__0__points__experience="16")
    assert places(evaluate(level)) == [("A", 1, ""), ("B", 2, "higher_credit")]
    same_credit = changed(level, bids__0__factors__credit="80", entries__0__points__experience="20")
    assert places(evaluate(same_credit)) == [("B", 1, ""), ("A", 2, "lower_price")]
    equal = changed(same_credit, bids__0__price_fen=3_800_000, entries__0__points__experience="18")
    assert evaluate(equal)["undecided"] == {"bids": ["A", "B"], "open_seats": 1}


# ------------------------------------------------------------------ what is refused

@pytest.mark.parametrize(
    ("case", "parts", "problem"),
    [
        (LAND, {"ceiling_fen": 1}, ("evaluation.not_in_method", "ceiling_fen")),
        (SELECTION, {"reserve_fen": 1}, ("evaluation.not_in_method", "reserve_fen")),
        (SELECTION, {"entries": [{"member": "owner", "bid": "A", "points": {}}]}, ("evaluation.not_in_method", "entries")),
        (SELECTION, {"ceiling_fen": ...}, ("evaluation.limit_needed", "ceiling_fen")),
        (SELECTION, {"tie_decisions": [{"order": ["B", "C"], "by": "tenderer", "reason": "x"}]},
         ("field.not_a_choice", "tie_decisions.0.by")),
        (WEIGHTED, {"bids__1__factors": ...}, ("evaluation.factor_missing", "bids.1.factors.payment")),
        (WEIGHTED, {"bids__1__factors__payment": "later"}, ("evaluation.factor_value", "bids.1.factors.payment")),
        (WEIGHTED, {"bids__1__factors__charm": "1"}, ("evaluation.factor_unknown", "bids.1.factors.charm")),
        (COMPARISON, {"bids__1__factors__credit": "100.01"}, ("evaluation.factor_value", "bids.1.factors.credit")),
        (COMPARISON, {"bids__1__factors__credit": 80}, ("evaluation.factor_value", "bids.1.factors.credit")),
        (COMPARISON, {"bids__1__factors__credit": "8e1"}, ("evaluation.factor_value", "bids.1.factors.credit")),
        (COMPARISON, {"rules__price__formula": "E-F1"}, ("field.not_a_choice", "rules.price.formula")),
        (COMPARISON, {"rules__factors__0__scale": "0"}, ("evaluation.factor_shape", "rules.factors.0")),
        (COMPARISON, {"rules__factors__0__scale": ...}, ("evaluation.factor_shape", "rules.factors.0")),
        (COMPARISON, {"rules__factors__0__full_score": "40.00005"}, ("evaluation.finer_than_rounding", "rules.factors.0.full_score")),
        (COMPARISON, {"rules__factor_scores": ...}, ("field.required", "rules.factor_scores")),
        (WEIGHTED, {"rules__factors__0__scale": "1"}, ("evaluation.factor_shape", "rules.factors.0")),
        (WEIGHTED, {"rules__factors__0__options__1__id": "full"}, ("evaluation.twice", "rules.factors.0.options.1.id")),
        (WEIGHTED, {"rules__factors": WEIGHTED["rules"]["factors"] * 2}, ("evaluation.twice", "rules.factors.1.id")),
        (WEIGHTED, {"rules__scored_price": "quoted"}, ("evaluation.not_in_method", "rules.scored_price")),
        (WEIGHTED, {"rules__tie_rules": ["lower_price"]}, ("field.not_a_choice", "rules.tie_rules.0")),
    ],
)  # fmt: skip
def test_one_fault_one_problem(case: dict[str, object], parts: dict[str, object], problem: tuple[str, str]) -> None:
    assert problem in refusal(changed(case, **parts))


def test_a_rejected_bid_need_not_state_its_factors() -> None:
    votes = dict.fromkeys(WEIGHTED["members"], True)
    motion = {"bid": "B", "ground": "RJ-6", "stage": "preliminary", "clause": "3", "evidence": "blank", "votes": votes}
    result = evaluate(changed(WEIGHTED, bids__1__factors=..., rejections=[motion]))
    assert by_bid(result)["B"]["status"] == "rejected" and places(result)[0][0] == "C"


def test_when_nobody_reaches_the_reserve_nobody_wins() -> None:
    result = evaluate(changed(LAND, reserve_fen=5_200_000_001))
    assert (result["ranking"], result["candidates"], result["notices"]) == ([], [], [{"code": "no_offer_left"}])


# ------------------------------------------------------------------ properties

offers = st.lists(st.integers(1, 10**12), min_size=1, max_size=9).map(lambda found: {f"B{i}": fen for i, fen in enumerate(found)})


@given(offers)
def test_more_offered_never_scores_less_and_the_highest_scores_full(bids: dict[str, int]) -> None:
    rows = {row.bid: row for row in PRICE_FORMULAS[PROPORTIONAL].score(RATIO, bids).rows}
    order = sorted(bids, key=lambda bid: bids[bid])
    scores = [rows[bid].score for bid in order]
    assert scores == sorted(scores) and rows[order[-1]].unrounded == 60
    assert all(rows[bid].unrounded == Fraction(60 * fen, max(bids.values())) for bid, fen in bids.items())


@given(offers, st.integers(1, 10**12))
def test_no_offer_below_the_reserve_is_ranked(bids: dict[str, int], reserve: int) -> None:
    case = changed(ONE_SHOT, bids=[{"id": bid, "price_fen": fen} for bid, fen in bids.items()], reserve_fen=reserve, tie_decisions=...)
    assert {p["bid"] for p in evaluate(case)["ranking"]} == {bid for bid, fen in bids.items() if fen >= reserve}
