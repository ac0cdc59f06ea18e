"""The projection of sealed bids: enough to find them at the deadline and to know one's own again. Names nobody."""
from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

import sqlalchemy as sa

from ...domain.events import Recorded, instant_from
from ...domain.tender.bidding import LiveBid, SealedEnvelope
from .schema import metadata
from .store import Store, instant, micros

bid_table = sa.Table(
    "bid",
    metadata,
    sa.Column("bid", sa.String(32), primary_key=True),
    sa.Column("lot", sa.String(40), nullable=False),
    sa.Column("status", sa.String(12), nullable=False),
    sa.Column("received_at", sa.BigInteger, nullable=False),
    sa.Column("capability", sa.String(64), nullable=False),
    sa.Column("commitment", sa.String(64), nullable=False),
    sa.Column("envelopes", sa.Text, nullable=False),
    sa.Index("bid_of_lot", "lot", "status"),
)


def project(store: Store, recorded: Recorded) -> None:
    """Keep the table of bids; entries that mean nothing leave no row."""
    private = recorded.private or {}
    match private.get("what"):
        case "received":
            _received(store, private)
        case "withdrawn":
            _set(store, str(private["bid"]), "withdrawn")


def _received(store: Store, private: Mapping[str, object]) -> None:
    row = {
        "bid": private["bid"],
        "lot": private["lot"],
        "status": "live",
        "received_at": micros(instant_from(str(private["received_at"]))),
        "capability": private["capability"],
        "commitment": private["commitment"],
        "envelopes": json.dumps(private["envelopes"], sort_keys=True),
    }
    store.connection.execute(sa.insert(bid_table), row)
    if private.get("replaces"):
        _set(store, str(private["replaces"]), "superseded")


def _set(store: Store, bid: str, status: str) -> None:
    store.connection.execute(sa.update(bid_table).where(bid_table.c.bid == bid).values(status=status))


def find(store: Store, bid: str) -> dict[str, Any] | None:
    """The row of a bid, None when there is none."""
    row = store.connection.execute(sa.select(bid_table).where(bid_table.c.bid == bid)).first()
    return dict(row._mapping) if row else None


def lock(store: Store, bid: str) -> dict[str, Any] | None:
    """The row of a bid, held against other writers until the transaction ends."""
    row = store.connection.execute(sa.select(bid_table).where(bid_table.c.bid == bid).with_for_update()).first()
    return dict(row._mapping) if row else None


def live(store: Store, lot: str) -> tuple[LiveBid, ...]:
    """The live bids of a lot with what is needed to publish their receipt, in the order of their random numbers."""
    query = sa.select(bid_table).where(bid_table.c.lot == lot, bid_table.c.status == "live").order_by(bid_table.c.bid)
    return tuple(_live(store, dict(r._mapping)) for r in store.connection.execute(query).all())


def _live(store: Store, row: dict[str, Any]) -> LiveBid:
    first = store.read(f"sealed/{row['bid']}")[0]
    disclosure = {"stream": first.stream, "version": first.version, "private": first.private, "salt": (first.salt or b"").hex()}
    envelopes = tuple(SealedEnvelope(e["name"], e["object"], e["size"]) for e in cast("list[dict[str, Any]]", json.loads(row["envelopes"])))
    return LiveBid(row["bid"], instant(row["received_at"]), row["commitment"], envelopes, disclosure)
