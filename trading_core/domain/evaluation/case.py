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
from .entrants import VALID, reviews, statuses
from .lowest import EvaluatedPrice
from .ranking import Criterion, Place, rank, undecided_groups
from .reading import Case, read_case
from .result import Outcome, result_of
from .rules import REVIEWED, Rules

LOW = frozenset({"evaluated_price", "lower_price"})
"""Criteria of which the lower value is the better."""


def evaluate(case: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a case with its whole working: texts for decimals, integers for fen, nothing that depends on the order of
    bids, members or entries in the case.

    Raises `Refused` with every problem of the case, also those that people must settle first: an open vote, a proposal nobody
    decided, an unanswered correction, an objective item on which members differ.
    """
    read = read_case(case)
    status = statuses(read)
    valid = [bid for bid in read.bids if status[bid.id] == VALID]
    reviewed = reviews(read, valid)
    values = {bid.id: _prices(read, bid, reviewed.get(bid.id)) for bid in valid}
    if read.rules.way.points:
        prices, scores = points.score(read, valid, reviewed)
        for name, own in points.values(scores).items():
            values[name] |= own
        return result_of(read, Outcome(status, _places(read, values), reviewed, prices, scores))
    evaluated = {bid.id: _evaluated_price(read, bid, reviewed.get(bid.id)) for bid in valid}
    for name, price in evaluated.items():
        values[name] |= {"evaluated_price": Fraction(price.evaluated_fen), "higher_discount": Fraction(price.discount or 0)}
    return result_of(read, Outcome(status, _places(read, values), reviewed, evaluated=evaluated))


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


# ------------------------------------------------------------------ order

def criteria(rules: Rules) -> tuple[Criterion, ...]:
    """What the method compares, what law puts after it, then what the document adds."""
    if rules.way.points:
        first = "total"
    elif rules.discount:
        first = "higher_discount"
    else:
        first = "evaluated_price" if rules.way.better == "low" else "higher_offer"
    return tuple(Criterion(name, "low" if name in LOW else "high") for name in dict.fromkeys((first, *rules.ties)))


def _places(read: Case, values: Mapping[str, Mapping[str, Fraction]]) -> tuple[Place, ...]:
    """The ranking, with the decisions on ties. Raises `Refused` for a decision on what is no tie."""
    by = criteria(read.rules)
    refuse_if(_decision_problems(read, undecided_groups(rank(values, by))))
    return rank(values, by, read.tie_orders, read.tie_settlers)


def _decision_problems(read: Case, ties: Sequence[frozenset[str]]) -> Iterator[Problem]:
    for i, order in enumerate(read.tie_orders):
        if frozenset(order) not in ties or frozenset(order) in map(frozenset, read.tie_orders[:i]):
            yield Problem("evaluation.not_a_tie", f"tie_decisions.{i}.order", {"bids": ", ".join(order)}, "02 §2.7.2")
