"""What law leaves to a document, by the day of its announcement: rates of benefits, weights of the price, rates of the test for low
prices [03 §3.7–§3.9]."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from ..errors import Problem
from .numbers import exact, plain


@dataclass(frozen=True, slots=True)
class Limit:
    """What a document may state, both bounds included, when it is announced on `since` or later."""

    low: Fraction
    high: Fraction
    rule: str
    since: date = date.min


def limit(low: str, high: str, rule: str, since: str = "") -> Limit:
    return Limit(exact(low), exact(high), rule, date.fromisoformat(since) if since else date.min)


def in_force(limits: Sequence[Limit], on: date) -> Limit | None:
    """The limit that binds an announcement of that day, None before there was one."""
    return max((found for found in limits if found.since <= on), key=lambda found: found.since, default=None)


_GOODS_SMALL = (limit("0.06", "0.10", rule="P-D1"), limit("0.10", "0.20", rule="P-D1", since="2022-07-01"))
_GOODS_SHARED = (limit("0.02", "0.03", rule="P-D3"), limit("0.04", "0.06", rule="P-D3", since="2022-07-01"))
_DOMESTIC = (limit("0.20", "0.20", rule="P-D11", since="2026-01-01"),)

BENEFITS: Mapping[tuple[str, str], Sequence[Limit]] = {
    ("small_micro_rate", "goods"): _GOODS_SMALL,
    ("small_micro_rate", "services"): _GOODS_SMALL,
    ("small_micro_rate", "works"): (limit("0.03", "0.05", rule="P-D2"),),
    ("consortium_rate", "goods"): _GOODS_SHARED,
    ("consortium_rate", "services"): _GOODS_SHARED,
    ("consortium_rate", "works"): (limit("0.01", "0.02", rule="P-D3"),),
    **{("domestic_rate", what): _DOMESTIC for what in ("goods", "services", "works")},
}
"""Rate and kind of object → what a document may state [46 9, 财库〔2022〕19号, 国办发〔2025〕34号]."""

SMALL_SHARE = (limit("0.30", "1", rule="P-D3"),)
"""Share of the contract that small and micro partners must have [46 9]."""
DOMESTIC_SHARE = (limit("0.80", "1", rule="P-D11", since="2026-01-01"),)
"""Share in the cost from which an offer of several products is domestic as a whole."""

PRICE_WEIGHTS: Mapping[tuple[str, str], Sequence[Limit]] = {
    ("tender", "goods"): (limit("0.30", "1", rule="P-S4"),),
    ("tender", "services"): (limit("0.10", "1", rule="P-S4"),),
    ("consultation", "goods"): (limit("0.30", "0.60", rule="P-S5"),),
    ("consultation", "services"): (limit("0.10", "0.30", rule="P-S5"),),
}
"""Procedure and kind of object → share of the price in all points [87 55, 214 24]."""

LOW_PRICES: Mapping[str, Sequence[Limit]] = {
    "mean_rate": (limit("0.50", "0.65", rule="03 §3.9", since="2026-02-01"),),
    "second_rate": (limit("0.50", "0.65", rule="03 §3.9", since="2026-02-01"),),
    "ceiling_rate": (limit("0.45", "0.65", rule="03 §3.9", since="2026-02-01"),),
}
"""Rates below which a price is to be explained; a document may only raise them [财库〔2026〕2号]."""


def rate_problem(limits: Sequence[Limit], on: date, stated: str, path: str) -> Problem | None:
    """A rate that no rule knew on that day, or outside what it left to the document."""
    found = in_force(limits, on)
    if found is None:
        return Problem("evaluation.rate_not_in_force", path, {"announced_on": on.isoformat()}, limits[0].rule)
    if not found.low <= exact(stated) <= found.high:
        figures = {"value": stated, "minimum": plain(found.low), "maximum": plain(found.high)}
        return Problem("evaluation.rate_out_of_range", path, figures, found.rule)
    return None
