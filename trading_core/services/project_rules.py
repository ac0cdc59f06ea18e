"""The rules that were applied to a lot, as its project file states them: periods, calendar, instants (docs/formats.md §7.4)."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from ..domain.applied_rules import period_said, year_said
from ..domain.events import Recorded, instant_from, instant_text
from ..domain.lot import Lot
from ..domain.stages.announcing import period_facts
from ..domain.trade import TradeType
from ..domain.workcalendar import WorkCalendar, local_date

FORMAT = "gongxin-rules-v1"

AT_EVENT: Mapping[str, tuple[str, ...]] = {
    "notice_published": ("published", "invitations_sent", "prequalification_published"),
    "report_submitted": ("report_submitted",),
    "publicity_start": ("candidates_published",),
    "award_decided": ("award_decided", "bidding_ended", "selected", "next_candidate_chosen", "next_qualified_chosen"),
    "award_letter": ("award_letter_issued", "deal_confirmed"),
    "deal": ("bidding_ended", "selected"),
    "deal_confirmed": ("deal_confirmed",),
    "result_published": ("result_published",),
    "written_report": ("written_report_filed",),
    "contract_signed": ("contract_signed",),
}
"""Points that are the recording of an event; of several, the last counts."""
STARTS: Mapping[str, tuple[str, ...]] = {
    "issue_start": ("invitations_sent", "prequalification_decided", "issuing_started"),
    "prequalification_issue_start": ("prequalification_issuing_started",),
    "listing_start": ("listing_started",),
}
"""Planned points that come to be with an event."""
AFTER_REPORT = ("report_submitted", "publicity_start", "award_decided", "award_letter", "written_report")
"""What a new evaluation makes void: those points are ahead again."""
NOTICES = ("prequalification_published", "published", "invitations_sent")
ANSWERED = {"document": ("document_objection_raised", "document_objection_answered"),
            "result": ("result_objection_raised", "result_objection_answered")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stated:
    """A point in time and the event that states it: at `path` in its public part, by its own instant when the path is empty."""

    at: datetime
    event: Recorded | None = None
    path: tuple[str, ...] = ()

    def written(self) -> dict[str, object]:
        source = None if self.event is None else {"path": list(self.path), "stream": self.event.stream, "version": self.event.version}
        return {"at": instant_text(self.at), "from": source}


def rules(trade: TradeType, lot: Lot, record: Sequence[Recorded], calendar: WorkCalendar) -> dict[str, object]:
    """The content of ``rules.json`` for a lot and the public part of its stream."""
    points = instants(lot, record)
    applied = [p for p in trade.periods if p.applies_to(period_facts(lot.terms))]
    used = {name: s for name, s in sorted(points.items()) if any(name in (p.start, p.end) for p in applied)}
    return {
        "calendar": _calendar(calendar, [s.at for s in used.values()]),
        "format": FORMAT,
        "instants": {name: s.written() for name, s in used.items()},
        "periods": [period_said(p) for p in trade.periods],
        "rest_day_reasons": dict(cast("Mapping[str, object]", lot.terms.get("rest_day_reasons") or {})),
        "rules": lot.rules,
        "trade": lot.trade,
    }


def instants(lot: Lot, record: Sequence[Recorded]) -> dict[str, Stated]:
    """Every point that the lot has reached or planned, each with the event that states it where one does."""
    found = {**dict(_planned(lot, record)), **_of_events(record)}
    for about in ANSWERED:
        found |= dict(_slowest_answer(about, record))
    return found


def _planned(lot: Lot, record: Sequence[Recorded]) -> Iterator[tuple[str, Stated]]:
    """The schedule as it stood at last. A point that a suspension moved is stated by no single event."""
    for name, at in lot.schedule.items():
        said = [s for s in _said(name, record) if s.at == at]
        yield name, said[-1] if said else Stated(at)


def _said(name: str, record: Iterable[Recorded]) -> Iterator[Stated]:
    for r in record:
        schedule = r.public.get("schedule")
        if r.type in NOTICES and isinstance(schedule, Mapping) and name in schedule:
            yield Stated(instant_from(str(schedule[name])), r, ("schedule", name))
        elif r.type in ("amended", "clarified") and r.public["deadline_name"] == name:
            yield Stated(instant_from(str(r.public["deadline"])), r, ("deadline",))
        elif name == "publicity_end" and r.type == "candidates_published":
            yield Stated(instant_from(str(r.public["publicity_end"])), r, ("publicity_end",))
        elif name == "publicity_end" and r.type == "publicity_ended":
            yield Stated(instant_from(str(r.public["end"])), r, ("end",))
        elif name == "listing_end" and r.type == "listing_started":
            yield Stated(instant_from(str(r.public["listing_end"])), r, ("listing_end",))
        elif name == "listing_end" and r.type in ("bid_placed", "phase_restored", "quiet_began") and "ends" in r.public:
            yield Stated(instant_from(str(r.public["ends"])), r, ("ends",))
        elif r.type in (*AT_EVENT.get(name, ()), *STARTS.get(name, ())):
            yield Stated(r.at, r)
        elif name in (moves := cast("Mapping[str, Mapping[str, str]]", r.public.get("moves") or {})):
            yield Stated(instant_from(moves[name]["after"]), r, ("moves", name, "after"))


def _of_events(record: Iterable[Recorded]) -> dict[str, Stated]:
    found: dict[str, Stated] = {}
    for r in record:
        found |= {name: Stated(r.at, r) for name, types in AT_EVENT.items() if r.type in types}
        if r.type in ("amended", "clarified") and r.public["affects_preparation"]:
            found["amendment_published"] = Stated(r.at, r)
        if r.type == "re_evaluation_ordered":
            found = {name: s for name, s in found.items() if name not in AFTER_REPORT}
    return found


def _slowest_answer(about: str, record: Iterable[Recorded]) -> Iterator[tuple[str, Stated]]:
    """Of all objections of a kind the one whose answer took longest: if it was in time, all were."""
    raised: dict[object, Recorded] = {}
    slowest: tuple[Recorded, Recorded] | None = None
    for r in record:
        if r.type == "objection_raised" and r.public["about"] == about:
            raised[r.public["number"]] = r
        elif r.type == "objection_answered" and r.public["number"] in raised:
            pair = raised[r.public["number"]], r
            if slowest is None or pair[1].at - pair[0].at > slowest[1].at - slowest[0].at:
                slowest = pair
    if slowest is not None:
        for name, r in zip(ANSWERED[about], slowest, strict=True):
            yield name, Stated(r.at, r)


def _calendar(calendar: WorkCalendar, moments: Sequence[datetime]) -> dict[str, object]:
    """The years touched, and the next, into which a period may reach."""
    years = {local_date(m).year for m in moments}
    wanted = range(min(years), max(years) + 2) if years else range(0)
    return {
        str(year): year_said(days)
        for year in wanted if (days := calendar.years.get(year)) is not None
    }  # fmt: skip
