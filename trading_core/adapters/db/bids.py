"""The projection of sealed bids: enough to find them at the deadline and to know one's own again.

Every stream ``sealed/…`` has a row here, those that mean nothing too, and all rows look alike: which are bids, for which lot, and whether
they still count lies sealed. Who reads the database counts no lot's bids.
"""
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import sqlalchemy as sa

from ...domain.events import Recorded, instant_from
from ...domain.tender.bidding import SEALED, LiveBid, SealedEnvelope
from .schema import metadata
from .store import Store, event_by_event, micros

FACTS_SIZE = 160  # of the sealed text: a lot's number has at most 40 characters

bid_table = sa.Table(
    "bid",
    metadata,
    sa.Column("bid", sa.String(32), primary_key=True),
    sa.Column("recorded_at", sa.BigInteger, nullable=False),
    sa.Column("facts", sa.LargeBinary, nullable=False),  # lot and status, sealed by the vault and of one length
    sa.Index("bid_recorded", "recorded_at"),
)


@dataclass(frozen=True, slots=True)
class Own:
    """A bid as its bidder knows it again. status: live, superseded or withdrawn."""

    lot: str
    status: str
    capability: str


@event_by_event
def project(store: Store, recorded: Recorded) -> None:
    """Keep the table of bids."""
    private, number = recorded.private or {}, recorded.stream.partition("/")[2]
    match private.get("what"):
        case "withdrawn":
            _set(store, number, "withdrawn")
        case "received":
            _add(store, recorded, str(private["lot"]), "live")
            if private.get("replaces"):
                _set(store, str(private["replaces"]), "superseded")
        case _:
            _add(store, recorded, "", "")


def _add(store: Store, recorded: Recorded, lot: str, status: str) -> None:
    number = recorded.stream.partition("/")[2]
    row = {"bid": number, "recorded_at": micros(recorded.at), "facts": _sealed(store, number, lot, status)}
    store.connection.execute(sa.insert(bid_table), row)


def _set(store: Store, number: str, status: str) -> None:
    own = bid_table.c.bid == number
    lot, _ = _facts(store, number, store.connection.execute(sa.select(bid_table.c.facts).where(own)).scalar_one())
    store.connection.execute(sa.update(bid_table).where(own).values(facts=_sealed(store, number, lot, status)))


def _sealed(store: Store, number: str, lot: str, status: str) -> bytes:
    return store.vault.seal(f"bid/{number}", json.dumps([lot, status]).encode().ljust(FACTS_SIZE))


def _facts(store: Store, number: str, facts: bytes) -> tuple[str, str]:
    lot, status = json.loads(store.vault.open(f"bid/{number}", facts))
    return str(lot), str(status)


def lock(store: Store, number: str) -> Own | None:
    """A bid, held against other writers until the transaction ends; None when there is none of that number."""
    facts = store.connection.execute(sa.select(bid_table.c.facts).where(bid_table.c.bid == number).with_for_update()).scalar()
    lot, status = _facts(store, number, facts) if facts is not None else ("", "")
    if not status:
        return None
    return Own(lot, status, str(_received(store, number)["capability"]))


def live(store: Store, lot: str, since: datetime) -> tuple[LiveBid, ...]:
    """The live bids of a lot with what is needed to publish their receipt, in the order of their random numbers.

    since: when the lot came to be. Reads the row of every bid received from then on, for whatever lot: no row says whose it is.
    """
    query = sa.select(bid_table.c.bid, bid_table.c.facts).where(bid_table.c.recorded_at >= micros(since)).order_by(bid_table.c.bid)
    rows = store.connection.execute(query).all()
    return tuple(_live(store, r.bid) for r in rows if _facts(store, r.bid, r.facts) == (lot, "live"))


def _received(store: Store, number: str) -> Mapping[str, object]:
    return store.read(f"{SEALED}/{number}")[0].recorded().private or {}


def _live(store: Store, number: str) -> LiveBid:
    first = store.read(f"{SEALED}/{number}")[0]
    said = first.recorded().private or {}
    disclosure = {"stream": first.stream, "version": first.version, "private": first.private, "salt": (first.salt or b"").hex()}
    envelopes = tuple(SealedEnvelope(str(e["name"]), str(e["object"]), cast("int", e["size"]))
                      for e in cast("Sequence[Mapping[str, object]]", said["envelopes"]))  # fmt: skip
    version = cast("int", said["document_version"])
    return LiveBid(number, instant_from(str(said["received_at"])), str(said["commitment"]), version, envelopes, disclosure)
