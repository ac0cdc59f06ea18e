"""Disclosure, floors and payment of state property: the examples of the rulebook [05 §5.2]."""
from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.property_rights.demo import house
from plugins.property_rights.disclosure import CHECKS, PERIODS, disclosure_of, needs_consent, rest_with_interest
from plugins.property_rights.trade import CLASSES

WAN = 1_000_000


def codes(**terms: object) -> set[str]:
    return {p.code for check in CHECKS for p in check(terms)}


def asset(floor: int, **terms: object) -> dict[str, object]:
    return {"subject_kind": "asset_transfer", "bidding": {"start_fen": floor}, "disclosed_before": "first", **terms}


@pytest.mark.parametrize("floor, wanted", [
    (99_999_999, "asset_small"), (100_000_000, "asset_middle"), (999_999_999, "asset_middle"), (1_000_000_000, "asset_large"),
])  # fmt: skip
def test_the_floor_decides_how_long_assets_are_disclosed(floor: int, wanted: str) -> None:
    assert disclosure_of(asset(floor)) == wanted
    assert "property.disclosure_differs" in codes(**asset(floor, disclosure="equity"))
    assert "property.disclosure_differs" not in codes(**asset(floor, disclosure=wanted))


def test_a_price_only_disclosure_is_shorter_than_one_with_new_conditions() -> None:
    """[R-T07, R-T07a]"""
    days = {p.applies["disclosure"]: p.count for p in PERIODS if "disclosure" in p.applies}
    assert set(days) == set(CLASSES)
    for kind, again, anew in (("asset_transfer", "asset_again", "asset_large"), ("equity_transfer", "equity_again", "equity")):
        said = {"subject_kind": kind, "bidding": {"start_fen": 20_000_000_000}}
        assert disclosure_of({**said, "disclosed_before": "price_only"}) == again
        assert disclosure_of({**said, "disclosed_before": "conditions"}) == anew
        assert days[again] < days[anew]


def test_ninety_percent_of_the_appraisal_strictly() -> None:
    """Appraisal 1 250.00: 1 125.00 needs no consent, 1 124.99 does; two steps 1 187.50 and 1 110.00: the second does, 88.80 %."""
    appraisal = 1_250 * WAN
    assert not needs_consent(1_125 * WAN, appraisal) and needs_consent(112_499 * WAN // 100, appraisal)
    assert not needs_consent(118_750 * WAN // 100, appraisal) and needs_consent(1_110 * WAN, appraisal)
    again = asset(1_110 * WAN, disclosed_before="price_only", appraisal_fen=appraisal)
    assert "property.consent_missing" in codes(**again)
    assert "property.consent_missing" not in codes(**again, reduction_consent="同意函〔2026〕1 号")


@given(st.integers(1, 10**13), st.integers(1, 10**13))
def test_consent_is_asked_below_nine_tenths(floor: int, appraisal: int) -> None:
    assert needs_consent(floor, appraisal) == (Decimal(floor) < Decimal(appraisal) * 9 / 10)


def test_the_first_floor_is_the_appraisal() -> None:
    """[R-02]"""
    assert "property.floor_below_appraisal" in codes(**asset(99 * WAN, appraisal_fen=100 * WAN))
    assert "property.floor_below_appraisal" not in codes(**asset(100 * WAN, appraisal_fen=100 * WAN))


def test_the_rest_of_an_instalment_bears_interest() -> None:
    """Price 1 280, first 30 % = 384.00; rest 896.00, 3 % a year, 180 days: 13.44 [R-T11]."""
    price = 1_280 * WAN
    assert rest_with_interest(price, 384 * WAN, Decimal("0.03"), 180) == (896 * WAN, 1344 * WAN // 100)
    assert "property.first_too_small" in codes(subject_kind="equity_transfer", first_percent=29, payment_security="保函")
    assert codes(subject_kind="equity_transfer", first_percent=30, payment_security="保函") == set()
    assert "property.paid_at_once" in codes(subject_kind="asset_transfer", first_percent=30, payment_security="保函")


def test_conditions_for_buyers_are_the_exception() -> None:
    """[R-07, R-08]"""
    assert codes(subject_kind="asset_transfer", conditions="注册资本不低于 500 万元") >= {"property.conditions_without_law"}
    assert codes(subject_kind="equity_transfer", conditions="同行业") >= {"property.conditions_not_filed"}


def test_a_lease_is_no_longer_than_twenty_years() -> None:
    assert "property.lease_too_long" in codes(subject_kind="lease", lease_years=21)
    assert "property.lease_too_long" not in codes(subject_kind="lease", lease_years=20)


def test_an_appraisal_serves_a_year() -> None:
    """[R-T13]"""
    dates = {"registration_deadline": "2026-12-31T08:00:00.000000Z"}
    assert "property.appraisal_old" not in codes(appraisal_base_date="2025-12-31", schedule=dates)
    assert "property.appraisal_old" in codes(appraisal_base_date="2025-12-30", schedule=dates)


def test_the_demonstration_is_a_lawful_offer() -> None:
    assert codes(**house().terms) == set()
