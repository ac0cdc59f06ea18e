"""Answers that bidders rely on, and minimum times that a trade type names as it likes [A-01, E-T04]."""
from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from plugins.engineering.trade import ENGINEERING
from tests.tender.course import AGENCY, Course, at, bidding_lot
from tests.tender.test_amending import announced
from trading_core.bootstrap import work_calendar
from trading_core.domain.errors import Refused
from trading_core.domain.events import instant_from, instant_text
from trading_core.domain.stages.amending import _earliest
from trading_core.domain.stages.announcing import Announcement, DocumentVersion, Question
from trading_core.domain.trade import Command, Facts
from trading_core.domain.workcalendar import closing_day, local_date

NOW = at("2026-03-20T10:00")


def ask(course: Course, now: datetime) -> None:
    part = course.lot.part(Announcement)
    course.lot = course.lot.with_part(replace(part, questions=(Question(1, "泵站算几座？", now),)))


def test_an_answer_is_not_replaced() -> None:
    lot = bidding_lot()
    asked = replace(lot.part(Announcement), questions=(Question(1, "措施费是否单列？", NOW),))
    course = Course(lot.with_part(asked), trade=ENGINEERING)
    course.give("clarify", AGENCY, NOW, number=1, answer="不单列。", affects_preparation=False)
    with pytest.raises(Refused) as refusal:
        course.give("clarify", AGENCY, NOW, number=1, answer="单列。", affects_preparation=False)
    assert [p.code for p in refusal.value.problems] == ["question.answered_before"]
    assert course.lot.part(Announcement).questions[0].answer == "不单列。"


def test_the_time_after_an_amendment_is_kept_whatever_its_period_is_called() -> None:
    renamed = replace(ENGINEERING, periods=tuple(replace(p, id=f"X{p.id}") for p in ENGINEERING.periods))
    lot, command = bidding_lot(), Command("amend", AGENCY, {"affects_preparation": True}, NOW)
    deadline, facts = lot.schedule["bid_deadline"], Facts(work_calendar())
    moved = _earliest(ENGINEERING, lot, command, "bid_deadline", deadline, facts)
    assert moved > deadline
    assert _earliest(renamed, lot, command, "bid_deadline", deadline, facts) == moved


@given(st.integers(0, 25))
def test_an_answer_that_affects_bids_leaves_fifteen_days(day: int) -> None:
    """Decision table of 01 §1.5: as an amendment would [A-01, E-T04]."""
    now = at("2026-03-02T10:00") + timedelta(days=day)
    assume(now < at("2026-03-23T09:30"))
    for affects in (False, True):
        amended, answered = announced(), announced()
        amended.give("amend", AGENCY, now, note="修改", affects_preparation=affects)
        ask(answered, now)
        answered.give("clarify", AGENCY, now, number=1, answer="修改", affects_preparation=affects)
        assert answered.lot.schedule == amended.lot.schedule
        assert (answered.record[-1].public["deadline"], answered.record[-1].public["moved"]) == tuple(
            amended.record[-1].public[k] for k in ("deadline", "moved"))  # fmt: skip
        versions = answered.lot.part(Announcement).versions
        assert [v.answers for v in versions] == ([0, 1] if affects else [0])
        if affects:
            assert (closing_day(answered.lot.schedule["bid_deadline"]) - local_date(now)).days >= 15


def test_the_answer_is_part_of_the_document() -> None:
    """Worked example: answered on 2026-03-10, so the deadline moves from 03-23 to Wednesday 03-25 [A-01]."""
    course, now = announced(), at("2026-03-10T10:00")
    ask(course, now)
    course.give("clarify", AGENCY, now, number=1, answer="增加一座泵站。", affects_preparation=True)
    before, after = course.lot.part(Announcement).versions
    assert after == DocumentVersion(2, now, before.files, "增加一座泵站。", True, answers=1)
    assert course.record[-1].public["deadline_before"] == instant_text(at("2026-03-23T09:30"))
    assert instant_from(str(course.record[-1].public["deadline"])) == course.lot.schedule["bid_deadline"] == at("2026-03-25T09:30")


def test_nothing_is_answered_after_the_deadline() -> None:
    course = announced()
    ask(course, at("2026-03-20T10:00"))
    with pytest.raises(Refused) as refusal:
        course.give("clarify", AGENCY, at("2026-03-23T09:30"), number=1, answer="是。", affects_preparation=False)
    assert [p.code for p in refusal.value.problems] == ["lot.deadline_passed"]
