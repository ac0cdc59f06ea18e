"""What people have yet to do before a case that is well formed can have a result, told at once with its path."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..errors import Problem
from .brands import decision_problems
from .decisions import check_decisions, decide
from .entrants import VALID, by_lowest, low_prices, statuses
from .factors import check_stated
from .low_price import review_problems
from .reading import Case, rejections_in
from .scoring import check_objective


def open_problems(case: Mapping[str, Any], read: Case) -> Iterator[Problem]:
    """Everything that is open. case: as it was given, for the paths; read: the same, checked."""
    paths = {bid["id"]: f"bids.{i}" for i, bid in enumerate(case["bids"])}
    order = {name: i for i, name in enumerate(paths)}
    bids, grounds = sorted(read.bids, key=lambda bid: order[bid.id]), read.rules.way.grounds
    decisions = decide(bids, rejections_in(case), len(read.members), read.most_fen, grounds)
    yield from check_decisions(bids, decisions, read.most_fen, paths, grounds)
    low = {i: m.rejection.bid for i, m in enumerate(decisions.motions) if grounds.low_price and m.rejection.ground == grounds.low_price}
    valid = frozenset(bid for bid, status in statuses(read).items() if status == VALID)
    yield from review_problems(read.low_price_reviews, low_prices(read), valid, low)
    yield from _brands(read)
    live = [name for name in paths if name not in decisions.rejected]
    yield from _points(read, live)
    stated = {bid.id: bid.factors for bid in bids}
    for bid in live:
        if bid in stated:
            yield from check_stated(read.rules.factors, stated[bid], f"{paths[bid]}.factors.")


def _brands(read: Case) -> Iterator[Problem]:
    """Where the lowest price wins, who takes part is settled before anything is ranked."""
    if read.rules.way.points:
        return
    brands = by_lowest(read)
    for brand in brands:
        if not brand.chosen:
            yield Problem("evaluation.brand_undecided", "brand_decisions", {"brand": brand.name, "bids": ", ".join(brand.best)}, "87 31")
    yield from decision_problems(brands, read.brand_decisions)


def _points(read: Case, live: list[str]) -> Iterator[Problem]:
    """Every member scores every item of every bid that is scored, and all alike what has one true value."""
    for bid in live:
        for member in read.members:
            points = read.entries.get(bid, {}).get(member, {})
            for item in read.rules.items:
                if item.id not in points:
                    yield Problem("evaluation.points_missing", "entries", {"member": member, "bid": bid, "item": item.id})
    yield from check_objective(read.rules.items, {bid: read.entries[bid] for bid in live if bid in read.entries}, "entries.")
