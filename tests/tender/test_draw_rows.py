"""A pool that was frozen can be drawn from, whatever its rows are called [08 §8.6.1]."""
from __future__ import annotations

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from plugins.engineering.trade import ENGINEERING
from tests.tender.course import AGENCY, CENTRE, Course, at, bidding_lot
from trading_core.domain.errors import Refused
from trading_core.domain.identity import Actor, Role
from trading_core.domain.stages.draws import EXPERTS, Draws
from trading_core.domain.tender.expert_drawing import seated, waiting

NOW = at("2026-03-20T09:00")
EXPERT = Actor("e", "", Role.EXPERT)
PARTS = {AGENCY: b"\x01" * 32, CENTRE: b"\x02" * 32}
NAMES = st.text(st.sampled_from("ab|\n\t 行-"), min_size=1, max_size=4)


def pool(first: int) -> list[str]:
    return [f"E{n:03}" for n in range(first, first + 8)]


@given(st.lists(NAMES, min_size=2, max_size=2))
def test_every_frozen_pool_can_be_drawn_from(names: list[str]) -> None:
    rows = [{"row": name, "specialty": "A08", "count": count} for name, count in zip(names, (3, 2), strict=True)]
    rest = {"substitutes": 2, "rule_version": "1", "excluded": []}
    found = [{**row, **rest, "candidates": pool(10 * n)} for n, row in enumerate(rows)]
    course = Course(bidding_lot(committee_size=5), facts={"expert_rows": found}, trade=ENGINEERING)
    for actor, part in PARTS.items():
        course.give("commit_draw", actor, NOW, draw=EXPERTS, commitment=sha256(part).hexdigest())
    lawful = len(set(names)) == 2 and not any(c in name for c in "|\n" for name in names) and all(name.strip() for name in names)
    try:
        course.give("freeze_pool", AGENCY, NOW, rows=rows)
    except Refused as refusal:
        assert not lawful
        assert {p.code for p in refusal.problems} <= {"draw.row_name", "draw.row_twice", "field.required"}
        assert course.lot.part(Draws).by_name[EXPERTS].rows == ()
        return
    assert lawful
    for actor, part in PARTS.items():
        course.give("hand_in_part", actor, NOW, draw=EXPERTS, part=part.hex())
    for _ in range(3):
        for number in waiting(course.lot):
            course.facts["expert_number"] = number
            course.give("answer_call", EXPERT, NOW, answer="accept")
    assert len(seated(course.lot)) == 5
