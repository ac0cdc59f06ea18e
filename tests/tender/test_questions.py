"""Questions to the tender document: nobody can use up those of others, and nobody learns who asked [BL 22]."""
from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.engineering.trade import ENGINEERING
from tests.tender.course import BIDDER, Course, at, bidding_lot
from tests.world import TERMS, World
from trading_core.domain.errors import Refused
from trading_core.domain.identity import ANYONE
from trading_core.domain.stages.amending import PUBLIC_QUESTIONS_MAX, QUESTIONS_MAX
from trading_core.domain.stages.announcing import Announcement, Question
from trading_core.platform import Platform

NOW = at("2026-03-05T10:00")
ASKERS = ("", "mark-a", "mark-b")


@given(st.lists(st.sampled_from(ASKERS), max_size=80), st.sampled_from(ASKERS))
def test_each_has_its_own_questions(before: list[str], asker: str) -> None:
    questions = tuple(Question(n, "?", NOW, asker=a) for n, a in enumerate(before, 1))
    course = Course(bidding_lot(), facts={"asker": asker}, trade=ENGINEERING)
    course.lot = course.lot.with_part(replace(course.lot.part(Announcement), questions=questions))
    maximum = QUESTIONS_MAX if asker else PUBLIC_QUESTIONS_MAX
    try:
        course.give("ask", BIDDER if asker else ANYONE, NOW, text="工期能否延长？")
    except Refused as refusal:
        assert Counter(before)[asker] >= maximum
        assert [p.code for p in refusal.problems] == ["lot.too_many_questions" if asker else "lot.too_many_public_questions"]
    else:
        assert Counter(before)[asker] < maximum
        assert course.lot.part(Announcement).questions[-1].asker == asker


def test_a_flood_of_strangers_leaves_the_bidders_theirs(sqlite_platform: Platform) -> None:
    world = World(sqlite_platform)
    lot, first, second = world.announce(TERMS), world.bidder("甲投标公司").actor, world.bidder("乙投标公司").actor
    world.go(at("2026-03-02T08:30"))
    for _ in range(PUBLIC_QUESTIONS_MAX):
        world.give(lot, "ask", ANYONE, text="?")
    with pytest.raises(Refused):
        world.give(lot, "ask", ANYONE, text="?")
    for _ in range(QUESTIONS_MAX):
        world.give(lot, "ask", first, text="第 3 页？")
    with pytest.raises(Refused):
        world.give(lot, "ask", first, text="第 3 页？")
    world.give(lot, "ask", second, text="第 4 页？")
    with world.platform.look() as unit:
        asked = [s for s in unit.store.read(f"lot/{lot}") if s.type == "question_asked"]
    assert all(s.commitment is not None for s in asked)  # the log does not tell who had signed in
    assert not any(a.organisation in s.public + (s.private or "") for s in asked for a in (first, second))
