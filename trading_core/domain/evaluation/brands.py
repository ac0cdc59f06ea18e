"""Bids of one brand in a tender: only one of them can win, and they count as one [87 31]."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..errors import Problem
from ..fields import Field

BRAND_DECISION_FIELDS = (
    Field("brand"),
    Field("bid", maximum=64),
    Field("by", "choice", required=False, choices=("draw", "document_rule")),
    Field("reason", "long_text"),
)

Worth = Mapping[str, tuple[Fraction, ...]]
"""Bid → what it is compared by within its brand; less is better."""


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand that several bids offer. best: those that nothing separates at the front; chosen: the one that stands for the brand, empty
    while equal ones wait for the document's rule or a draw."""

    name: str
    bids: tuple[str, ...]
    best: tuple[str, ...]
    chosen: str

    @property
    def passed_over(self) -> frozenset[str]:
        """Who does not stand for the brand; while it is undecided only those that cannot."""
        return frozenset(self.bids) - (frozenset((self.chosen,)) if self.chosen else frozenset(self.best))


def brands_of(named: Mapping[str, str], worth: Worth, decisions: Mapping[str, str]) -> tuple[Brand, ...]:
    """Brands with more than one bid, by name. named: bid → brand of those that are compared, empty where it has none; decisions: brand →
    bid that a draw or the document's rule chose among equal ones."""
    by_brand: dict[str, list[str]] = {}
    for bid in sorted(named):
        by_brand.setdefault(named[bid], []).append(bid)
    found = []
    for name, bids in sorted(by_brand.items()):
        if name and len(bids) > 1:
            front = min(worth[bid] for bid in bids)
            best = tuple(bid for bid in bids if worth[bid] == front)
            decided = decisions.get(name, "")
            found.append(Brand(name, tuple(bids), best, best[0] if len(best) == 1 else decided if decided in best else ""))
    return tuple(found)


def entities(named: Mapping[str, str]) -> int:
    """How many bidders there are for the test of three: those of one brand are one."""
    return len({brand for brand in named.values() if brand}) + sum(not brand for brand in named.values())


def decision_problems(brands: Sequence[Brand], decisions: Sequence[tuple[str, str]]) -> Iterator[Problem]:
    """Decisions on what is no tie within a brand, or made twice."""
    open_ones = {brand.name: brand.best for brand in brands if len(brand.best) > 1}
    for i, (name, bid) in enumerate(decisions):
        if bid not in open_ones.get(name, ()) or name in (earlier for earlier, _ in decisions[:i]):
            yield Problem("evaluation.not_a_brand_tie", f"brand_decisions.{i}", {"brand": name, "bid": bid}, "87 31")
