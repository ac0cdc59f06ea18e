"""Abnormally low prices: every example of 03 §3.9, and that a trigger rejects nothing [财库〔2026〕2号, 87 60]."""
from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evaluation.case_files import Json, by_bid, case_file, changed, commanded, refusal
from trading_core.domain.evaluation.case import evaluate
from trading_core.domain.evaluation.low_price import LowPrice, Trigger
from trading_core.domain.evaluation.rules import check_rules

USUAL = {"mean_rate": "0.50", "second_rate": "0.50", "ceiling_rate": "0.45"}
CASE = case_file("low-price")
OPEN = changed(CASE, low_price_reviews=[])
WAN = 10**6


def triggered(ceiling: int | None, *prices: int, **rates: str) -> dict[int, list[tuple[str, Fraction | None]]]:
    """Price → codes and limits."""
    found = LowPrice.stated_in({**USUAL, **rates}).triggers({str(i): fen for i, fen in enumerate(prices)}, ceiling)
    return {prices[int(bid)]: [(t.code, t.limit_fen) for t in own] for bid, own in found.items()}


# ------------------------------------------------------------------ worked examples

def test_all_three_figures() -> None:
    """40, 90, 100, 110, ceiling 120: limits 42.5, 45, 54, all true for 40."""
    limits = [("AL-1", Fraction(85, 2)), ("AL-2", Fraction(45)), ("AL-3", Fraction(54))]
    assert triggered(120, 40, 90, 100, 110) == {40: limits}


def test_equal_is_not_below() -> None:
    """45, 90, 90, 135, ceiling 100: limits 45, 45, 45, none."""
    assert triggered(100, 45, 90, 90, 135) == {}
    assert triggered(100, 44, 90, 90, 135)[44] == [
        ("AL-1", Fraction(359, 8)), ("AL-2", Fraction(45)), ("AL-3", Fraction(45)),
    ]  # fmt: skip


def test_just_above_is_not_below() -> None:
    """50, 100, 100, 110, ceiling 111: limits 45, 50, 49.95, none."""
    assert triggered(111, 50, 100, 100, 110) == {}
    assert triggered(112, 50, 100, 100, 110) == {50: [("AL-3", Fraction(252, 5))]}


def test_the_examples_that_trigger_nothing_as_evaluations() -> None:
    """135 is above the ceiling of 100; the committee votes to keep it, so that the four prices of the example all conform."""
    def evaluated(ceiling: int, *prices: int) -> Json:
        bids = [{"id": b, "price_fen": fen * WAN} for b, fen in zip("ABCD", prices, strict=True)]
        case = changed(OPEN, bids=bids, ceiling_fen=ceiling * WAN)
        votes = dict.fromkeys(CASE["members"], False)
        above = [{"bid": b, "ground": "IV-4", "stage": "preliminary", "clause": "1", "evidence": "x", "votes": votes}
                 for b, fen in zip("ABCD", prices, strict=True) if fen > ceiling]  # fmt: skip
        return evaluate(changed(case, rejections=above))

    assert "low_prices" not in evaluated(100, 45, 90, 90, 135)
    assert "low_prices" not in evaluated(111, 50, 100, 100, 110)


def test_the_budget_stands_where_there_is_no_ceiling() -> None:
    """AL-3: 100, 110, 120 under a budget of 230: limit 103.5."""
    bids = [{"id": b, "price_fen": fen * WAN} for b, fen in (("A", 100), ("B", 110), ("C", 120))]
    review = [{"bid": "A", "outcome": "explained", "opinion": "x"}]
    case = changed(CASE, bids=bids, ceiling_fen=..., budget_fen=230 * WAN, low_price_reviews=review)
    assert evaluate(case)["low_prices"] == [{
        "bid": "A", "triggers": [{"code": "AL-3", "limit": "1035000.000000000000"}], "outcome": "explained",
    }]  # fmt: skip
    with_ceiling = changed(case, ceiling_fen=200 * WAN, low_price_reviews=[])
    assert "low_prices" not in evaluate(with_ceiling)


# ------------------------------------------------------------------ a trigger is not a rejection

def test_a_price_that_is_explained_wins_under_watch() -> None:
    result = commanded("low-price")
    assert [p["bid"] for p in result["ranking"]] == ["A", "B", "C", "D"]
    assert result["low_prices"] == [{"bid": "A", "triggers": [
        {"code": "AL-1", "limit": "425000.000000000000"}, {"code": "AL-2", "limit": "450000.000000000000"},
        {"code": "AL-3", "limit": "540000.000000000000"},
    ], "outcome": "explained"}]  # fmt: skip
    assert result["notices"] == [{"code": "performance_watch", "bid": "A"}] and result["proposals"] == []


def test_an_open_review_stops_the_evaluation() -> None:
    assert refusal(OPEN) == [("evaluation.low_price_open", "low_price_reviews")]


def unexplained(**motion: Any) -> Json:
    votes = dict.fromkeys(CASE["members"], True)
    made = {"bid": "A", "ground": "IV-7", "stage": "detailed", "clause": "5", "evidence": "no proof", "votes": votes, **motion}
    return changed(CASE, low_price_reviews__0__outcome="unexplained", rejections=[made])


@pytest.mark.parametrize("stage", ["preliminary", "detailed"])
def test_a_price_that_is_not_explained_is_invalid_by_vote(stage: str) -> None:
    """Its price stays among those that conformed, so the finding does not undo itself."""
    assert refusal(changed(CASE, low_price_reviews__0__outcome="unexplained")) == [
        ("evaluation.low_price_unexplained", "low_price_reviews.0.bid"),
    ]  # fmt: skip
    result = evaluate(unexplained(stage=stage))
    assert by_bid(result)["A"]["status"] == "rejected" and [p["bid"] for p in result["ranking"]] == ["B", "C", "D"]
    assert result["low_prices"][0]["outcome"] == "unexplained" and result["notices"] == []
    kept = unexplained(votes=dict.fromkeys(CASE["members"], False))
    assert refusal(kept) == [("evaluation.low_price_unexplained", "low_price_reviews.0.bid")]


def test_no_price_is_invalid_without_a_review() -> None:
    assert ("evaluation.low_price_not_reviewed", "rejections.0.ground") in refusal(changed(unexplained(), low_price_reviews=[]))
    assert refusal(changed(unexplained(), low_price_reviews__0__outcome="explained")) == [
        ("evaluation.low_price_not_reviewed", "rejections.0.ground"),
    ]  # fmt: skip


def test_the_committee_may_ask_without_a_figure() -> None:
    """AL-4, and 87 60 before there were figures."""
    review = {"bid": "B", "outcome": "explained", "opinion": "x"}
    reviews = [*CASE["low_price_reviews"], review]
    assert refusal(changed(CASE, low_price_reviews=reviews)) == [("evaluation.low_price_no_trigger", "low_price_reviews.1.bid")]
    judged = evaluate(changed(CASE, low_price_reviews=[*CASE["low_price_reviews"], {**review, "judgement": True}]))
    assert judged["low_prices"][1] == {"bid": "B", "triggers": [{"code": "AL-4"}], "outcome": "explained"}
    earlier: Any = {"rules__purchase__announced_on": "2026-01-31", "rules__low_price": ...}
    before = changed(CASE, low_price_reviews=[{**review, "judgement": True}], **earlier)
    assert evaluate(before)["low_prices"] == [judged["low_prices"][1]]


def test_bids_that_never_conformed_are_no_measure() -> None:
    """With B, C and D out for their qualification, A is alone and only the ceiling measures it."""
    votes = dict.fromkeys(CASE["members"], True)
    motions = [{"bid": b, "ground": "IV-3", "stage": "preliminary", "clause": "1", "evidence": "x", "votes": votes} for b in "BCD"]
    assert [t["code"] for t in evaluate(changed(CASE, rejections=motions))["low_prices"][0]["triggers"]] == ["AL-3"]
    late = [{**m, "stage": "detailed"} for m in motions]
    assert len(evaluate(changed(CASE, rejections=late))["low_prices"][0]["triggers"]) == 3


def test_the_price_for_review_is_never_tested() -> None:
    """Guard 4: B bids 60 and has 54 for review; the ceiling of 120 asks for 54 of the 60."""
    bids = [{"id": b, "price_fen": fen * WAN, "small_business": "small_micro"} for b, fen in (("A", 60), ("B", 61), ("C", 62))]
    case = changed(CASE, bids=bids, ceiling_fen=133 * WAN, low_price_reviews=[], budget_fen=133 * WAN)
    result = evaluate(case)
    assert by_bid(result)["A"]["review"]["review_fen"] < Fraction(45, 100) * 133 * WAN < 60 * WAN
    assert "low_prices" not in result


# ------------------------------------------------------------------ what the document states

@pytest.mark.parametrize(
    ("name", "lowest"), [("mean_rate", "0.50"), ("second_rate", "0.50"), ("ceiling_rate", "0.45")],
)
def test_rates_may_only_be_raised_up_to_65_percent(name: str, lowest: str) -> None:
    def codes(rate: str) -> list[str]:
        return [p.code for p in check_rules(changed(CASE, **{f"rules__low_price__{name}": rate})["rules"])]

    assert codes(lowest) == codes("0.65") == []
    assert codes("0.6501") == codes(f"{lowest}".replace("50", "4999").replace("45", "4499")) == ["evaluation.rate_out_of_range"]


def test_the_test_belongs_to_announcements_from_its_day_on() -> None:
    def faults(**parts: Any) -> list[tuple[str, str]]:
        return [(p.code, p.path) for p in check_rules(changed(CASE, **parts)["rules"])]

    assert faults(rules__low_price=...) == [("field.required", f"low_price.{name}") for name in USUAL]
    assert faults(rules__purchase__announced_on="2026-02-01") == []
    early = faults(rules__purchase__announced_on="2026-01-31")
    assert early == [("evaluation.rate_not_in_force", f"low_price.{name}") for name in USUAL]


def test_a_raised_rate_reaches_further() -> None:
    """50, 100, 100, 110, ceiling 111 with 65 %: limits 58.5, 65, 72.15."""
    high = {name: "0.65" for name in USUAL}
    assert triggered(111, 50, 100, 100, 110, **high) == {
        50: [("AL-1", Fraction(117, 2)), ("AL-2", Fraction(65)), ("AL-3", Fraction(1443, 20))],
    }  # fmt: skip


def test_reviews_belong_to_procurement_and_to_its_bids() -> None:
    review = [{"bid": "Z", "outcome": "explained", "opinion": "x"}]
    assert ("evaluation.bid_unknown", "low_price_reviews.0.bid") in refusal(changed(CASE, low_price_reviews=review))
    assert refusal(changed(case_file("SEL-2"), low_price_reviews=[{**review[0], "bid": "A"}])) == [
        ("evaluation.not_in_method", "low_price_reviews"),
    ]  # fmt: skip
    twice = CASE["low_price_reviews"] * 2
    assert refusal(changed(CASE, low_price_reviews=twice)) == [("evaluation.twice", "low_price_reviews.1.bid")]


# ------------------------------------------------------------------ properties

fen = st.integers(1, 10**6)


@given(st.lists(fen, min_size=1, max_size=8), fen)
def test_each_figure_by_its_definition(prices: list[int], ceiling: int) -> None:
    bids = {f"B{i}": price for i, price in enumerate(prices)}
    found = LowPrice.stated_in(USUAL).triggers(bids, ceiling)
    rest = sorted(prices)
    for bid, price in bids.items():
        expected = set()
        if 2 * len(prices) * price < sum(prices):
            expected.add("AL-1")
        if len(prices) > 1 and price == rest[0] and 2 * price < rest[1]:
            expected.add("AL-2")
        if 100 * price < 45 * ceiling:
            expected.add("AL-3")
        assert {t.code for t in found.get(bid, ())} == expected
        assert all(isinstance(t, Trigger) and t.limit_fen is not None and price < t.limit_fen for t in found.get(bid, ()))
