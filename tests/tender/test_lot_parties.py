"""Only a lot's own parties act on it, and only registered organisations become parties [BLR 13, B-15]."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.world import PAPER, TERMS, World, at
from trading_core.domain.errors import Forbidden, Refused
from trading_core.domain.identity import Actor, Role
from trading_core.domain.permissions import Context, LotContext, Permission, allowed, may_act_for_lot
from trading_core.platform import Platform
from trading_core.services import lots

ORDER = {"decision_number": "水监〔2026〕7 号", "legal_basis": "BLR 62", "reason": "投诉处理", "document": PAPER}
PARTIES = (Role.PRINCIPAL, Role.AGENCY, Role.CENTRE, Role.SUPERVISOR)
NAMES = st.sampled_from(("甲", "乙", "丙"))


@given(st.sampled_from(PARTIES), NAMES, st.dictionaries(st.sampled_from([r.value for r in PARTIES]), NAMES))
def test_a_party_that_is_named_acts_alone(role: Role, organisation: str, parties: dict[str, str]) -> None:
    actor, context = Actor("p", organisation, role), LotContext(parties, signed_in=True, reported=True, decided=True)
    if parties.get(role.value, organisation) != organisation:
        assert not may_act_for_lot(actor, context)
        assert not any(allowed(p, actor, Context(lot=context)) for p in
                       (Permission.SEE_DRAFT_LOT, Permission.SEE_SCORES, Permission.SEE_EXPERT_NAMES))  # fmt: skip
    elif role.value in parties:
        assert may_act_for_lot(actor, context)


@pytest.fixture
def world(sqlite_platform: Platform) -> World:
    return World(sqlite_platform)


def test_offices_of_another_place_do_nothing_to_a_lot(world: World) -> None:
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    supervisor = world.organisation("外地监督局", Role.SUPERVISOR, world.operator)
    centre = world.organisation("外地交易中心", Role.CENTRE, world.operator)
    for actor, act, data in ((supervisor, "order_suspension", ORDER), (centre, "check_deposits", {}), (centre, "suspend_technically", {})):
        with pytest.raises(Forbidden):
            world.give(lot, act, actor, **data)
    assert world.lot(lot).status == "ISSUING"
    assert world.give(lot, "order_suspension", world.supervisor, **ORDER).status == "SUSPENDED"


def create(world: World, **parties: str) -> dict[str, str]:
    """Paths of what is refused, with the code."""
    try:
        with world.platform.unit() as unit:
            lots.create(unit, world.agency, "engineering", parties)
    except Refused as refusal:
        return {p.path: p.code for p in refusal.problems}
    return {}


def test_parties_are_registered_for_their_part(world: World) -> None:
    bidder = world.bidder("甲投标公司").actor.organisation
    assert create(world, principal="0" * 32, supervisor=bidder) == {"principal": "lot.party_unfit", "supervisor": "lot.party_unfit"}
    assert create(world, principal=bidder, centre=world.supervisor.organisation) == {
        "principal": "lot.party_unfit", "centre": "lot.party_unfit",
    }  # fmt: skip
    own = {"principal": world.principal.organisation, "centre": world.centre.organisation, "supervisor": world.supervisor.organisation}
    assert create(world, **own) == {}
