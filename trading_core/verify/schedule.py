"""The planned points of a lot as the log moves them: notices, amendments, suspensions (docs/formats.md §7.4)."""
from __future__ import annotations

from datetime import datetime, timedelta

from .events import Record

NOTICES = ("prequalification_published", "published", "invitations_sent")


def planned(record: Record, lot: str, before: int | None = None) -> dict[str, datetime]:
    """The schedule after the events, or after those before an index of the log."""
    points: dict[str, datetime] = {}
    stopped: datetime | None = None
    for e in record.of(f"lot/{lot}"):
        if before is not None and e.index >= before:
            break
        if e.type in NOTICES and (stated := e.public.get("schedule")) is not None:
            points |= {name: value.instant() for name, value in stated.members()}
        elif e.type == "prequalification_decided":
            points |= {name: e.public[name].instant() for name in ("issue_end", "bid_deadline")}
        elif e.type == "amended":
            _amend(points, e.public["deadline_name"].text(), e.public["deadline"].instant())
        elif e.type == "candidates_published":
            points["publicity_end"] = e.public["publicity_end"].instant()
        elif e.type == "suspended":
            stopped = e.at
        elif e.type == "resumed" and stopped is not None:
            for name, days in e.public["rest_days"].members():
                if name in points:
                    points[name] += e.at - stopped + timedelta(days=min(days.integer(), 4000))
        if e.type in ("invitations_sent", "prequalification_decided"):
            points["issue_start"] = e.at
    return points


def _amend(points: dict[str, datetime], name: str, at: datetime) -> None:
    points[name] = at
    if name == "bid_deadline" and "opening" in points:
        points["opening"] = at  # opening is the moment of the deadline
