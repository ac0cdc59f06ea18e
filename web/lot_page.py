"""A lot as the public sees it, worked out from its declaration, its announced terms and its public events. Nothing per trade type."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from trading_core.adapters.db.store import Stored
from trading_core.domain.deadlines import Due, due_dates
from trading_core.domain.errors import Forbidden
from trading_core.domain.events import instant_from
from trading_core.domain.fields import Field
from trading_core.domain.lot import Lot
from trading_core.domain.money import daxie
from trading_core.domain.periods import Finding, check, reach
from trading_core.domain.stages.announcing import Announcement, DocumentVersion, period_facts
from trading_core.domain.trade import TradeType
from trading_core.domain.workcalendar import UnknownYear, WorkCalendar
from trading_core.platform import Unit
from trading_core.services import log, lots, organisations

from .frame import choice
from .i18n import Words
from .models import Change, Clock, Fact, Line, PeriodLine, StageMark

SOON = timedelta(hours=24)
NOTE_MAX = 160
POINTS: Mapping[str, str] = {
    "published": "notice_published", "amended": "amendment_published", "report_submitted": "report_submitted",
    "candidates_published": "publicity_start", "award_decided": "award_decided",
    "award_letter_issued": "award_letter", "contract_signed": "contract_signed", "written_report_filed": "written_report",
}  # fmt: skip
"""Points of the schedule by the event that fixes them."""
RIGHTS = ("document_objection_cutoff", "prequalification_objection_cutoff", "issue_start", "issue_end", "application_deadline",
          "bid_deadline", "publicity_end")  # fmt: skip
"""Points at which a right of the public begins or ends: only these become a lot's clock."""


# ------------------------------------------------------------------ the record

def history(unit: Unit, lot: Lot, words: Words) -> list[Line]:
    """The lot's public acts, newest first."""
    covered, stream = checkpoint_size(unit), f"lot/{lot.id}"
    found = []
    for stored in unit.store.read(stream):
        index = stored.index if stored.index is not None else unit.store.log_index(stream, stored.version)
        found.append(line(stored, index, covered, words))
    return found[::-1]


def line(stored: Stored, index: int | None, covered: int, words: Words) -> Line:
    """An event as a line of the public record."""
    public = stored.recorded().public
    said = next((str(public[k]) for k in ("reason", "note", "text", "answer") if isinstance(public.get(k), str)), "")
    note = said if len(said) <= NOTE_MAX else said[:NOTE_MAX] + "…"
    if stored.type == "document_issued":
        note = words.name("paper_kind", str(public.get("kind", "")))
    settled = index is not None and index < covered
    return Line(stored.at, stored.type, words.name("event", stored.type), note, index, settled, public)


def moves(lines: Iterable[Line]) -> Iterator[tuple[Line, str, datetime, datetime]]:
    """Every deadline that an act moved, in the order of the lines: the act, the point, its instant before and after [A-07]."""
    for act in lines:
        p = act.public
        if p.get("moved"):
            yield act, str(p["deadline_name"]), instant_from(str(p["deadline_before"])), instant_from(str(p["deadline"]))
        for name, move in (p.get("moves") or {}).items():
            yield act, name, instant_from(move["before"]), instant_from(move["after"])


def checkpoint_size(unit: Unit) -> int:
    """How many entries of the log the newest signed checkpoint covers."""
    try:
        return log.checkpoint(unit).size
    except Forbidden:
        return 0


# ------------------------------------------------------------------ stages, clock, periods

def stage_bar(trade: TradeType, lot: Lot, lines: Sequence[Line]) -> list[StageMark]:
    """The stage bar: what is done, where the lot is (for a suspended one where it will go on), what comes."""
    status = lot.resume_to if lot.status == "SUSPENDED" else lot.status
    here = next((i for i, s in enumerate(trade.milestones) if status in s.states), None)
    reached = _reached(trade, lot, lines)
    marks = []
    for i, s in enumerate(trade.milestones):
        at = reached.get(s.name)
        if here is None:
            marks.append(StageMark(s.name, "done" if at else "later", at))
        else:
            marks.append(StageMark(s.name, "now" if i == here else "done" if i < here else "later", at if i <= here else None))
    return marks


def _reached(trade: TradeType, lot: Lot, lines: Sequence[Line]) -> dict[str, datetime]:
    """When the lot first entered each stage, by replaying its events through the one table."""
    status, resume_to, found = trade.lifecycle.initial, "", dict[str, datetime]()
    for event in reversed(lines):
        if event.type == "suspended":
            resume_to = status
        if not trade.lifecycle.allows(status, event.type):
            continue
        status = trade.lifecycle.target(status, event.type, resume_to)
        for stage in trade.milestones:
            if status in stage.states:
                found.setdefault(stage.name, event.at)
    return found


def points(lot: Lot, lines: Sequence[Line]) -> dict[str, datetime]:
    """Every instant known of the lot's schedule: planned ones, and those that events have fixed."""
    happened = {POINTS[e.type]: e.at for e in reversed(lines) if e.type in POINTS}
    return {**happened, **lot.schedule}


def clock(trade: TradeType, lot: Lot, lines: Sequence[Line], calendar: WorkCalendar, now: datetime, words: Words) -> Clock | None:
    """The public's next right that begins or runs out; None when nothing is pending."""
    if lot.status == "SUSPENDED":
        return Clock(words("clock.suspended"), frozen=True)
    known, terms = points(lot, lines), lots.public_terms(lot)
    dues = due_dates(trade.periods, known, period_facts(terms), calendar)
    ahead = sorted((at, name, due) for name, at, due in _rights(known, dues) if at > now) if not _over(trade, lot) else []
    if not ahead:
        return None
    at, name, _ = min(ahead, key=lambda a: (a[0], a[1]))
    counted = [d for d in dues if d.period.end == name and d.reach is not None]
    kept = {f.period.id: f for f in check(trade.periods, known, period_facts(terms), calendar) if f.kind == "ok"}
    said = tuple(sentence for d in counted for sentence in _counting(d, at, kept.get(d.period.id), words))
    return Clock(words.name("clock", name), at, said, tuple((d.period.id, d.period.source) for d in counted), soon=at - now <= SOON)


def _counting(due: Due, at: datetime, kept: Finding | None, words: Words) -> list[str]:
    """How a moment was counted: step by step where the period sets it, else by how much the plan keeps the period."""
    if due.at == at:
        return [words(key, **figures) for key, figures in due.said]
    if kept is None or kept.actual is None:
        return []
    unit = f"unit.{due.period.unit}"
    key = f"clock.kept_{due.period.bound}"
    actual, count = words(unit, count=kept.actual), words(unit, count=due.period.count)
    return [words(key, start=words.name("point", due.period.start), actual=actual, count=count)]


def _over(trade: TradeType, lot: Lot) -> bool:
    return not any(lot.status in s.states for s in trade.milestones)


def _rights(known: Mapping[str, datetime], dues: Iterable[Due]) -> Iterator[tuple[str, datetime, str]]:
    for name in RIGHTS:
        if name in known:
            yield name, known[name], ""
    for due in dues:
        if due.period.end in RIGHTS and due.period.end not in known and due.at is not None:
            yield due.period.end, due.at, due.period.id


def periods(trade: TradeType, lot: Lot, lines: Sequence[Line], calendar: WorkCalendar) -> list[PeriodLine]:
    """Every statutory period that applies to the lot, with what became of it."""
    known, facts = points(lot, lines), period_facts(lots.public_terms(lot))
    judged = {f.period.id: f for f in check(trade.periods, known, facts, calendar)}
    found = []
    for p in trade.periods:
        if not p.applies_to(facts):
            continue
        f = judged.get(p.id)
        try:
            limit = reach(p, known[p.start], calendar).at if p.start in known else None
        except UnknownYear:
            limit = None
        found.append(PeriodLine(
            p.id, p.source, p.start, p.end, p.count, p.unit, p.bound, p.backward, p.verified, f.kind if f else "ahead",
            f.actual if f else None, known.get(p.end), limit,
        ))  # fmt: skip
    return found


# ------------------------------------------------------------------ facts, documents

def facts(unit: Unit, trade: TradeType, lot: Lot, words: Words) -> list[Fact]:
    """The facts the trade type shows, in its order; what was not announced is left out."""
    declared = {f.name: f for f in trade.acts["draft"].fields} if "draft" in trade.acts else {}
    terms, struck, found = lots.public_terms(lot), _struck(lot), []
    for name in trade.facts_shown:
        if name in lot.parties:
            known = organisations.find_organisation(unit, lot.parties[name])
            found.append(Fact(words.name("field", name), known.name if known else lot.parties[name]))
        elif name in terms and name in declared:
            fact = Fact(words.name("field", name), *shown(declared[name], terms[name], words))
            if name in struck:
                number, before = struck[name]
                fact = replace(fact, before=shown(declared[name], before, words)[0], small=words("lot.by_amendment", number=number))
            found.append(fact)
    return found


def shown(f: Field, value: Any, words: Words) -> tuple[str, str]:
    """A value of a declared field as people read it, and a second line for it."""
    match f.kind, value:
        case "money", int():
            return words.money(value), daxie(value) if words.language == "zh" and value >= 0 else ""
        case "boolean", bool():
            return words("form.yes" if value else "form.no"), ""
        case "choice", str():
            return choice(words, f.name, value), ""
        case "integer", int() if f.name.endswith("_days"):
            return words("unit.days", count=value), ""
        case "object", Mapping():
            return next((shown(g, value[g.name], words)[0] for g in f.fields if g.kind == "choice" and g.name in value), ""), ""
        case "list", [*items]:
            return words("unit.items", count=len(items)), ""
    return str(value), ""


def _struck(lot: Lot) -> dict[str, tuple[int, Any]]:
    """Terms that an amendment changed: number of the version, and what stood there first."""
    found: dict[str, tuple[int, Any]] = {}
    for version in lot.part(Announcement).versions:
        for name, before in (version.before or {}).items():
            first = found[name][1] if name in found else before
            found[name] = version.number, first
    return {name: (number, before) for name, (number, before) in found.items() if before is not None}


def changes(trade: TradeType, version: DocumentVersion, words: Words) -> list[Change]:
    """What an amendment changed among the announced terms, old beside new."""
    declared = {f.name: f for f in trade.acts["draft"].fields}
    before = version.before or {}
    return [
        Change(words.name("field", name), _text(declared.get(name), before.get(name), words), _text(declared.get(name), after, words))
        for name, after in (version.changes or {}).items()
    ]


def _text(f: Field | None, value: object, words: Words) -> str:
    if value is None:
        return ""
    return shown(f, value, words)[0] if f is not None else str(value)
