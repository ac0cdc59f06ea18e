"""Whether a tender can be carried to its end as its terms are: told before it is published, when it can still be mended [01 §1.2 READY]."""
from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..errors import Problem
from ..trade import TradeType


def plan_problems(trade: TradeType, terms: Mapping[str, object]) -> Iterator[Problem]:
    """What would stop the tender later: a committee that may not sit, and whatever the trade type itself checks."""
    yield from committee_problems(trade, terms)
    for check in trade.checks:
        yield from check(terms)


def committee_problems(trade: TradeType, terms: Mapping[str, object]) -> Iterator[Problem]:
    """A committee too small to be lawful, or of an even number, which could be split in halves [E-C1]."""
    size, rule = terms.get("committee_size"), trade.committee
    if isinstance(size, int) and (size < rule.minimum or size % 2 == 0):
        yield Problem("committee.size", "committee_size", {"size": size, "minimum": rule.minimum}, rule.rule)
