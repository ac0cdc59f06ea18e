"""Bids of one brand in a tender, by both methods [03 §3.7, 87 31]."""
from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evaluation.case_files import Json, by_bid, case_file, changed, places, refusal
from trading_core.domain.evaluation.brands import entities
from trading_core.domain.evaluation.case import evaluate

WAN = 10**6
SCORED = case_file("P-F1")
TENDER = {"procedure": "tender", "bought": "goods", "announced_on": "2025-03-03"}


def lowest(*bids: tuple[str, str, int], **more: Any) -> Json:
    """A tender by the lowest evaluated price: bid, brand, price in 万元."""
    rules = {"method": "lowest_evaluated", "line_rounding": "ROUND_HALF_UP", "candidates_max": 3, "purchase": TENDER,
             "deductions": SCORED["rules"]["deductions"]}  # fmt: skip
    return {
        "format": "gongxin/evaluation-case/1", "rules": rules, "budget_fen": 200 * WAN, "members": ["1", "2", "3"],
        "bids": [{"id": bid, "price_fen": fen * WAN, **({"brand": brand} if brand else {})} for bid, brand, fen in bids], **more,
    }  # fmt: skip


def scored(points: dict[str, str], brands: dict[str, str], **more: Any) -> Json:
    """A tender by scoring in which all quote the same: bid → points of the members, bid → brand."""
    bids = [{"id": bid, "price_fen": 90 * WAN, **({"brand": brands[bid]} if bid in brands else {})} for bid in points]
    entries = [{"member": m, "bid": bid, "points": {"T": own}} for bid, own in points.items() for m in "12345"]
    return changed(SCORED, bids=bids, entries=entries, **more)


# ------------------------------------------------------------------ lowest price

FOUR = (("A", "甲", 95), ("B", "甲", 90), ("C", "乙", 92), ("D", "", 93))


def test_the_lowest_of_a_brand_takes_part_and_the_others_are_invalid() -> None:
    result = evaluate(lowest(*FOUR))
    assert places(result) == [("B", 1, ""), ("C", 2, "evaluated_price"), ("D", 3, "evaluated_price")]
    assert by_bid(result)["A"]["status"] == "same_brand" and "evaluated_fen" not in by_bid(result)["A"]
    assert result["brands"] == [{"brand": "甲", "bids": ["A", "B"], "chosen": "B"}]


def test_lowest_means_the_price_bid_and_not_the_one_for_review() -> None:
    """A is a small business and has 85.5 for review, B bids 90 and takes part."""
    case = lowest(*FOUR)
    case["bids"][0]["small_business"] = "small_micro"
    assert by_bid(evaluate(case))["A"]["status"] == "same_brand"


def test_equal_lowest_ones_wait_for_the_documents_rule_or_a_draw() -> None:
    case = lowest(("A", "甲", 90), ("B", "甲", 90), ("C", "乙", 92), ("D", "", 93))
    assert refusal(case) == [("evaluation.brand_undecided", "brand_decisions")]
    drawn = evaluate({**case, "brand_decisions": [{"brand": "甲", "bid": "A", "by": "draw", "reason": "draw 3"}]})
    assert places(drawn)[0] == ("A", 1, "") and by_bid(drawn)["B"]["status"] == "same_brand"
    wrong = {**case, "brand_decisions": [{"brand": "甲", "bid": "C", "reason": "x"}]}
    assert ("evaluation.not_a_brand_tie", "brand_decisions.0") in refusal(wrong)


def test_once_the_lowest_is_out_its_brand_is_out() -> None:
    """The others are invalid already; a bid that never conformed is another matter."""
    def without_b(stage: str) -> Json:
        votes = dict.fromkeys("123", True)
        motion = {"bid": "B", "ground": "IV-6", "stage": stage, "clause": "1", "evidence": "x", "votes": votes}
        return evaluate(lowest(*FOUR, rejections=[motion]))

    assert [p["bid"] for p in without_b("detailed")["ranking"]] == ["C", "D"]
    assert [p["bid"] for p in without_b("preliminary")["ranking"]] == ["C", "D", "A"]


def test_bids_of_one_brand_are_one_for_the_test_of_three() -> None:
    """Guard 5: four bids of two brands are two."""
    result = evaluate(lowest(("A", "甲", 95), ("B", "甲", 90), ("C", "乙", 92), ("D", "乙", 93)))
    assert result["fewer"]["count"] == 2 and result["fewer"]["code"] == "cancel"


# ------------------------------------------------------------------ scoring

BRANDS = {"A": "甲", "B": "甲", "C": "乙"}


def test_only_the_best_of_a_brand_is_recommended_and_the_others_stay_valid() -> None:
    result = evaluate(scored({"A": "60", "B": "61", "C": "50", "D": "40"}, BRANDS))
    assert [p["bid"] for p in result["ranking"]] == ["B", "A", "C", "D"]
    assert [(c["bid"], c["rank"]) for c in result["candidates"]] == [("B", 1), ("C", 3), ("D", 4)]
    assert by_bid(result)["A"]["status"] == "valid" and result["brands"][0]["chosen"] == "B"
    assert "fewer" not in result


def test_equal_points_of_a_brand_are_drawn_whatever_they_bid() -> None:
    """The lower price separates bidders, not bids of one brand."""
    case = scored({"A": "60", "B": "60", "C": "50", "D": "40"}, BRANDS)
    case["bids"][1] |= {"price_fen": 100 * WAN, "small_business": "small_micro"}  # 90 for review as well
    result = evaluate(case)
    assert [p["bid"] for p in result["ranking"]] == ["A", "B", "C", "D"] and result["ranking"][1]["settled_by"] == "lower_price"
    assert result["brands"] == [{"brand": "甲", "bids": ["A", "B"], "undecided": ["A", "B"]}]
    assert result["candidates"] == []
    assert {"code": "brand_undecided", "brand": "甲", "bids": ["A", "B"]} in result["notices"]
    drawn = evaluate({**case, "brand_decisions": [{"brand": "甲", "bid": "B", "reason": "draw"}]})
    assert [c["bid"] for c in drawn["candidates"]] == ["B", "C", "D"]
    by_rule = evaluate(changed(case, rules__brand_rules=["lower_price"]))
    assert [c["bid"] for c in by_rule["candidates"]] == ["A", "C", "D"]
    undue = changed(case, rules__brand_rules=["lower_price"], brand_decisions=[{"brand": "甲", "bid": "B", "reason": "draw"}])
    assert refusal(undue) == [("evaluation.not_a_brand_tie", "brand_decisions.0")]


def test_who_stands_before_an_undecided_brand_is_sure() -> None:
    result = evaluate(scored({"A": "60", "B": "60", "C": "65", "D": "40"}, BRANDS))
    assert [c["bid"] for c in result["candidates"]] == ["C"]


def test_a_brand_is_one_bidder_for_the_test_of_three() -> None:
    result = evaluate(scored({"A": "60", "B": "61", "C": "50"}, BRANDS))
    assert (result["fewer"]["count"], [c["bid"] for c in result["candidates"]]) == (2, ["B", "C"])


# ------------------------------------------------------------------ what is refused

@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ({"brand_decisions": [{"brand": "丙", "bid": "A", "reason": "x"}]}, ("evaluation.not_a_brand_tie", "brand_decisions.0")),
        ({"rules__brand_rules": ["younger"]}, ("field.not_a_choice", "rules.brand_rules.0")),
        ({"rules__brand_rules": ["lower_price", "lower_price"]}, ("evaluation.twice", "rules.brand_rules.1")),
    ],
)
def test_one_fault_one_problem(parts: Json, problem: tuple[str, str]) -> None:
    assert problem in refusal(changed(scored({"A": "60", "B": "61", "C": "50", "D": "40"}, BRANDS), **parts))


def test_only_tenders_look_at_brands() -> None:
    services = case_file("P-F3")
    assert refusal(changed(services, bids__0__brand="甲")) == [("evaluation.brands_not_compared", "bids.0.brand")]
    decided = [{"brand": "甲", "bid": "A", "reason": "x"}]
    assert refusal(changed(services, brand_decisions=decided)) == [("evaluation.not_in_method", "brand_decisions")]
    assert refusal(changed(services, rules__brand_rules=["lower_price"])) == [("evaluation.brands_not_compared", "rules.brand_rules")]
    assert refusal(changed(case_file("SEL-2"), bids__0__brand="甲")) == [("evaluation.brands_not_compared", "bids.0.brand")]


# ------------------------------------------------------------------ properties

offers = st.lists(st.tuples(st.sampled_from(["", "甲", "乙", "丙"]), st.integers(80, 99)), min_size=1, max_size=7).map(
    lambda rows: [(f"B{i}", brand, fen) for i, (brand, fen) in enumerate(rows)]
)


@given(offers)
def test_no_brand_is_ranked_twice_where_the_lowest_price_wins(bids: list[tuple[str, str, int]]) -> None:
    case = lowest(*bids)
    brands = {brand: sorted((fen, bid) for bid, b, fen in bids if b == brand) for _, brand, _ in bids if brand}
    tied = {brand: own for brand, own in brands.items() if len(own) > 1 and own[0][0] == own[1][0]}
    if tied:
        assert {code for code, _ in refusal(case)} == {"evaluation.brand_undecided"}
        case["brand_decisions"] = [{"brand": brand, "bid": own[0][1], "reason": "drawn"} for brand, own in tied.items()]
    result = evaluate(case)
    named = {bid: brand for bid, brand, _ in bids}
    ranked = [named[p["bid"]] for p in result["ranking"] if named[p["bid"]]]
    assert len(ranked) == len(set(ranked)) == len(brands)
    assert {own[0][1] for own in brands.values()} <= {p["bid"] for p in result["ranking"]}
    assert entities(named) == len(result["ranking"])
