"""The rules of one divisible sealed auction as its notice states them [06 §6.2, §6.4]."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from ..errors import Problem
from ..evaluation.numbers import exact, problems_of
from ..fields import MONEY_MAX_FEN, Field, check
from .quantities import Quantum, quantity_problems

UNIFORM, PAY_AS_BID = "uniform", "pay_as_bid"
PRO_RATA, TIME_PRIORITY, LARGEST_FIRST = "pro_rata", "time_priority", "largest_first"
LARGEST_FRACTION = "largest_fraction"
CUT, DROP = "cut", "drop"

FIELDS = (
    Field("quantity_unit", maximum=16, rule="06 §6.2"),
    Field("quantum", "decimal", rule="06 §6.2"),
    Field("supply", "decimal", rule="06 §6.4"),
    Field("reserve_unit_price_fen", "money", minimum=1, rule="06 §6.4"),
    Field("several_steps", "boolean", rule="06 §6.4"),
    Field("bidder_max", "decimal", required=False, rule="06 §6.4"),
    Field("over_limit", "choice", required=False, choices=(CUT, DROP), rule="06 §6.4"),
    Field("pricing_rule", "choice", choices=(UNIFORM, PAY_AS_BID), rule="06 §6.4"),
    Field("marginal_rule", "choice", choices=(PRO_RATA, TIME_PRIORITY, LARGEST_FIRST), rule="06 §6.4"),
    Field("rounding_rule", "choice", choices=(LARGEST_FRACTION,), rule="06 §6.4"),
)
"""What a notice states. quantum: the smallest step of a quantity, in the unit. several_steps: whether a bidder may send in several
prices. bidder_max: the most that one bidder may get, over all his steps; with it over_limit: what becomes of a step that goes beyond."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The checked rules; see `FIELDS`. supply and bidder_max: quanta, bidder_max None without a limit. cut: a step beyond the limit is cut
    to it, else dropped."""

    quantity_unit: str
    quantum: Quantum
    supply: int
    reserve_unit_price_fen: int
    several_steps: bool
    bidder_max: int | None
    cut: bool
    pricing_rule: str
    marginal_rule: str
    rounding_rule: str

    @property
    def uniform(self) -> bool:
        """Whether all pay one price."""
        return self.pricing_rule == UNIFORM

    @property
    def unit_price_max_fen(self) -> int:
        """The highest unit price at which the whole supply is an amount that the platform can hold."""
        return MONEY_MAX_FEN * self.quantum.size.denominator // (self.supply * self.quantum.size.numerator)


def check_rules(data: Mapping[str, object], prefix: str = "") -> list[Problem]:
    """Every fault of the rules of a notice, with paths below `prefix`. By rules that pass, any bids can be cleared."""
    found = problems_of(FIELDS, data, prefix)
    if found:
        return found
    said = check(FIELDS, data)
    found = [*quantity_problems(said, prefix, "supply", "bidder_max"), *_limit_problems(said, prefix)]
    if found:
        return found
    rules = rules_from(said)
    return list(price_problems(rules, rules.reserve_unit_price_fen, prefix + "reserve_unit_price_fen"))


def _limit_problems(data: Mapping[str, object], prefix: str) -> Iterator[Problem]:
    if ("bidder_max" in data) != ("over_limit" in data):
        missing = "over_limit" if "bidder_max" in data else "bidder_max"
        yield Problem("clearing.limit_incomplete", prefix + missing, rule="06 §6.4")


def price_problems(rules: Rules, unit_price_fen: int, path: str) -> Iterator[Problem]:
    """Whether a unit price is beyond what the platform can hold as an amount."""
    if unit_price_fen > rules.unit_price_max_fen:
        limits = {"minimum_fen": 0, "maximum_fen": rules.unit_price_max_fen, "value_fen": unit_price_fen}
        yield Problem("field.amount_out_of_range", path, limits)


def rules_from(data: Mapping[str, object]) -> Rules:
    """The rules as `Rules`. Only for data that `check_rules` has passed."""
    said = check(FIELDS, data)
    quantum = Quantum(exact(str(said["quantum"])))
    return Rules(
        quantity_unit=str(said["quantity_unit"]),
        quantum=quantum,
        supply=quantum.count(str(said["supply"])),
        reserve_unit_price_fen=cast("int", said["reserve_unit_price_fen"]),
        several_steps=said["several_steps"] is True,
        bidder_max=quantum.count(str(said["bidder_max"])) if "bidder_max" in said else None,
        cut=said.get("over_limit") == CUT,
        pricing_rule=str(said["pricing_rule"]),
        marginal_rule=str(said["marginal_rule"]),
        rounding_rule=str(said["rounding_rule"]),
    )
