"""Environmental rights: what a kind of right is, who may sell it, who may buy it, for which time [06 §6.1.1, §6.2, §6.3, §6.7].

No value is ours: units, steps, terms, methods, limits and the rules of the national frame that a region switches on all stand in the local
activity document.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

from ..errors import Problem
from ..evaluation.numbers import exact, problems_of
from ..fields import Field, check
from ..workcalendar import add_months
from .quantities import Quantum, quantity_problems

WATER, AIR = "water", "air"
MEDIA: Mapping[str, str] = {
    "COD": WATER, "NH3N": WATER, "SO2": AIR, "NOX": AIR, "VOCs": AIR, "carbon": "", "energy": "", "water": "", "forest": "",
}  # fmt: skip
"""Kinds of right, and where a pollutant goes."""
CARBON = "carbon"
METHODS = ("electronic_bidding", "sealed_divisible", "continuous_listing", "listing", "agreement", "fixed_price")
THERMAL_POWER, INDUSTRY, AGRICULTURE = "thermal_power", "industry", "agriculture"

KIND_FIELDS = (
    Field("right_kind", "choice", choices=tuple(MEDIA), rule="06 §6.2"),
    Field("quantity_unit", maximum=16, rule="06 §6.2"),
    Field("quantum", "decimal", rule="06 §6.2"),
    Field("validity_years", "integer", minimum=1, maximum=100, rule="E-01"),
    Field("methods", "list", maximum=len(METHODS), rule="06 §6.3"),
    Field("holding_max", "decimal", required=False, rule="06 §6.2"),
    Field("eligibility", "list", required=False, rule="06 §6.1.1"),
)
"""What a local document states of a kind. methods: how it may be traded, none where it is only published. holding_max: the most that one
buyer may hold. eligibility: the rules of the national frame that are switched on (`ELIGIBILITY`)."""


@dataclass(frozen=True, slots=True)
class RightKind:
    """A checked kind; see `KIND_FIELDS`. holding_max: quanta, None without a limit."""

    right_kind: str
    quantity_unit: str
    quantum: Quantum
    validity_years: int
    methods: tuple[str, ...]
    holding_max: int | None
    eligibility: tuple[str, ...]


def check_kind(data: Mapping[str, object], prefix: str = "") -> list[Problem]:
    """Every fault of a kind of right, with paths below `prefix`."""
    found = problems_of(KIND_FIELDS, data, prefix)
    if found:
        return found
    said = check(KIND_FIELDS, data)
    return [*_listed_problems(said, prefix), *quantity_problems(said, prefix, "holding_max")]


def _listed_problems(said: Mapping[str, object], prefix: str) -> Iterator[Problem]:
    for name, known in (("methods", METHODS), ("eligibility", tuple(ELIGIBILITY))):
        for i, value in enumerate(cast("list[str]", said.get(name, []))):
            if value not in known:
                yield Problem("field.not_a_choice", f"{prefix}{name}.{i}", {"choices": ", ".join(known)})
    if said["right_kind"] == CARBON and said["methods"]:
        yield Problem("clearing.carbon_elsewhere", prefix + "methods", rule="06 §6.7(4)")


def kind_from(data: Mapping[str, object]) -> RightKind:
    """The kind as `RightKind`. Only for data that `check_kind` has passed."""
    said = check(KIND_FIELDS, data)
    quantum = Quantum(exact(str(said["quantum"])))
    return RightKind(
        right_kind=str(said["right_kind"]),
        quantity_unit=str(said["quantity_unit"]),
        quantum=quantum,
        validity_years=cast("int", said["validity_years"]),
        methods=tuple(cast("list[str]", said["methods"])),
        holding_max=quantum.count(str(said["holding_max"])) if "holding_max" in said else None,
        eligibility=tuple(cast("list[str]", said.get("eligibility", []))),
    )


# ------------------------------------------------------------------ what may be sold

def method_problems(kind: RightKind, method: str) -> Iterator[Problem]:
    """Whether the kind is traded in this way."""
    if method not in kind.methods:
        yield Problem("clearing.method_not_allowed", "method", {"methods": ", ".join(kind.methods) or "—"}, "06 §6.3")


def listing_problems(kind: RightKind, held: int, frozen: int, offered: int) -> Iterator[Problem]:
    """Whether a seller has what he offers. Quanta; frozen: what other listings of his already hold back."""
    if offered > held - frozen:
        text = kind.quantum.text
        params = {"offered": text(offered), "held": text(held), "frozen": text(frozen), "unit": kind.quantity_unit}
        yield Problem("clearing.holding_short", "quantity", params, "06 §6.2")


def holding_problems(kind: RightKind, held: int, bought: int) -> Iterator[Problem]:
    """Whether a buyer would hold more than one may. Quanta; held: before, with what he has bought and not yet registered."""
    if kind.holding_max is not None and held + bought > kind.holding_max:
        text = kind.quantum.text
        params = {"after": text(held + bought), "maximum": text(kind.holding_max), "unit": kind.quantity_unit}
        yield Problem("clearing.holding_above_max", "quantity", params, "06 §6.2")


@dataclass(frozen=True, slots=True)
class Term:
    """The time of a right that is sold. right_ends, sold_ends: the last day. transferred_on: the day of the change of registration."""

    right_ends: date
    sold_begins: date
    sold_ends: date
    transferred_on: date


def term_problems(kind: RightKind, term: Term) -> Iterator[Problem]:
    """A right must outlast what is sold of it, and nobody sells time that is over [06 §6.7(5), E-01]."""
    if term.sold_ends < term.sold_begins:
        yield Problem("clearing.period_order", "sold_ends", rule="06 §6.7(5)")
        return
    last = add_months(term.sold_begins, 12 * kind.validity_years) - timedelta(days=1)
    if term.sold_ends > last:
        yield Problem("clearing.beyond_validity", "sold_ends", {"years": kind.validity_years, "last": last.isoformat()}, "E-01")
    if term.right_ends < term.sold_ends:
        yield Problem("clearing.right_ends_before", "sold_ends", {"right_ends": term.right_ends.isoformat()}, "06 §6.7(5)")
    if term.right_ends <= term.transferred_on:
        yield Problem("clearing.right_over", "transferred_on", {"right_ends": term.right_ends.isoformat()}, "06 §6.7(5)")
    elif (sold := (term.sold_ends - term.sold_begins).days + 1) > (left := (term.right_ends - term.transferred_on).days + 1):
        yield Problem("clearing.more_than_left", "sold_ends", {"sold": sold, "left": left}, "06 §6.7(5)")


# ------------------------------------------------------------------ who may buy of whom

@dataclass(frozen=True, slots=True)
class Site:
    """Where a party discharges. basin: of the water it discharges into. area: the area whose environmental quality is judged, and whether
    it meets its standard. industry: ``thermal_power``, ``industry``, ``agriculture``; empty for an authority that sells a reserve."""

    province: str
    basin: str
    area: str
    industry: str
    standard_met: bool


def eligibility_problems(kind: RightKind, seller: Site, buyer: Site) -> Iterator[Problem]:
    """Why this buyer may not buy from this seller, by the rules that the kind's document switches on."""
    for rule in kind.eligibility:
        yield from ELIGIBILITY[rule](kind, seller, buyer)


def _places(kind: RightKind, seller: Site, buyer: Site) -> Iterator[Problem]:
    if seller.province != buyer.province:
        yield Problem("clearing.other_province", "buyer", rule="E-04")
    if MEDIA[kind.right_kind] == WATER and seller.basin != buyer.basin:
        yield Problem("clearing.other_basin", "buyer", rule="E-04")


def _industries(kind: RightKind, seller: Site, buyer: Site) -> Iterator[Problem]:
    pair = {seller.industry, buyer.industry}
    if "" in pair or len(pair) == 1:
        return
    if AGRICULTURE in pair:
        yield Problem("clearing.industry_agriculture", "buyer", rule="E-05")
    if MEDIA[kind.right_kind] == AIR and THERMAL_POWER in pair:
        yield Problem("clearing.thermal_power", "buyer", rule="E-05")


def _quality(kind: RightKind, seller: Site, buyer: Site) -> Iterator[Problem]:
    """Within one area the total stays as it is; a reserve that an authority sells adds to it."""
    if not buyer.standard_met and (seller.area != buyer.area or not seller.industry):
        yield Problem("clearing.quality_not_met", "buyer", rule="E-06")


ELIGIBILITY: Mapping[str, Callable[[RightKind, Site, Site], Iterator[Problem]]] = {"E-04": _places, "E-05": _industries, "E-06": _quality}
"""Rules of the national frame on the two parties of a trade, by id."""
