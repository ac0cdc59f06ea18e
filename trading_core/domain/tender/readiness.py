"""Whether a tender can be carried to its end as its terms are: told before it is published, when it can still be mended [01 §1.2 READY]."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from ..errors import Problem
from ..trade import TradeType
from .trustees import AT_OPENING


def plan_problems(trade: TradeType, terms: Mapping[str, object]) -> Iterator[Problem]:
    """What would stop the tender later: a committee that may not sit, envelopes that cannot be
    opened in turn, and whatever the trade type itself checks."""
    yield from committee_problems(trade, terms)
    yield from envelope_problems(terms)
    for check in trade.checks:
        yield from check(terms)


def committee_problems(trade: TradeType, terms: Mapping[str, object]) -> Iterator[Problem]:
    """A committee too small to be lawful, or of an even number, which could be split in halves [E-C1]."""
    size, rule = terms.get("committee_size"), trade.committee
    if isinstance(size, int) and (size < rule.minimum or size % 2 == 0):
        yield Problem("committee.size", "committee_size", {"size": size, "minimum": rule.minimum}, rule.rule)


def envelope_problems(terms: Mapping[str, object]) -> Iterator[Problem]:
    """Envelopes of one name, whose keys would replace each other, or out of order: the first says who bids, so it opens at the opening,
    and whatever opens then comes before what waits for the technical result [02 §2.6]."""
    plan = cast("Sequence[Mapping[str, str]]", terms.get("envelopes") or ())
    names, opened = [str(e["name"]) for e in plan], [e["opens"] == AT_OPENING for e in plan]
    for i, name in enumerate(names):
        if name in names[:i]:
            yield Problem("envelopes.name_twice", f"envelopes.{i}.name", {"name": name[:40]})
    for i, at_opening in enumerate(opened):
        if at_opening and not all(opened[:i]):
            yield Problem("envelopes.out_of_order", f"envelopes.{i}.opens")
    if opened and not opened[0]:
        yield Problem("envelopes.none_at_opening", "envelopes.0.opens")
