"""A whole evaluation from one JSON document to another: what the platform, ``gongxin evaluate`` and the pages that explain a
result all use. Both documents are described in docs/formats-evaluation.md."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from ..errors import Problem, refuse_if
from .bids import Bid
from .lowest import EvaluatedPrice
from .numbers import exact, rounded
from .price_scores import PriceRow, PriceScoring
from .ranking import Criterion, Place, rank, undecided_groups
from .reading import Case, read_case
from .rejection import PRELIMINARY
from .result import ComprehensiveScore, result_of
from .rules import COMPREHENSIVE, RECOMPUTED
from .scoring import GROUPS, group_score, score_bid

LOWER_PRICE = Criterion("lower_price", "low")


def evaluate(case: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a case with its whole working: texts for decimals, integers for fen, nothing that depends on the order of
    bids, members or entries in the case.

    Raises `Refused` with every problem of the case, also those that people must settle first: an open vote, a proposal nobody
    decided, an unanswered correction, an objective item on which members differ.
    """
    read = read_case(case)
    valid = [bid for bid in read.bids if bid.id not in read.decisions.rejected]
    if read.rules.method == COMPREHENSIVE:
        prices, scores = _comprehensive(read, valid)
        return result_of(read, _places(read, _values(read, valid, scores), _criteria(read)), prices=prices, scores=scores)
    evaluated = {bid.id: _evaluated_price(bid) for bid in valid}
    values = {
        bid.id: {"evaluated_price": Fraction(evaluated[bid.id].evaluated_fen), "lower_price": Fraction(bid.price(read.rules.tie_price))}
        for bid in valid
    }
    return result_of(read, _places(read, values, (Criterion("evaluated_price", "low"), LOWER_PRICE)), evaluated=evaluated)


def _evaluated_price(bid: Bid) -> EvaluatedPrice:
    return EvaluatedPrice(bid.id, bid.price_fen, bid.bid_price_fen - bid.price_fen, bid.adjustments)


# ------------------------------------------------------------------ comprehensive evaluation

def _comprehensive(read: Case, valid: Sequence[Bid]) -> tuple[PriceScoring, dict[str, ComprehensiveScore]]:
    """Price scores of the valid bids against the benchmark set that the document states, and their totals."""
    rules, rejected = read.rules, read.decisions.rejected
    assert rules.formula and rules.item_scores  # the checked rules of this method have both
    counted = valid if rules.benchmark_set == RECOMPUTED else [b for b in read.bids if rejected.get(b.id) != PRELIMINARY]
    prices = rules.formula.score(
        rules.params_with(read.drawn_value),
        {bid.id: bid.price(rules.scored_price) for bid in counted},
        {bid.id: bid.price(rules.scored_price) for bid in valid},
        ceiling_fen=read.ceiling_fen,
    )
    rows = {row.bid: row for row in prices.rows}
    return prices, {bid.id: _total(read, bid, rows[bid.id]) for bid in valid}


def _total(read: Case, bid: Bid, row: PriceRow) -> ComprehensiveScore:
    """price + technical + commercial + credit, rounded as the document states."""
    rules = read.rules
    assert rules.item_scores
    price = row.score
    if rules.small_business:
        price = rules.small_business.apply(price, bid.size, exact(str(rules.params_with(read.drawn_value)["full_score"])))
    items = score_bid(rules.items, read.entries[bid.id], rules.item_scores) if rules.items else ()
    groups = {group: group_score(items, group) for group in GROUPS if any(item.group == group for item in rules.items)}
    total = rounded(Fraction(price) + sum(groups.values(), Fraction(0)), rules.total_places, rules.total_rounding)
    return ComprehensiveScore(row, price, items, groups, total)


def _values(read: Case, valid: Sequence[Bid], scores: Mapping[str, ComprehensiveScore]) -> dict[str, dict[str, Fraction]]:
    """What bids are ranked by."""
    return {
        bid.id: {
            "total": Fraction(scores[bid.id].total),
            "lower_price": Fraction(bid.price(read.rules.tie_price)),
            "higher_price_score": Fraction(scores[bid.id].price),
            **{f"higher_{group}": scores[bid.id].groups.get(group, Fraction(0)) for group in GROUPS},
        }
        for bid in valid
    }


def _criteria(read: Case) -> tuple[Criterion, ...]:
    """Total, then the lower price, then what the document adds."""
    return (Criterion("total", "high"), LOWER_PRICE, *(Criterion(name, "high") for name in read.rules.tie_rules))


# ------------------------------------------------------------------ order

def _places(read: Case, values: Mapping[str, Mapping[str, Fraction]], criteria: Sequence[Criterion]) -> tuple[Place, ...]:
    """The ranking, with the tenderer's decisions on ties. Raises `Refused` for a decision on what is no tie."""
    refuse_if(_decision_problems(read, undecided_groups(rank(values, criteria))))
    return rank(values, criteria, read.tie_orders)


def _decision_problems(read: Case, ties: Sequence[frozenset[str]]) -> Iterator[Problem]:
    for i, order in enumerate(read.tie_orders):
        if frozenset(order) not in ties or frozenset(order) in map(frozenset, read.tie_orders[:i]):
            yield Problem("evaluation.not_a_tie", f"tie_decisions.{i}.order", {"bids": ", ".join(order)}, "02 §2.7.2")
