"""Scores that a member of a committee has begun to write down: sealed, found only by who wrote them, gone once they are locked.

Drafts are no part of the record and are never rebuilt from it.
"""
from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ...domain.errors import Conflict
from . import schema
from .store import Store, instant, micros

desk_draft = sa.Table(
    "desk_draft",
    schema.metadata,
    sa.Column("key", sa.LargeBinary(32), primary_key=True),  # keyed fingerprint of lot, round, seat's holder and bid
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("saved_at", sa.BigInteger, nullable=False),
)


def put(store: Store, key: bytes, text: bytes, at: datetime) -> None:
    """Keep the draft, in place of an older one. Raises `Conflict` when two first drafts of the same sheet meet."""
    values = {"sealed": store.vault.seal(_place(key), text), "saved_at": micros(at)}
    done = store.connection.execute(sa.update(desk_draft).where(desk_draft.c.key == key).values(**values))
    if done.rowcount:
        return
    try:
        store.connection.execute(sa.insert(desk_draft), {"key": key, **values})
    except IntegrityError as error:
        raise Conflict("desk_draft") from error


def get(store: Store, key: bytes) -> tuple[bytes, datetime] | None:
    """The draft and when it was saved; None when there is none."""
    row = store.connection.execute(sa.select(desk_draft).where(desk_draft.c.key == key)).first()
    return (store.vault.open(_place(key), row.sealed), instant(row.saved_at)) if row is not None else None


def delete(store: Store, key: bytes) -> None:
    store.connection.execute(sa.delete(desk_draft).where(desk_draft.c.key == key))


def _place(key: bytes) -> str:
    return f"desk_draft/{key.hex()}"
