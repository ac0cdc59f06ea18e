"""The projection of lots: the folded state, sealed, and beside it in clear only what is public or moves the clock."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from ...domain import engine
from ...domain.errors import Conflict
from ...domain.events import Recorded
from ...domain.lot import Lot
from ...domain.trade import TradeType
from . import codec
from .schema import metadata
from .store import Projector, Store, instant, micros

HIDDEN = frozenset({"", "DRAFT", "READY"})  # states in which a lot does not exist for the public
NOTICES = ("published", "invitations_sent", "prequalification_published")

lot_table = sa.Table(
    "lot",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("state", sa.LargeBinary, nullable=False),
    sa.Column("trade", sa.String(60), nullable=False),
    sa.Column("column", sa.String(40), nullable=False),
    sa.Column("status", sa.String(40), nullable=False),
    sa.Column("visible", sa.Boolean, nullable=False),
    sa.Column("principal", sa.String(40), nullable=False),
    sa.Column("agency", sa.String(40), nullable=False),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("amount_fen", sa.BigInteger),
    sa.Column("published_at", sa.BigInteger),
    sa.Column("deadline", sa.BigInteger),
    sa.Column("due_at", sa.BigInteger),
    sa.Column("due_act", sa.String(60)),
    sa.Column("previous", sa.String(40), nullable=False),
    sa.Index("lot_due", "due_at"),
    sa.Index("lot_listed", "visible", "column", "deadline"),
)


def published_at(lot: Lot) -> datetime | None:
    """When the public first learned of the lot, by whichever of the three notices; None while it has not."""
    return next((lot.history[name] for name in NOTICES if name in lot.history), None)


def is_public(lot: Lot) -> bool:
    """Whether the public may know of the lot. What was cancelled before publication never existed for them."""
    return lot.status not in HIDDEN and published_at(lot) is not None


def projector(trades: Mapping[str, TradeType]) -> Projector:
    """What keeps the table of lots, given the trade types."""

    def project(store: Store, events: Sequence[Recorded]) -> None:
        lot, version = load(store, events[0].stream.partition("/")[2], trades, lock=True)
        trade = trades[lot.trade + "@" + lot.rules] if lot.trade else _trade_of(events[0], trades)
        if events[0].version != version + 1:
            raise Conflict(events[0].stream)
        for recorded in events:
            lot = engine.evolve(trade, lot, recorded)
        _write(store, trade, lot, version, version + len(events))

    return project


def _trade_of(recorded: Recorded, trades: Mapping[str, TradeType]) -> TradeType:
    return trades[f"{recorded.public['trade']}@{recorded.public['rules']}"]


def load(store: Store, lot_id: str, trades: Mapping[str, TradeType], lock: bool = False, share: bool = False) -> tuple[Lot, int]:
    """The lot and its version; a lot that is not there has version 0. lock holds other writers off, share only those who lock."""
    query = sa.select(lot_table.c.version, lot_table.c.state, lot_table.c.trade).where(lot_table.c.id == lot_id)
    if lock or share:
        query = query.with_for_update(read=share)
    row = store.connection.execute(query).first()
    if row is None:
        return Lot(lot_id), 0
    return codec.decode(store.vault.open(f"lot/{lot_id}", row.state), trades[row.trade].parts), row.version


def _write(store: Store, trade: TradeType, lot: Lot, before: int, version: int) -> None:
    due = engine.due(trade, lot)
    published = published_at(lot)
    hidden = not is_public(lot)
    values: dict[str, object] = {
        "version": version,
        "state": store.vault.seal(f"lot/{lot.id}", codec.encode(lot)),
        "trade": trade.version,
        "column": trade.column,
        "status": lot.status,
        "visible": not hidden,
        "principal": lot.parties.get("principal", ""),
        "agency": lot.parties.get("agency", ""),
        "title": "" if hidden else lot.term_text("title")[:200],
        "amount_fen": None if hidden else lot.terms.get(trade.amount),
        "published_at": _micros(published),
        "deadline": _micros(lot.schedule.get(trade.deadline)),
        "due_at": _micros(due[0]) if due else None,
        "due_act": due[1] if due else None,
        "previous": lot.previous,
    }
    if before == 0:
        store.connection.execute(sa.insert(lot_table), {"id": lot.id, **values})
        return
    done = store.connection.execute(
        sa.update(lot_table).where(lot_table.c.id == lot.id, lot_table.c.version == before).values(**values)
    )
    if done.rowcount != 1:
        raise Conflict(f"lot/{lot.id}")


def _micros(moment: datetime | None) -> int | None:
    return micros(moment) if moment is not None else None


def due_lots(store: Store, now: datetime, limit: int) -> list[tuple[str, str, datetime]]:
    """Lots whose clock has run out, the earliest first: (lot id, act, instant it was due)."""
    query = (
        sa.select(lot_table.c.id, lot_table.c.due_act, lot_table.c.due_at)
        .where(lot_table.c.due_at <= micros(now))
        .order_by(lot_table.c.due_at, lot_table.c.id)
        .limit(limit)
    )
    return [(r.id, r.due_act, instant(r.due_at)) for r in store.connection.execute(query)]

