"""Bids compared by a sum of points: price, what members give, and what bids state [02 §2.7.2, 05 R-M3, 07 SEL-4]."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from .benefits import Review
from .bids import Bid
from .factors import FactorScore, score_factors
from .price_scores import PriceRow, PriceScoring
from .reading import Case
from .rejection import PRELIMINARY
from .rules import RECOMPUTED
from .scoring import GROUPS, Group, ItemScore, group_score, score_bid


@dataclass(frozen=True)
class Points:
    """All points of one bid. price: price score with the addition for small businesses, if any. row and price are None where the price
    is no factor."""

    row: PriceRow | None
    price: Decimal | None
    items: tuple[ItemScore, ...]
    factors: tuple[FactorScore, ...]
    groups: Mapping[Group, Fraction]
    total: Decimal


def score(read: Case, valid: Sequence[Bid], reviews: Mapping[str, Review]) -> tuple[PriceScoring | None, dict[str, Points]]:
    """Price scores of the valid bids against the benchmark set that the document states, and their totals.

    reviews: the price for review of each valid bid that has one; benchmark and scores rest on it [P-S7].
    """
    rules, rejected = read.rules, read.decisions.rejected
    if rules.formula is None:
        return None, {bid.id: _points(read, bid, None) for bid in valid}
    counted = valid if rules.benchmark_set == RECOMPUTED else [b for b in read.bids if rejected.get(b.id) != PRELIMINARY]
    compared = {bid.id: reviews[bid.id].fen if bid.id in reviews else bid.price(rules.scored_price) for bid in counted}
    prices = rules.formula.score(
        rules.params_with(read.drawn_value),
        compared,
        {bid.id: compared[bid.id] for bid in valid},
        ceiling_fen=read.ceiling_fen,
    )
    rows = {row.bid: row for row in prices.rows}
    return prices, {bid.id: _points(read, bid, rows[bid.id]) for bid in valid}


def _points(read: Case, bid: Bid, row: PriceRow | None) -> Points:
    """price + technical + commercial + credit, rounded as the document states."""
    rules = read.rules
    assert rules.total
    price = row.score if row else None
    if rules.small_business and price is not None:
        price = rules.small_business.apply(price, bid.declared.size, rules.full_score(read.drawn_value))
    items = score_bid(rules.items, read.entries[bid.id], rules.item_scores) if rules.item_scores and rules.items else ()
    factors = score_factors(rules.factors, bid.factors, rules.factor_scores) if rules.factor_scores else ()
    asked = {item.group for item in rules.items} | {factor.group for factor in rules.factors}
    groups = {group: group_score((*items, *factors), group) for group in GROUPS if group in asked}
    total = rules.total.of(Fraction(price or 0) + sum(groups.values(), Fraction(0)))
    return Points(row, price, items, factors, groups, total)


def values(scores: Mapping[str, Points]) -> dict[str, dict[str, Fraction]]:
    """What bids are ranked by, beside their prices."""
    return {
        bid: {
            "total": Fraction(own.total),
            "higher_price_score": Fraction(own.price or 0),
            **{f"higher_{group}": own.groups.get(group, Fraction(0)) for group in GROUPS},
        }
        for bid, own in scores.items()
    }
