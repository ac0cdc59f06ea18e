"""The declaration of mining rights by listing or auction (矿业权出让) [04 §4.8]."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import cast

from trading_core.domain.auction import rules as bidding
from trading_core.domain.auction import trade as auction
from trading_core.domain.errors import Problem
from trading_core.domain.evaluation.numbers import rounded
from trading_core.domain.fields import Field
from trading_core.domain.paper import PaperForm, Section
from trading_core.domain.stages.excluding import code_problems
from trading_core.domain.trade import CatalogueEntry, DepositRule

from .trade import LAND, _p

CATALOGUE = (
    CatalogueEntry("C03", "探矿权出让", "Grant of exploration rights"), CatalogueEntry("C04", "采矿权出让", "Grant of mining rights"),
)
FORM = (
    Field("title"),
    Field("catalogue_code", maximum=20, rule="TC-1"),
    Field("mineral", rule="M-03"),
    Field("place"),
    Field("area_km2", "decimal", minimum=0, rule="04 §4.8"),
    Field("corners", "list", minimum=3, maximum=200, rule="04 §4.8", fields=(Field("x", "decimal"), Field("y", "decimal"))),
    Field("term_years", "integer", minimum=1, maximum=30, rule="M-05"),
    Field("bid_basis", "choice", choices=("price", "base_of_rate"), rule="M-11"),
    Field("revenue_rate", "decimal", required=False, minimum=0, maximum=100, rule="M-11"),
    Field("exploration_level", required=False),
    Field("minimum_price_fen", "money", minimum=1),
    Field("payment_schedule", "long_text", rule="M-20"),
    Field("risks", "long_text"),
    *auction.FORM,
)  # fmt: skip
CONTRACT = (Field("term_years", "integer", minimum=1), Field("mineral"))
PERIODS = (
    _p("M-07", "notice_published", "listing_start", 20, "矿业权出让交易规则", unit="workdays"),
    _p("M-07A", "notice_published", "auction_start", 20, "矿业权出让交易规则", unit="workdays"),
    _p("M-08", "listing_start", "listing_end", 10, "矿业权出让交易规则", unit="workdays"),
    _p("M-16", "deal", "deal_confirmed", 3, "网上交易规则", unit="workdays", bound="at_most"),
    _p("M-09S", "award_letter", "result_published", 5, "网上交易规则", unit="workdays", bound="at_most"),
    _p("M-09", "result_published", "contract_signed", 10, "矿业权出让交易规则", unit="workdays"),
    _p("M-19", "deal", "deposit_returned", 5, "矿业权出让交易规则", unit="workdays", bound="at_most"),
)
SQUARE_KM = 1_000_000
TOLERANCE = Fraction(1, 100)


def area_problems(terms: Mapping[str, object]) -> Iterator[Problem]:
    """Corners, in metres of CGCS2000, that enclose nothing, or another area than the declared one by more than 1 % [04 §4.8]."""
    corners = [(Fraction(c["x"]), Fraction(c["y"])) for c in cast("Sequence[Mapping[str, str]]", terms.get("corners") or ())]
    if len(corners) < 3 or not terms.get("area_km2"):
        return
    ring = [*corners, corners[0]]
    enclosed = abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(ring, ring[1:], strict=False))) / 2 / SQUARE_KM
    declared = Fraction(str(terms["area_km2"]))
    if not enclosed or abs(enclosed - declared) > declared * TOLERANCE:
        figures = {"enclosed": f"{rounded(enclosed, 4, 'ROUND_HALF_UP'):f}", "declared": str(terms["area_km2"])}
        yield Problem("mining.area_differs", "corners", figures, "04 §4.8")


def rate_problems(terms: Mapping[str, object]) -> Iterator[Problem]:
    """An amount that is the base of a rate, without the rate [M-11]."""
    if terms.get("bid_basis") == "base_of_rate" and not terms.get("revenue_rate"):
        yield Problem("mining.rate_missing", "revenue_rate", rule="M-11")


BASICS = ("mineral", "place", "area_km2", "corners", "term_years", "bid_basis", "revenue_rate", "exploration_level")
PAPERS = {
    **LAND.papers,
    "announcement": PaperForm("paper.mining.announcement", (
        Section("paper.mining.object", BASICS, "paper.mining.announcement_text"),
        Section("paper.land.conditions", ("qualification", "consortium", "deposit_fen", "deposit_account", "payment_schedule", "risks")),
        Section("paper.land.bidding", ("bidding", "registration_start", "registration_deadline", "listing_start", "listing_end",
                                       "auction_start")),
    )),
    "deal_confirmation": PaperForm("paper.mining.confirmation", (
        Section("", ("winner", "winner_uscc", "price"), "paper.mining.confirmation_text"), Section("paper.mining.object", BASICS),
        Section("paper.land.after", ("payment_schedule", "contract_due")),
    )),
    "result_notice": PaperForm("paper.mining.result", (
        Section("paper.mining.object", BASICS), Section("paper.land.deal", ("winner", "winner_uscc", "price", "deal")),
    )),
}  # fmt: skip
ARCHIVE = auction.archive("K", years=30)

MINING = replace(
    LAND,
    code="mining",
    column="mining",
    vocabulary=("grant", "neutral"),
    rules=date(2025, 7, 1),
    catalogue=CATALOGUE,
    stages=auction.stages(FORM, {"risks": "M-17", "payment_schedule": "M-17"}, CONTRACT, ARCHIVE),
    periods=PERIODS,
    deposit=DepositRule(percent="100", base_term="minimum_price_fen", rule="M-19"),
    archive=ARCHIVE,
    papers=PAPERS,
    contract=CONTRACT,
    facts_shown=(*BASICS, "deposit_fen", "bidding", "qualification", "principal", "supervisor"),
    form=FORM,
    checks=(bidding.problems, area_problems, rate_problems, code_problems),
)
