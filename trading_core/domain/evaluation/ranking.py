"""Ranking by stated criteria. What they cannot separate stays tied: the engine never puts equals in an order [02 §2.7.2, §2.8]."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Better = Literal["high", "low"]
SETTLER = "tenderer"  # who decides a tie where nobody says otherwise


@dataclass(frozen=True, slots=True)
class Criterion:
    """One rule of the order: its name in the result, and whether more or less is better."""

    name: str
    better: Better


@dataclass(frozen=True, slots=True)
class Place:
    """rank: 1 is best; tied bids share a rank and the next rank is left out. tie_group: number shared by bids that nothing
    separates, 0 when the place is sure. settled_by: criterion that separates this place from the one before it."""

    bid: str
    rank: int
    tie_group: int = 0
    settled_by: str = ""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """candidates: at most the stated number, all sure of their seat. undecided: tied bids that compete for the `open_seats` left;
    the tenderer decides among them."""

    candidates: tuple[Place, ...]
    undecided: tuple[str, ...] = ()
    open_seats: int = 0


def rank(
    values: Mapping[str, Mapping[str, Fraction]],
    criteria: Sequence[Criterion],
    decisions: Sequence[Sequence[str]] = (),
    settled_by: Sequence[str] = (),
) -> tuple[Place, ...]:
    """Places from best to worst; tied bids stand together in the order of their numbers, which means nothing.

    values: bid → criterion → value. decisions: the order of a whole tied group as settled outside, best first; one that does not name
    exactly a tied group is left out of account (see `undecided_groups`). settled_by: who or what settled each, the tenderer when empty.
    """
    keys = {bid: tuple(own[c.name] if c.better == "low" else -own[c.name] for c in criteria) for bid, own in values.items()}
    settled = {frozenset(order): tuple(order) for order in decisions}
    settlers = {frozenset(order): by for order, by in zip(decisions, settled_by, strict=False)}
    groups: list[list[str]] = []
    for bid in sorted(keys, key=lambda b: (keys[b], b)):
        if groups and keys[groups[-1][0]] == keys[bid]:
            groups[-1].append(bid)
        else:
            groups.append([bid])
    places: list[Place] = []
    ties = 0
    for group in groups:
        by = _first_difference(keys[places[-1].bid], keys[group[0]], criteria) if places else ""
        first = len(places) + 1
        if len(group) == 1:
            places.append(Place(group[0], first, settled_by=by))
        elif order := settled.get(frozenset(group)):
            settler = settlers.get(frozenset(group), SETTLER)
            places += [Place(bid, first + i, settled_by=settler if i else by) for i, bid in enumerate(order)]
        else:
            ties += 1
            places += [Place(bid, first, ties, "" if i else by) for i, bid in enumerate(group)]
    return tuple(places)


def undecided_groups(places: Sequence[Place]) -> tuple[frozenset[str], ...]:
    """The groups that nothing separates yet, best first."""
    numbers = sorted({p.tie_group for p in places} - {0})
    return tuple(frozenset(p.bid for p in places if p.tie_group == n) for n in numbers)


def recommend(places: Sequence[Place], candidates_max: int) -> Recommendation:
    """At most `candidates_max` candidates; a tied group that does not fit whole is left for the tenderer to decide."""
    chosen: list[Place] = []
    for p in places:
        if p in chosen:
            continue
        group = [q for q in places if q.tie_group == p.tie_group] if p.tie_group else [p]
        if len(chosen) + len(group) > candidates_max:
            seats = candidates_max - len(chosen)
            return Recommendation(tuple(chosen), tuple(q.bid for q in group) if seats else (), seats)
        chosen += group
    return Recommendation(tuple(chosen))


def _first_difference(above: Sequence[Fraction], below: Sequence[Fraction], criteria: Sequence[Criterion]) -> str:
    return next(c.name for a, b, c in zip(above, below, criteria, strict=True) if a != b)
