"""Every permission against every role and circumstance, beside a second statement of the rules that shares no code with the first."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import pytest

from trading_core.domain.errors import Forbidden
from trading_core.domain.identity import ANYONE, CLOCK, Actor, Role
from trading_core.domain.permissions import (
    PERMISSIONS,
    Context,
    LotContext,
    Permission,
    allowed,
    may_act_for_lot,
    require,
)

ME, MINE, OTHER = "me", "my-organisation", "other-organisation"
BOOLS = (False, True)


def actor(role: Role) -> Actor:
    return {Role.CLOCK: CLOCK, Role.PUBLIC: ANYONE}.get(role, Actor(ME, MINE, role))


def lots() -> Iterator[LotContext]:
    parties = ({}, {"principal": MINE, "agency": OTHER}, {"principal": OTHER, "agency": MINE}, {"principal": OTHER, "agency": OTHER},
               {"centre": MINE, "supervisor": OTHER}, {"centre": OTHER, "supervisor": MINE})  # fmt: skip
    for p, seat, signed_in, reported, decided in product(parties, ("", "3"), BOOLS, BOOLS, BOOLS):
        yield LotContext(p, seat, signed_in, reported, decided)


def abouts() -> Iterator[Context]:
    for organisation, person, role, held in product((MINE, OTHER), (ME, "somebody"), (None, *Role), BOOLS):
        for delegator in ("", ME, "somebody"):
            yield Context(organisation, person, role, frozenset(), held, delegator)


def office(r: str, lot: LotContext) -> bool:
    """Whether the lot's centre or supervisor, of that role, is mine: the one it names, or any where it names none."""
    return lot.parties.get(r, MINE) == MINE


LOT_RULES: dict[Permission, Callable[[str, LotContext], bool]] = {
    Permission.ACT_FOR_LOT: lambda r, lot: {
        "principal": lot.parties.get("principal") == MINE,
        "agency": lot.parties.get("agency") == MINE,
        "bidder": MINE not in (lot.parties.get("principal"), lot.parties.get("agency")),
        "centre": office(r, lot),
        "supervisor": office(r, lot),
        "expert": lot.seat == "3",
        "operator": False,
    }.get(r, True),
    Permission.SEE_DRAFT_LOT: lambda r, lot: (
        (r == "centre" and office(r, lot)) or (r in ("principal", "agency") and lot.parties.get(r) == MINE)
    ),
    Permission.SEE_SCORES: lambda r, lot: lot.reported and ((r == "supervisor" and office(r, lot)) or (r == "expert" and lot.seat == "3")),
    Permission.SEE_EXPERT_NAMES: lambda r, lot: (
        (lot.signed_in or lot.decided) and office(r, lot) if r == "supervisor"
        else (lot.signed_in or lot.decided) and lot.seat == "3" if r == "expert"
        else lot.decided and office(r, lot) if r == "centre"
        else lot.decided and lot.parties.get(r) == MINE if r in ("principal", "agency")
        else False
    ),
}  # fmt: skip
APPOINTS = {"centre": {"principal", "agency", "bidder", "expert"}, "operator": {"centre", "supervisor", "operator"}}
COLLEAGUES = {"principal", "agency", "bidder", "supervisor", "centre", "operator"}


def grants(r: str, c: Context) -> bool:
    if c.role is None or (c.person == ME and r not in ("clock", "public")):
        return False
    if c.role == "expert" or not c.held:
        return c.role in APPOINTS.get(r, set())
    return c.organisation == MINE and r == c.role and r in COLLEAGUES


def revokes(r: str, c: Context) -> bool:
    if c.role is None or r in ("clock", "public"):
        return False
    return c.person == ME or (c.organisation == MINE and r == c.role and r in COLLEAGUES) or c.role in APPOINTS.get(r, set())


def named(r: str) -> bool:
    return r not in ("clock", "public")


ABOUT_RULES: dict[Permission, Callable[[str, Context], bool]] = {
    Permission.SEE_PERSONAL_DATA: lambda r, c: (named(r) and c.person == ME) or r in ("centre", "supervisor"),
    Permission.SEE_COLLEAGUES: lambda r, c: named(r) and c.organisation == MINE,
    Permission.REGISTER_PERSON: lambda r, c: (
        r in ("centre", "operator") or (c.organisation == MINE and r in ("principal", "agency", "bidder", "supervisor"))
    ),
    Permission.OPEN_ACCOUNT: lambda r, c: (
        r in ("centre", "operator") or (c.organisation == MINE and r in ("principal", "agency", "bidder", "supervisor"))
    ),
    Permission.GRANT_ROLE: grants,
    Permission.REVOKE_ROLE: revokes,
    Permission.DELEGATE_ROLE: lambda r, c: r in COLLEAGUES and c.person == ME and c.organisation == MINE and c.role == r,
    Permission.REVOKE_DELEGATION: lambda r, c: (c.organisation == MINE and revokes(r, c)) or (named(r) and ME in (c.delegator, c.person)),
    Permission.RESET_ACCOUNT: lambda r, c: (named(r) and c.person == ME) or r == "operator",
    Permission.ERASE_PERSON: lambda r, c: (named(r) and c.person == ME) or r == "centre",
    Permission.OPERATE: lambda r, c: r == "operator",
}
REGISTERS = {"centre": {"principal", "agency", "bidder"}, "operator": {"principal", "centre", "supervisor"}}


@pytest.mark.parametrize("role", list(Role))
def test_permissions_about_a_lot(role: Role) -> None:
    for permission, rule in LOT_RULES.items():
        for lot in lots():
            assert allowed(permission, actor(role), Context(lot=lot)) == bool(rule(role.value, lot)), (permission, lot)


@pytest.mark.parametrize("role", list(Role))
def test_permissions_about_people(role: Role) -> None:
    for permission, rule in ABOUT_RULES.items():
        for c in abouts():
            assert allowed(permission, actor(role), c) == rule(role.value, c), (permission, c)


@pytest.mark.parametrize("role", list(Role))
def test_who_registers_which_kinds(role: Role) -> None:
    for pair in product(Role, Role):
        expected = {k.value for k in pair} <= REGISTERS.get(role.value, set())
        assert allowed(Permission.REGISTER_ORGANISATION, actor(role), Context(kinds=frozenset(pair))) == expected
    assert not allowed(Permission.REGISTER_ORGANISATION, actor(role), Context())


def test_the_matrix_is_complete() -> None:
    stated = {*LOT_RULES, *ABOUT_RULES, Permission.REGISTER_ORGANISATION}
    assert stated == set(Permission) == set(PERMISSIONS)


def test_an_organisation_never_bids_in_its_own_lot() -> None:
    """B-15: neither the principal nor the agency of a lot, whatever else it is registered as."""
    for party in ("principal", "agency"):
        assert not may_act_for_lot(Actor(ME, MINE, Role.BIDDER), LotContext({party: MINE}))
    assert may_act_for_lot(Actor(ME, MINE, Role.BIDDER), LotContext({"principal": OTHER, "agency": OTHER}))


def test_no_organisation_is_party_to_nothing() -> None:
    """An empty id equals no party: a lot without an agency is nobody's."""
    for role in (Role.PRINCIPAL, Role.AGENCY, Role.BIDDER):
        assert not may_act_for_lot(Actor(ME, "", role), LotContext({"principal": "", "agency": ""}))


def test_require_says_which_permission() -> None:
    with pytest.raises(Forbidden) as refusal:
        require(Permission.OPERATE, ANYONE, Context())
    assert refusal.value.problems[0].params == {"permission": "operate"}
    require(Permission.OPERATE, Actor(ME, MINE, Role.OPERATOR), Context())
