"""The sequencer: committed events get their place in the log, the tree grows, checkpoints are signed.

One transaction per batch. The row lock on `log_head` is the leadership: any process may call, nothing is kept on the connection,
and there is no positional cursor over the events, hence no late committer to miss.
"""
from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa

from ...domain.merkle import complete_nodes, extend, root
from ...domain.notes import checkpoint_body
from . import schema
from .store import instant, micros

BATCH = 1000
SIGN_EVERY = timedelta(seconds=10)  # a checkpoint covers every event at most this long after it
HASH = 32


def set_up(connection: sa.Connection) -> None:
    """Put the one row of the log's head in place when it is missing."""
    if connection.execute(sa.select(schema.log_head.c.one)).first() is None:
        connection.execute(sa.insert(schema.log_head), {"one": 1, "size": 0, "peaks": b"", "signed_size": 0, "signed_at": 0})


def sequence(connection: sa.Connection) -> int:
    """Move the next batch of waiting events into the log. Returns how many; -1 when somebody else is at it."""
    head = connection.execute(sa.select(schema.log_head).with_for_update(skip_locked=True)).first()
    if head is None:
        return -1
    waiting = connection.execute(sa.select(schema.pending).order_by(schema.pending.c.id).limit(BATCH)).all()
    if not waiting:
        return 0
    connection.execute(sa.delete(schema.pending).where(schema.pending.c.id.in_([w.id for w in waiting])))
    size, leaves = head.size, [w.leaf_hash for w in waiting]
    rows = [
        {"log_index": size + i, "stream": w.stream, "version": w.version, "leaf_hash": w.leaf_hash} for i, w in enumerate(waiting)
    ]
    connection.execute(sa.insert(schema.log), rows)
    peaks = [head.peaks[i : i + HASH] for i in range(0, len(head.peaks), HASH)]
    nodes = [{"level": level, "position": at, "hash": h} for level, at, h in complete_nodes(size, list(peaks), leaves) if level > 0]
    if nodes:
        connection.execute(sa.insert(schema.tree_node), nodes)
    extend(size, peaks, leaves)
    connection.execute(sa.update(schema.log_head).values(size=size + len(leaves), peaks=b"".join(peaks)))
    return len(leaves)


def sign(connection: sa.Connection, origin: str, sign_note: Callable[[str], str], now: datetime, force: bool = False) -> int | None:
    """Sign a checkpoint when the log has grown and the last one is older than `SIGN_EVERY`. Returns the size signed, None if none."""
    head = connection.execute(sa.select(schema.log_head).with_for_update(skip_locked=True)).first()
    if head is None or head.size == head.signed_size:
        return None
    if not force and now - instant(head.signed_at) < SIGN_EVERY:
        return None
    peaks = [head.peaks[i : i + HASH] for i in range(0, len(head.peaks), HASH)]
    note = sign_note(checkpoint_body(origin, head.size, root(peaks)))
    connection.execute(sa.insert(schema.checkpoint), {"size": head.size, "note": note, "signed_at": micros(now)})
    connection.execute(sa.update(schema.log_head).values(signed_size=head.size, signed_at=micros(now)))
    return int(head.size)


def node_at(connection: sa.Connection) -> Callable[[int, int], bytes]:
    """A function that fetches the hash of a complete subtree, for building proofs."""

    def fetch(level: int, position: int) -> bytes:
        if level == 0:
            query = sa.select(schema.log.c.leaf_hash).where(schema.log.c.log_index == position)
        else:
            query = sa.select(schema.tree_node.c.hash).where(
                schema.tree_node.c.level == level, schema.tree_node.c.position == position
            )
        return bytes(connection.execute(query).scalar_one())

    return fetch
