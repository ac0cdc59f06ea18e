"""A person with an account: what roles they have, directly or by delegation, and their personal data."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from .errors import Problem
from .identity import Role
from .organisation import kind_needed
from .resident_number import check_resident_number

HOLDABLE = frozenset(Role) - {Role.CLOCK, Role.PUBLIC}
PERSONAL = frozenset({Role.EXPERT})  # a member of a committee answers in person for his opinion [BL 44]
DELEGATION_MAX = timedelta(days=366)
REVOCATION_NOTICE = timedelta(days=1)
"""After this a role ends that is taken away from outside its organisation: nobody loses a deadline by the stroke of another's pen."""
REASON_MIN, REASON_MAX = 4, 500
ID_TYPES = ("resident", "passport", "other")


@dataclass(frozen=True, slots=True)
class Delegation:
    """A role lent by a colleague for a period: start counts, end does not. backed: the delegator still has the role."""

    id: str
    delegator: str
    person: str
    role: Role
    start: datetime
    end: datetime
    backed: bool = True

    def holds_at(self, moment: datetime) -> bool:
        return self.backed and self.start <= moment < self.end


@dataclass(frozen=True, slots=True)
class Person:
    """version: of the person's stream. kinds: what the organisation may act as. A person acts for one organisation only.

    ending: of the granted roles those that were taken away, with the instant from which the person has them no more.
    """

    id: str
    version: int
    organisation: str
    kinds: frozenset[Role] = frozenset()
    granted: frozenset[Role] = frozenset()
    ending: Mapping[Role, datetime] = field(default_factory=dict)
    delegated: tuple[Delegation, ...] = ()
    erased: bool = False

    def roles_at(self, moment: datetime) -> frozenset[Role]:
        """The roles in which the person may act at an instant."""
        lent = {d.role for d in self.delegated if d.holds_at(moment)}
        return frozenset() if self.erased else frozenset(r for r in self.granted | lent if self.may_hold(r))

    def bound_at(self, moment: datetime) -> frozenset[Role]:
        """The roles held at an instant or promised for later: with these a new role must be compatible."""
        return self.granted | {d.role for d in self.delegated if d.backed and moment < d.end}

    def may_hold(self, role: Role) -> bool:
        """Whether the person's organisation is of the kind that the role needs."""
        needed = kind_needed(role)
        return role in HOLDABLE and (needed is None or needed in self.kinds)


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Only ever in a private part. id_type: one of `ID_TYPES`; resident numbers are checked [09 §9.9]."""

    name: str = field(repr=False)
    phone: str = field(repr=False)
    id_number: str = field(repr=False)
    id_type: str = "resident"


def check_personal_data(data: PersonalData, today: date) -> Iterator[Problem]:
    """What is wrong with somebody's data; the problems repeat none of it."""
    if not 1 <= len(data.name) <= 60 or not data.name.isprintable():
        yield Problem("person.name", "name", {"maximum": 60})
    if not 5 <= sum(c.isdecimal() for c in data.phone) <= 20 or not set(data.phone) <= set("+-() 0123456789"):
        yield Problem("person.phone", "phone")
    if data.id_type not in ID_TYPES:
        yield Problem("person.id_type", "id_type", {"choices": ", ".join(ID_TYPES)})
    elif data.id_type == "resident":
        yield from check_resident_number(data.id_number, today)
    elif not 4 <= len(data.id_number) <= 40 or not data.id_number.isprintable():
        yield Problem("person.id_number", "id_number", {"maximum": 40})


def check_period(start: datetime, end: datetime, now: datetime) -> Iterator[Problem]:
    """What is wrong with the period of a delegation."""
    if start < now:
        yield Problem("delegation.in_the_past", "start")
    if end <= start:
        yield Problem("delegation.ends_before_start", "end")
    elif end - start > DELEGATION_MAX:
        yield Problem("delegation.too_long", "end", {"days": DELEGATION_MAX.days})
