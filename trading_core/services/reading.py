"""Reads for lists and pages: what is public of many lots at once."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from ..adapters.db.following import search_text
from ..adapters.db.identity import organisation
from ..adapters.db.lots import lot_table
from ..adapters.db.schema import event, log
from ..adapters.db.store import Stored, instant, micros
from ..domain.workcalendar import end_of_day, local_date, start_of_day
from ..platform import Unit

SIZE_MAX = 100
NOTICES_MAX = 100


@dataclass(frozen=True, slots=True)
class LotFilters:
    """How a list is narrowed. states: any of these; first, last: days of publication, both included; page counts from 1.

    sort: ``deadline`` (what closes next comes first, what is over last), ``published`` (newest first), ``amount`` (largest first).
    """

    q: str = ""
    column: str = ""
    states: frozenset[str] = frozenset()
    first: date | None = None
    last: date | None = None
    minimum_fen: int | None = None
    maximum_fen: int | None = None
    sort: str = "deadline"
    page: int = 1
    size: int = 20


@dataclass(frozen=True, slots=True)
class LotRow:
    """A published lot in a list. host: organisation id of the principal; amount_fen, deadline: the
    figure and the point that its trade type names for lists; last: log index of its latest event, None while it waits."""

    id: str
    title: str
    column: str
    trade: str
    status: str
    host: str
    host_name: str
    amount_fen: int | None
    published_at: datetime | None
    deadline: datetime | None
    last: int | None


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of lots; total and by_state count everything that the other filters leave."""

    rows: tuple[LotRow, ...]
    total: int
    by_state: Mapping[str, int] = field(default_factory=dict)


def lots_list(unit: Unit, filters: LotFilters) -> Listing:
    """Published lots, narrowed and sorted; at most `SIZE_MAX` rows a page."""
    others = _where(filters)
    mine = [*others, lot_table.c.status.in_(filters.states)] if filters.states else others
    size = min(filters.size, SIZE_MAX)
    query = _rows().where(*mine).order_by(*_order(filters.sort, unit.now)).limit(size).offset((max(filters.page, 1) - 1) * size)
    counts = sa.select(lot_table.c.status, sa.func.count().label("n")).select_from(_joined()).where(*others).group_by(lot_table.c.status)
    by_state = {r.status: r.n for r in unit.connection.execute(counts)}
    total = sum(n for s, n in by_state.items() if not filters.states or s in filters.states)
    return Listing(tuple(_row(r) for r in unit.connection.execute(query)), total, by_state)


def lot_row(unit: Unit, lot: str) -> LotRow | None:
    """One published lot as lists show it."""
    row = unit.connection.execute(_rows().where(lot_table.c.id == lot, lot_table.c.visible)).first()
    return _row(row) if row else None


def column_counts(unit: Unit) -> dict[str, int]:
    """How many published lots each column has."""
    query = sa.select(lot_table.c.column, sa.func.count().label("n")).where(lot_table.c.visible).group_by(lot_table.c.column)
    return {r.column: r.n for r in unit.connection.execute(query)}


def deadlines_between(unit: Unit, first: datetime, last: datetime, limit: int) -> tuple[LotRow, ...]:
    """Published lots that close within a span of time, the next first."""
    inside = sa.and_(lot_table.c.visible, lot_table.c.deadline >= micros(first), lot_table.c.deadline < micros(last))
    running = lot_table.c.status.in_(("ANNOUNCED", "ISSUING", "BIDDING", "CLOSED", "OPENING"))
    query = _rows().where(inside, running).order_by(lot_table.c.deadline, lot_table.c.id).limit(min(limit, NOTICES_MAX))
    return tuple(_row(r) for r in unit.connection.execute(query))


@dataclass(frozen=True, slots=True)
class Notice:
    """A public act and the lot it belongs to."""

    lot: LotRow
    stored: Stored


def notices(unit: Unit, types: Iterable[str], limit: int, before: int | None = None) -> list[Notice]:
    """Public acts of these kinds on published lots, newest first; `before` goes on below a log index."""
    query = (
        sa.select(log.c.log_index, event.c.stream)
        .join(event, sa.and_(event.c.stream == log.c.stream, event.c.version == log.c.version))
        .join(lot_table, sa.literal("lot/") + lot_table.c.id == event.c.stream)
        .where(lot_table.c.visible, event.c.type.in_(list(types)))
        .order_by(log.c.log_index.desc())
        .limit(min(limit, NOTICES_MAX))
    )
    if before is not None:
        query = query.where(log.c.log_index < before)
    found = []
    for r in unit.connection.execute(query).all():
        row = lot_row(unit, r.stream.partition("/")[2])
        if row is not None:
            found.append(Notice(row, unit.store.from_log(r.log_index, 1)[0]))
    return found


@dataclass(frozen=True, slots=True)
class Month:
    """What was published as a result in one month: how many lots, and their award prices together in fen."""

    month: date
    lots: int
    amount_fen: int


def results_by_month(unit: Unit, first: date, last: date) -> list[Month]:
    """One entry for every month from that of `first` to that of `last`, the oldest first, also where nothing was published."""
    span = event.c.recorded_at.between(micros(start_of_day(first)), micros(end_of_day(last)))
    query = sa.select(event.c.stream, event.c.version).where(event.c.type == "award_decided", span)
    sums: dict[tuple[int, int], list[int]] = {}
    for r in unit.connection.execute(query).all():
        stored = unit.store.read(r.stream, r.version - 1)[0]
        day, price = local_date(stored.at), stored.recorded().public.get("price_fen")
        entry = sums.setdefault((day.year, day.month), [0, 0])
        entry[0] += 1
        entry[1] += price if isinstance(price, int) else 0
    months, day = [], first.replace(day=1)
    while day <= last:
        count, amount = sums.get((day.year, day.month), (0, 0))
        months.append(Month(day, count, amount))
        day = (day + timedelta(days=32)).replace(day=1)
    return months


# ------------------------------------------------------------------ queries

def _joined() -> sa.FromClause:
    return lot_table.outerjoin(organisation, organisation.c.id == lot_table.c.principal)


def _rows() -> sa.Select[Any]:
    stream = sa.literal("lot/") + lot_table.c.id
    latest = sa.select(sa.func.max(log.c.log_index)).where(log.c.stream == stream).correlate(lot_table).scalar_subquery()
    return sa.select(lot_table, organisation.c.name.label("host_name"), latest.label("last")).select_from(_joined())


def _where(filters: LotFilters) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [lot_table.c.visible]
    if filters.column:
        found.append(lot_table.c.column == filters.column)
    if filters.q:
        found.append(sa.or_(
            lot_table.c.title.contains(filters.q, autoescape=True), organisation.c.name.contains(filters.q, autoescape=True),
            lot_table.c.id == filters.q.upper(),
            lot_table.c.id.in_(sa.select(search_text.c.lot).where(search_text.c.text.contains(filters.q.lower(), autoescape=True))),
        ))  # fmt: skip
    if filters.first:
        found.append(lot_table.c.published_at >= micros(start_of_day(filters.first)))
    if filters.last:
        found.append(lot_table.c.published_at < micros(end_of_day(filters.last)))
    if filters.minimum_fen is not None:
        found.append(lot_table.c.amount_fen >= filters.minimum_fen)
    if filters.maximum_fen is not None:
        found.append(lot_table.c.amount_fen <= filters.maximum_fen)
    return found


def _order(sort: str, now: datetime) -> list[sa.ColumnElement[Any]]:
    match sort:
        case "published":
            return [lot_table.c.published_at.desc(), lot_table.c.id]
        case "amount":
            return [lot_table.c.amount_fen.is_(None), lot_table.c.amount_fen.desc(), lot_table.c.id]
        case _:
            over = lot_table.c.deadline < micros(now)
            ahead = sa.case((over, -lot_table.c.deadline), else_=lot_table.c.deadline)
            return [lot_table.c.deadline.is_(None), over, ahead, lot_table.c.id]


def _row(r: sa.Row[Any]) -> LotRow:
    return LotRow(
        r.id, r.title, r.column, r.trade, r.status, r.principal, r.host_name or "", r.amount_fen,
        instant(r.published_at) if r.published_at is not None else None, instant(r.deadline) if r.deadline is not None else None, r.last,
    )  # fmt: skip
