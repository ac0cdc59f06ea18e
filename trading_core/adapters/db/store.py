"""The event store: append with optimistic concurrency, projections in the same transaction, read back."""
from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ...domain.errors import Conflict
from ...domain.events import Event, Recorded
from ...domain.leaves import canonical, leaf_hash, private_commitment
from ..entropy import Entropy
from ..vault import Vault
from . import schema

SALT = 32
PADDED: Mapping[str, int] = {"sealed": 2048}
"""By first part of the stream's name: private parts that must not be told apart by their length are kept filled up with spaces to a
multiple of so many bytes."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Projector = Callable[["Store", Sequence[Recorded]], None]
"""Keeps tables of one kind of stream. It gets the events of one append together, in their order, at least one."""


def event_by_event(keep: Callable[[Store, Recorded], None]) -> Projector:
    """The projector that writes the rows of each event by itself."""

    def project(store: Store, events: Sequence[Recorded]) -> None:
        for recorded in events:
            keep(store, recorded)

    return project


def micros(moment: datetime) -> int:
    """Microseconds since 1970 UTC, exactly."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def instant(value: int) -> datetime:
    return EPOCH + timedelta(microseconds=value)


@dataclass(frozen=True, slots=True)
class Stored:
    """An event as it lies in the store: the exact texts that the log commits to. private and salt are None when absent or erased."""

    stream: str
    version: int
    type: str
    public: str
    private: str | None
    salt: bytes | None
    commitment: bytes | None
    leaf: bytes
    at: datetime
    index: int | None = None

    def recorded(self) -> Recorded:
        private = json.loads(self.private) if self.private is not None else None
        return Recorded(self.stream, self.version, self.type, json.loads(self.public), private, self.at)


class Store:
    """The record, within one transaction. `projectors` maps the first part of a stream's name to what keeps its tables."""

    def __init__(self, connection: sa.Connection, vault: Vault, entropy: Entropy, projectors: Mapping[str, Sequence[Projector]]) -> None:
        self.connection, self.vault = connection, vault
        self._entropy, self._projectors = entropy, projectors

    def append(self, stream: str, expected: int, events: Iterable[Event], at: datetime) -> list[Stored]:
        """Append after version `expected` (0: a new stream) and bring the projections up to date.

        No event gets a time before the newest one of the record: who began earlier and waited, and a clock set back, give it that
        one's time. Raises `Conflict` when somebody else appended first; the transaction must then be given up.
        """
        stored = self.seal(stream, expected, events, self.moment(at))
        self.write(stored)
        return stored

    def moment(self, at: datetime) -> datetime:
        """The time that an event gets now whose act is of `at`: that, unless the newest event of the record is later."""
        return max(at, self.newest() or at)

    def seal(self, stream: str, expected: int, events: Iterable[Event], at: datetime) -> list[Stored]:
        """The events as `write` will store them after version `expected`. at: see `moment`."""
        return [self._seal(stream, expected + i, e, at) for i, e in enumerate(events, 1)]

    def write(self, stored: Sequence[Stored]) -> None:
        """Store what was sealed, all of one stream and without a gap, and bring the projections up to date. Raises `Conflict`."""
        if not stored:
            return
        try:
            self.connection.execute(sa.insert(schema.event), [self._row(s) for s in stored])
        except IntegrityError as error:
            raise Conflict(f"{stored[0].stream} from version {stored[0].version}") from error
        self.connection.execute(
            sa.insert(schema.pending), [{"stream": s.stream, "version": s.version, "leaf_hash": s.leaf} for s in stored]
        )
        try:
            self.project([s.recorded() for s in stored])
        except IntegrityError as error:  # the same thing was recorded between our look and our write
            raise Conflict(f"{stored[0].stream} from version {stored[0].version}") from error

    def project(self, events: Sequence[Recorded]) -> None:
        """Let every projector of the stream's kind write its rows. events: at least one, all of one stream, in their order."""
        for projector in self._projectors.get(events[0].stream.partition("/")[0], ()):
            projector(self, events)

    def read(self, stream: str, after: int = 0) -> list[Stored]:
        """The events of a stream in order, from version after + 1."""
        placed = sa.and_(schema.log.c.stream == schema.event.c.stream, schema.log.c.version == schema.event.c.version)
        query = sa.select(schema.event, schema.log.c.log_index).outerjoin(schema.log, placed)
        query = query.where(schema.event.c.stream == stream, schema.event.c.version > after)
        return [self._stored(r) for r in self.connection.execute(query.order_by(schema.event.c.version))]

    def version(self, stream: str) -> int:
        """The last version of a stream, 0 when there is none."""
        query = sa.select(sa.func.max(schema.event.c.version)).where(schema.event.c.stream == stream)
        return self.connection.execute(query).scalar() or 0

    def from_log(self, first: int, limit: int) -> list[Stored]:
        """Up to `limit` events of the log from index `first` on, in log order."""
        query = (
            sa.select(schema.event, schema.log.c.log_index)
            .join(schema.log, sa.and_(schema.log.c.stream == schema.event.c.stream, schema.log.c.version == schema.event.c.version))
            .where(schema.log.c.log_index >= first, schema.log.c.log_index < first + limit)
            .order_by(schema.log.c.log_index)
        )
        return [self._stored(r) for r in self.connection.execute(query)]

    def newest(self) -> datetime | None:
        """The time of the newest event of the record, None while there is none."""
        value = self.connection.execute(sa.select(sa.func.max(schema.event.c.recorded_at))).scalar()
        return instant(value) if value is not None else None

    def log_index(self, stream: str, version: int) -> int | None:
        """Where an event stands in the log, None while it waits."""
        query = sa.select(schema.log.c.log_index).where(schema.log.c.stream == stream, schema.log.c.version == version)
        return self.connection.execute(query).scalar()

    def all_in_log_order(self, batch: int = 500) -> Iterator[Stored]:
        """Every event of the log, read in batches."""
        first = 0
        while rows := self.from_log(first, batch):
            yield from rows
            first += len(rows)

    def since(self, moment: datetime) -> Iterator[Stored]:
        """Every event recorded at that moment or later, whether it has its place in the log or not."""
        query = sa.select(schema.event).where(schema.event.c.recorded_at >= micros(moment)).execution_options(yield_per=500)
        for r in self.connection.execute(query):
            yield self._stored(r)

    def erase_private(self, stream: str, version: int) -> None:
        """Forget a private part and its salt for good. The log still verifies: it holds the commitment only."""
        self.connection.execute(
            sa.update(schema.event).where(schema.event.c.stream == stream, schema.event.c.version == version).values(private=None)
        )

    def _seal(self, stream: str, version: int, e: Event, at: datetime) -> Stored:
        public, private, salt, commitment = canonical(e.public), None, None, None
        if e.private is not None:
            private, salt = canonical(e.private), self._entropy.token_bytes(SALT)
            commitment = private_commitment(salt, private)
        leaf = leaf_hash(stream, version, e.type, public, commitment, micros(at))
        return Stored(stream, version, e.type, public, private, salt, commitment, leaf, at)

    def _row(self, s: Stored) -> dict[str, object]:
        sealed = None
        if s.private is not None and s.salt is not None:
            text, block = s.private.encode(), PADDED.get(s.stream.partition("/")[0], 1)
            sealed = self.vault.seal(f"{s.stream}/{s.version}", s.salt + text.ljust(-(-len(text) // block) * block))
        return {
            "stream": s.stream, "version": s.version, "type": s.type, "public": s.public, "commitment": s.commitment,
            "private": sealed, "leaf_hash": s.leaf, "recorded_at": micros(s.at),
        }  # fmt: skip

    def _stored(self, r: sa.Row[tuple[object, ...]]) -> Stored:
        m = r._mapping
        private = salt = None
        if m["private"] is not None:
            opened = self.vault.open(f"{m['stream']}/{m['version']}", m["private"])
            salt, private = opened[:SALT], opened[SALT:].decode().rstrip(" ")  # a JSON text never ends in a space
        return Stored(
            m["stream"], m["version"], m["type"], m["public"], private, salt, m["commitment"], m["leaf_hash"],
            instant(m["recorded_at"]), m.get("log_index"),
        )  # fmt: skip
