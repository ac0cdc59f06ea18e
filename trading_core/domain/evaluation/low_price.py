"""Abnormally low prices: what triggers a review, and that it is settled before anything is ranked [03 §3.9, 87 60].

A trigger rejects nothing: the bidder explains, and only a price that is not explained is invalid, by vote. The test looks at the prices
bid, never at those for review.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..errors import Problem
from ..fields import Field
from .limits import LOW_PRICES, in_force, rate_problem
from .numbers import exact
from .purchase import Purchase

BELOW_MEAN, BELOW_SECOND, BELOW_CEILING, JUDGEMENT = "AL-1", "AL-2", "AL-3", "AL-4"
EXPLAINED, UNEXPLAINED = "explained", "unexplained"

LOW_PRICE_FIELDS = tuple(Field(name, "decimal", minimum=0, maximum=1, rule="03 §3.9") for name in LOW_PRICES)
REVIEW_FIELDS = (
    Field("bid", maximum=64),
    Field("judgement", "boolean", required=False, rule="03 §3.9"),
    Field("explanation", "long_text", required=False),
    Field("outcome", "choice", choices=(EXPLAINED, UNEXPLAINED), rule="03 §3.9"),
    Field("opinion", "long_text", rule="03 §3.9"),
)


@dataclass(frozen=True, slots=True)
class Trigger:
    """Why a price is reviewed: its code, and the limit in fen below which the price lies; None where the committee judged."""

    code: str
    limit_fen: Fraction | None = None


@dataclass(frozen=True, slots=True)
class LowPriceReview:
    """What the committee found about a low price. judgement: it asked without a figure that made it."""

    bid: str
    judgement: bool
    outcome: str


@dataclass(frozen=True, slots=True)
class LowPrice:
    """The rates of the three figures, as fractions."""

    mean: Fraction
    second: Fraction
    ceiling: Fraction

    @classmethod
    def stated_in(cls, data: Mapping[str, str]) -> LowPrice:
        return cls(exact(data["mean_rate"]), exact(data["second_rate"]), exact(data["ceiling_rate"]))

    def triggers(self, prices: Mapping[str, int], ceiling_fen: int | None) -> dict[str, tuple[Trigger, ...]]:
        """Which prices are abnormally low, each strictly below a limit. prices: fen by bid of all that conform; ceiling_fen: the
        ceiling, the budget where there is none."""
        if not prices:
            return {}
        order = sorted(prices.values())
        mean = self.mean * sum(order) / len(order)
        found: dict[str, list[Trigger]] = {bid: [] for bid in sorted(prices)}
        for bid in found:
            if prices[bid] < mean:
                found[bid].append(Trigger(BELOW_MEAN, mean))
            if len(order) > 1 and prices[bid] == order[0] < self.second * order[1]:
                found[bid].append(Trigger(BELOW_SECOND, self.second * order[1]))
            if ceiling_fen is not None and prices[bid] < self.ceiling * ceiling_fen:
                found[bid].append(Trigger(BELOW_CEILING, self.ceiling * ceiling_fen))
        return {bid: tuple(own) for bid, own in found.items() if own}


def check_low_price(data: Mapping[str, str] | None, purchase: Purchase, prefix: str) -> Iterator[Problem]:
    """Rates that law does not leave to the document on the day of the announcement, or that are missing."""
    for name, limits in LOW_PRICES.items():
        if data:
            if found := rate_problem(limits, purchase.announced_on, data[name], prefix + name):
                yield found
        elif in_force(limits, purchase.announced_on):
            yield Problem("field.required", prefix + name, rule="03 §3.9")


def reviews_in(data: Sequence[Mapping[str, Any]]) -> tuple[LowPriceReview, ...]:
    """The reviews of a checked case."""
    return tuple(LowPriceReview(review["bid"], bool(review.get("judgement")), review["outcome"]) for review in data)


def review_problems(
    reviews: Sequence[LowPriceReview], triggers: Mapping[str, Sequence[Trigger]], valid: frozenset[str], motions: Mapping[int, str]
) -> Iterator[Problem]:
    """What is open: a trigger that nobody reviewed, a price that stayed unexplained and still counts, a review or a motion without its
    ground. valid: bids not rejected; motions: number in the case → bid, of those that call a low price invalid."""
    outcomes: dict[str, str] = {}
    for i, review in enumerate(reviews):
        path = f"low_price_reviews.{i}.bid"
        if review.bid in outcomes:
            yield Problem("evaluation.twice", path, {"id": review.bid})
        elif not review.judgement and review.bid not in triggers:
            yield Problem("evaluation.low_price_no_trigger", path, {"bid": review.bid}, "03 §3.9")
        elif review.bid in valid and review.outcome == UNEXPLAINED:
            yield Problem("evaluation.low_price_unexplained", path, {"bid": review.bid}, "87 60")
        outcomes[review.bid] = review.outcome
    for bid in sorted(valid & triggers.keys() - outcomes.keys()):
        codes = ", ".join(trigger.code for trigger in triggers[bid])
        yield Problem("evaluation.low_price_open", "low_price_reviews", {"bid": bid, "triggers": codes}, "03 §3.9")
    for i, bid in motions.items():
        if outcomes.get(bid) != UNEXPLAINED:
            yield Problem("evaluation.low_price_not_reviewed", f"rejections.{i}.ground", {"bid": bid}, "87 60")
