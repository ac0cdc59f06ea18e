"""A whole evaluation from one JSON document to another: what the platform, ``gongxin evaluate`` and the pages that explain a
result all use. Both documents are described in docs/formats-evaluation.md."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from ..errors import Problem, refuse_if
from . import points
from .benefits import Review
from .bids import Bid
from .brands import Brand, brands_of, decision_problems
from .conduct import open_problems
from .entrants import VALID, by_lowest, reviews, statuses
from .lowest import EvaluatedPrice
from .methods import REVIEWED
from .ranking import Criterion, Place, rank, undecided_groups
from .reading import Case, read_case
from .result import Outcome, result_of
from .rules import Rules

LOW = frozenset({"evaluated_price", "lower_price"})
"""Criteria of which the lower value is the better."""


def evaluate(case: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a case with its whole working: texts for decimals, integers for fen, nothing that depends on the order of
    bids, members or entries in the case.

    Raises `Refused` with every problem of the case, also those that people must settle first: an open vote, a proposal nobody
    decided, an unanswered correction, an objective item on which members differ.
    """
    read = read_case(case)
    refuse_if(open_problems(case, read))
    status = statuses(read)
    valid = [bid for bid in read.bids if status[bid.id] == VALID]
    reviewed = reviews(read, valid)
    values = {bid.id: _prices(read, bid, reviewed.get(bid.id)) for bid in valid}
    if read.rules.way.points:
        prices, scores = points.score(read, valid, reviewed)
        for name, own in points.values(scores).items():
            values[name] |= own
        brands = _scored_brands(read, valid, values)
        return result_of(read, Outcome(status, _places(read, values), reviewed, prices, scores, brands=brands))
    evaluated = {bid.id: _evaluated_price(read, bid, reviewed.get(bid.id)) for bid in valid}
    for name, price in evaluated.items():
        values[name] |= {"evaluated_price": Fraction(price.evaluated_fen), "higher_discount": Fraction(price.discount or 0)}
    return result_of(read, Outcome(status, _places(read, values), reviewed, evaluated=evaluated, brands=by_lowest(read)))


def _prices(read: Case, bid: Bid, review: Review | None) -> dict[str, Fraction]:
    """What a bid is ranked by in any method."""
    tie_price = review.fen if review and read.rules.tie_price == REVIEWED else bid.price(read.rules.tie_price)
    return {"lower_price": Fraction(tie_price), "higher_offer": Fraction(bid.bid_price_fen)}


def _evaluated_price(read: Case, bid: Bid, review: Review | None) -> EvaluatedPrice:
    discount = None
    if read.rules.discount and read.ceiling_fen:
        discount = read.rules.discount.of((1 - Fraction(bid.bid_price_fen, read.ceiling_fen)) * 100)
    benefit_fen = bid.bid_price_fen - review.fen if review else 0
    return EvaluatedPrice(bid.id, bid.price_fen, bid.bid_price_fen - bid.price_fen, bid.adjustments, benefit_fen, discount)


def _scored_brands(read: Case, valid: Sequence[Bid], values: Mapping[str, Mapping[str, Fraction]]) -> tuple[Brand, ...]:
    """Which bid of each brand may be recommended: the one with most points, equal ones by the document's rules for brands [87 31]."""
    if not read.rules.by_brand:
        return ()
    by = [_criterion(name) for name in ("total", *read.rules.brand_rules)]
    worth = {bid: tuple(own[c.name] if c.better == "low" else -own[c.name] for c in by) for bid, own in values.items()}
    brands = brands_of({bid.id: bid.brand for bid in valid}, worth, dict(read.brand_decisions))
    refuse_if(decision_problems(brands, read.brand_decisions))
    return brands


# ------------------------------------------------------------------ order

def _criterion(name: str) -> Criterion:
    return Criterion(name, "low" if name in LOW else "high")


def criteria(rules: Rules) -> tuple[Criterion, ...]:
    """What the method compares, what law puts after it, then what the document adds."""
    if rules.way.points:
        first = "total"
    elif rules.discount:
        first = "higher_discount"
    else:
        first = "evaluated_price" if rules.way.better == "low" else "higher_offer"
    return tuple(_criterion(name) for name in dict.fromkeys((first, *rules.ties)))


def _places(read: Case, values: Mapping[str, Mapping[str, Fraction]]) -> tuple[Place, ...]:
    """The ranking, with the decisions on ties. Raises `Refused` for a decision on what is no tie."""
    by = criteria(read.rules)
    refuse_if(_decision_problems(read, undecided_groups(rank(values, by))))
    return rank(values, by, read.tie_orders, read.tie_settlers)


def _decision_problems(read: Case, ties: Sequence[frozenset[str]]) -> Iterator[Problem]:
    for i, order in enumerate(read.tie_orders):
        if frozenset(order) not in ties or frozenset(order) in map(frozenset, read.tie_orders[:i]):
            yield Problem("evaluation.not_a_tie", f"tie_decisions.{i}.order", {"bids": ", ".join(order)}, "02 §2.7.2")
