"""The projection of deposits: balances and states in clear, who paid only as a keyed fingerprint of the bank's serial number."""
from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ...domain.errors import Conflict
from ...domain.events import Recorded
from ...domain.ledger import HELD
from .schema import metadata
from .store import Store, event_by_event, micros

deposit_table = sa.Table(
    "deposit",
    metadata,
    sa.Column("lot", sa.String(40), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("serial", sa.LargeBinary, unique=True),  # fingerprint; null once the private part is erased and the table is rebuilt
    sa.Column("amount_fen", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("held_at", sa.BigInteger, nullable=False),
    sa.Column("settled_at", sa.BigInteger),
    sa.Index("deposit_state", "state", "lot"),
)


@event_by_event
def project(store: Store, recorded: Recorded) -> None:
    """Keep a deposit's row."""
    lot, number = recorded.stream.partition("/")[2], recorded.public["number"]
    if recorded.type != "deposit_held":
        changed = {"state": recorded.type.removeprefix("deposit_"), "settled_at": micros(recorded.at)}
        query = sa.update(deposit_table).where(deposit_table.c.lot == lot, deposit_table.c.number == number)
        store.connection.execute(query.values(**changed))
        return
    row = {
        "lot": lot, "number": number, "serial": fingerprint(store, str(recorded.private["serial"])) if recorded.private else None,
        "amount_fen": recorded.public["amount_fen"], "state": HELD, "held_at": micros(recorded.at),
    }  # fmt: skip
    try:
        store.connection.execute(sa.insert(deposit_table), row)
    except IntegrityError as error:
        raise Conflict("the same bank entry at the same moment") from error


def fingerprint(store: Store, serial: str) -> bytes:
    """By which a bank entry is known again without keeping its number."""
    return store.vault.blind(f"bank-serial\0{serial}")


def elsewhere(store: Store, lot: str, serials: list[str]) -> dict[str, str]:
    """Bank serials that another lot's ledger holds already, with that lot."""
    found: dict[str, str] = {}
    for first in range(0, len(serials), 500):
        prints = {fingerprint(store, s): s for s in serials[first : first + 500]}
        query = sa.select(deposit_table.c.serial, deposit_table.c.lot).where(deposit_table.c.serial.in_(prints), deposit_table.c.lot != lot)
        found |= {prints[r.serial]: r.lot for r in store.connection.execute(query)}
    return found


def lots_holding(store: Store) -> list[str]:
    """Lots for which any deposit is held."""
    query = sa.select(deposit_table.c.lot).where(deposit_table.c.state == HELD).distinct().order_by(deposit_table.c.lot)
    return list(store.connection.execute(query).scalars())
