"""rules.json: which instants are told, and by which event each is stated."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from plugins.engineering.trade import ENGINEERING
from tests.world import TERMS, at
from trading_core.bootstrap import work_calendar
from trading_core.domain.events import Recorded, instant_text
from trading_core.domain.lot import Lot
from trading_core.services.project_rules import rules

DEADLINE = at("2026-03-23T09:30")
PLAN = {"issue_start": at("2026-03-02T08:30"), "issue_end": at("2026-03-09T17:00"), "bid_deadline": DEADLINE}


class Story:
    """A lot and its public events, as far as the rules look at them."""

    def __init__(self, **schedule: datetime) -> None:
        self.schedule: dict[str, datetime] = {**PLAN, **schedule}
        self.record: list[Recorded] = []
        self.add("published", at("2026-03-01T10:00"), {"terms": TERMS, "schedule": {k: instant_text(v) for k, v in PLAN.items()}})

    def add(self, type: str, moment: datetime, public: Mapping[str, Any] | None = None) -> Story:
        self.record.append(Recorded("lot/L1", len(self.record) + 1, type, public or {}, None, moment))
        return self

    def rules(self) -> dict[str, Any]:
        lot = Lot("L1", trade="engineering", rules="2025-01-01", terms=TERMS, schedule=self.schedule)
        return rules(ENGINEERING, lot, self.record, work_calendar())


def test_planned_points_come_from_the_notice() -> None:
    told = Story().rules()
    assert told["instants"]["bid_deadline"] == {
        "at": "2026-03-23T01:30:00.000000Z", "from": {"path": ["schedule", "bid_deadline"], "stream": "lot/L1", "version": 1},
    }  # fmt: skip
    assert {p["id"] for p in told["periods"]} >= {"E-T01", "E-T03", "E-T11"}
    assert {p["id"]: p["applies"] for p in told["periods"]}["E-T02"] == {"qualification_way": "pre"}  # all are told, with what they need
    assert set(told["calendar"]) == {"2026"}


def test_an_amended_deadline_comes_from_the_amendment() -> None:
    moved = DEADLINE + timedelta(days=2)
    amended = {"deadline_name": "bid_deadline", "deadline": instant_text(moved), "affects_preparation": True}
    told = Story(bid_deadline=moved).add("amended", at("2026-03-10T10:00"), amended).rules()["instants"]
    assert told["bid_deadline"]["from"] == {"path": ["deadline"], "stream": "lot/L1", "version": 2}
    assert told["amendment_published"] == {
        "at": "2026-03-10T02:00:00.000000Z", "from": {"path": [], "stream": "lot/L1", "version": 2},
    }  # fmt: skip


def test_an_amendment_that_affects_nobody_limits_nothing() -> None:
    amended = {"deadline_name": "bid_deadline", "deadline": instant_text(DEADLINE), "affects_preparation": False}
    assert "amendment_published" not in Story().add("amended", at("2026-03-20T10:00"), amended).rules()["instants"]


def test_a_point_that_a_suspension_moved_is_stated_by_no_event() -> None:
    told = Story(bid_deadline=DEADLINE + timedelta(hours=26)).rules()["instants"]["bid_deadline"]
    assert told == {"at": "2026-03-24T03:30:00.000000Z", "from": None}


def test_of_several_objections_the_slowest_answer_is_told() -> None:
    story = Story()
    for number, raised, answered in ((1, "2026-03-05T09:00", "2026-03-05T15:00"), (2, "2026-03-06T09:00", "2026-03-08T09:00")):
        story.add("objection_raised", at(raised), {"about": "document", "number": number})
        story.add("objection_answered", at(answered), {"about": "document", "number": number})
    told = story.add("objection_raised", at("2026-03-09T09:00"), {"about": "result", "number": 3}).rules()["instants"]
    assert told["document_objection_raised"]["from"]["version"] == 4
    assert told["document_objection_answered"]["from"]["version"] == 5
    assert "result_objection_raised" not in told


def test_a_new_evaluation_makes_the_first_award_void() -> None:
    story = Story(publicity_start=at("2026-03-26T09:00")).add("report_submitted", at("2026-03-24T17:00"))
    story.add("candidates_published", at("2026-03-26T09:00"), {"publicity_end": instant_text(at("2026-03-31T00:00"))})
    assert {"report_submitted", "publicity_start"} <= set(story.rules()["instants"])
    del story.schedule["publicity_start"]
    assert not {"report_submitted", "publicity_start"} & set(story.add("re_evaluation_ordered", at("2026-03-30T09:00")).rules()["instants"])
    again = story.add("report_submitted", at("2026-04-02T09:00")).rules()["instants"]["report_submitted"]
    assert again["from"]["version"] == 5
