"""The periods of preparation run from the day on which documents really began to be given out [E-T01 to E-T03, 02 §2.11(1)]."""
from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from plugins.engineering.trade import ENGINEERING
from tests.tender.course import CLOCK, Course, at
from tests.tender.test_amending import announced
from tests.world import TERMS, World
from trading_core.bootstrap import work_calendar
from trading_core.domain.deadlines import delayed
from trading_core.domain.errors import Refused
from trading_core.domain.events import instant_text
from trading_core.domain.periods import check, reach
from trading_core.domain.stages.announcing import schedule_of
from trading_core.domain.workcalendar import closing_day, local_date, start_of_day
from trading_core.platform import Platform
from trading_core.services import following, papers
from trading_core.verify.events import Event, Record
from trading_core.verify.schedule import points
from trading_core.verify.text import Value

CALENDAR = work_calendar()
FACTS = {"mandatory": True, "qualification_way": "pre"}
MOMENTS = st.builds(lambda day, minutes: start_of_day(day) + timedelta(minutes=minutes),
                    st.dates(date(2026, 1, 5), date(2026, 6, 30)), st.integers(0, 24 * 60 - 1))  # fmt: skip


def waiting(status: str = "ANNOUNCED", schedule: dict[str, datetime] | None = None, **terms: object) -> Course:
    course = announced()
    lot = replace(course.lot, status=status, terms={**course.lot.terms, **terms}, schedule=schedule or schedule_of(TERMS))
    course.lot = lot
    return course


def start(now: str, **terms: object) -> tuple[Course, dict[str, object]]:
    course = waiting(**terms)
    event, = course.give("start_issuing", CLOCK, at(now))
    return course, dict(event.public["moves"])  # type: ignore[call-overload]


def moved(before: str, after: str) -> dict[str, str]:
    return {"before": instant_text(at(before)), "after": instant_text(at(after))}


@st.composite
def lawful(draw: st.DrawFn) -> dict[str, datetime]:
    """A plan as it can be announced: every minimum kept, its ends on working days, some time to spare or none."""
    first = draw(MOMENTS)
    issue_end = CALENDAR.workday_from(local_date(first) + timedelta(days=5 + draw(st.integers(0, 8))))
    deadline = CALENDAR.workday_from(max(issue_end, local_date(first) + timedelta(days=20 + draw(st.integers(0, 12)))))
    hour = st.integers(1, 24 * 60)
    plan = {"issue_start": first}
    for name, day in (("issue_end", issue_end), ("bid_deadline", deadline)):
        plan[name] = start_of_day(day) + timedelta(minutes=draw(hour))
    return plan


@given(lawful(), st.integers(0, 60 * 24 * 60))
def test_however_late_the_start_the_minimums_are_kept(plan: dict[str, datetime], late: int) -> None:
    """[E-T01, E-T03, A-07]"""
    now = plan["issue_start"] + timedelta(minutes=late)
    moves = delayed(ENGINEERING.periods, plan, "issue_start", now, FACTS, CALENDAR)
    after = {**plan, **moves, "issue_start": now}
    assert {f.kind for f in check(ENGINEERING.periods, after, FACTS, CALENDAR)} == {"ok"}
    limits = {p.end: reach(p, now, CALENDAR) for p in ENGINEERING.periods if p.id in ("E-T01", "E-T03")}
    for name, limit in limits.items():
        assert after[name] >= plan[name]
        enough = closing_day(plan[name]) >= limit.raw
        assert (name in moves) is not enough
        if name in moves:  # no later than needed, and at its time of day
            assert closing_day(moves[name]) == limit.day
            assert (moves[name] - plan[name]) % timedelta(days=1) == timedelta(0)


@given(lawful(), st.integers(0, 24 * 60))
def test_a_start_on_its_day_moves_nothing(plan: dict[str, datetime], late: int) -> None:
    now = plan["issue_start"] + timedelta(minutes=late)
    assume(local_date(now) == local_date(plan["issue_start"]))
    assert not delayed(ENGINEERING.periods, plan, "issue_start", now, FACTS, CALENDAR)


@pytest.mark.parametrize(("now", "issue_end", "deadline"), [
    ("2026-03-02T08:30", None, None), ("2026-03-02T23:59", None, None),
    ("2026-03-03T10:00", None, None),  # 20 days to Monday 2026-03-23 are left
    ("2026-03-04T10:00", None, "2026-03-24T09:30"),
    ("2026-03-05T10:00", "2026-03-10T17:00", "2026-03-25T09:30"),
    ("2026-03-08T10:00", "2026-03-13T17:00", "2026-03-30T09:30"),  # 20 days end on Saturday 2026-03-28
])  # fmt: skip
def test_the_example_of_the_rulebook_started_late(now: str, issue_end: str | None, deadline: str | None) -> None:
    """Planned for 2026-03-02, closing on 2026-03-23 [02 §2.3]."""
    course, moves = start(now)
    before = schedule_of(TERMS)
    expected = {"bid_deadline": deadline and moved("2026-03-23T09:30", deadline),
                "issue_end": issue_end and moved("2026-03-09T17:00", issue_end)}  # fmt: skip
    assert moves == {name: m for name, m in expected.items() if m}
    assert course.lot.schedule == {
        "issue_start": at(now), "issue_end": at(issue_end) if issue_end else before["issue_end"],
        "bid_deadline": at(deadline) if deadline else before["bid_deadline"],
    }  # fmt: skip


def test_without_a_minimum_of_twenty_days_the_deadline_follows_the_end_of_issuing() -> None:
    """A voluntary tender: documents are had for five days, and bids can be made after the last of them."""
    _, moves = start("2026-03-06T10:00", mandatory=False)
    assert set(moves) == {"issue_end"}
    _, moves = start("2026-03-20T10:00", mandatory=False)
    assert moves["issue_end"] == moved("2026-03-09T17:00", "2026-03-25T17:00")
    assert moves["bid_deadline"] == moved("2026-03-23T09:30", "2026-03-26T09:30")


def test_a_year_without_calendar_stops_no_start() -> None:
    """The points keep their distance from the start in days [T-15]."""
    plan = {"issue_start": at("2026-12-07T09:00"), "issue_end": at("2026-12-14T17:00"), "bid_deadline": at("2026-12-28T09:30")}
    known = replace(CALENDAR, years={2026: CALENDAR.years[2026]})
    moves = delayed(ENGINEERING.periods, plan, "issue_start", at("2026-12-17T09:00"), FACTS, known)
    assert moves == {"issue_end": at("2026-12-22T17:00"), "bid_deadline": at("2027-01-07T09:30")}


@pytest.mark.parametrize(("now", "end", "deadline"), [
    ("2026-03-02T10:00", None, None), ("2026-03-06T10:00", "2026-03-11T17:00", None),
    ("2026-03-10T10:00", "2026-03-16T17:00", "2026-03-23T17:00"),  # five days end on Sunday 03-15; five more on Saturday 03-21
])  # fmt: skip
def test_prequalification_documents_are_had_for_five_days_and_five_more_are_left(now: str, end: str | None, deadline: str | None) -> None:
    """[E-T01, E-T02, BLR 16, BLR 17]"""
    plan = {"prequalification_issue_start": at("2026-03-02T08:30"), "prequalification_issue_end": at("2026-03-09T17:00"),
            "application_deadline": at("2026-03-16T17:00")}  # fmt: skip
    course = waiting("PREQ_ANNOUNCED", {**schedule_of(TERMS), **plan}, qualification_way="pre")
    event, = course.give("start_prequalification", CLOCK, at(now))
    expected = {"prequalification_issue_end": end and moved("2026-03-09T17:00", end),
                "application_deadline": deadline and moved("2026-03-16T17:00", deadline)}  # fmt: skip
    assert event.public["moves"] == {name: m for name, m in expected.items() if m}
    assert course.lot.schedule["prequalification_issue_start"] == at(now)
    assert course.lot.schedule["application_deadline"] == at(deadline or "2026-03-16T17:00")


def test_what_is_published_after_its_planned_start_is_counted_from_its_publication(sqlite_platform: Platform) -> None:
    """Planned for 2026-03-03, 20 days before 03-23; published on 03-04 it would leave 19 [E-T03]."""
    world = World(sqlite_platform)
    parties = {"principal": world.principal.organisation, "supervisor": world.supervisor.organisation, "centre": world.centre.organisation}
    lot = world.create(parties)
    times = {"issue_start": "2026-03-03T08:30", "issue_end": "2026-03-09T17:00", "bid_deadline": "2026-03-23T09:30"}
    world.give(lot, "draft", world.agency, **{**TERMS, "schedule": {name: f"{text}:00+08:00" for name, text in times.items()}})
    world.give(lot, "submit_for_publication", world.agency, responsible_person="张工")
    world.clock.move_to(at("2026-03-04T06:00"))
    with pytest.raises(Refused) as refusal:
        world.give(lot, "publish", world.principal)
    assert [(p.code, p.rule, p.params["actual"]) for p in refusal.value.problems] == [("period.too_short", "E-T03", 19)]


def test_a_late_start_is_told_and_printed_like_an_amendment(sqlite_platform: Platform) -> None:
    """The clock stood still from the publication to 2026-03-05."""
    world = World(sqlite_platform)
    lot = world.announce(TERMS)
    world.go(at("2026-03-05T10:00"))
    assert world.lot(lot).schedule["bid_deadline"] == at("2026-03-25T09:30")
    with world.platform.look() as unit:
        stored = next(s for s in unit.store.read(f"lot/{lot}") if s.type == "issuing_started")
        for actor in (world.supervisor, world.bidder("松涧示例建设集团有限公司").actor):
            assert "issuing_started" in {n.type for n in following.notes_for(unit, actor)}
        assert papers.changes(stored)


def test_a_start_in_time_is_neither_told_nor_printed(sqlite_platform: Platform) -> None:
    world = World(sqlite_platform)
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    with world.platform.look() as unit:
        stored = next(s for s in unit.store.read(f"lot/{lot}") if s.type == "issuing_started")
        assert "issuing_started" not in {n.type for n in following.notes_for(unit, world.supervisor)}
        assert not papers.changes(stored)


def test_verifiers_find_the_same_points_in_the_record() -> None:
    """What anybody computes from the public events is what the lot itself holds (docs/formats.md §7.4)."""
    course, _ = start("2026-03-05T10:00")
    notice = {"schedule": {name: instant_text(moment) for name, moment in schedule_of(TERMS).items()}, "terms": {}}
    told = [("published", notice, at("2026-03-01T10:00")), *((r.type, r.public, r.at) for r in course.record)]
    record = Record([
        Event(n, "lot/L1", n + 1, kind, int(moment.timestamp()) * 10**6, "", Value(public, "e"), None, [], "e")
        for n, (kind, public, moment) in enumerate(told)
    ])  # fmt: skip
    found = points(record, "L1")
    assert {name: found[name] for name in course.lot.schedule} == course.lot.schedule
