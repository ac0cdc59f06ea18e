"""Rebuilding the tables from the record, to prove that they say what it says.

Every event passes once more through the same projectors into an empty database; readers whose tables follow from the log alone come
by as each event takes its place. What then differs from the running tables was either not written by an event or not by its projector.
"""
from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import sqlalchemy as sa

from ..adapters.db import desk_drafts, documents, identity, papers, schema
from ..adapters.db.engine import Database
from ..adapters.db.following import notification, search_text
from ..adapters.db.store import Store, Stored
from ..adapters.vault import Vault, VaultError
from ..platform import Platform, Unit
from . import log
from .following import READERS
from .readers import lags

RECORD = frozenset({
    schema.event, schema.pending, schema.log, schema.log_head, schema.tree_node, schema.checkpoint, schema.cosignature,
})  # fmt: skip
"""The record itself: what is replayed, not what comes of it."""

APART = frozenset({
    schema.reader, schema.command, schema.serving, schema.swept, identity.account, identity.session, identity.sign_in_attempt,
    identity.used_challenge, papers.paper_job, documents.sent_in, desk_drafts.desk_draft,
})  # fmt: skip
"""Tables that no event fills: cursors, answers given, signs of life, credentials, work that waits, who sent in a file, drafts."""

FOLLOWED: Mapping[str, sa.Table] = {"notifications": notification, "search": search_text}
"""Tables of readers, by the reader. Compared once the reader has caught up: until then they say what held when it last came by."""

BATCH = 500


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that the record does not bear out. key: its primary key. columns: where it differs, empty unless `kind` is "differs".

    missing: the record asks for a row that is not there. surplus: a row of which the record knows nothing. Names values never: they
    may be secret.
    """

    table: str
    key: tuple[object, ...]
    kind: Literal["missing", "surplus", "differs"]
    columns: tuple[str, ...] = ()


class NotReplayable(Exception):
    """An event that its projector refuses. Says which; the record or the projector has changed since."""


def replay(platform: Platform) -> list[Difference]:
    """Everything in which the running tables differ from the record, by table and key; empty when they agree.

    Reads one snapshot, so it may run beside everything else. Needs room for a copy of the tables in the folder for temporary files
    and takes about as long as writing them once. Raises `NotReplayable`.
    """
    with tempfile.TemporaryDirectory(prefix="gongxin-replay-") as folder, platform.look() as unit:
        database = Database(f"sqlite:///{Path(folder) / 'replay.db'}")
        try:
            return _compare(unit, database)
        finally:
            database.close()


def tables(platform: Platform) -> list[sa.Table]:
    """Every table that the record must give again."""
    plugins = [t for t in platform.plugins.hook.gongxin_tables() if t is not None]
    known = {t.key: t for metadata in (schema.metadata, *plugins) for t in metadata.tables.values()}
    return [known[key] for key in sorted(known) if known[key] not in RECORD | APART]


def _compare(unit: Unit, database: Database) -> list[Difference]:
    wanted = tables(unit.platform)
    behind = {lag.reader for lag in lags(unit, list(FOLLOWED)) if lag.behind} if not log.waiting(unit) else set(FOLLOWED)
    wanted = [t for t in wanted if t not in {FOLLOWED[name] for name in behind}]
    with database.writing() as connection:
        for metadata in {t.metadata for t in (*wanted, schema.event)}:
            metadata.create_all(connection)
        vault = _Remembering(unit.platform.vault)
        copy = Store(connection, vault, unit.platform.entropy, unit.platform.projectors)
        for stored in _record(unit):
            _play(unit, copy, stored, behind)
        return [d for table in wanted for d in _differences(table, unit, connection, vault)]


def _record(unit: Unit) -> Iterator[Stored]:
    """Every committed event: those of the log in its order, then those that still wait for their place."""
    yield from unit.store.all_in_log_order(BATCH)
    where = sa.and_(schema.pending.c.stream == schema.event.c.stream, schema.pending.c.version == schema.event.c.version)
    rest = sa.select(schema.pending.c.stream, schema.pending.c.version).join(schema.event, where).order_by(schema.pending.c.id)
    for row in unit.connection.execute(rest).all():
        yield unit.store.read(row.stream, row.version - 1)[0]


def _play(unit: Unit, copy: Store, stored: Stored, behind: Iterable[str]) -> None:
    try:
        copy.project([stored.recorded()])
    except Exception as error:
        raise NotReplayable(f"{stored.stream} version {stored.version}: {type(error).__name__}") from error
    if stored.index is not None:
        for name in FOLLOWED.keys() - behind:
            READERS[name](Unit(unit.platform, copy, stored.at), stored)


def _differences(table: sa.Table, unit: Unit, copy: sa.Connection, vault: _Remembering) -> Iterator[Difference]:
    key = [c.name for c in table.primary_key]
    expected = {tuple(r[c] for c in key): r for r in copy.execute(sa.select(table)).mappings()}
    found = []
    for row in unit.connection.execute(sa.select(table)).mappings():
        at = tuple(row[c] for c in key)
        should = expected.pop(at, None)
        if should is None:
            found.append(Difference(table.name, at, "surplus"))
        elif wrong := tuple(c.name for c in table.columns if not _same(should[c.name], row[c.name], vault)):
            found.append(Difference(table.name, at, "differs", wrong))
    found += [Difference(table.name, at, "missing") for at in expected]
    yield from sorted(found, key=lambda d: tuple(map(str, d.key)))


def _same(should: object, is_now: object, vault: _Remembering) -> bool:
    """Equal, or sealed from equal secrets: sealing the same text twice gives other bytes."""
    if should == is_now:
        return True
    return isinstance(should, bytes) and isinstance(is_now, bytes) and vault.same_secret(should, is_now)


class _Remembering(Vault):
    """The platform's vault; remembers for which place each text was sealed in the copy, so that two sealings can be compared."""

    def __init__(self, vault: Vault) -> None:
        self._vault, self._places = vault, dict[bytes, str]()

    def seal(self, place: str, secret: bytes) -> bytes:
        sealed = self._vault.seal(place, secret)
        self._places[sealed] = place
        return sealed

    def open(self, place: str, sealed: bytes) -> bytes:
        return self._vault.open(place, sealed)

    def blind(self, value: str) -> bytes:
        return self._vault.blind(value)

    def same_secret(self, ours: bytes, theirs: bytes) -> bool:
        place = self._places.get(ours)
        if place is None:
            return False
        try:
            return self._vault.open(place, ours) == self._vault.open(place, theirs)
        except VaultError:
            return False
