"""What somebody must do now: suggested from state and role, with the legal clock."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from tests.tender.course import AGENCY, BIDDER, CENTRE, PRINCIPAL, SUPERVISOR, Course, evaluated_lot
from tests.tender.course import at as moment
from tests.web.workbench_world import OpenWorld
from tests.world import TERMS, at
from trading_core.bootstrap import work_calendar
from trading_core.domain.identity import Actor
from trading_core.platform import Platform
from trading_core.services import lots, organisations
from web.workbench import DUTIES, Task, View, light_of, tasks


@pytest.fixture
def world(sqlite_platform: Platform) -> OpenWorld:
    return OpenWorld(sqlite_platform)


def todo(world: OpenWorld, lot_id: str, actor: Actor) -> dict[str, Task]:
    with world.platform.look() as unit:
        lot = lots.find(unit, lot_id)
        view = View(lots.trade_of(unit, lot), lot, actor, organisations.known(unit, actor.organisation).uscc)
        return {t.act: t for t in tasks(view, world.platform.calendar, unit.now)}


def parties(world: OpenWorld) -> Mapping[str, str]:
    return {"principal": world.principal.organisation, "supervisor": world.supervisor.organisation, "centre": world.centre.organisation}


def test_every_suggested_act_may_happen_in_some_state(world: OpenWorld) -> None:
    trades = world.platform.trades.values()
    assert not [d.act for d in DUTIES if not any(d.act in t.acts and t.lifecycle.sources(t.acts[d.act].event) for t in trades)]


def test_from_draft_to_opening_each_side_is_told_its_next_step(world: OpenWorld) -> None:
    with world.platform.unit() as unit:
        lot = lots.create(unit, world.agency, "engineering", parties(world)).lot.id
    assert set(todo(world, lot, world.agency)) == {"draft"} and not todo(world, lot, world.supervisor)
    world.give(lot, "draft", world.agency, **TERMS)
    world.give(lot, "submit_for_publication", world.agency, responsible_person="张工")
    publish = todo(world, lot, world.agency)["publish"]
    assert publish.until == at("2026-03-02T08:30") and publish.route == "my_act"
    world.give(lot, "publish", world.principal)
    for actor in (world.agency, world.centre, world.supervisor):
        assert "register_trustee_key" in todo(world, lot, actor)
    world.rehearse(lot)
    assert "register_trustee_key" not in todo(world, lot, world.centre)
    assert "commit_draw" in todo(world, lot, world.supervisor)
    assert todo(world, lot, world.supervisor)["commit_draw"].until == at("2026-03-02T08:30")
    bidder = world.bidder("松涧示例建设集团有限公司").actor
    assert not todo(world, lot, bidder)
    world.go(at("2026-03-02T08:30"))
    assert "submit_bid" not in todo(world, lot, bidder)
    assert todo(world, lot, world.supervisor)["commit_draw"].light == "r"
    world.commit_draw(lot, "parameter", world.agency, world.supervisor, world.centre)
    assert todo(world, lot, bidder)["submit_bid"].light == "g"
    world.clock.move_to(at("2026-03-23T09:00"))
    submit = todo(world, lot, bidder)["submit_bid"]
    assert (submit.light, submit.until, submit.route) == ("r", at("2026-03-23T09:30"), "my_bid")


def test_a_question_is_answered_before_the_last_day_for_amendments(world: OpenWorld) -> None:
    """[E-T04] 15 days before 2026-03-23 is 2026-03-08."""
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    world.give(lot, "ask", world.bidder("松涧示例建设集团有限公司").actor, text="工期能否延长？")
    clarify = todo(world, lot, world.agency)["clarify"]
    assert clarify.until is not None and clarify.until == at("2026-03-09T00:00") and clarify.cites[0][0] == "E-T04" and clarify.said
    assert clarify.parts["_query"] == {"number": "1"} and clarify.note == "工期能否延长？"


def test_after_the_report_the_candidates_are_due_in_three_days() -> None:
    """[E-T10] Reported on Tuesday 2026-03-24: published by Friday 2026-03-27, 24:00."""
    course = Course(evaluated_lot())
    now = moment("2026-03-24T18:00")
    task = tasks(View(course.trade, course.lot, PRINCIPAL), work_calendar(), now)[0]
    assert (task.act, task.until, task.light, task.cites[0][0]) == ("publish_candidates", moment("2026-03-28T00:00"), "g", "E-T10")
    course.publish(now)
    assert [t.act for t in tasks(View(course.trade, course.lot, BIDDER), work_calendar(), now)] == ["object_to_result"]
    course.object_result(moment("2026-03-26T10:00"))
    for actor in (AGENCY, PRINCIPAL):
        answer = next(t for t in tasks(View(course.trade, course.lot, actor), work_calendar(), now) if t.act == "answer_objection")
        assert answer.until == course.objections().raised[0].due
    assert not tasks(View(course.trade, course.lot, CENTRE), work_calendar(), now)


def test_each_complaint_has_its_own_term() -> None:
    """[E-T15, E-T16] Three working days to accept, thirty to decide, counted for each complaint from its own receipt."""
    course = Course(evaluated_lot())
    course.publish(moment("2026-03-25T10:00"))
    said = {"about": "other", "complainant": "示例建设公司", "text": "业绩不实", "known_on": "2026-03-25"}
    for day in ("2026-03-26", "2026-03-27"):
        course.give("receive_complaint", SUPERVISOR, moment(f"{day}T16:00"), filed_on=day, **said)
    course.give("decide_complaint_acceptance", SUPERVISOR, moment("2026-03-30T10:00"), number=1, accepted=True, reason="符合条件")
    found = tasks(View(course.trade, course.lot, SUPERVISOR), work_calendar(), moment("2026-03-30T11:00"))
    terms = {t.act: t.until for t in found if t.act.startswith("decide_complaint")}
    assert terms == {"decide_complaint_acceptance": moment("2026-04-02T00:00"), "decide_complaint": moment("2026-05-13T00:00")}


def test_the_light_follows_the_time_left() -> None:
    now = moment("2026-03-24T18:00")
    lights = [light_of(now + timedelta(hours=h), now, False) for h in (-1, 24, 25, 72, 73)]
    assert lights == ["r", "r", "y", "y", "g"]
    assert light_of(None, now, False) == "y" and light_of(None, now, True) == "g"


def test_the_page_leads_to_the_act_in_one_click(world: OpenWorld) -> None:
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    world.give(lot, "ask", world.bidder("松涧示例建设集团有限公司").actor, text="工期能否延长？")
    page = world.ask("GET", "/my", world.agency).text
    assert f"/my/lots/{lot}/acts/clarify?number=1" in page and "工期能否延长" in page and "E-T04" in page
    assert f"/my/lots/{lot}/draws" in page
    for actor in (world.centre, world.supervisor, world.principal):
        assert world.ask("GET", "/my", actor).status_int == 200
    assert "data-my-bid" in world.ask("GET", "/en/my", world.bidder("云石示例路桥有限公司").actor).text


def test_every_page_is_there_in_both_languages(world: OpenWorld) -> None:
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    bidder = world.bidder("松涧示例建设集团有限公司").actor
    mine = f"/my/lots/{lot}"
    pages = {"/my": world.agency, f"{mine}/keys": world.centre, f"{mine}/draws": world.supervisor, f"{mine}/bid": bidder,
             f"{mine}/acts/amend": world.agency, "/my/notices/new": world.principal}  # fmt: skip
    for path, actor in pages.items():
        for prefix, language in (("", "zh-CN"), ("/en", "en")):
            answer = world.ask("GET", prefix + path, actor)
            assert answer.status_int == 200 and f'<html lang="{language}"' in answer.text, prefix + path
            assert answer.headers["Cache-Control"] == "no-store" and " style=" not in answer.text
