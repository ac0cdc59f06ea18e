"""The order of bids: ties, the tenderer's decisions on them, and the candidates [02 §2.7.2, §2.8]."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

Said = dict[str, object]
"""A part of a result as it must read."""


def ranking(
    ranks: Mapping[str, tuple[Fraction, ...]], criteria: Sequence[str], decisions: Sequence[tuple[list[str], str]]
) -> list[Said]:
    """Places; what nothing separates shares a rank, unless exactly that group was settled.

    ranks: bid to its sort key, less is better. criteria: what each part of the key is called. decisions: the order of a group, and who or
    what settled it.
    """
    decided = {frozenset(order): order for order, _ in decisions}
    settlers = {frozenset(order): by for order, by in decisions}
    said: list[Said] = []
    last: tuple[Fraction, ...] | None = None
    ties = 0
    groups: dict[tuple[Fraction, ...], list[str]] = {}
    for bid in sorted(ranks):
        groups.setdefault(ranks[bid], []).append(bid)
    for key, group in sorted(groups.items()):
        first, by = len(said) + 1, next((c for c, a, b in zip(criteria, last, key, strict=True) if a != b), "") if last else ""
        order = decided.get(frozenset(group)) if len(group) > 1 else None
        ties += len(group) > 1 and order is None
        for i, bid in enumerate(order or group):
            place: Said = {"rank": first + i if order else first, "bid": bid}
            if len(group) > 1 and order is None:
                place["tie_group"] = ties
            if settled := (by if i == 0 else settlers[frozenset(group)] if order else ""):
                place["settled_by"] = settled
            said.append(place)
        last = key
    return said


def recommended(order: Sequence[Said], seats: int, prices: Mapping[str, int]) -> Said:
    """Candidates: as many as may be, whole tied groups only; of one that does not fit the tenderer chooses [02 §2.8]."""
    chosen = 0
    undecided: Said = {}
    while chosen < len(order):
        tie = order[chosen].get("tie_group")
        group = [p for p in order if p.get("tie_group") == tie] if tie else [order[chosen]]
        if chosen + len(group) > seats:
            if chosen < seats:
                undecided = {"undecided": {"bids": [p["bid"] for p in group], "open_seats": seats - chosen}}
            break
        chosen += len(group)
    return {"candidates": [{**p, "contract_fen": prices[str(p["bid"])]} for p in order[:chosen]], **undecided}
