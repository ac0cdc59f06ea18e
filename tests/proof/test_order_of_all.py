"""The order check knows every act of the lifecycle, and calls no course broken that the lifecycle allows (docs/formats.md §7.11)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.engineering.trade import ENGINEERING
from plugins.intermediary.trade import INTERMEDIARY
from plugins.land.trade import LAND
from plugins.property_rights.trade import PROPERTY
from tests.proof.conftest import LOT, STREAM
from trading_core import verify
from trading_core.domain.lifecycle import Lifecycle
from trading_core.verify.events import Event, Record
from trading_core.verify.order import PLACES, VOIDS, check_order
from trading_core.verify.report import Broken
from trading_core.verify.text import Value

FORMATS = Path(__file__).parents[2] / "docs/formats.md"
ELSEWHERE = {
    "created": "events.streams",  # the first of every stream
    "trustee_key_registered": "bids.opened",
    "trustee_key_rehearsed": "bids.opened",  # of a key that was registered; who has none hands none in
    "bid_submitted": "bids.counted",  # recorded as `sealed` in the bid's own stream
    "draw_committed": "draw.experts",
    "draw_pool_frozen": "draw.experts",
    "draw_part_received": "draw.experts",
    "draw_revealed": "draw.experts",
    "experts_drawn": "draw.experts",
    "expert_answered": "draw.experts",
    "representative_named": "evaluation.seats",
    "seat_signed_in": "evaluation.seats",
    "seat_recused": "evaluation.seats",
    "objection_raised": "award.follows",
    "objection_answered": "award.follows",
    "objection_withdrawn": "award.follows",
    "suspended": "periods.kept",
    "resumed": "periods.kept",
    "rest_days_counted": "periods.kept",
    "disclosed": "events.disclosed",
    "document_issued": "documents.named",
}
"""Acts whose place another check looks at, and which."""
ANY_TIME = {
    "chair_voted": "who leads the committee decides nothing about a bid",
    "chair_elected": "who leads the committee decides nothing about a bid",
    "report_signed": "each report waits for the signatures, of applications as of bids",
    "report_refused": "each report waits for the signatures, of applications as of bids",
    "acts_delegated": "the principal may leave acts to the agency whenever it likes",
    "hold_placed": "several holds may overlap; what stops the lot is `suspended`",
    "hold_lifted": "several holds may overlap; what stops the lot is `suspended`",
    "complaint_received": "complaints come at any time, also after the archive",
    "complaint_acceptance_decided": "complaints come at any time, also after the archive",
    "complaint_time_stopped": "complaints come at any time, also after the archive",
    "complaint_time_resumed": "complaints come at any time, also after the archive",
    "complaint_decided": "complaints come at any time, also after the archive",
    "invalidated": "the supervisor declares the award, or the tender, void at any time",
    "re_evaluation_ordered": "takes back what comes after the report",
    "deposits_checked": "deposits go on in any state",
    "written_report_filed": "tells the supervisor what was done, and decides nothing",
}
"""Acts that may come at any time, and why."""


def test_every_act_has_its_place() -> None:
    events = {t.event for trade in (ENGINEERING, INTERMEDIARY, LAND, PROPERTY) for t in trade.lifecycle.transitions}
    assert not [e for e in events if (e in PLACES) + (e in ELSEWHERE) + (e in ANY_TIME) != 1]
    assert {*PLACES, *ELSEWHERE, *ANY_TIME} <= events


def test_what_is_looked_at_elsewhere_is_told_there(whole: bytes) -> None:
    checks = {c.name for c in verify.project(whole).checks}
    assert set(ELSEWHERE.values()) <= checks


def test_the_page_names_them_all() -> None:
    text = FORMATS.read_text("utf-8")
    told = set(re.findall(r"`([a-z_]+)`", text[text.index("### 7.11") : text.index("### 7.12")]))
    assert {*PLACES, *ELSEWHERE, *ANY_TIME} <= told


def record(types: list[str]) -> Record:
    said = Value({}, "public")
    return Record([Event(i, STREAM, i + 1, type, i, "{}", said, None, [], f"line {i}") for i, type in enumerate(types)])


def next_ones(table: Lifecycle, state: str, resume_to: str) -> list[str]:
    """What may come now, as the engine says: a suspension adds no way out."""
    known = sorted({t.event for t in table.transitions if state in t.sources})
    return [e for e in known if not resume_to or table.sources(e) == {state} or table.allows(resume_to, e)]


def refused(course: list[str]) -> str:
    """The act that the check finds out of place, empty when none is."""
    try:
        list(check_order(record(course), LOT))
    except Broken as broken:
        return course[int(broken.check.where.rpartition(" ")[2])]
    return ""


ONCE = {name for name, place in PLACES.items() if name in place.never}
RESTS_ON = {"bid_revoked": "bid_opened", "standing_reported": "bid_opened", "re_evaluation_ordered": "report_submitted",
            "next_qualified_chosen": "award_decided",
            **dict.fromkeys(("application_reviewed", "application_review_summarised", "application_review_submitted"),
                            "application_review_started")}  # fmt: skip
"""What the decisions themselves look at beyond the state."""
ENDS = ("FAILED", "TERMINATED", "INVALIDATED", "ARCHIVED")
NEEDED = {name: place.after for name, place in PLACES.items() if place.after}


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_course_of_the_lifecycle_is_called_broken(data: st.DataObject) -> None:
    """But what is done once is done once, though the state would let it come again."""
    state, resume_to, course, done = "", "", list[str](), set[str]()
    for _ in range(60):
        open_ones = [e for e in next_ones(ENGINEERING.lifecycle, state, resume_to) if e not in ONCE & done]
        open_ones = [e for e in open_ones if RESTS_ON.get(e, "created") in ("created", *course)]
        onward = [e for e in open_ones if ENGINEERING.lifecycle.target(state, e, resume_to) not in (state, "SUSPENDED", *ENDS)]
        if not open_ones:
            break
        event = data.draw(st.sampled_from(onward if onward and data.draw(st.booleans()) else open_ones))
        course.append(event)
        assert refused(course) == ""
        done = (done - set(VOIDS.get(event, ()))) | {event}
        to = ENGINEERING.lifecycle.target(state, event, resume_to)
        resume_to = "" if to != "SUSPENDED" else resume_to or state
        state = to


@pytest.mark.parametrize("letter", ["award_letter_issued", "contract_signed"])
@pytest.mark.parametrize("event", ["bid_revoked", "standing_reported"])
def test_nothing_is_reported_or_revoked_once_the_letter_is_out(event: str, letter: str) -> None:
    """[BLR 35, B-16] The winner that backs out then refuses its contract, and another is chosen by the decision of the principal."""
    course = ["published", "closed", "opening_started", "bid_opened", "report_submitted", "award_decided", "award_letter_issued"]
    assert refused([*course[:-1], event, course[-1]]) == ""
    assert refused([*course, *(["contract_signed"] if letter == "contract_signed" else []), event]) == event
    assert refused(["published", "closed", "opening_started", event]) == event


@pytest.mark.parametrize("event", sorted(NEEDED))
def test_nothing_comes_before_what_it_needs(event: str) -> None:
    assert refused([event]) == event
