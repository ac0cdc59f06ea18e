"""Persons, their roles, and what is known of them."""
from __future__ import annotations

import dataclasses
import threading
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from trading_core.adapters.db import identity as db
from trading_core.adapters.db import schema
from trading_core.adapters.db.store import micros
from trading_core.domain.errors import Conflict, Forbidden, Refused
from trading_core.domain.identity import Actor, Role
from trading_core.domain.leaves import leaf_hash, private_commitment
from trading_core.domain.person import REVOCATION_NOTICE, PersonalData
from trading_core.services import delegations, organisations, persons
from trading_core.services.replay import replay

CONSOLE = Actor("", "", Role.OPERATOR)


def codes(refusal: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [p.code for p in refusal.value.problems]


def grant(town: Any, by: Actor, person: str, role: Role) -> None:
    with town.platform.unit() as unit:
        persons.grant_role(unit, by, person, role)


def dump(town: Any) -> bytes:
    """Everything that stands in the database, as anybody with its password would read it."""
    with town.platform.look() as unit:
        tables = [unit.connection.execute(sa.select(t)).all() for t in schema.metadata.sorted_tables]
    return repr(tables).encode() + b"".join(c for t in tables for r in t for c in r if isinstance(c, bytes))


def test_personal_data_is_in_the_private_part_only(town: Any, centre: Actor) -> None:
    data = PersonalData("欧阳䶮", "13987650001", "11010519491231002X")
    with town.platform.unit() as unit:
        person = persons.register_person(unit, centre, centre.organisation, data)
        recorded = unit.store.read(f"person/{person}")[0].recorded()
    assert recorded.public["id"] == person and recorded.public["organisation"] == centre.organisation
    assert recorded.private is not None and recorded.private["name"] == "欧阳䶮"
    for secret in ("欧阳䶮", "13987650001", "11010519491231002X"):
        assert secret not in repr(data) and secret not in str(recorded.public)
        assert secret.encode() not in dump(town)


def test_wrong_data_is_refused_without_repeating_it(town: Any, centre: Actor) -> None:
    with pytest.raises(Refused) as refusal, town.platform.unit() as unit:
        persons.register_person(unit, centre, centre.organisation, PersonalData("", "12", "110105194912310021"))
    assert codes(refusal) == ["person.name", "person.phone", "resident_number.check_character"]
    assert "110105" not in repr(refusal.value)
    with pytest.raises(Refused) as refusal, town.platform.unit() as unit:
        persons.register_person(unit, centre, centre.organisation, PersonalData("Ann", "+33 1 2345", "E1", "passport"))
    assert codes(refusal) == ["person.id_number"]
    with pytest.raises(Refused) as refusal, town.platform.unit() as unit:
        persons.register_person(unit, centre, centre.organisation, PersonalData("Ann", "+33 1 2345", "E123456", "library"))
    assert codes(refusal) == ["person.id_type"]


def test_one_person_has_one_account_whatever_the_employer(town: Any, centre: Actor, agency: Actor, bidder: Actor) -> None:
    """Otherwise two accounts would unite duties that one may not have."""
    data = town.data()
    with town.platform.unit() as unit:
        persons.register_person(unit, agency, agency.organisation, data)
    with pytest.raises(Refused) as refusal, town.platform.unit() as unit:
        persons.register_person(unit, bidder, bidder.organisation, dataclasses.replace(data, name="化名", phone="13000000000"))
    assert codes(refusal) == ["person.already_registered"]


def test_only_ones_own_people(town: Any, agency: Actor, bidder: Actor) -> None:
    with pytest.raises(Forbidden), town.platform.unit() as unit:
        persons.register_person(unit, agency, bidder.organisation, town.data())


def test_several_roles_as_far_as_duties_allow(town: Any, centre: Actor, agency: Actor) -> None:
    person = town.person(agency, agency.organisation, Role.AGENCY)
    grant(town, centre, person, Role.PRINCIPAL)
    with town.platform.look() as unit:
        assert persons.known_person(unit, person).roles_at(unit.now) == {Role.AGENCY, Role.PRINCIPAL}
    with pytest.raises(Refused) as refusal:
        grant(town, centre, person, Role.BIDDER)
    assert codes(refusal) == ["duty.incompatible", "role.organisation_kind"]
    assert refusal.value.problems[0].rule == "BLR 13"
    with pytest.raises(Refused) as refusal:
        grant(town, agency, person, Role.AGENCY)
    assert codes(refusal) == ["role.already_granted"]


def test_nobody_names_himself_and_strangers_name_nobody(town: Any, centre: Actor, agency: Actor, bidder: Actor) -> None:
    colleague = town.person(bidder, bidder.organisation)
    for by, person in ((agency, colleague), (centre, colleague), (bidder, bidder.person), (CONSOLE, colleague)):
        with pytest.raises(Forbidden):
            grant(town, by, person, Role.BIDDER)  # the organisation has its bidder: now colleagues name each other
    grant(town, bidder, colleague, Role.BIDDER)


def revoke(town: Any, by: Actor, person: str, role: Role, reason: str = "调离岗位") -> None:
    with town.platform.unit() as unit:
        persons.revoke_role(unit, by, person, role, reason)


def held(town: Any, person: str) -> frozenset[Role]:
    with town.platform.look() as unit:
        found: frozenset[Role] = persons.known_person(unit, person).roles_at(unit.now)
        return found


def test_from_outside_a_role_ends_a_day_later_to_the_microsecond(town: Any, centre: Actor, bidder: Actor) -> None:
    """Nobody is put out of a trade a minute before its deadline; who is to lose the role is told why."""
    revoke(town, centre, bidder.person, Role.BIDDER, " 材料不实 ")
    with town.platform.look() as unit:
        subject = persons.known_person(unit, bidder.person)
        assert persons.revocations(unit, subject) == {Role.BIDDER: (unit.now + REVOCATION_NOTICE, "材料不实")}
    with pytest.raises(Refused) as refusal:
        revoke(town, centre, bidder.person, Role.BIDDER)
    assert codes(refusal) == ["role.ends_already"]
    town.clock.advance(REVOCATION_NOTICE - timedelta(microseconds=1))
    assert held(town, bidder.person) == {Role.BIDDER}
    town.clock.advance(timedelta(microseconds=1))
    assert held(town, bidder.person) == frozenset()
    assert replay(town.platform) == []
    grant(town, centre, bidder.person, Role.BIDDER)
    assert held(town, bidder.person) == {Role.BIDDER} and replay(town.platform) == []


def test_what_was_taken_can_be_given_back_before_it_ends(town: Any, centre: Actor, bidder: Actor) -> None:
    colleague = town.person(bidder, bidder.organisation)
    with town.platform.unit() as unit:
        delegations.delegate_role(unit, bidder, colleague, town.clock.now(), town.clock.now() + timedelta(days=9))
    revoke(town, centre, bidder.person, Role.BIDDER)
    town.clock.advance(REVOCATION_NOTICE / 2)
    grant(town, centre, bidder.person, Role.BIDDER)
    town.clock.advance(REVOCATION_NOTICE)
    assert held(town, bidder.person) == held(town, colleague) == {Role.BIDDER}
    assert replay(town.platform) == []


def test_taking_a_role_from_somebody_needs_a_reason_laying_it_down_none(town: Any, centre: Actor, bidder: Actor) -> None:
    for reason in ("", "  无  ", "长" * 501):
        with pytest.raises(Refused) as refusal:
            revoke(town, centre, bidder.person, Role.BIDDER, reason)
        assert codes(refusal) == ["role.reason_missing"]
    revoke(town, bidder, bidder.person, Role.BIDDER, "")
    assert held(town, bidder.person) == frozenset()


def test_in_house_a_role_ends_at_once_and_can_come_back(town: Any, agency: Actor) -> None:
    person = town.person(agency, agency.organisation, Role.AGENCY)
    revoke(town, agency, person, Role.AGENCY)
    with town.platform.look() as unit:
        assert persons.known_person(unit, person).roles_at(unit.now) == frozenset()
    with pytest.raises(Refused) as refusal:
        revoke(town, agency, person, Role.AGENCY)
    assert codes(refusal) == ["role.not_granted"]
    grant(town, agency, person, Role.AGENCY)


def test_a_kind_stays_while_somebody_holds_its_role(town: Any, centre: Actor, bidder: Actor) -> None:
    """No way round the notice: not by the kinds of the organisation either."""

    def drop() -> None:
        with town.platform.unit() as unit:
            organisations.change_organisation(unit, centre, bidder.organisation, "诚建集团", ["principal"])

    with pytest.raises(Refused) as refusal:
        drop()
    assert [(p.code, p.params) for p in refusal.value.problems] == [("organisation.kind_in_use", {"role": "bidder"})]
    revoke(town, centre, bidder.person, Role.BIDDER)
    town.clock.advance(REVOCATION_NOTICE - timedelta(microseconds=1))
    with pytest.raises(Refused):
        drop()
    town.clock.advance(timedelta(microseconds=1))
    drop()
    with pytest.raises(Refused) as refusal:
        grant(town, centre, bidder.person, Role.BIDDER)
    assert codes(refusal) == ["role.organisation_kind"]


def test_from_outside_nobody_is_erased_who_holds_a_role(town: Any, centre: Actor, bidder: Actor) -> None:
    def erase() -> None:
        with town.platform.unit() as unit:
            persons.erase_person(unit, centre, bidder.person)

    with pytest.raises(Refused) as refusal:
        erase()
    assert [(p.code, p.params) for p in refusal.value.problems] == [("person.holds_role", {"role": "bidder"})]
    revoke(town, centre, bidder.person, Role.BIDDER)
    with pytest.raises(Refused):
        erase()
    assert held(town, bidder.person) == {Role.BIDDER}
    town.clock.advance(REVOCATION_NOTICE)
    erase()
    with town.platform.look() as unit, pytest.raises(Forbidden):
        persons.known_person(unit, bidder.person)


def test_two_roles_at_the_same_moment_cannot_unite_duties(town: Any, centre: Actor) -> None:
    """Each alone is lawful; the person's stream lets only one in."""
    home = town.organisation(centre, "两用公司", Role.AGENCY, Role.BIDDER)
    person = town.person(centre, home)
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def give(role: Role) -> None:
        barrier.wait()
        try:
            grant(town, centre, person, role)
            outcomes.append("done")
        except (Conflict, Refused) as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=give, args=(r,)) for r in (Role.AGENCY, Role.BIDDER)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert outcomes.count("done") == 1
    with town.platform.look() as unit:
        assert len(persons.known_person(unit, person).granted) == 1


def test_a_look_at_personal_data_leaves_a_trace(town: Any, supervisor: Actor, bidder: Actor, agency: Actor) -> None:
    with town.platform.unit() as unit:
        assert persons.look_at_personal_data(unit, bidder, bidder.person, "").name  # one's own
        assert len(unit.store.read(f"person/{bidder.person}")) == 2
        seen = persons.look_at_personal_data(unit, supervisor, bidder.person, "投诉调查 2026-7")
        trace = unit.store.read(f"person/{bidder.person}")[-1].recorded()
    assert seen.phone.startswith("138")
    assert trace.type == "personal_data_seen"
    assert trace.public == {"by": {"role": "supervisor", "organisation": supervisor.organisation}}
    assert trace.private == {"reason": "投诉调查 2026-7", "by_person": supervisor.person}
    with pytest.raises(Refused) as refusal, town.platform.unit() as unit:
        persons.look_at_personal_data(unit, supervisor, bidder.person, " ")
    assert codes(refusal) == ["personal_data.reason_missing"]
    with pytest.raises(Forbidden), town.platform.unit() as unit:
        persons.look_at_personal_data(unit, agency, bidder.person, "好奇")


def test_colleagues_see_each_others_names(town: Any, agency: Actor, bidder: Actor) -> None:
    person = town.person(agency, agency.organisation)
    with town.platform.look() as unit:
        assert set(persons.colleagues(unit, agency)) == {agency.person, person}
        assert set(persons.colleagues(unit, bidder)) == {bidder.person}
        assert all(persons.colleagues(unit, agency).values())


def test_erased_data_is_gone_and_the_log_still_verifies(town: Any, centre: Actor, agency: Actor) -> None:
    data = PersonalData("欧阳䶮", "13987650001", "11010519491231002X")
    with town.platform.unit() as unit:
        person = persons.register_person(unit, agency, agency.organisation, data)
    grant(town, agency, person, Role.AGENCY)
    town.account(person, "ouyang")
    with town.platform.look() as unit:
        before = unit.store.read(f"person/{person}")
    first = before[0]
    assert first.salt is not None and first.private is not None
    assert first.commitment == private_commitment(first.salt, first.private)
    with pytest.raises(Forbidden), town.platform.unit() as unit:
        persons.erase_person(unit, agency, person)
    with town.platform.unit() as unit:
        persons.erase_person(unit, Actor(person, agency.organisation, Role.AGENCY), person)
    with town.platform.look() as unit:
        after = unit.store.read(f"person/{person}")
        found = persons.find_person(unit, person)
        assert found is not None and found.erased and found.roles_at(unit.now) == frozenset()
        assert not unit.connection.execute(sa.select(db.account).where(db.account.c.person == person)).all()
        with pytest.raises(Forbidden):
            persons.known_person(unit, person)
        assert person not in persons.colleagues(unit, agency)
    assert (after[0].private, after[0].salt) == (None, None)
    assert [s.leaf for s in after[:-1]] == [s.leaf for s in before]
    assert after[0].leaf == leaf_hash(first.stream, 1, first.type, first.public, after[0].commitment, micros(first.at))
    with town.platform.unit() as unit:
        assert persons.register_person(unit, agency, agency.organisation, data) != person  # a new beginning is possible


def test_what_somebody_may_erase_of_himself(town: Any, bidder: Actor) -> None:
    with town.platform.unit() as unit:
        persons.erase_person(unit, bidder, bidder.person)
    with pytest.raises(Forbidden), town.platform.unit() as unit:
        persons.look_at_personal_data(unit, bidder, bidder.person, "")
