"""An organisation (经营主体, 单位) in the public register: its code, its name, and the roles it may act in."""
from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .duties import check_kinds
from .errors import Problem
from .identity import Role
from .uscc import check_uscc

KINDS = frozenset({Role.PRINCIPAL, Role.AGENCY, Role.BIDDER, Role.SUPERVISOR, Role.CENTRE})
NAME_MAX = 100
BRACKETS = str.maketrans("[]{}<>【】〔〕〖〗「」『』《》〈〉", "()" * 10)


@dataclass(frozen=True, slots=True)
class Organisation:
    """version: of its stream. kinds: the roles it may act in. Everything here is public register data."""

    id: str
    version: int
    uscc: str
    name: str
    kinds: frozenset[Role]


def check_organisation(uscc: str, name: str, kinds: Iterable[str]) -> Iterator[Problem]:
    """What is wrong with the register data of an organisation; uscc normalised, name stripped."""
    yield from check_uscc(uscc)
    yield from check_name(name)
    given = frozenset(kinds)
    for kind in sorted(given - KINDS):
        yield Problem("organisation.unknown_kind", "kinds", {"kind": kind})
    if not given:
        yield Problem("organisation.no_kind", "kinds")
    yield from check_kinds(Role(k) for k in given & KINDS)


def name_key(name: str) -> str:
    """A name as it is compared: half-width, brackets of one kind, no blanks, capitals."""
    half = unicodedata.normalize("NFKC", name)
    return "".join(half.translate(BRACKETS).upper().split())


def check_name(name: str) -> Iterator[Problem]:
    if not 2 <= len(name) <= NAME_MAX or not name.isprintable():
        yield Problem("organisation.name", "name", {"maximum": NAME_MAX})


def kind_needed(role: Role) -> Role | None:
    """What an organisation must be for its persons to act in a role; None when any will do (an expert's employer)."""
    if role is Role.EXPERT:
        return None
    return Role.CENTRE if role is Role.OPERATOR else role
