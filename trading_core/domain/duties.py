"""Separation of duties: which roles one person, and which kinds one organisation, may never unite [design §4, 10 §10.1].

Two of the three trustees open a sealed stage. Whoever were two of agency or principal, centre and supervisor at once would open
alone. Conflicts that concern one lot only (the own organisation's lot, a bidder's former employee) are checked at the lot.
"""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .errors import Problem
from .identity import Role


@dataclass(frozen=True, slots=True)
class Incompatible:
    """Two roles that exclude each other, whichever was there first, and the rule that says so."""

    first: Role
    second: Role
    rule: str


def _each(role: Role, others: Iterable[tuple[Role, str]]) -> tuple[Incompatible, ...]:
    return tuple(Incompatible(role, other, rule) for other, rule in others)


PERSON: tuple[Incompatible, ...] = (
    *_each(
        Role.SUPERVISOR,
        (
            (Role.PRINCIPAL, "10 §10.1"),
            (Role.AGENCY, "10 §10.1"),
            (Role.BIDDER, "10 §10.1"),
            (Role.EXPERT, "BLR 46"),  # no staff of the supervisor in a committee
            (Role.CENTRE, "FCR16 10(1)"),
            (Role.OPERATOR, "design §4"),
        ),
    ),
    *_each(
        Role.OPERATOR,  # who holds the machines has no part in the trade
        (
            (Role.PRINCIPAL, "design §4"),
            (Role.AGENCY, "design §4"),
            (Role.BIDDER, "design §4"),
            (Role.EXPERT, "08 §8.10"),
            (Role.CENTRE, "design §4"),
        ),
    ),
    *_each(
        Role.CENTRE,
        (
            (Role.PRINCIPAL, "FCR16 10(1)"),
            (Role.AGENCY, "FCR16 10(1)"),
            (Role.BIDDER, "FCR16 10(1)"),
            (Role.EXPERT, "08 §8.10"),  # the centre arranges the draw
        ),
    ),
    *_each(Role.AGENCY, ((Role.BIDDER, "BLR 13"),)),
)
"""Pairs that one person may not hold at the same time, directly or by delegation, in whatever organisation."""

ORGANISATION: tuple[Incompatible, ...] = (
    *_each(Role.CENTRE, ((Role.SUPERVISOR, "FCR16 10(1)"), (Role.AGENCY, "FCR16 10(1)"), (Role.BIDDER, "FCR16 10(1)"))),
    *_each(Role.SUPERVISOR, ((Role.AGENCY, "10 §10.1"), (Role.BIDDER, "10 §10.1"))),
)
"""Pairs of kinds that one organisation may not be."""


def conflicts(table: Iterable[Incompatible], held: Iterable[Role], wanted: Role) -> tuple[Incompatible, ...]:
    """The rows that forbid adding `wanted` to `held`."""
    have = frozenset(held)
    return tuple(
        row for row in table if (row.first == wanted and row.second in have) or (row.second == wanted and row.first in have)
    )


def check_duties(held: Iterable[Role], wanted: Role) -> tuple[Problem, ...]:
    """Why a person who holds these roles may not have another one; empty when they may."""
    return tuple(
        Problem("duty.incompatible", "role", {"role": wanted.value, "held": _other(row, wanted).value}, row.rule)
        for row in conflicts(PERSON, held, wanted)
    )


def check_kinds(kinds: Iterable[Role]) -> tuple[Problem, ...]:
    """Why one organisation may not be all of these; empty when it may."""
    have = frozenset(kinds)
    return tuple(
        Problem("organisation.kinds_incompatible", "kinds", {"first": row.first.value, "second": row.second.value}, row.rule)
        for row in ORGANISATION
        if row.first in have and row.second in have
    )


def _other(row: Incompatible, role: Role) -> Role:
    return row.second if row.first == role else row.first
