"""Who acts: organisations, persons, roles, and the actor of a command."""
from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Duties that are never united in one person for one lot [design §4, rulebook 10 §10.1]."""

    PRINCIPAL = "principal"
    AGENCY = "agency"
    BIDDER = "bidder"
    EXPERT = "expert"
    SUPERVISOR = "supervisor"
    CENTRE = "centre"
    OPERATOR = "operator"
    CLOCK = "clock"  # acts that fall due by themselves
    PUBLIC = "public"  # whoever looks, without an account


@dataclass(frozen=True, slots=True)
class Actor:
    """Who gives a command: a person acting for an organisation in one role. Ids are opaque; names are looked up by those who may."""

    person: str
    organisation: str
    role: Role


CLOCK = Actor("", "", Role.CLOCK)
ANYONE = Actor("", "", Role.PUBLIC)
