"""Lending a role to a colleague for a period."""
from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from trading_core.domain.errors import Forbidden, Refused
from trading_core.domain.identity import Actor, Role
from trading_core.services import delegations, persons

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
INSTANT = timedelta(microseconds=1)


@pytest.fixture
def database_url() -> str:
    """One database is enough here: the statements are those that the other files run on both."""
    return ""


def codes(refusal: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [p.code for p in refusal.value.problems]


def lend(town: Any, by: Actor, to: str, start: datetime, end: datetime) -> str:
    with town.platform.unit() as unit:
        subject: str = delegations.delegate_role(unit, by, to, start, end)
        return subject


def roles(town: Any, person: str) -> set[str]:
    with town.platform.look() as unit:
        return {r.value for r in persons.known_person(unit, person).roles_at(unit.now)}


@pytest.fixture
def colleague(town: Any, agency: Actor) -> str:
    person: str = town.person(agency, agency.organisation)
    return person


def test_it_holds_from_its_start_until_before_its_end(town: Any, agency: Actor, colleague: str) -> None:
    start = town.clock.now() + DAY
    lend(town, agency, colleague, start, start + DAY)
    for moment, expected in ((start - INSTANT, set()), (start, {"agency"}), (start + DAY - INSTANT, {"agency"}), (start + DAY, set())):
        town.clock.move_to(moment)
        assert roles(town, colleague) == expected


def test_it_is_public_and_seen_by_colleagues_only(town: Any, agency: Actor, bidder: Actor, colleague: str) -> None:
    start = town.clock.now()
    subject = lend(town, agency, colleague, start, start + DAY)
    with town.platform.look() as unit:
        public = unit.store.read(f"person/{colleague}")[-1].recorded().public
        assert [d.id for d in persons.seen_person(unit, agency, colleague).delegated] == [subject]
        with pytest.raises(Forbidden):
            persons.seen_person(unit, bidder, colleague)
    assert public == {
        "delegation": subject, "delegator": agency.person, "organisation": agency.organisation, "role": "agency",
        "from": "2026-03-01T01:00:00.000000Z", "to": "2026-03-02T01:00:00.000000Z",
        "by": {"role": "agency", "organisation": agency.organisation},
    }  # fmt: skip


def test_everything_wrong_with_a_period_is_said_at_once(town: Any, agency: Actor, colleague: str) -> None:
    now = town.clock.now()
    with pytest.raises(Refused) as refusal:
        lend(town, agency, colleague, now - INSTANT, now - HOUR)
    assert codes(refusal) == ["delegation.in_the_past", "delegation.ends_before_start"]
    with pytest.raises(Refused) as refusal:
        lend(town, agency, colleague, now, now + 366 * DAY + INSTANT)
    assert codes(refusal) == ["delegation.too_long"]
    lend(town, agency, colleague, now, now + 366 * DAY)


def test_the_same_role_is_not_lent_twice_at_a_time(town: Any, agency: Actor, colleague: str) -> None:
    now = town.clock.now()
    lend(town, agency, colleague, now, now + DAY)
    with pytest.raises(Refused) as refusal:
        lend(town, agency, colleague, now + DAY - INSTANT, now + 2 * DAY)
    assert codes(refusal) == ["delegation.overlaps"]
    lend(town, agency, colleague, now + DAY, now + 2 * DAY)


def test_duties_stay_separate(town: Any, centre: Actor) -> None:
    """Granted or lent, now or later: the two may not meet in one person."""
    home = town.organisation(centre, "两用公司", Role.AGENCY, Role.BIDDER)
    first, second = (Actor(town.person(centre, home, r), home, r) for r in (Role.AGENCY, Role.BIDDER))
    now, third = town.clock.now(), town.person(centre, home)
    with pytest.raises(Refused) as refusal:
        lend(town, first, second.person, now, now + DAY)
    assert codes(refusal) == ["duty.incompatible"]
    lend(town, first, third, now + DAY, now + 2 * DAY)
    with pytest.raises(Refused) as refusal:
        lend(town, second, third, now, now + HOUR)
    assert codes(refusal) == ["duty.incompatible"]
    with pytest.raises(Refused) as refusal, town.platform.unit() as unit:
        persons.grant_role(unit, second, third, Role.BIDDER)
    assert codes(refusal) == ["duty.incompatible"]
    town.clock.advance(2 * DAY)
    lend(town, second, third, town.clock.now(), town.clock.now() + DAY)


def test_it_ends_with_the_role_it_came_from(town: Any, agency: Actor, colleague: str) -> None:
    other = Actor(town.person(agency, agency.organisation, Role.AGENCY), agency.organisation, Role.AGENCY)
    now = town.clock.now()
    lend(town, agency, colleague, now, now + DAY)
    assert roles(town, colleague) == {"agency"}
    town.clock.advance(HOUR)
    with town.platform.unit() as unit:
        persons.revoke_role(unit, other, agency.person, Role.AGENCY, "调离岗位")
    assert roles(town, colleague) == set()
    with town.platform.unit() as unit:
        persons.grant_role(unit, other, agency.person, Role.AGENCY)
    assert roles(town, colleague) == set()  # a new grant revives no old loan


@pytest.mark.parametrize("who", ["delegator", "receiver", "colleague"])
def test_it_can_be_revoked(town: Any, agency: Actor, colleague: str, who: str) -> None:
    now = town.clock.now()
    subject = lend(town, agency, colleague, now, now + DAY)
    by = {
        "delegator": agency,
        "receiver": Actor(colleague, agency.organisation, Role.AGENCY),
        "colleague": Actor(town.person(agency, agency.organisation, Role.AGENCY), agency.organisation, Role.AGENCY),
    }[who]
    with town.platform.unit() as unit:
        delegations.revoke_delegation(unit, by, subject)
    assert roles(town, colleague) == set()
    with pytest.raises(Forbidden), town.platform.unit() as unit:
        delegations.revoke_delegation(unit, by, subject)


def test_strangers_revoke_nothing_and_what_has_ended_stays(
    town: Any, agency: Actor, bidder: Actor, centre: Actor, colleague: str
) -> None:
    """The centre can take the delegator's role away, with notice; what a colleague was lent ends with it, never before."""
    now = town.clock.now()
    subject = lend(town, agency, colleague, now, now + DAY)
    for other in (bidder, centre):
        with pytest.raises(Forbidden), town.platform.unit() as unit:
            delegations.revoke_delegation(unit, other, subject)
    with pytest.raises(Refused) as refusal, town.platform.unit() as unit:
        persons.erase_person(unit, centre, colleague)
    assert codes(refusal) == ["person.holds_role"]
    town.clock.advance(DAY)
    with pytest.raises(Refused) as refusal, town.platform.unit() as unit:
        delegations.revoke_delegation(unit, agency, subject)
    assert codes(refusal) == ["delegation.ended"]


def test_a_lent_role_is_not_lent_on_and_names_nobody(town: Any, agency: Actor, colleague: str) -> None:
    now, third = town.clock.now(), town.person(agency, agency.organisation)
    lend(town, agency, colleague, now, now + DAY)
    lent = Actor(colleague, agency.organisation, Role.AGENCY)
    with pytest.raises(Forbidden):
        lend(town, lent, third, now, now + HOUR)
    with pytest.raises(Forbidden), town.platform.unit() as unit:
        persons.grant_role(unit, lent, third, Role.AGENCY)


def test_only_to_colleagues_who_need_it(town: Any, agency: Actor, bidder: Actor, centre: Actor) -> None:
    now = town.clock.now()
    with pytest.raises(Forbidden):
        lend(town, agency, bidder.person, now, now + DAY)
    with pytest.raises(Refused) as refusal:
        lend(town, agency, agency.person, now, now + DAY)
    assert codes(refusal) == ["role.already_granted"]


def test_an_expert_answers_in_person(town: Any, centre: Actor, agency: Actor, colleague: str) -> None:
    """[BL 44]: the duty of a member of a committee is not lent."""
    expert = Actor(town.person(agency, agency.organisation), agency.organisation, Role.EXPERT)
    with town.platform.unit() as unit:
        persons.grant_role(unit, centre, expert.person, Role.EXPERT)
    with pytest.raises(Forbidden):
        lend(town, expert, colleague, town.clock.now(), town.clock.now() + DAY)
