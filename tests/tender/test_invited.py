"""Invited tenders: as public as open ones once the invitations are out, whatever becomes of them [BL 17, E-M9]."""
from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.world import TERMS, World
from trading_core.adapters.db.lots import lot_table
from trading_core.domain.errors import Forbidden
from trading_core.domain.trade import Command
from trading_core.platform import Platform
from trading_core.services import working
from web.contexts import LotOf


@pytest.fixture
def world(sqlite_platform: Platform) -> World:
    return World(sqlite_platform)


def drafted(world: World) -> str:
    parties = {"principal": world.principal.organisation, "supervisor": world.supervisor.organisation, "centre": world.centre.organisation}
    lot = world.create(parties)
    world.give(lot, "draft", world.agency, **{**TERMS, "tender_way": "invited", "invited_ground": "few_bidders"})
    return lot


def submitted(world: World) -> str:
    lot = drafted(world)
    world.give(lot, "submit_for_publication", world.agency, responsible_person="张工")
    return lot


def seen(world: World, lot: str) -> tuple[bool, bool]:
    """Whether the lists show the lot, and whether its page does."""
    with world.platform.look() as unit:
        listed = unit.connection.execute(sa.select(lot_table.c.visible).where(lot_table.c.id == lot)).scalar_one()
    return listed, LotOf(world.lot(lot), world.platform.trade("engineering")).published


def test_a_terminated_invited_tender_stays_public(world: World) -> None:
    lot = submitted(world)
    assert seen(world, lot) == (False, False)
    invitees = [world.bidder(f"{n}示例建设有限公司").actor.organisation for n in ("松涧", "云石", "青屿")]
    world.give(lot, "send_invitations", world.agency, invitees=invitees)
    assert seen(world, lot) == (True, True)
    ended = world.give(lot, "terminate", world.principal, legal_basis="BLR 31", reason="规划调整")
    assert ended.status == "TERMINATED"
    assert seen(world, lot) == (True, True)


def test_what_was_cancelled_before_any_notice_never_existed_for_the_public(world: World) -> None:
    lot = submitted(world)
    world.give(lot, "cancel", world.agency, reason="规划调整")
    assert seen(world, lot) == (False, False)


def test_an_unpublished_lot_refuses_a_stranger_before_and_at_the_act_alike(world: World) -> None:
    lot, stranger = drafted(world), world.bidder("松涧示例建设有限公司").actor
    with pytest.raises(Forbidden) as told, world.platform.look() as unit:
        working.refusals(unit, lot, Command("ask", stranger, {"text": "?"}, unit.now))
    with pytest.raises(Forbidden) as given:
        world.give(lot, "ask", stranger, text="?")
    assert told.value.problems == given.value.problems


def test_an_empty_form_is_a_list_of_problems(world: World) -> None:
    """Every act that may be given now, asked about with nothing filled in, answers with what is missing and never falls over."""
    lot = world.announce(TERMS)
    for act in world.platform.trade("engineering").acts.values():
        for actor in (world.principal, world.agency, world.centre, world.supervisor):
            with world.platform.look() as unit:
                try:
                    found = working.refusals(unit, lot, Command(act.name, actor, {}, unit.now))
                except Forbidden:
                    continue
            assert all(p.code for p in found)
            required = {f.name for f in act.fields if f.required}
            assert {p.path for p in found if p.code == "field.required"} >= required or not any(p.code == "field.required" for p in found)
