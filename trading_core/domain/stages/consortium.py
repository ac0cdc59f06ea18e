"""Consortia: several organisations that bid as one, the leader first, with the agreement that shares out the work [B-14].

A bid says so in the form of its first envelope and carries the agreement among that envelope's files. What is wrong with it the bidder's
own computer refuses before sealing; what is sealed all the same can only be judged after the opening, by the committee.
"""
from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from ..errors import Problem, Refused
from ..fields import Field, check
from ..uscc import check_uscc, unit

MEMBERS_MAX = 10
MEMBERS = Field("consortium_members", "list", required=False, minimum=2, maximum=MEMBERS_MAX, rule="B-14", fields=(
    Field("uscc", maximum=18), Field("name"), Field("share", "long_text", maximum=2_000)))  # fmt: skip
AGREEMENT = Field("consortium_agreement", required=False, maximum=240, rule="B-14")
"""What a consortium states in a bid: its members, leader first, and the name of the file that is its agreement."""


@dataclass(frozen=True, slots=True)
class Member:
    """One organisation of a consortium. share: which part of the work is its own."""

    uscc: str
    name: str
    share: str


def accepted(terms: Mapping[str, object]) -> bool:
    """Whether the notice accepts consortia; it always says so."""
    return terms.get("consortium") is True


def members(form: Mapping[str, object]) -> tuple[Member, ...]:
    """Who bids together as the form names them, leader first; nobody where it names none or in no readable way."""
    try:
        return read(check((MEMBERS,), {MEMBERS.name: form.get(MEMBERS.name)}).get(MEMBERS.name))
    except Refused:
        return ()


def stated(found: Iterable[Member]) -> list[dict[str, str]]:
    """Members as events and forms write them."""
    return [{"uscc": m.uscc, "name": m.name, "share": m.share} for m in found]


def read(said: object) -> tuple[Member, ...]:
    """The members that `stated` wrote; nobody where nothing is said."""
    return tuple(Member(**m) for m in cast("Sequence[Mapping[str, str]]", said or ()))


def parties(uscc: str, name: str, found: Iterable[Member]) -> list[tuple[str, str]]:
    """Code and name of everybody who bids: of the members, or of the one who bids alone."""
    return [(m.uscc, m.name) for m in found] or [(uscc, name)]


def units(uscc: str, found: Iterable[Member]) -> frozenset[str]:
    """Everybody who bids, or applies, under one code."""
    return frozenset(unit(code) for code in (uscc, *(m.uscc for m in found)))


def problems(form: Mapping[str, object], files: Collection[str], uscc: str, accepts: bool) -> Iterator[Problem]:
    """Everything wrong with the consortium that a bid names; nothing for a bid that names none.

    files: names of those in the same envelope. uscc: whose bid it is. accepts: see `accepted`.
    """
    if not form.get(MEMBERS.name):
        return
    yield from member_problems(form, uscc, accepts)
    agreement = form.get(AGREEMENT.name)
    if not isinstance(agreement, str) or _plain(agreement) not in map(_plain, files):
        yield Problem("consortium.agreement_missing", AGREEMENT.name, rule="B-14")


def member_problems(form: Mapping[str, object], uscc: str, accepts: bool) -> Iterator[Problem]:
    """The same of its members alone."""
    if not accepts:
        yield Problem("consortium.not_accepted", MEMBERS.name, rule="B-14")
    try:
        check((replace(MEMBERS, required=True),), {MEMBERS.name: form[MEMBERS.name]})  # blanks name nobody, but are no empty field
    except Refused as refused:
        yield from refused.problems
        return
    found = members(form)
    for i, m in enumerate(found):
        path = f"{MEMBERS.name}.{i}.uscc"
        yield from (Problem(p.code, path, p.params, p.rule) for p in check_uscc(m.uscc))
        if unit(m.uscc) in {unit(other.uscc) for other in found[:i]}:
            yield Problem("consortium.member_twice", path)
    if found[0].uscc != uscc:
        yield Problem("consortium.leader_first", f"{MEMBERS.name}.0.uscc")


def _plain(name: str) -> str:
    """A file's name as envelopes tell names apart."""
    return unicodedata.normalize("NFC", name).lower()
