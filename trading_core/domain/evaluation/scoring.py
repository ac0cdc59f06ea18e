"""The score sheet: what is scored, what a member may enter, and how members' scores become a bid's score [02 §2.7.2, E-F7, 08 §8.8]."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, Protocol

from ..errors import Problem
from ..fields import Field
from .numbers import PLACES_FIELDS, decimals, exact, rounded

Group = Literal["technical", "commercial", "credit"]
GROUPS: tuple[Group, ...] = ("technical", "commercial", "credit")

ITEM_FIELDS = (
    Field("id", maximum=64),
    Field("title"),
    Field("group", "choice", choices=GROUPS),
    Field("kind", "choice", choices=("subjective", "objective")),
    Field("points_min", "decimal", minimum=0, maximum=1000),
    Field("points_max", "decimal", minimum=0, maximum=1000),
    Field("points_step", "decimal", minimum=0, maximum=1000),
    Field("guide", "long_text", required=False),
)
AGGREGATION_FIELDS = (
    Field("aggregation", "choice", choices=("mean", "trimmed_mean"), rule="E-F7"),
    *PLACES_FIELDS,
)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the score sheet. title: text, or the key of a message. Points lie within [points_min, points_max], in steps
    counted from points_min. An objective item has one true value, so all members must enter the same. guide: what the document
    says about which points to give."""

    id: str
    title: str
    group: Group
    kind: Literal["subjective", "objective"]
    points_min: str
    points_max: str
    points_step: str
    guide: str = ""

    @property
    def objective(self) -> bool:
        return self.kind == "objective"


def item_from(data: Mapping[str, Any]) -> Item:
    """The item that a checked form describes."""
    return Item(**{name: value for name, value in data.items() if value is not None})


@dataclass(frozen=True, slots=True)
class Aggregation:
    """How the members' scores of an item are joined: mean, or mean without one highest and one lowest; rounded to `places`."""

    aggregation: Literal["mean", "trimmed_mean"]
    places: int
    rounding: str

    @property
    def members_min(self) -> int:
        return 3 if self.aggregation == "trimmed_mean" else 1


@dataclass(frozen=True, slots=True)
class ItemScore:
    """The score of one bid on one item. points: by member, as entered; dropped: members whose points trimming left out."""

    item: str
    group: Group
    points: Mapping[str, str]
    dropped: tuple[str, ...]
    unrounded: Fraction
    score: Decimal


Points = Mapping[str, str]  # item → points as decimal text
Entries = Mapping[str, Mapping[str, Points]]  # bid → member → points


# ------------------------------------------------------------------ checking

def check_sheet(items: Sequence[Item], aggregation: Aggregation | None, prefix: str = "") -> Iterator[Problem]:
    """Every fault of a score sheet: an item twice, bounds or steps that do not fit, points finer than the rounding."""
    for i, item in enumerate(items):
        path = f"{prefix}items.{i}."
        low, high, step = exact(item.points_min), exact(item.points_max), exact(item.points_step)
        if any(other.id == item.id for other in items[:i]):
            yield Problem("evaluation.twice", path + "id", {"id": item.id})
        if high <= low:
            yield Problem("evaluation.item_range", path + "points_max", {"minimum": item.points_min, "maximum": item.points_max})
        elif step <= 0 or (high - low) % step:
            yield Problem("evaluation.item_step", path + "points_step", {"step": item.points_step}, "SC-2")
        if aggregation and max(decimals(item.points_min), decimals(item.points_max)) > aggregation.places:
            yield Problem("evaluation.finer_than_rounding", path + "points_max", {"value": item.points_max, "places": aggregation.places})


def check_points(items: Sequence[Item], points: Mapping[str, object], prefix: str = "", *, complete: bool = True) -> Iterator[Problem]:
    """Every fault of one member's points for one bid: SC-2 is a hard stop, never a warning. complete: also what is missing, as
    when the sheet is locked; otherwise a half-filled sheet is in order."""
    by_id = {item.id: item for item in items}
    for name, value in points.items():
        path = prefix + name
        if name not in by_id:
            yield Problem("evaluation.item_unknown", path, {"item": name})
            continue
        try:
            number = exact(value if isinstance(value, str) else "")
        except ValueError:
            yield Problem("evaluation.not_plain_decimal", path)
            continue
        item = by_id[name]
        shape = {"item": item.id, "value": value, "minimum": item.points_min, "maximum": item.points_max, "step": item.points_step}
        if not exact(item.points_min) <= number <= exact(item.points_max):
            yield Problem("evaluation.points_out_of_range", path, shape, "SC-2")
        elif (number - exact(item.points_min)) % exact(item.points_step):
            yield Problem("evaluation.points_off_step", path, shape, "SC-2")
    if complete:
        yield from (Problem("evaluation.points_missing", prefix + item.id, {"item": item.id}) for item in items if item.id not in points)


def check_objective(items: Sequence[Item], entries: Entries, prefix: str = "") -> Iterator[Problem]:
    """Objective items on which members differ: to be reconciled by the committee, never averaged [SC-1, AI195 9]."""
    for bid in sorted(entries):
        for item in items:
            given = {member: points[item.id] for member, points in entries[bid].items() if item.id in points}
            if item.objective and len({exact(value) for value in given.values()}) > 1:
                points_given = ", ".join(f"{member} {given[member]}" for member in sorted(given))
                figures = {"bid": bid, "item": item.id, "points": points_given}
                yield Problem("evaluation.objective_differs", f"{prefix}{bid}.{item.id}", figures, "SC-1")


# ------------------------------------------------------------------ joining

def aggregate(item: Item, points: Mapping[str, str], how: Aggregation) -> ItemScore:
    """The item's score from its members' checked points [E-F7]. An objective item keeps the one value that all entered."""
    order = sorted(points, key=lambda member: (exact(points[member]), member))
    if item.objective:
        value = exact(points[order[0]])
        return ItemScore(item.id, item.group, points, (), value, rounded(value, decimals(points[order[0]]), how.rounding))
    if len(order) < how.members_min:
        raise ValueError("trimming needs three members")
    kept = order[1:-1] if how.aggregation == "trimmed_mean" else order
    mean = sum((exact(points[member]) for member in kept), Fraction(0)) / len(kept)
    dropped = tuple(sorted(set(order) - set(kept)))
    return ItemScore(item.id, item.group, points, dropped, mean, rounded(mean, how.places, how.rounding))


def score_bid(items: Sequence[Item], by_member: Mapping[str, Points], how: Aggregation) -> tuple[ItemScore, ...]:
    """All items of one bid, in the order of the sheet. The entries have been checked and are complete."""
    return tuple(aggregate(item, {member: points[item.id] for member, points in by_member.items()}, how) for item in items)


class Grouped(Protocol):
    """Points of a bid on something that belongs to a group."""

    @property
    def group(self) -> Group: ...
    @property
    def score(self) -> Decimal: ...


def group_score(scores: Sequence[Grouped], group: Group) -> Fraction:
    """Sum of the rounded scores of a group."""
    return sum((Fraction(s.score) for s in scores if s.group == group), Fraction(0))
