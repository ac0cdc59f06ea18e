"""Events: the only form in which something happens.

A decision returns `Event` drafts; the store gives each its place in a stream (`Recorded`). The public part is for everybody.
The private part is kept apart: the log commits to it by a salted hash only, so that it can be published later or erased while
the log still verifies. Both parts are JSON objects of text, integers, booleans, lists and objects: no floats, no dates as
objects (instants are written by `instant_text`).
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

Json = Mapping[str, object]
FIRST_YEAR, LAST_YEAR = 999, 9999  # neither of them is in use


@dataclass(frozen=True, slots=True)
class Event:
    """What a decision says happened, before it has a place in a stream."""

    type: str
    public: Json = field(default_factory=dict)
    private: Json | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event at its place: version counts from 1 within the stream, at is the instant of recording (aware, UTC)."""

    stream: str
    version: int
    type: str
    public: Json
    private: Json | None
    at: datetime


def instant_text(moment: datetime) -> str:
    """An aware instant as ``2026-03-23T01:30:00.000000Z``: one spelling, so that equal instants have equal hashes."""
    if moment.tzinfo is None:
        raise ValueError("an instant carries its time zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def instant_from(text: str) -> datetime:
    """The instant written by `instant_text`; any ISO 8601 text with an offset is understood.

    ValueError without one, and for years before 1000 or after 9998: they have no one spelling, or none in another zone.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("an instant carries its time zone")
    if FIRST_YEAR < moment.year < LAST_YEAR:
        moment = moment.astimezone(UTC)
    if not FIRST_YEAR < moment.year < LAST_YEAR:
        raise ValueError("an instant lies in the years 1000 to 9998, UTC")
    return moment
