"""The declaration of land by listing or auction (挂牌、拍卖出让)."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from trading_core.domain.auction import rules as bidding
from trading_core.domain.auction import trade as auction
from trading_core.domain.errors import Problem
from trading_core.domain.fields import Field
from trading_core.domain.paper import PaperForm, Section
from trading_core.domain.periods import Period
from trading_core.domain.stages import registered_deposits
from trading_core.domain.stages.excluding import code_problems
from trading_core.domain.trade import CatalogueEntry, DepositRule, TradeType

from .law import LAW

CATALOGUE = (
    CatalogueEntry("C01", "国有建设用地使用权出让", "Grant of land use rights"),
    CatalogueEntry("C02", "集体经营性建设用地使用权出让", "Grant of collective land use rights", "LAR 43"),
)
YEARS = {"residential": 70, "industrial": 50, "public_service": 50, "commercial": 40, "mixed": 50}
"""The longest term of each use [L-T13]."""
FORM = (
    Field("title"),
    Field("catalogue_code", maximum=20, rule="TC-1"),
    Field("parcel", maximum=60, rule="L-T18"),
    Field("place"),
    Field("area_m2", "decimal", minimum=0, rule="04 §4.2"),
    Field("land_use", "choice", choices=tuple(YEARS), rule="L-T13"),
    Field("term_years", "integer", minimum=1, maximum=70, rule="L-T13"),
    Field("real_estate", "boolean", rule="L-T12"),
    Field("plot_ratio", required=False),
    Field("building_density", required=False),
    Field("green_ratio", required=False),
    Field("plan_approval", rule="39 10"),
    Field("minimum_price_fen", "money", minimum=1, rule="L-T12"),
    Field("payment_schedule", "long_text", rule="L-T09"),
    Field("members_consent", "boolean", required=False, rule="LAL 63"),
    *auction.FORM,
)
CHANGEABLE = {"plot_ratio": "L-T05", "building_density": "L-T05", "green_ratio": "L-T05", "payment_schedule": "L-T05"}
CONTRACT = (Field("term_years", "integer", minimum=1), Field("parcel", maximum=60))


def _p(
    id: str, start: str, end: str, count: int, source: str, unit: str = "days", bound: str = "at_least", direction: str = "forward",
    verified: bool = False, applies: Mapping[str, object] | None = None,
) -> Period:  # fmt: skip
    return Period(id, start, end, count, unit, bound, direction, source, verified, applies or {})  # type: ignore[arg-type]


PERIODS = (
    _p("L-T01", "notice_published", "listing_start", 20, "部令第39号第8条", verified=True),
    _p("L-T01A", "notice_published", "auction_start", 20, "部令第39号第8条", verified=True),
    _p("L-T02", "listing_start", "listing_end", 10, "部令第39号第18条"),
    _p("L-T03", "listing_end", "registration_deadline", 2, "部令第39号第11条", direction="backward"),
    _p("L-T04", "registration_applied", "registration_decided", 2, "网上交易规则", bound="at_most", verified=True),
    _p("L-T04R", "registration_decided", "deposit_returned", 5, "网上交易规则", bound="at_most", verified=True),
    _p("L-T07", "deal", "deal_confirmed", 5, "网上交易规则", unit="workdays", bound="at_most", verified=True),
    _p("L-T08", "award_letter", "contract_signed", 10, "国土资发〔2010〕34号", unit="workdays", bound="at_most",
       applies={"real_estate": True}),
    _p("L-T10", "deal", "deposit_returned", 5, "部令第39号第21条", unit="workdays", bound="at_most"),
    _p("L-T11", "deal", "result_published", 10, "部令第39号第22条", unit="workdays", bound="at_most"),
)  # fmt: skip


def term_problems(terms: Mapping[str, object]) -> Iterator[Problem]:
    """A term longer than its use allows [L-T13]."""
    years, longest = terms.get("term_years"), YEARS.get(str(terms.get("land_use")))
    if isinstance(years, int) and longest is not None and years > longest:
        yield Problem("land.term_too_long", "term_years", {"years": years, "maximum": longest}, "L-T13")


def deposit_problems(terms: Mapping[str, object]) -> Iterator[Problem]:
    """A deposit below 20 % of the lowest price for which the parcel may be granted, of real-estate land [L-T12]."""
    deposit, lowest = terms.get("deposit_fen"), terms.get("minimum_price_fen")
    if terms.get("real_estate") is True and isinstance(deposit, int) and isinstance(lowest, int):
        least = -(-lowest * 20 // 100)
        if deposit < least:
            yield Problem("land.deposit_too_low", "deposit_fen", {"deposit_fen": deposit, "least_fen": least}, "L-T12")


def start_problems(terms: Mapping[str, object]) -> Iterator[Problem]:
    """A start below the lowest price for which the parcel may be granted [39 10]."""
    said, lowest = terms.get("bidding"), terms.get("minimum_price_fen")
    start = said.get("start_fen") if isinstance(said, Mapping) else None
    if isinstance(start, int) and isinstance(lowest, int) and start < lowest:
        yield Problem("land.start_too_low", "bidding.start_fen", {"start_fen": start, "least_fen": lowest}, "39 10")


def consent_problems(terms: Mapping[str, object]) -> Iterator[Problem]:
    """Collective land without the consent of two thirds of the members or their representatives [LAL 63]."""
    if terms.get("catalogue_code") == "C02" and terms.get("members_consent") is not True:
        yield Problem("land.consent_missing", "members_consent", rule="LAL 63")


BASICS = ("parcel", "place", "area_m2", "land_use", "term_years", "plot_ratio", "building_density", "green_ratio")
PAPERS = {
    "announcement": PaperForm("paper.land.announcement", (
        Section("paper.land.object", (*BASICS, "plan_approval", "minimum_price_fen"), "paper.land.announcement_text"),
        Section("paper.land.conditions", ("qualification", "consortium", "deposit_fen", "deposit_account", "payment_schedule")),
        Section("paper.land.bidding", ("bidding", "registration_start", "registration_deadline", "listing_start", "listing_end",
                                       "auction_start")),
    )),
    "deal_confirmation": PaperForm("paper.land.confirmation", (
        Section("", ("winner", "winner_uscc", "price"), "paper.land.confirmation_text"),
        Section("paper.land.object", BASICS),
        Section("paper.land.after", ("payment_schedule", "contract_due"), "paper.land.earnest_text"),
    )),
    "result_notice": PaperForm("paper.land.result", (
        Section("paper.land.object", BASICS), Section("paper.land.deal", ("winner", "winner_uscc", "price", "deal")),
    )),
}  # fmt: skip
ARCHIVE = auction.archive("L", years=30)

LAND = TradeType(
    code="land",
    vocabulary=("grant", "neutral"),
    rules=date(2025, 1, 1),
    catalogue=CATALOGUE,
    stages=auction.stages(FORM, CHANGEABLE, CONTRACT, ARCHIVE),
    milestones=auction.MILESTONES,
    periods=PERIODS,
    deposits=registered_deposits.BOOK,
    deposit=DepositRule(percent="100", base_term="minimum_price_fen", rule="L-T12"),
    archive=ARCHIVE,
    papers=PAPERS,
    contract=CONTRACT,
    facts_shown=(*BASICS, "deposit_fen", "bidding", "qualification", "principal", "supervisor"),
    form=FORM,
    checks=(bidding.problems, term_problems, deposit_problems, start_problems, consent_problems, code_problems),
    law=LAW,
    amount="minimum_price_fen",
    deadline="registration_deadline",
    column="land",
)
