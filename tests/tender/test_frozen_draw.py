"""The time that experts have to answer stands still with the lot [T-12, 08 §8.6.1]."""
from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.tender.course import at, bidding_lot
from trading_core.domain.events import Recorded, instant_text
from trading_core.domain.stages.draws import EXPERTS, Draw, Draws
from trading_core.domain.tender.expert_drawing import EVOLVE

ASKED = at("2026-03-20T10:00")
minutes = st.integers(0, 10_000).map(lambda n: timedelta(minutes=n))


@given(st.integers(-60, 60).map(lambda n: timedelta(minutes=n)), minutes)
def test_what_was_left_of_the_time_is_left_after_the_suspension(stopped_after: timedelta, frozen: timedelta) -> None:
    lot = bidding_lot().with_part(Draws({EXPERTS: Draw(EXPERTS, drawn=True, moved_at=ASKED)}))
    stopped = ASKED + stopped_after
    resumed = max(stopped, ASKED) + frozen
    after = EVOLVE["resumed"](lot, Recorded("lot/L1", 9, "resumed", {"suspended_at": instant_text(stopped)}, None, resumed))
    moved = after.part(Draws).by_name[EXPERTS].moved_at
    assert moved is not None
    assert resumed - moved == max(stopped, ASKED) - ASKED  # as much of it has run as when the lot stopped
