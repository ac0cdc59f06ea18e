"""Nobody publishes alone what they handed in: not themselves, and not through somebody of their own making [01 §1.2]."""
from __future__ import annotations

from dataclasses import replace

import pytest

from tests.world import TERMS, World
from trading_core.domain.errors import Refused
from trading_core.domain.identity import Actor, Role
from trading_core.domain.person import PersonalData
from trading_core.platform import Platform
from trading_core.services import persons


@pytest.fixture
def world(platform: Platform) -> World:
    return World(platform)


@pytest.fixture
def colleague(world: World) -> Actor:
    """Whom the agency's own clerk has registered and given the role."""
    with world.platform.unit() as unit:
        data = PersonalData("杨复核", "0800-000-0001", "NUMBER-COLLEAGUE", "other")
        person = persons.register_person(unit, world.agency, world.agency.organisation, data)
        persons.grant_role(unit, world.agency, person, Role.AGENCY)
    return replace(world.agency, person=person)


def handed_in(world: World, by: Actor) -> str:
    others = {"principal": world.principal, "supervisor": world.supervisor, "centre": world.centre}
    lot = world.create({role: actor.organisation for role, actor in others.items()})
    world.give(lot, "draft", by, **TERMS)
    world.give(lot, "submit_for_publication", by, responsible_person="张工")
    return lot


def test_a_person_of_ones_own_making_is_no_second_one(world: World, colleague: Actor) -> None:
    lot = handed_in(world, world.agency)
    for alone in (world.agency, colleague):
        with pytest.raises(Refused) as refusal:
            world.give(lot, "publish", alone)
        assert [p.code for p in refusal.value.problems] == ["lot.second_person"]
    assert world.give(lot, "publish", world.principal).status == "ANNOUNCED"


def test_who_made_the_other_may_check_them(world: World, colleague: Actor) -> None:
    assert world.give(handed_in(world, colleague), "publish", world.agency).status == "ANNOUNCED"
