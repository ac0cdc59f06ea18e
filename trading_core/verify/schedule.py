"""The planned points of a lot as the log moves them: notices, amendments, suspensions (docs/formats.md §7.4)."""
from __future__ import annotations

from datetime import datetime, timedelta

from .events import Event, Record

LOCAL = timedelta(hours=8)
NOTICES = ("prequalification_published", "published", "invitations_sent")

AT_EVENT = {
    "published": "notice_published", "invitations_sent": "notice_published", "prequalification_published": "notice_published",
    "report_submitted": "report_submitted", "candidates_published": "publicity_start", "award_decided": "award_decided",
    "next_candidate_chosen": "award_decided", "next_qualified_chosen": "award_decided", "award_letter_issued": "award_letter",
    "written_report_filed": "written_report", "contract_signed": "contract_signed", "deal_confirmed": "award_letter",
    "bidding_ended": "award_decided", "selected": "award_decided", "result_published": "result_published",
}  # fmt: skip
"""Points that are the recording of an event; of several, the last counts. Some are two points at once, see `TOO`."""
TOO = {"bidding_ended": "deal", "selected": "deal", "deal_confirmed": "deal_confirmed"}
AFTER_REPORT = ("report_submitted", "publicity_start", "publicity_end", "award_decided", "award_letter", "written_report")
"""What a new evaluation makes void."""
STARTS = {
    "prequalification_issuing_started": "prequalification_issue_start", "issuing_started": "issue_start", "invitations_sent": "issue_start",
    "prequalification_decided": "issue_start", "listing_started": "listing_start",
}  # fmt: skip
"""Starts of issuing: the real one counts, not the planned one."""


def points(record: Record, lot: str) -> dict[str, datetime]:
    """Every point that the lot has reached or planned."""
    reached: dict[str, datetime] = {}
    for e in record.of(f"lot/{lot}"):
        if e.type in AT_EVENT:
            reached[AT_EVENT[e.type]] = e.at
            reached |= {TOO[e.type]: e.at} if e.type in TOO else {}
        elif e.type in ("amended", "clarified") and e.public["affects_preparation"].boolean():
            reached["amendment_published"] = e.at
        elif e.type == "re_evaluation_ordered":
            reached = {name: at for name, at in reached.items() if name not in AFTER_REPORT}
    return {**planned(record, lot), **reached, **_slowest_answers(record.of(f"lot/{lot}"))}


def end_of_days(deadline: datetime, days: int) -> datetime:
    """24:00 local time, so many days after the day on which a deadline closes; one at midnight closes the day before."""
    closing = deadline + LOCAL - timedelta(microseconds=1)
    return closing.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days + 1) - LOCAL


def _slowest_answers(events: list[Event]) -> dict[str, datetime]:
    """Of all objections of a kind the one whose answer took longest: if it was in time, all were."""
    raised: dict[int, Event] = {}
    slowest: dict[str, tuple[datetime, datetime]] = {}
    for e in events:
        if e.type == "objection_raised":
            raised[e.public["number"].integer(1)] = e
        elif e.type == "objection_answered" and (objection := raised.get(e.public["number"].integer(1))) is not None:
            about = objection.public["about"].text()
            before = slowest.get(about, (e.at, e.at))
            if about not in slowest or e.at - objection.at > before[1] - before[0]:
                slowest[about] = objection.at, e.at
    found = {f"{about}_objection_raised": pair[0] for about, pair in slowest.items()}
    return found | {f"{about}_objection_answered": pair[1] for about, pair in slowest.items()}


def planned(record: Record, lot: str, before: int | None = None) -> dict[str, datetime]:
    """The schedule after the events, or after those before an index of the log."""
    found: dict[str, datetime] = {}
    stopped: datetime | None = None
    free = False  # bidding is free, so that a bid may prolong it
    for e in record.of(f"lot/{lot}"):
        if before is not None and e.index >= before:
            break
        if e.type in NOTICES and (stated := e.public.get("schedule")) is not None:
            found |= {name: value.instant() for name, value in stated.members()}
        elif e.type == "prequalification_decided":
            found |= {name: e.public[name].instant() for name in ("issue_end", "bid_deadline")}
        elif e.type in ("amended", "clarified"):
            _move(found, e.public["deadline_name"].text(), e.public["deadline"].instant())
        elif e.type == "candidates_published":
            found["publicity_end"] = e.public["publicity_end"].instant()
        elif e.type == "re_evaluation_ordered":
            found = {name: at for name, at in found.items() if name not in AFTER_REPORT}
        elif e.type == "suspended":
            since = e.public.get("since")
            stopped = since.instant() if since is not None else e.at  # an outage is known only once it is over
        elif e.type == "resumed" and stopped is not None:
            for name, days in e.public["rest_days"].members():
                if name in found:
                    found[name] += e.at - stopped + timedelta(days=min(days.integer(), 4000))
        elif e.type == "rest_days_counted":
            for name, days in e.public["rest_days"].members():
                if name in found:
                    found[name] += timedelta(days=min(days.integer(), 4000))
        elif e.type == "listing_started":
            found["listing_end"] = e.public["listing_end"].instant()
        elif e.type in ("bid_placed", "phase_restored", "quiet_began") and free:
            found |= {"listing_end": ends.instant()} if (ends := e.public.get("ends")) is not None else {}
        elif (moves := e.public.get("moves")) is not None:
            for name, move in moves.members():
                _move(found, name, move["after"].instant())
        if e.type in STARTS:
            found[STARTS[e.type]] = e.at
        free = e.type == "listing_started" or (free and e.type != "free_bidding_ended")
    return found


def _move(points: dict[str, datetime], name: str, at: datetime) -> None:
    points[name] = at
    if name == "bid_deadline" and "opening" in points:
        points["opening"] = at  # opening is the moment of the deadline
