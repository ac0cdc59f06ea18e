"""Invited tenders: as public as open ones once the invitations are out, whatever becomes of them [BL 17, E-M9]."""
from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from plugins.engineering.trade import ENGINEERING
from tests.tender.course import AGENCY, Course, at
from tests.tender.test_amending import announced
from tests.world import TERMS, BidPlan, World
from trading_core.adapters.db.lots import lot_table
from trading_core.domain.errors import Forbidden, Refused
from trading_core.domain.identity import Role
from trading_core.domain.organisation import Organisation
from trading_core.domain.stages.announcing import Announcement, schedule_of
from trading_core.domain.tender.prequalifying import may_bid
from trading_core.domain.trade import Command
from trading_core.domain.uscc import compose_uscc
from trading_core.platform import Platform
from trading_core.services import papers, seats, working
from web.contexts import LotOf


@pytest.fixture
def world(sqlite_platform: Platform) -> World:
    return World(sqlite_platform)


NAMES = ("松涧示例建设有限公司", "云石示例建设有限公司", "青屿示例建设有限公司")
REGISTER = {name: compose_uscc("91530500", f"{n:08d}") for n, name in enumerate((*NAMES, "白鹭示例建设有限公司", "同名示例公司"))}


def plans(world: World) -> list[BidPlan]:
    return [world.bidder(name) for name in NAMES]


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
    world.give(lot, "send_invitations", world.principal, invitees=[plan.uscc for plan in plans(world)])
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


# ------------------------------------------------------------------ who is invited

def ready(least: int = 3) -> Course:
    """A lot ready to be tendered by invitation on 2026-03-02."""
    course = announced()
    lot = replace(course.lot, status="READY", terms={**course.lot.terms, "tender_way": "invited", "invited_ground": "few_bidders"},
                  schedule=schedule_of(TERMS), parties={"agency": AGENCY.organisation, "principal": "own"})  # fmt: skip
    facts = {**course.facts, "giver": "", "sponsors": frozenset[str]()}
    return Course(lot.with_part(Announcement()), facts, trade=replace(ENGINEERING, min_invitees=least))


def named(line: str) -> list[Organisation]:
    """What the register would answer: four bidders, two organisations of one name, the principal, and one that only supervises."""
    bidder = frozenset({Role.BIDDER})
    known = [Organisation(code, 1, code, name, bidder) for name, code in REGISTER.items()]
    known.append(Organisation("twin", 1, compose_uscc("91530500", "10000000"), "同名示例公司", bidder))
    known.append(Organisation("own", 1, compose_uscc("12530500", "20000000"), "招标人", bidder | {Role.PRINCIPAL}))
    known.append(Organisation("watch", 1, compose_uscc("11530500", "30000000"), "监督单位", frozenset({Role.SUPERVISOR})))
    return [o for o in known if line in (o.uscc, o.name)]


def invite(course: Course, *lines: str) -> None:
    course.facts["invitees"] = [named(line) for line in lines]
    course.give("send_invitations", AGENCY, at("2026-03-02T08:30"), invitees=list(lines))


def refused(course: Course, *lines: str) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refusal:
        invite(course, *lines)
    assert not any(line in str(p.params) for line in lines for p in refusal.value.problems)  # names stay out of every error
    return [(p.path, p.code) for p in refusal.value.problems]


GOOD = tuple(REGISTER[n] for n in NAMES)


@pytest.mark.parametrize(("line", "code"), [
    ("没有登记的公司", "invitation.unknown"), (REGISTER["白鹭示例建设有限公司"][:-1] + "*", "uscc.character"),
    (REGISTER["白鹭示例建设有限公司"][:-2], "uscc.length"), (compose_uscc("91530500", "99999999"), "invitation.unknown"),
    ("同名示例公司", "invitation.several"), ("监督单位", "invitation.not_a_bidder"), ("招标人", "bid.own_tender"),
    (NAMES[0], "invitation.twice"),
])  # fmt: skip
def test_each_line_names_one_registered_bidder(line: str, code: str) -> None:
    """[E-I1, BL 17] The fourth line; the three before it would do."""
    assert refused(ready(), *GOOD, line) == [("invitees.3", code)]


@given(st.lists(st.sampled_from([*REGISTER.values(), *NAMES, "没有登记的公司", "招标人"]), max_size=8), st.integers(1, 4))
def test_as_many_different_bidders_as_the_declaration_states_are_invited(lines: list[str], least: int) -> None:
    course = ready(least)
    found = [named(line) for line in lines]
    good = all(len(f) == 1 and f[0].id != "own" for f in found) and len({f[0].id for f in found}) == len(lines)
    try:
        invite(course, *lines)
    except Refused:
        assert not good or len(lines) < least
        assert course.lot.status == "READY"
        return
    assert good and len(lines) >= least
    invitees = course.lot.part(Announcement).invitees
    assert [i.uscc for i in invitees] == sorted({f[0].uscc for f in found})
    assert not any(i.name in str(course.record[-1].public) or i.uscc in str(course.record[-1].public) for i in invitees)


def test_two_invitees_are_too_few() -> None:
    assert refused(ready(), *GOOD[:2]) == [("invitees", "invitation.too_few")]


def test_the_document_is_given_out_with_the_invitation() -> None:
    """Invited on 2026-03-04, the deadline of 2026-03-23 leaves 19 days [E-T03]."""
    course = ready()
    course.facts["invitees"] = [named(line) for line in GOOD]
    with pytest.raises(Refused) as refusal:
        course.give("send_invitations", AGENCY, at("2026-03-04T08:00"), invitees=list(GOOD))
    assert ("schedule.bid_deadline", "period.too_short") in {(p.path, p.code) for p in refusal.value.problems}


def test_inviting_and_prequalifying_do_not_go_together() -> None:
    course = ready()
    course.lot = replace(course.lot, terms={**course.lot.terms, "qualification_way": "pre"})
    assert ("qualification_way", "lot.other_way") in refused(course, *GOOD)


def test_only_the_invited_may_bid() -> None:
    course = ready()
    invite(course, *GOOD)
    assert not any(list(may_bid(course.lot, code)) for code in GOOD)
    assert [p.code for p in may_bid(course.lot, REGISTER["白鹭示例建设有限公司"])] == ["bid.not_invited"]


def test_the_invited_bid_and_read_their_invitation_and_nobody_learns_who_they_are(world: World) -> None:
    """[BL 17, BL 22]"""
    lot, invited, other = submitted(world), plans(world), world.bidder("白鹭示例建设有限公司")
    by_name = [invited[0].uscc, f" {invited[1].uscc.lower()} ", invited[2].name]
    world.give(lot, "send_invitations", world.principal, invitees=by_name)
    world.rehearse(lot)
    world.commit_draw(lot, "parameter", world.agency, world.supervisor, world.centre)
    world.submit(lot, invited[1], {})
    with pytest.raises(Refused) as refusal:
        world.submit(lot, other, {})
    assert [p.code for p in refusal.value.problems] == ["bid.not_invited"]
    now = world.lot(lot)
    assert [papers.may_read(now, "invitation", plan.actor) for plan in (*invited, other)] == [True, True, True, False]
    with world.platform.look() as unit:
        public = " ".join(s.public for s in unit.store.read(f"lot/{lot}"))
        columns = [c for c in lot_table.c if c.name != "state"]
        rows = str(unit.connection.execute(sa.select(*columns).where(lot_table.c.id == lot)).all())
    for plan in invited:
        for text in (plan.name, plan.uscc, plan.actor.organisation):
            assert text not in public and text not in rows


def test_experts_of_the_invited_are_not_drawn(world: World) -> None:
    lot, invited = submitted(world), plans(world)
    world.give(lot, "send_invitations", world.principal, invitees=[plan.uscc for plan in invited])
    with world.platform.look() as unit:
        assert seats.concerned(unit, world.lot(lot)) >= {plan.uscc for plan in invited}
