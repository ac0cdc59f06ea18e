"""The tables of the record itself. Each projection keeps its tables in its own module, on the same `metadata`.

Text that is hashed is TEXT, never JSONB, and instants are BIGINT microseconds since 1970 UTC: both databases give back the same bytes.
"""
from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

event = sa.Table(
    "event",
    metadata,
    sa.Column("stream", sa.String(80), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("type", sa.String(60), nullable=False),
    sa.Column("public", sa.Text, nullable=False),
    sa.Column("commitment", sa.LargeBinary),  # salted hash of the private part
    sa.Column("private", sa.LargeBinary),  # private text and salt, sealed by the vault; null once erased
    sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
    sa.Column("recorded_at", sa.BigInteger, nullable=False),
    sa.Index("event_recorded", "recorded_at"),
)
"""Every event. Rows are inserted; the only update ever made is setting `private` to null when personal data is erased."""

pending = sa.Table(
    "pending",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("stream", sa.String(80), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
)
"""Committed events that wait for their place in the log."""

log = sa.Table(
    "log",
    metadata,
    sa.Column("log_index", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("stream", sa.String(80), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("stream", "version"),
)
"""The log: one row per event in commit order, from 0, without a gap."""

log_head = sa.Table(
    "log_head",
    metadata,
    sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("peaks", sa.LargeBinary, nullable=False),
    sa.Column("signed_size", sa.BigInteger, nullable=False),
    sa.Column("signed_at", sa.BigInteger, nullable=False),
)
"""One row. Whoever holds its lock moves the next batch: the lock is the leadership."""

tree_node = sa.Table(
    "tree_node",
    metadata,
    sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
)
"""Hashes of complete subtrees of 2^level leaves, level 1 and up (level 0 are the leaves in `log`)."""

checkpoint = sa.Table(
    "checkpoint",
    metadata,
    sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("signed_at", sa.BigInteger, nullable=False),
)
"""Signed checkpoints, without the witnesses' lines."""

cosignature = sa.Table(
    "cosignature",
    metadata,
    sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("witness", sa.String(120), primary_key=True),
    sa.Column("line", sa.Text, nullable=False),
)
"""Signature lines of witnesses on checkpoints."""

reader = sa.Table(
    "reader",
    metadata,
    sa.Column("name", sa.String(60), primary_key=True),
    sa.Column("next_index", sa.BigInteger, nullable=False),
)
"""Cursor of each reader: the log index it has not yet handled."""

serving = sa.Table(
    "serving",
    metadata,
    sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
"""One row: when the site was last seen to answer."""

swept = sa.Table(
    "swept",
    metadata,
    sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
"""One row: when a worker last came round."""

command = sa.Table(
    "command",
    metadata,
    sa.Column("key_hash", sa.LargeBinary, primary_key=True),
    sa.Column("body_hash", sa.LargeBinary, nullable=False),
    sa.Column("answer", sa.LargeBinary, nullable=False),  # sealed by the vault
    sa.Column("given_at", sa.BigInteger, nullable=False),
)
"""Commands carried out, by a keyed fingerprint of giver and idempotency key, with the answer that was given. Names nobody."""
