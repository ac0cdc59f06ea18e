"""How long an offer is disclosed, and what its floor may be [05 §5.1, 5.2]."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from trading_core.domain.errors import Problem
from trading_core.domain.money import interest
from trading_core.domain.periods import Period

EQUITY, ASSET, LEASE = "equity_transfer", "asset_transfer", "lease"
FIRST, PRICE_ONLY, CONDITIONS = "first", "price_only", "conditions"
SMALL, LARGE = 100_000_000, 1_000_000_000
"""Floors of assets, in fen, from which the second and the third period apply [R-T04, R-T05]."""


def _p(
    id: str, start: str, end: str, count: int, source: str, disclosure: str = "", bound: str = "at_least", verified: bool = False,
    unit: str = "workdays",
) -> Period:  # fmt: skip
    applies = {"disclosure": disclosure} if disclosure else {}
    return Period(id, start, end, count, unit, bound, "forward", source, verified, applies)  # type: ignore[arg-type]


OPEN = ("notice_published", "registration_deadline")
PERIODS = (
    _p("R-T02", *OPEN, 20, "部令第32号第13条", "equity"),
    _p("R-T04", *OPEN, 10, "部令第32号第50条", "asset_middle"),
    _p("R-T05", *OPEN, 20, "部令第32号第50条", "asset_large"),
    _p("R-T06", *OPEN, 5, "地方规则", "asset_small"),
    _p("R-T07E", *OPEN, 10, "国资发产权规〔2022〕39号", "equity_again"),
    _p("R-T07", *OPEN, 5, "国资发产权规〔2022〕39号", "asset_again"),
    _p("R-T16", "award_letter", "contract_signed", 5, "公告", bound="at_most"),
    _p("R-T10", "result_published", "result_notice_end", 5, "部令第32号第29条"),
    _p("R-D01", "deal", "deposit_returned", 3, "公告", bound="at_most", verified=True),
)
"""Marks of the rulebook that a value must be compared with the rules of 2025 stand as unverified."""


def disclosure_of(terms: Mapping[str, object]) -> str:
    """By which period an offer is disclosed: from what is offered, for how much, and what has changed since the last time [R-T02]."""
    kind, again = terms.get("subject_kind"), terms.get("disclosed_before")
    if again == PRICE_ONLY:
        return "equity_again" if kind == EQUITY else "asset_again"
    if kind == EQUITY:
        return "equity"
    said = terms.get("bidding")
    floor = said.get("start_fen") if isinstance(said, Mapping) else None
    if not isinstance(floor, int) or floor < SMALL:
        return "asset_small"
    return "asset_middle" if floor < LARGE else "asset_large"


def disclosure_problems(terms: Mapping[str, object]) -> Iterator[Problem]:
    """A stated period that is not the one of this offer."""
    stated, right = terms.get("disclosure"), disclosure_of(terms)
    if stated is not None and stated != right:
        yield Problem("property.disclosure_differs", "disclosure", {"stated": stated, "right": right}, "R-T04")


def floor_problems(terms: Mapping[str, object]) -> Iterator[Problem]:
    """The first floor is the appraisal or more [R-02]; any later one below 90 % of the appraisal, and not of the last floor, needs the
    consent of whoever approved the transfer [R-T08]."""
    said, appraisal = terms.get("bidding"), terms.get("appraisal_fen")
    floor = said.get("start_fen") if isinstance(said, Mapping) else None
    if not isinstance(floor, int) or not isinstance(appraisal, int) or terms.get("subject_kind") == LEASE:
        return
    if terms.get("disclosed_before") == FIRST and floor < appraisal:
        yield Problem("property.floor_below_appraisal", "bidding.start_fen", {"floor_fen": floor, "appraisal_fen": appraisal}, "R-02")
    elif needs_consent(floor, appraisal) and not terms.get("reduction_consent"):
        yield Problem("property.consent_missing", "reduction_consent", {"floor_fen": floor, "appraisal_fen": appraisal}, "R-T08")


def needs_consent(floor_fen: int, appraisal_fen: int) -> bool:
    """Whether a floor is below 90 % of the appraisal, strictly [R-T08]."""
    return floor_fen * 10 < appraisal_fen * 9


def qualification_problems(terms: Mapping[str, object]) -> Iterator[Problem]:
    """Conditions for who may buy an asset without a law that asks for them [R-08]; of equity without having been filed [R-07]."""
    if not terms.get("conditions"):
        return
    if terms.get("subject_kind") == ASSET and not terms.get("conditions_basis"):
        yield Problem("property.conditions_without_law", "conditions", rule="R-08")
    if terms.get("subject_kind") == EQUITY and not terms.get("conditions_filed"):
        yield Problem("property.conditions_not_filed", "conditions_filed", rule="R-07")


def payment_problems(terms: Mapping[str, object]) -> Iterator[Problem]:
    """Instalments: the first at least 30 %, of equity only, with security [R-T11, R-09]."""
    first = terms.get("first_percent")
    if first is None:
        return
    if terms.get("subject_kind") != EQUITY:
        yield Problem("property.paid_at_once", "first_percent", rule="R-09")
    elif isinstance(first, int) and first < 30:
        yield Problem("property.first_too_small", "first_percent", {"percent": first}, "R-T11")
    if not terms.get("payment_security"):
        yield Problem("property.security_missing", "payment_security", rule="R-T11")


def lease_problems(terms: Mapping[str, object]) -> Iterator[Problem]:
    """A lease of more than twenty years is void for the excess [CC 705]."""
    years = terms.get("lease_years")
    if terms.get("subject_kind") == LEASE and not isinstance(years, int):
        yield Problem("field.required", "lease_years", rule="CC 705")
    if isinstance(years, int) and years > 20:
        yield Problem("property.lease_too_long", "lease_years", {"years": years}, "CC 705")


def appraisal_problems(terms: Mapping[str, object]) -> Iterator[Problem]:
    """An appraisal is used within a year of its base date [R-T13]: the disclosure must at least end by then."""
    base, dates = terms.get("appraisal_base_date"), terms.get("schedule")
    closes = dates.get("registration_deadline") if isinstance(dates, Mapping) else None
    if isinstance(base, str) and isinstance(closes, str):
        day = date.fromisoformat(base)
        last = day.replace(year=day.year + 1) if (day.month, day.day) != (2, 29) else date(day.year + 1, 2, 28)
        if date.fromisoformat(closes[:10]) > last:
            yield Problem("property.appraisal_old", "appraisal_base_date", {"last": last.isoformat()}, "R-T13")


def rest_with_interest(price_fen: int, first_fen: int, annual_rate: Decimal, days: int) -> tuple[int, int]:
    """What is still owed after the first payment, and its interest, actual days over 360 [R-T11]."""
    rest = price_fen - first_fen
    return rest, interest(rest, annual_rate, days)


CHECKS = (
    disclosure_problems, floor_problems, qualification_problems, payment_problems, lease_problems, appraisal_problems,
)  # fmt: skip
