"""The result of an evaluation as JSON: every figure from which another follows, so that a page or a verifier can show the way."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from .arithmetic import Correction
from .benchmark import Benchmark
from .benefits import Review
from .bids import Bid
from .brands import Brand
from .decisions import Motion
from .entrants import REJECTED, low_prices
from .factors import FactorScore
from .low_price import JUDGEMENT
from .lowest import EvaluatedPrice
from .notices import notices, too_few
from .numbers import plain, rounded, shown, text
from .points import Points
from .price_scores import PriceRow, PriceScoring
from .ranking import Place, recommend
from .reading import Case
from .scoring import Grouped, ItemScore

RESULT_FORMAT = "gongxin/evaluation-result/1"


@dataclass(frozen=True)
class Outcome:
    """What came out of a case. statuses: of every bid with a price. reviews: prices for review. prices and scores where bids are compared
    by points, evaluated where by a price. brands: that several bids offer."""

    statuses: Mapping[str, str]
    places: Sequence[Place]
    reviews: Mapping[str, Review]
    prices: PriceScoring | None = None
    scores: Mapping[str, Points] = field(default_factory=dict)
    evaluated: Mapping[str, EvaluatedPrice] = field(default_factory=dict)
    brands: Sequence[Brand] = ()


def result_of(read: Case, outcome: Outcome) -> dict[str, Any]:
    """The document ``gongxin/evaluation-result/1``."""
    places = outcome.places
    recommended = recommend(_recommendable(places, outcome.brands), read.rules.candidates_max)
    by_bid = {bid.id: bid for bid in read.bids}
    result: dict[str, Any] = {
        "format": RESULT_FORMAT,
        "method": read.rules.method,
        "bids": sorted(
            [_bid(read, bid, outcome) for bid in read.bids] + [{"bid": name, "status": REJECTED} for name in read.unpriced],
            key=lambda told: str(told["bid"]),
        ),
        "proposals": [{"bid": p.bid, "ground": p.ground, "fact": p.fact} for p in read.decisions.proposals],
        "rejections": [_motion(m, len(read.members)) for m in read.decisions.motions],
        "ranking": [_place(p) for p in places],
        "candidates": [{**_place(p), "contract_fen": by_bid[p.bid].bid_price_fen} for p in recommended.candidates],
        "notices": notices(read, outcome.places, outcome.brands),
    }
    if triggered := _low_prices(read):
        result["low_prices"] = triggered
    if outcome.brands:
        result["brands"] = [_brand(brand) for brand in outcome.brands]
    if found := too_few(read):
        result["fewer"] = {"count": found[0], "code": found[1].code, "then": list(found[1].then)}
    if outcome.prices:
        result["price"] = _price(read, outcome.prices)
    if recommended.undecided:
        result["undecided"] = {"bids": list(recommended.undecided), "open_seats": recommended.open_seats}
    return result


def _present(**values: object) -> dict[str, Any]:
    """What there is: None is left out."""
    return {name: value for name, value in values.items() if value is not None}


def _shown(value: Fraction | None) -> str | None:
    return None if value is None else shown(value)


def _sum_text(value: Fraction, places: int) -> str:
    """A sum of rounded scores, exact."""
    return text(rounded(value, places, "ROUND_DOWN"))


def _low_prices(read: Case) -> list[dict[str, Any]]:
    """Every price that was found abnormally low, and what came of it. Limits are yuan."""
    found, settled = low_prices(read), {review.bid: review for review in read.low_price_reviews}
    told: list[dict[str, Any]] = []
    for bid in sorted(found.keys() | settled.keys()):
        triggers = [_present(code=t.code, limit=None if t.limit_fen is None else shown(t.limit_fen / 100)) for t in found.get(bid, ())]
        if bid in settled and settled[bid].judgement:
            triggers.append({"code": JUDGEMENT})
        told.append(_present(bid=bid, triggers=triggers, outcome=settled[bid].outcome if bid in settled else None))
    return told


def _price(read: Case, prices: PriceScoring) -> dict[str, Any]:
    found: dict[str, Any] = {"formula": prices.formula, "params": read.rules.params_with(read.drawn_value)}
    if read.rules.drawn_parameter:
        found["drawn"] = {"parameter": read.rules.drawn_parameter, "value": read.drawn_value}
    if prices.benchmark:
        found["benchmark"] = _benchmark(prices.benchmark)
    return found


def _benchmark(found: Benchmark) -> dict[str, Any]:
    return _present(
        value=text(found.value),
        unit=found.unit,
        counted=list(found.counted),
        dropped=list(found.dropped),
        mean=_shown(found.mean),
        ceiling_fen=found.ceiling_fen,
    )


def _bid(read: Case, bid: Bid, outcome: Outcome) -> dict[str, Any]:
    score, evaluated = outcome.scores.get(bid.id), outcome.evaluated.get(bid.id)
    found: dict[str, Any] = {
        "bid": bid.id,
        "status": outcome.statuses[bid.id],
        "quoted_fen": bid.price_fen,
        "bid_price_fen": bid.bid_price_fen,
        "corrections": [_correction(c) for c in bid.arithmetic.corrections],
    }
    if bid.arithmetic.needs_confirmation:
        found |= {"proposed_fen": bid.arithmetic.corrected_fen, "correction": bid.answer or "unanswered"}
    if bid.id in outcome.reviews:
        found["review"] = _review(outcome.reviews[bid.id])
    if evaluated:
        found |= {"adjustments": dict(sorted(evaluated.adjustments.items())), "evaluated_fen": evaluated.evaluated_fen}
        found |= _present(discount=None if evaluated.discount is None else text(evaluated.discount))
    if score:
        found |= {
            **({"price": _price_row(read, bid, score, score.row)} if score.row else {}),
            "items": [_item(item) for item in score.items],
            **({"factors": [_factor(factor) for factor in score.factors]} if read.rules.factors else {}),
            "groups": {group: _sum_text(value, _places_of((*score.items, *score.factors))) for group, value in score.groups.items()},
            "total": text(score.total),
        }
    return found


def _correction(found: Correction) -> dict[str, Any]:
    where = "place" if found.rule == "opening_list_over_parts" else "line"
    told = _present(rule=found.rule) | ({where: found.line} if found.line else {})
    if found.rule in ("total_over_unit_price", "opening_list_over_unit_price"):
        return told | {"unit_price_before_fen": shown(found.before), "unit_price_after_fen": shown(found.after)}
    return told | {"before_fen": int(found.before), "after_fen": int(found.after)}


def _review(review: Review) -> dict[str, Any]:
    declared = {"small_business": review.declared.size, "domestic": review.declared.domestic}
    return declared | {"rate": plain(review.rate), "unrounded": shown(review.unrounded_fen / 100), "review_fen": review.fen}


def _price_row(read: Case, bid: Bid, score: Points, row: PriceRow) -> dict[str, Any]:
    return _present(
        price=text(row.price),
        deviation=_shown(row.deviation),
        counted_deviation=_shown(row.counted_deviation),
        deduction=_shown(row.deduction),
        unrounded=shown(row.unrounded),
        score=text(row.score),
        small_business=bid.declared.size if read.rules.small_business else None,
        with_addition=text(score.price) if read.rules.small_business and score.price is not None else None,
    )


def _item(item: ItemScore) -> dict[str, Any]:
    return {
        "item": item.item,
        "group": item.group,
        "points": dict(sorted(item.points.items())),
        "dropped": list(item.dropped),
        "unrounded": shown(item.unrounded),
        "score": text(item.score),
    }


def _factor(factor: FactorScore) -> dict[str, Any]:
    return {
        "factor": factor.factor,
        "group": factor.group,
        "stated": factor.stated,
        "unrounded": shown(factor.unrounded),
        "score": text(factor.score),
    }


def _places_of(scores: Sequence[Grouped]) -> int:
    """Places that hold every one of the scores exactly."""
    return max((-int(scored.score.as_tuple().exponent) for scored in scores), default=0)


def _motion(motion: Motion, members: int) -> dict[str, Any]:
    r = motion.rejection
    in_favour = sum(r.votes.values())
    found = _present(bid=r.bid, ground=r.ground, basis=r.basis or None, stage=r.stage, clause=r.clause, evidence=r.evidence)
    return found | {"members": members, "in_favour": in_favour, "against": len(r.votes) - in_favour, "decision": motion.decision}


def _place(p: Place) -> dict[str, Any]:
    return _present(rank=p.rank, bid=p.bid, tie_group=p.tie_group or None, settled_by=p.settled_by or None)


def _recommendable(places: Sequence[Place], brands: Sequence[Brand]) -> list[Place]:
    """Without those that another bid of their brand passes over; while a brand is undecided, nobody from its first bid on is sure."""
    out = {bid for brand in brands for bid in brand.passed_over}
    waiting = {bid for brand in brands if not brand.chosen for bid in brand.best}
    left = [p for p in places if p.bid not in out]
    first = next((p for p in left if p.bid in waiting), None)
    return left if first is None else [p for p in left if p.rank < first.rank]


def _brand(brand: Brand) -> dict[str, Any]:
    told: dict[str, Any] = {"brand": brand.name, "bids": list(brand.bids)}
    return told | ({"chosen": brand.chosen} if brand.chosen else {"undecided": list(brand.best)})
