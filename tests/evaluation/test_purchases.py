"""Government procurement: methods, weight of the price, ties, invalid bids [03 §3.6a, §3.7, §3.10, §3.11]."""
from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evaluation.case_files import Json, by_bid, case_file, changed, commanded, places, refusal
from tests.evaluation.test_evaluation_messages import CATALOGUE
from trading_core.domain.evaluation.case import evaluate
from trading_core.domain.evaluation.limits import in_force, limit
from trading_core.domain.evaluation.methods import METHODS
from trading_core.domain.evaluation.rejection import INVALID
from trading_core.domain.evaluation.rules import check_rules

GOODS, DOMESTIC, SERVICES, NEGOTIATED = (case_file(name) for name in ("P-F1", "P-F2", "P-F3", "negotiation"))
WAN = 10**6


def faults(case: Json, **parts: Any) -> list[tuple[str, str]]:
    return [(p.code, p.path) for p in check_rules(changed(case, **parts)["rules"])]


# ------------------------------------------------------------------ worked examples

def test_goods_by_scoring() -> None:
    """P-F1: price for review 95, 90, 92; totals 85.82, 84.60, 85.35; order A, C, B; B would contract at 100."""
    result = commanded("P-F1")
    found = by_bid(result)
    assert [found[bid]["review"]["review_fen"] for bid in "ABC"] == [95 * WAN, 90 * WAN, 92 * WAN]
    assert [found[bid]["price"]["score"] for bid in "ABC"] == ["28.4211", "30.0000", "29.3478"]
    assert [found[bid]["groups"]["technical"] for bid in "ABC"] == ["57.4000", "54.6000", "56.0000"]
    assert [found[bid]["total"] for bid in "ABC"] == ["85.82", "84.60", "85.35"]
    assert places(result) == [("A", 1, ""), ("C", 2, "total"), ("B", 3, "total")]
    assert [(c["bid"], c["contract_fen"]) for c in result["candidates"]] == [("A", 95 * WAN), ("C", 92 * WAN), ("B", 100 * WAN)]
    finer = by_bid(evaluate(changed(GOODS, rules__total__places=4)))
    assert [finer[bid]["total"] for bid in "ABC"] == ["85.8211", "84.6000", "85.3478"]
    of_hundred = changed(GOODS, rules__price__params__full_score="100")
    assert [by_bid(evaluate(of_hundred))[bid]["price"]["score"] for bid in "ABC"] == ["94.7368", "100.0000", "97.8261"]


def test_domestic_products() -> None:
    """P-F2: 88.0, 100, 94.4; scores 30.0000, 26.4000, 27.9661, of a hundred 100.0000, 88.0000, 93.2203."""
    result = commanded("P-F2")
    found = by_bid(result)
    assert [found[bid]["review"]["review_fen"] for bid in "XYZ"] == [88 * WAN, 100 * WAN, 94_400_000]
    assert [found[bid]["price"]["score"] for bid in "XYZ"] == ["30.0000", "26.4000", "27.9661"]
    assert [c["contract_fen"] for c in result["candidates"]] == [110 * WAN, 100 * WAN, 118 * WAN]
    of_hundred = changed(DOMESTIC, rules__price__params__full_score="100")
    assert [by_bid(evaluate(of_hundred))[bid]["price"]["score"] for bid in "XYZ"] == ["100.0000", "88.0000", "93.2203"]


def test_services_by_consultation() -> None:
    """P-F3: finals 480 000, 505 000, 462 000 → 19.2500, 18.2970, 20.0000."""
    found = by_bid(commanded("P-F3"))
    assert [found[bid]["price"]["score"] for bid in "ABC"] == ["19.2500", "18.2970", "20.0000"]


def test_the_lowest_final_offer_and_a_tie_for_a_draw() -> None:
    """N-5, P-D2, P-D3: works, 5 % off for a micro bidder and 2 % for a medium one with a small partner."""
    result = commanded("negotiation")
    found = by_bid(result)
    assert [found[bid]["evaluated_fen"] for bid in "ABC"] == [98 * WAN, 98 * WAN, 97_850_000]
    assert [(p["bid"], p["rank"], p.get("tie_group")) for p in result["ranking"]] == [("C", 1, None), ("A", 2, 1), ("B", 2, 1)]
    assert result["candidates"][0]["contract_fen"] == 103 * WAN
    assert {"code": "tied_outside", "tie_group": 1, "bids": ["A", "B"]} in result["notices"]
    drawn = evaluate(changed(NEGOTIATED, tie_decisions=[{"order": ["B", "A"], "reason": "drawn"}]))
    assert places(drawn)[1:] == [("B", 2, "evaluated_price"), ("A", 3, "draw")]
    by_rule = evaluate(changed(NEGOTIATED, rules__tie_rules=["lower_price"]))
    assert places(by_rule)[1:] == [("A", 2, "evaluated_price"), ("B", 3, "lower_price")]


# ------------------------------------------------------------------ ties

LEVEL = changed(
    GOODS, rules__deductions__small_micro_rate="0.20",
    bids=[{"id": bid, "price_fen": fen, "small_business": size} for bid, fen, size in
          (("A", 80 * WAN, "none"), ("B", 100 * WAN, "small_micro"), ("C", 90 * WAN, "none"))],
    entries=[{"member": m, "bid": bid, "points": {"T": "50"}} for bid in "ABC" for m in "12345"],
)  # fmt: skip


def test_equal_totals_go_to_the_lower_quoted_price_unless_the_document_says_otherwise() -> None:
    """03 §3.7: A quotes 80, B 100 and has 80 for review; their totals are equal."""
    assert places(evaluate(LEVEL)) == [("A", 1, ""), ("B", 2, "lower_price"), ("C", 3, "total")]
    reviewed = evaluate(changed(LEVEL, rules__tie_price="review"))
    assert [(p["bid"], p.get("tie_group")) for p in reviewed["ranking"]] == [("A", 1), ("B", 1), ("C", None)]


def test_a_consultation_asks_the_technical_score_before_a_draw() -> None:
    """03 §3.11: total, then the lower final offer, then the better technical index."""
    sheet = [{**item, "id": i, "group": g} for item in SERVICES["rules"]["items"] for i, g in (("T", "technical"), ("C", "commercial"))]
    points = {"A": {"T": "30", "C": "40"}, "B": {"T": "40", "C": "30"}}
    entries = [{"member": m, "bid": bid, "points": own} for bid, own in points.items() for m in "12345"]
    bids = [{"id": bid, "price_fen": 100} for bid in "AB"]
    case = changed(SERVICES, rules__items=sheet, entries=entries, bids=bids, rules__purchase__weight_approval="财采批〔2025〕7号")
    assert places(evaluate(case)) == [("B", 1, ""), ("A", 2, "higher_technical")]
    tender = changed(case, rules__purchase={"procedure": "tender", "bought": "services", "announced_on": "2025-09-01"})
    assert [p.get("tie_group") for p in evaluate(tender)["ranking"]] == [1, 1]


# ------------------------------------------------------------------ what law asks of the document

@pytest.mark.parametrize(
    ("case", "full_score", "others", "fits"),
    [
        (GOODS, "30", "70", True), (GOODS, "29.9", "70.1", False), (GOODS, "100", "1", True),
        (SERVICES, "10", "90", True), (SERVICES, "9.9", "90.1", False), (SERVICES, "30", "70", True), (SERVICES, "30.1", "69.9", False),
    ],
)  # fmt: skip
def test_the_weight_of_the_price(case: Json, full_score: str, others: str, fits: bool) -> None:
    """P-S4, P-S5: goods 30 % and more; a consultation on services 10 to 30 %."""
    parts: Json = {"rules__price__params__full_score": full_score, "rules__items__0__points_max": others}
    expected = [] if fits else [("evaluation.price_weight", "price.params.full_score")]
    assert faults(case, **parts) == expected
    assert faults(case, **parts, rules__purchase__weight_approval="x") == (expected if case is GOODS else [])


def test_factors_count_in_the_weight_too() -> None:
    factor = {"id": "f", "title": "t", "group": "credit", "full_score": "1", "scale": "10"}
    found = faults(GOODS, rules__factors=[factor], rules__factor_scores={"places": 2, "rounding": "ROUND_HALF_UP"})
    assert found == [("evaluation.price_weight", "price.params.full_score")]


def test_the_price_is_a_factor_unless_law_says_otherwise() -> None:
    assert faults(GOODS, rules__price=...) == [("evaluation.price_or_ground", "price")]
    assert faults(GOODS, rules__price_excluded="national_price") == [("evaluation.price_or_ground", "price")]
    assert faults(GOODS, rules__price=..., rules__price_excluded="price_unknowable") == [("field.not_a_choice", "price_excluded")]
    assert faults(SERVICES, rules__price=..., rules__price_excluded="price_unknowable") == []
    result = evaluate(changed(GOODS, rules__price=..., rules__price_excluded="national_price"))
    assert [by_bid(result)[bid]["total"] for bid in "ABC"] == ["57.40", "54.60", "56.00"] and "price" not in result


@pytest.mark.parametrize(
    ("purchase", "method", "fault"),
    [
        ({"procedure": "negotiation"}, "scoring", ("evaluation.method_not_in_procedure", "purchase.procedure")),
        ({"procedure": "tender", "bought": "works"}, "scoring", ("evaluation.not_bought_so", "purchase.bought")),
        ({"procedure": "inquiry", "bought": "services"}, "lowest_offer", ("evaluation.not_bought_so", "purchase.bought")),
        ({"procedure": "inquiry", "fewer_by": "research"}, "lowest_offer", ("field.not_a_choice", "purchase.fewer_by")),
    ],
)
def test_what_may_be_bought_and_evaluated_how(purchase: Json, method: str, fault: tuple[str, str]) -> None:
    base = GOODS if method == "scoring" else changed(NEGOTIATED, rules__purchase__bought="goods")
    rates = {"small_micro_rate": "0.04" if purchase.get("bought") == "works" else "0.10", "places": 2, "rounding": "ROUND_DOWN"}
    assert fault in faults(base, rules__purchase={**base["rules"]["purchase"], **purchase}, rules__deductions=rates)


def test_only_the_ratio_to_the_lowest_price_scores() -> None:
    """P-S6: no other formula, so no highest or lowest price is dropped."""
    assert METHODS["scoring"].formulas == ("E-F5",)
    assert faults(GOODS, rules__price__formula="E-F2") == [("field.not_a_choice", "price.formula")]


def test_no_adjustment_but_arithmetic_and_policy() -> None:
    """P-S1."""
    found = refusal(changed(NEGOTIATED, rules__adjustments=[], bids__0__adjustments=[{"id": "x", "amount_fen": 1}]))
    assert ("evaluation.not_in_method", "rules.adjustments") in found
    assert ("evaluation.adjustment_not_announced", "bids.0.adjustments.0.id") in refusal(
        changed(NEGOTIATED, bids__0__adjustments=[{"id": "x", "amount_fen": 1}])
    )


# ------------------------------------------------------------------ invalid bids

def with_motion(case: Json, bid: str, ground: str, **more: Any) -> Json:
    motion = {"bid": bid, "ground": ground, "stage": "preliminary", "clause": "1", "evidence": "x",
              "votes": dict.fromkeys(case["members"], True), **more}  # fmt: skip
    return changed(case, rejections=[*case.get("rejections", []), motion])


def test_the_list_of_invalid_bids_is_that_of_procurement() -> None:
    assert list(INVALID) == [f"IV-{n}" for n in range(1, 11)]
    assert all(CATALOGUE.has(ground.message) for ground in INVALID.values())
    assert by_bid(evaluate(with_motion(GOODS, "C", "IV-3")))["C"]["status"] == "rejected"
    assert refusal(with_motion(GOODS, "C", "RJ-3")) == [("evaluation.ground_not_in_list", "rejections.0.ground")]
    assert refusal(changed(GOODS, bids__0__doubts=[{"ground": "RJ-3", "fact": "x"}])) == [
        ("evaluation.ground_not_in_list", "bids.0.doubts.0.ground"),
    ]  # fmt: skip


def test_a_price_above_budget_or_ceiling_is_invalid_by_itself_and_never_by_its_price_for_review() -> None:
    """IV-4, guard 4: B quotes 100 and has 90 for review; the ceiling of 99 looks at the 100."""
    case = changed(GOODS, ceiling_fen=99 * WAN)
    assert refusal(case) == [("evaluation.proposal_undecided", "bids.1")]
    result = evaluate(with_motion(case, "B", "IV-4"))
    assert result["proposals"] == [{"bid": "B", "ground": "IV-4", "fact": "read"}] and by_bid(result)["B"]["status"] == "rejected"
    assert refusal(with_motion(GOODS, "B", "IV-4")) == [("evaluation.not_above_ceiling", "rejections.0.basis")]
    assert refusal(changed(GOODS, budget_fen=...)) == [("evaluation.budget_needed", "budget_fen")]
    assert evaluate(changed(GOODS, budget_fen=..., ceiling_fen=100 * WAN))["proposals"] == []


def test_the_benchmark_is_the_lowest_price_that_satisfies_the_document() -> None:
    """P-S6: whenever a bid falls out, the others are measured anew."""
    for stage in ("preliminary", "detailed"):
        result = evaluate(with_motion(GOODS, "B", "IV-3", stage=stage))
        assert result["price"]["benchmark"]["counted"] == ["C"] and by_bid(result)["C"]["price"]["score"] == "30.0000"


def test_what_procurement_states_belongs_to_procurement() -> None:
    land = case_file("land-tender")
    assert refusal(changed(land, budget_fen=1)) == [("evaluation.not_in_method", "budget_fen")]
    assert ("evaluation.not_in_method", "rules.deductions") in refusal(changed(land, rules__deductions=GOODS["rules"]["deductions"]))


# ------------------------------------------------------------------ limits by day

@given(st.dates())
def test_the_limit_in_force_is_the_latest_that_has_begun(on: Any) -> None:
    later = (limit("0.2", "0.3", rule="b", since="2022-07-01"), limit("0.3", "0.4", rule="c", since="2026-01-01"))
    steps = [limit("0.1", "0.2", rule="a"), *later]
    found = in_force(steps, on)
    assert found and found.since <= on and not any(found.since < step.since <= on for step in steps)
    assert in_force(steps[1:], on) is None or on.isoformat() >= "2022-07-01"
    assert found.low == Fraction({"a": 1, "b": 2, "c": 3}[found.rule], 10)
