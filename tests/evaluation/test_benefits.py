"""Benefits of policy: rates by day and by what is bought, what a declaration earns, the price for review [03 §3.8]."""
from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evaluation.case_files import Json, by_bid, case_file, changed, refusal
from trading_core.domain.evaluation.benefits import Deductions
from trading_core.domain.evaluation.case import evaluate
from trading_core.domain.evaluation.declared import SIZES, Declared, declared_in
from trading_core.domain.evaluation.rules import check_rules

GOODS, DOMESTIC, SERVICES, WORKS = (case_file(name) for name in ("P-F1", "P-F2", "P-F3", "negotiation"))
TODAY = date(2026, 1, 5)


# ------------------------------------------------------------------ what a document may grant

@pytest.mark.parametrize(
    ("base", "name", "announced_on", "lowest", "highest"),
    [
        (GOODS, "small_micro_rate", "2022-06-30", "0.06", "0.10"),
        (GOODS, "small_micro_rate", "2022-07-01", "0.10", "0.20"),
        (SERVICES, "small_micro_rate", "2025-03-03", "0.10", "0.20"),
        (WORKS, "small_micro_rate", "2025-03-03", "0.03", "0.05"),
        (GOODS, "consortium_rate", "2022-06-30", "0.02", "0.03"),
        (GOODS, "consortium_rate", "2022-07-01", "0.04", "0.06"),
        (WORKS, "consortium_rate", "2025-03-03", "0.01", "0.02"),
        (GOODS, "domestic_rate", "2026-01-01", "0.20", "0.20"),
    ],
)
def test_rates_lie_within_the_law_of_the_day(base: Json, name: str, announced_on: str, lowest: str, highest: str) -> None:
    """P-D1, P-D2, P-D3, P-D11."""
    def faults(rate: str) -> list[str]:
        rates = {"places": 2, "rounding": "ROUND_HALF_UP", name: rate}
        parts: Any = {"rules__purchase__announced_on": announced_on, "rules__deductions": rates}
        return [p.code for p in check_rules(changed(base, **parts)["rules"]) if p.path == f"deductions.{name}"]

    assert faults(lowest) == faults(highest) == []
    for outside in (Fraction(lowest) - Fraction(1, 1000), Fraction(highest) + Fraction(1, 1000)):
        assert faults(f"{float(outside):.3f}") == ["evaluation.rate_out_of_range"]


def faults(case: Json, **parts: Any) -> list[tuple[str, str]]:
    return [(p.code, p.path) for p in check_rules(changed(case, **parts)["rules"])]


def test_no_rate_before_its_rule() -> None:
    """P-D11: domestic products from 2026-01-01."""
    assert faults(DOMESTIC, rules__purchase__announced_on="2025-12-31") == [("evaluation.rate_not_in_force", "deductions.domestic_rate")]


def test_reserved_packages_give_small_businesses_nothing_besides() -> None:
    """P-D4; the domestic deduction is another matter."""
    found = faults(DOMESTIC, rules__purchase__reserved=True)
    assert found == [("evaluation.reserved_without_deduction", f"deductions.{name}") for name in ("small_micro_rate", "consortium_rate")]
    only = {"domestic_rate": "0.20", "places": 2, "rounding": "ROUND_HALF_UP"}
    assert faults(DOMESTIC, rules__purchase__reserved=True, rules__deductions=only) == []
    assert faults(DOMESTIC, rules__purchase__reserved=True, rules__deductions=...) == []


def test_other_packages_must_grant_small_businesses_their_deduction() -> None:
    """P-D1: 46 9 says shall."""
    assert faults(GOODS, rules__deductions=...) == [("evaluation.deduction_missing", "deductions.small_micro_rate")]


# ------------------------------------------------------------------ what a declaration earns

def size(parties: list[Json], products: list[Json], bought: str) -> str:
    return declared_in({"parties": parties, "products": products}, bought, TODAY).size


def made(*makers: str) -> list[Json]:
    return [{"id": str(i), "maker": maker} for i, maker in enumerate(makers)]


def joined(*parties: tuple[str, str], linked: str = "") -> list[Json]:
    return [{"id": str(i), "size": s, "contract_share": share, "linked": s == linked} for i, (s, share) in enumerate(parties)]


@pytest.mark.parametrize(
    ("parties", "products", "bought", "expected"),
    [
        ([], made("small"), "goods", "small_micro"),
        ([], made("small", "micro", "prison", "welfare"), "goods", "small_micro"),  # P-D5, P-D10
        ([], made("small", "large"), "goods", "none"),  # P-D9: partly by large firms
        ([], made("small", "medium"), "goods", "none"),
        ([], made("medium"), "goods", "none"),
        ([{"id": "agent", "size": "large"}], made("micro"), "goods", "small_micro"),  # goods count by their maker
        ([{"id": "agent", "size": "micro"}], made("large"), "goods", "none"),
        (joined(("medium", "0.7"), ("small", "0.3")), made("medium", "small"), "goods", "consortium"),
        (joined(("medium", "0.7"), ("small", "0.3")), made("large", "small"), "goods", "none"),
        ([{"id": "1", "size": "welfare"}], [], "services", "small_micro"),
        ([{"id": "1", "size": "medium"}], [], "services", "none"),
        ([{"id": "1", "size": "small", "linked": True}], [], "services", "small_micro"),  # linked to nobody in the bid
        (joined(("small", "0.5"), ("micro", "0.5")), [], "works", "small_micro"),  # a consortium of small ones is small
        (joined(("large", "0.7"), ("small", "0.3")), [], "works", "consortium"),
        (joined(("large", "0.7"), ("small", "0.2"), ("micro", "0.1")), [], "works", "consortium"),
        (joined(("large", "0.7001"), ("small", "0.2999")), [], "works", "none"),  # P-D3: 30 % and more
        (joined(("large", "0.5"), ("small", "0.5"), linked="small"), [], "works", "none"),  # P-D3a
        (joined(("large", "0.5"), ("small", "0.5"), linked="large"), [], "works", "consortium"),
    ],
)
def test_who_counts_as_small(parties: list[Json], products: list[Json], bought: str, expected: str) -> None:
    assert size(parties, products, bought) == expected


def test_services_do_not_count_by_their_products() -> None:
    said = {"products": made("small"), "small_business": "none"}
    assert declared_in(said, "services", TODAY).size == "none"
    assert declared_in({"products": made("large"), "small_business": "small_micro"}, "services", TODAY).size == "small_micro"


@pytest.mark.parametrize(
    ("home", "expected"),
    [(80, True), (79, False), (100, True), (0, False)],
)
def test_several_products_are_domestic_by_their_share_in_the_cost(home: int, expected: bool) -> None:
    """P-D11: 80 % and more."""
    products = [{"id": "1", "maker": "large", "domestic": True, "cost_fen": home},
                {"id": "2", "maker": "large", "domestic": False, "cost_fen": 100 - home}]  # fmt: skip
    assert declared_in({"products": products}, "goods", TODAY).domestic is expected


def test_one_product_is_what_it_is_declared() -> None:
    assert declared_in({"products": [{"id": "1", "maker": "large", "domestic": True}]}, "goods", TODAY).domestic
    assert not declared_in({"products": [{"id": "1", "maker": "large"}]}, "goods", TODAY).domestic


@pytest.mark.parametrize(
    ("bid", "problem"),
    [
        ({"small_business": "small_micro"}, ("evaluation.declared_twice", "bids.0.small_business")),
        ({"domestic": False}, ("evaluation.declared_twice", "bids.0.domestic")),
        ({"products": made("small") * 2}, ("evaluation.twice", "bids.0.products.1.id")),
        ({"products": [], "parties": [{"id": "1", "size": "small"}]}, ("evaluation.makers_missing", "bids.0.products")),
        ({"parties": joined(("medium", "0.6"), ("small", "0.3"))}, ("evaluation.contract_shares", "bids.0.parties")),
        ({"parties": [{"id": "1", "size": "small"}, {"id": "2", "size": "large"}]}, ("evaluation.contract_shares", "bids.0.parties")),
        ({"products": [{"id": "1", "maker": "small", "domestic": True, "cost_fen": 5}, {"id": "2", "maker": "small"}]},
         ("evaluation.cost_missing", "bids.0.products.1.cost_fen")),
    ],
)  # fmt: skip
def test_what_a_declaration_leaves_open(bid: Json, problem: tuple[str, str]) -> None:
    assert refusal(changed(GOODS, bids__0={**GOODS["bids"][0], **bid})) == [problem]


def test_who_is_promised_nothing_declares_nothing() -> None:
    reserved: Any = {"rules__purchase__reserved": True, "rules__deductions": ...}
    found = refusal(changed(GOODS, **reserved))
    assert found == [("evaluation.benefit_not_announced", f"bids.{i}.products") for i in range(3)]


# ------------------------------------------------------------------ the price for review

GRANTED = Deductions.stated_in({"small_micro_rate": "0.10", "consortium_rate": "0.04", "domestic_rate": "0.20", "places": 2,
                                "rounding": "ROUND_HALF_UP"})  # fmt: skip


def test_benefits_add_up_on_the_original_quote() -> None:
    """P-D12: 100 with 20 % and 10 % is 70, not 72."""
    assert GRANTED.review(10_000, Declared("small_micro", True), True).fen == 7_000


def test_domestic_products_gain_only_against_others() -> None:
    """P-D11: domestic and other products compete."""
    alone = evaluate(changed(DOMESTIC, bids__1__domestic=True))
    assert [bid["review"]["rate"] for bid in alone["bids"]] == ["0", "0", "0"]
    assert [bid["review"]["rate"] for bid in evaluate(DOMESTIC)["bids"]] == ["0.2", "0", "0.2"]


def test_who_has_no_benefit_keeps_the_price_as_it_is() -> None:
    coarse = changed(GOODS, rules__deductions__places=0, bids__0__price_fen=94_999_949, bids__1__price_fen=99_999_949)
    found = by_bid(evaluate(coarse))
    assert (found["A"]["review"]["review_fen"], found["A"]["review"]["rate"]) == (94_999_949, "0")
    assert (found["B"]["review"]["review_fen"], found["B"]["review"]["unrounded"]) == (90_000_000, "899999.541000000000")


@given(st.integers(1, 10**12), st.sampled_from(SIZES), st.booleans(), st.booleans())
def test_a_review_never_raises_a_price_nor_counts_a_benefit_twice(fen: int, size: str, domestic: bool, contested: bool) -> None:
    found = GRANTED.review(fen, Declared(size, domestic), contested)
    small = {"none": Fraction(0), "small_micro": Fraction(1, 10), "consortium": Fraction(1, 25)}[size]
    assert found.rate == small + (Fraction(1, 5) if domestic and contested else 0)
    assert found.unrounded_fen == fen * (1 - found.rate) and abs(found.fen - found.unrounded_fen) <= Fraction(1, 2)
    assert found.fen <= fen and (found.rate == 0) == (found.fen == fen) or fen < 100
