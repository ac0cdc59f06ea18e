"""Kinds of right, and the guards on who sells and buys what and for which time [06 §6.1.1, §6.2, §6.3, §6.7]."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import trading_core
from trading_core.domain.clearing.rights import (
    ELIGIBILITY,
    KIND_FIELDS,
    METHODS,
    RightKind,
    Site,
    Term,
    check_kind,
    eligibility_problems,
    holding_problems,
    kind_from,
    listing_problems,
    method_problems,
    term_problems,
)
from trading_core.domain.errors import Problem
from trading_core.messages import read

STATED: dict[str, Any] = {
    "right_kind": "COD", "quantity_unit": "t", "quantum": "0.001", "validity_years": 5, "methods": ["sealed_divisible", "agreement"],
    "holding_max": "200", "eligibility": ["E-04", "E-05", "E-06"],
}  # fmt: skip
COD = kind_from(STATED)
SO2 = replace(COD, right_kind="SO2")
MILL = Site(province="530000", basin="Jinsha", area="530111", industry="industry", standard_met=True)


def codes(problems: Iterable[Problem]) -> list[tuple[str, str]]:
    return [(p.code.removeprefix("clearing."), p.rule) for p in problems]


def told(**changes: Any) -> list[tuple[str, str]]:
    said = {k: v for k, v in {**STATED, **changes}.items() if v is not ...}
    return [(p.code, p.path) for p in check_kind(said, "kinds.0.")]


# ------------------------------------------------------------------ kinds as data

def test_a_kind_is_read_from_the_local_document() -> None:
    assert told() == [] == told(holding_max=..., eligibility=..., methods=[])
    assert (COD.holding_max, COD.quantum.text(125), COD.methods) == (200_000, "0.125", ("sealed_divisible", "agreement"))
    assert kind_from({**STATED, "holding_max": None}).holding_max is None


def test_a_kind_that_cannot_be_traded_by_is_refused() -> None:
    assert told(methods=["auction", "listing"], eligibility=["E-99"]) == [
        ("field.not_a_choice", "kinds.0.methods.0"), ("field.not_a_choice", "kinds.0.eligibility.0"),
    ]  # fmt: skip
    assert told(quantum="0") == [("clearing.not_positive", "kinds.0.quantum")]
    assert told(holding_max="0.0005") == [("clearing.not_a_multiple", "kinds.0.holding_max")]
    assert told(validity_years=0, right_kind="noise") == [
        ("field.not_a_choice", "kinds.0.right_kind"), ("field.out_of_range", "kinds.0.validity_years"),
    ]  # fmt: skip


def test_carbon_is_not_matched_here() -> None:
    """06 §6.7(4)"""
    assert told(right_kind="carbon", methods=["listing"]) == [("clearing.carbon_elsewhere", "kinds.0.methods")]
    assert told(right_kind="carbon", methods=[]) == []
    carbon = kind_from({**STATED, "right_kind": "carbon", "methods": []})
    assert all(codes(method_problems(carbon, method)) == [("method_not_allowed", "06 §6.3")] for method in METHODS)


def test_only_the_stated_methods_are_used() -> None:
    assert codes(method_problems(COD, "sealed_divisible")) == []
    assert codes(method_problems(COD, "fixed_price")) == [("method_not_allowed", "06 §6.3")]


# ------------------------------------------------------------------ holdings

def test_nobody_offers_more_than_he_holds_free() -> None:
    """06 §6.2: what other listings froze cannot be offered again."""
    assert codes(listing_problems(COD, held=100, frozen=40, offered=60)) == []
    assert codes(listing_problems(COD, held=100, frozen=40, offered=61)) == [("holding_short", "06 §6.2")]
    (problem,) = listing_problems(COD, held=100, frozen=40, offered=61)
    assert problem.params == {"offered": "0.061", "held": "0.1", "frozen": "0.04", "unit": "t"}


def test_nobody_buys_beyond_the_most_that_one_may_hold() -> None:
    assert codes(holding_problems(COD, held=150_000, bought=50_000)) == []
    assert codes(holding_problems(COD, held=150_000, bought=50_001)) == [("holding_above_max", "06 §6.2")]
    assert codes(holding_problems(replace(COD, holding_max=None), held=150_000, bought=10**9)) == []


# ------------------------------------------------------------------ time

def term(right_ends: str, sold_begins: str, sold_ends: str, transferred_on: str) -> list[tuple[str, str]]:
    return codes(term_problems(COD, Term(*map(date.fromisoformat, (right_ends, sold_begins, sold_ends, transferred_on)))))


def test_the_right_outlasts_what_is_sold() -> None:
    """06 §6.7(5): its end ≥ the end of the period sold."""
    assert term("2030-12-31", "2027-01-01", "2030-12-31", "2026-12-20") == []
    assert term("2030-12-30", "2027-01-01", "2030-12-31", "2026-12-20") == [("right_ends_before", "06 §6.7(5)")]


def test_the_right_lasts_beyond_the_day_of_the_transfer() -> None:
    """06 §6.7(5): its end > the transfer date."""
    assert term("2026-12-31", "2026-12-31", "2026-12-31", "2026-12-30") == []
    assert term("2026-12-31", "2026-12-31", "2026-12-31", "2026-12-31") == [("right_over", "06 §6.7(5)")]


def test_no_time_is_sold_that_is_over() -> None:
    """06 §6.7(5): four years of a right of which two and a half are left."""
    assert term("2030-12-31", "2027-01-01", "2030-12-31", "2028-07-01") == [("more_than_left", "06 §6.7(5)")]
    assert term("2030-12-31", "2028-07-01", "2030-12-31", "2028-07-01") == []
    assert term("2030-12-31", "2028-06-30", "2030-12-31", "2028-07-01") == [("more_than_left", "06 §6.7(5)")]


def test_no_more_than_the_validity_is_sold() -> None:
    """E-01: five years end the day before the corresponding day."""
    assert term("2040-12-31", "2027-03-01", "2032-02-29", "2026-12-20") == []
    assert term("2040-12-31", "2027-03-01", "2032-03-01", "2026-12-20") == [("beyond_validity", "E-01")]


def test_a_period_runs_forwards() -> None:
    assert term("2030-12-31", "2027-01-02", "2027-01-01", "2026-12-20") == [("period_order", "06 §6.7(5)")]
    assert term("2030-12-31", "2027-01-01", "2027-01-01", "2026-12-20") == []


DAYS = st.integers(0, 800).map(lambda n: date(2026, 1, 1) + timedelta(days=n))


@given(DAYS, DAYS, DAYS, DAYS)
def test_what_passes_can_be_used_from_the_transfer_to_the_end(right_ends: date, begins: date, ends: date, transferred: date) -> None:
    """Day by day: every day that is sold is a day of the right, and after the transfer as many are left."""
    passed = not list(term_problems(COD, Term(right_ends, begins, ends, transferred)))
    sold = {begins + timedelta(days=n) for n in range((ends - begins).days + 1)}
    left = {transferred + timedelta(days=n) for n in range((right_ends - transferred).days + 1)}
    assert passed == (bool(sold) and max(sold) <= right_ends and transferred < right_ends and len(sold) <= len(left))


# ------------------------------------------------------------------ eligibility

def trade(kind: RightKind, seller: Site, buyer: Site) -> list[tuple[str, str]]:
    return codes(eligibility_problems(kind, seller, buyer))


def test_e_04_inside_the_province_and_for_water_inside_the_basin() -> None:
    assert trade(COD, MILL, MILL) == []
    assert trade(COD, MILL, replace(MILL, province="520000")) == [("other_province", "E-04")]
    assert trade(COD, MILL, replace(MILL, basin="Nanpan")) == [("other_basin", "E-04")]
    assert trade(SO2, MILL, replace(MILL, basin="Nanpan")) == []
    assert trade(COD, MILL, replace(MILL, province="520000", basin="Wu")) == [("other_province", "E-04"), ("other_basin", "E-04")]


@pytest.mark.parametrize("turned", [False, True])
def test_e_05_industries(turned: bool) -> None:
    def between(kind: RightKind, one: str, other: str) -> list[tuple[str, str]]:
        pair = (replace(MILL, industry=one), replace(MILL, industry=other))
        return trade(kind, *(reversed(pair) if turned else pair))

    assert between(SO2, "thermal_power", "industry") == [("thermal_power", "E-05")]
    assert between(COD, "thermal_power", "industry") == [] == between(SO2, "thermal_power", "thermal_power")
    assert between(COD, "industry", "agriculture") == [("industry_agriculture", "E-05")]
    assert between(SO2, "thermal_power", "agriculture") == [("industry_agriculture", "E-05"), ("thermal_power", "E-05")]
    assert between(COD, "agriculture", "agriculture") == [] == between(SO2, "", "thermal_power") == between(COD, "", "agriculture")


def test_e_06_no_increase_where_the_standard_is_not_met() -> None:
    poor = replace(MILL, area="530402", standard_met=False)
    assert trade(COD, MILL, poor) == [("quality_not_met", "E-06")]
    assert trade(COD, poor, MILL) == [] == trade(COD, poor, poor)
    assert trade(COD, replace(poor, industry=""), poor) == [("quality_not_met", "E-06")]


@pytest.mark.parametrize("rule", ELIGIBILITY)
def test_a_region_switches_the_rules_on(rule: str) -> None:
    farm = Site(province="520000", basin="Wu", area="520100", industry="agriculture", standard_met=False)
    assert trade(replace(COD, eligibility=()), MILL, farm) == []
    assert {found for _, found in trade(replace(COD, eligibility=(rule,)), MILL, farm)} == {rule}


def test_every_field_and_kind_has_a_title() -> None:
    catalogue = read([Path(trading_core.__file__).parent / "messages"])
    for f in KIND_FIELDS:
        assert catalogue.has(f"field.{f.name}"), f.name
        assert all(catalogue.has(f"choice.{f.name}.{choice}") for choice in f.choices), f.name
