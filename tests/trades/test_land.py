"""What a notice of land or of a mine may not say, and the ten parcels of a real one [04 §4.2, §4.8]."""
from __future__ import annotations

import csv
from decimal import Decimal

import pytest

from plugins.land import demo
from plugins.land.mining import MINING
from plugins.land.trade import LAND, YEARS
from trading_core.domain.trade import TradeType
from trading_core.platform import Platform

WAN = 1_000_000


def codes(trade: TradeType, terms: dict[str, object]) -> set[str]:
    return {p.code for check in trade.checks for p in check(terms)}


def test_the_demonstrations_are_lawful_notices() -> None:
    assert codes(LAND, dict(demo.land().terms)) == codes(MINING, dict(demo.mining().terms)) == set()


def test_the_parcels_of_longyang() -> None:
    """Deposit over start 29.0867 %, 900.00 yuan a square metre; of a deal at 34.38 only 6.8760 acts as earnest money [04 §4.2, L-T14]."""
    with demo.PARCELS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    starts, deposits = [Decimal(r["start_wan"]) for r in rows], [Decimal(r["deposit_wan"]) for r in rows]
    assert (len(rows), sum(starts), sum(deposits)) == (10, Decimal("383.40"), 100)
    first = rows[0]
    assert (deposits[0] / starts[0] * 100).quantize(Decimal("0.0001")) == Decimal("29.0867")
    assert starts[0] * 10_000 / Decimal(first["area_m2"]) == Decimal("900.00")
    assert starts[0] * Decimal("0.2") == Decimal("6.8760")


@pytest.mark.parametrize("use", YEARS)
def test_no_term_is_longer_than_its_use_allows(use: str) -> None:
    """[L-T13]"""
    terms = {**demo.land().terms, "land_use": use}
    assert "land.term_too_long" not in codes(LAND, {**terms, "term_years": YEARS[use]})
    assert "land.term_too_long" in codes(LAND, {**terms, "term_years": YEARS[use] + 1})


def test_the_deposit_of_real_estate_land_is_a_fifth_of_its_lowest_price() -> None:
    """[L-T12]"""
    terms = {**demo.land().terms, "minimum_price_fen": 100 * WAN + 1}
    assert "land.deposit_too_low" in codes(LAND, {**terms, "deposit_fen": 20 * WAN})
    assert "land.deposit_too_low" not in codes(LAND, {**terms, "deposit_fen": 20 * WAN + 1})
    assert "land.deposit_too_low" not in codes(LAND, {**terms, "deposit_fen": 1, "real_estate": False})


def test_collective_land_needs_two_thirds() -> None:
    """[LAL 63]"""
    terms = {**demo.land().terms, "catalogue_code": "C02"}
    assert "land.consent_missing" in codes(LAND, terms) and "land.consent_missing" not in codes(LAND, {**terms, "members_consent": True})


def test_twenty_days_for_land_and_twenty_working_days_for_mines() -> None:
    """[04 §4.9 guard 1]"""
    land, mine = (next(p for p in t.periods if (p.start, p.end) == ("notice_published", "listing_start")) for t in (LAND, MINING))
    assert (land.count, land.unit, mine.count, mine.unit) == (20, "days", 20, "workdays")


def test_a_mine_has_the_area_that_its_corners_enclose() -> None:
    terms = dict(demo.mining().terms)
    assert "mining.area_differs" not in codes(MINING, {**terms, "area_km2": "0.1212"})
    assert "mining.area_differs" in codes(MINING, {**terms, "area_km2": "0.1213"})
    line = [{"x": "0", "y": "0"}, {"x": "100", "y": "100"}, {"x": "200", "y": "200"}]
    assert "mining.area_differs" in codes(MINING, {**terms, "corners": line})


def test_a_base_of_a_rate_states_the_rate() -> None:
    """[M-11]"""
    assert "mining.rate_missing" in codes(MINING, {**demo.mining().terms, "revenue_rate": None})


def test_every_trade_has_a_column_of_its_own(sqlite_platform: Platform) -> None:
    trades = sqlite_platform.trades.values()
    assert len({t.column for t in trades}) == len({t.code for t in trades})
