"""Benefits of policy in the evaluation: what the document grants and what it comes to [46 9, 03 §3.8].

Two halves of one policy. As a rule the price is lowered for the review; in works scored without low-price-first, the price score is
raised instead. Neither touches the price of the contract, the ceiling or the test for low prices.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, cast

from ..errors import Problem
from ..fields import Field
from .declared import CONSORTIUM, NONE, SMALL_MICRO, Declared
from .limits import BENEFITS, in_force, rate_problem
from .numbers import PLACES_FIELDS, ROUNDINGS, exact, plain, rounded
from .purchase import Purchase

UPLIFT_FIELDS = (
    Field("small_micro_rate", "decimal", minimum=0, maximum=1, rule="46 9"),
    Field("consortium_rate", "decimal", minimum=0, maximum=1, rule="46 9"),
    Field("capped", "boolean"),
    *PLACES_FIELDS,
)
DEDUCTION_FIELDS = (
    Field("small_micro_rate", "decimal", required=False, minimum=0, maximum=1, rule="46 9"),
    Field("consortium_rate", "decimal", required=False, minimum=0, maximum=1, rule="46 9"),
    Field("domestic_rate", "decimal", required=False, minimum=0, maximum=1, rule="P-D11"),
    Field("places", "integer", minimum=0, maximum=2),
    Field("rounding", "choice", choices=ROUNDINGS),
)
RATES = ("small_micro_rate", "consortium_rate", "domestic_rate")


# ------------------------------------------------------------------ the price for review

@dataclass(frozen=True, slots=True)
class Review:
    """The price at which a bid is compared. rate: all that is taken off; unrounded_fen: exact; fen: as the document rounds it."""

    declared: Declared
    rate: Fraction
    unrounded_fen: Fraction
    fen: int


@dataclass(frozen=True, slots=True)
class Deductions:
    """Rates are fractions: 0.10 takes off 10 %. by_size: of each kind of bidder. places: decimals of a yuan."""

    by_size: Mapping[str, Fraction]
    domestic: Fraction
    places: int
    rounding: str

    @classmethod
    def stated_in(cls, data: Mapping[str, Any]) -> Deductions:
        small, shared, domestic = (exact(data[name]) if data.get(name) else Fraction(0) for name in RATES)
        return cls({NONE: Fraction(0), SMALL_MICRO: small, CONSORTIUM: shared}, domestic, data["places"], data["rounding"])

    def review(self, price_fen: int, declared: Declared, contested: bool) -> Review:
        """The price for review. Benefits add up, each counted from the original price [P-D12]. contested: domestic offers compete with
        others, without which none of them has an advantage [P-D11]. Without a benefit the price stays as it is."""
        rate = self.by_size[declared.size] + (self.domestic if declared.domestic and contested else 0)
        exact_fen = price_fen * (1 - rate)
        fen = int(rounded(exact_fen / 100, self.places, self.rounding) * 100) if rate else price_fen
        return Review(declared, rate, exact_fen, fen)


def check_deductions(data: Mapping[str, Any] | None, purchase: Purchase, prefix: str) -> Iterator[Problem]:
    """Rates outside what law leaves to the purchaser, benefits in a package that has none, and one that law asks for and is missing."""
    given = {name: data[name] for name in RATES if data and data.get(name)}
    for name, rate in given.items():
        if found := rate_problem(BENEFITS[name, purchase.bought], purchase.announced_on, rate, prefix + name):
            yield found
    small = [name for name in given if name != "domestic_rate"]
    if purchase.reserved:
        yield from (Problem("evaluation.reserved_without_deduction", prefix + name, rule="P-D4") for name in small)
    elif "small_micro_rate" not in given:
        yield Problem("evaluation.deduction_missing", prefix + "small_micro_rate", {"bought": purchase.bought}, "46 9")


# ------------------------------------------------------------------ the addition to the price score

@dataclass(frozen=True, slots=True)
class Uplift:
    """Rates are fractions: 0.04 adds 4 % of the bidder's own price score. capped: never above the full price score."""

    rates: Mapping[str, Fraction]
    capped: bool
    places: int
    rounding: str

    @classmethod
    def stated_in(cls, data: Mapping[str, object]) -> Uplift:
        return cls(
            {NONE: Fraction(0), SMALL_MICRO: exact(str(data["small_micro_rate"])), CONSORTIUM: exact(str(data["consortium_rate"]))},
            data["capped"] is True,
            cast("int", data["places"]),
            str(data["rounding"]),
        )

    def apply(self, score: Decimal, size: str, full_score: Fraction) -> Decimal:
        """The rounded price score with the addition; a bidder without benefit keeps the score as it is."""
        if size == NONE:
            return score
        raised = Fraction(score) * (1 + self.rates[size])
        return rounded(min(raised, full_score) if self.capped else raised, self.places, self.rounding)


def check_uplift(data: Mapping[str, object], score_places: int, prefix: str = "") -> Iterator[Problem]:
    """Rates outside what the law leaves to the purchaser, or a rounding that would cut the price score."""
    for name in ("small_micro_rate", "consortium_rate"):
        found = in_force(BENEFITS[name, "works"], date.max)
        if found and not found.low <= exact(str(data[name])) <= found.high:
            figures = {"value": data[name], "minimum": plain(found.low), "maximum": plain(found.high)}
            yield Problem("evaluation.uplift_rate", prefix + name, figures, "46 9")
    if cast("int", data["places"]) < score_places:
        yield Problem("evaluation.uplift_places", prefix + "places", {"places": data["places"], "score_places": score_places})
