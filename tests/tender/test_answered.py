"""Answers that bidders rely on, and minimum times that a trade type names as it likes [A-01, E-T04]."""
from __future__ import annotations

from dataclasses import replace

import pytest

from plugins.engineering.trade import ENGINEERING
from tests.tender.course import AGENCY, Course, at, bidding_lot
from trading_core.bootstrap import work_calendar
from trading_core.domain.errors import Refused
from trading_core.domain.tender.amending import _earliest
from trading_core.domain.tender.announcing import Announcement, Question
from trading_core.domain.trade import Command, Facts

NOW = at("2026-03-20T10:00")


def test_an_answer_is_not_replaced() -> None:
    lot = bidding_lot()
    asked = replace(lot.part(Announcement), questions=(Question(1, "措施费是否单列？", NOW),))
    course = Course(lot.with_part(asked), trade=ENGINEERING)
    course.give("clarify", AGENCY, NOW, number=1, answer="不单列。")
    with pytest.raises(Refused) as refusal:
        course.give("clarify", AGENCY, NOW, number=1, answer="单列。")
    assert [p.code for p in refusal.value.problems] == ["question.answered_before"]
    assert course.lot.part(Announcement).questions[0].answer == "不单列。"


def test_the_time_after_an_amendment_is_kept_whatever_its_period_is_called() -> None:
    renamed = replace(ENGINEERING, periods=tuple(replace(p, id=f"X{p.id}") for p in ENGINEERING.periods))
    lot, command = bidding_lot(), Command("amend", AGENCY, {"affects_preparation": True}, NOW)
    deadline, facts = lot.schedule["bid_deadline"], Facts(work_calendar())
    moved = _earliest(ENGINEERING, lot, command, "bid_deadline", deadline, facts)
    assert moved > deadline
    assert _earliest(renamed, lot, command, "bid_deadline", deadline, facts) == moved
