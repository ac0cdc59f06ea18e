"""The addition to the price score of small and micro bidders in government-purchased works [46 9, 02 §2.7.2, 03 P-D2, P-D3]."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import cast

from ..errors import Problem
from ..fields import Field
from .numbers import PLACES_FIELDS, exact, rounded

SIZES = ("none", "small_micro", "consortium")
RANGES: Mapping[str, tuple[str, str]] = {"small_micro_rate": ("0.03", "0.05"), "consortium_rate": ("0.01", "0.02")}
UPLIFT_FIELDS = (
    Field("small_micro_rate", "decimal", minimum=0, maximum=1, rule="46 9"),
    Field("consortium_rate", "decimal", minimum=0, maximum=1, rule="46 9"),
    Field("capped", "boolean"),
    *PLACES_FIELDS,
)


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
            {"none": Fraction(0), "small_micro": exact(str(data["small_micro_rate"])), "consortium": exact(str(data["consortium_rate"]))},
            data["capped"] is True,
            cast("int", data["places"]),
            str(data["rounding"]),
        )

    def apply(self, score: Decimal, size: str, full_score: Fraction) -> Decimal:
        """The rounded price score with the addition; a bidder without benefit keeps the score as it is."""
        if size == "none":
            return score
        raised = Fraction(score) * (1 + self.rates[size])
        return rounded(min(raised, full_score) if self.capped else raised, self.places, self.rounding)


def check_uplift(data: Mapping[str, object], score_places: int, prefix: str = "") -> Iterator[Problem]:
    """Rates outside what the law leaves to the purchaser, or a rounding that would cut the price score."""
    for name, (low, high) in RANGES.items():
        if not exact(low) <= exact(str(data[name])) <= exact(high):
            yield Problem("evaluation.uplift_rate", prefix + name, {"value": data[name], "minimum": low, "maximum": high}, "46 9")
    if cast("int", data["places"]) < score_places:
        yield Problem("evaluation.uplift_places", prefix + "places", {"places": data["places"], "score_places": score_places})
