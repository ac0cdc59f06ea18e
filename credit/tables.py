"""The projection of credit records and of the lists they come from, in clear: bans in force are published [BLR 78]."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec
import sqlalchemy as sa

from trading_core.adapters.db.identity import insert_new
from trading_core.adapters.db.store import Store, event_by_event, instant, micros
from trading_core.domain.errors import Conflict
from trading_core.domain.events import Recorded, instant_from
from trading_core.domain.organisation import name_key

from .domain.matching import Party, listed_code
from .domain.record import Record, evolve

metadata = sa.MetaData()

record_table = sa.Table(
    "credit_record",
    metadata,
    sa.Column("case", sa.String(32), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("list", sa.String(40), nullable=False, index=True),
    sa.Column("organisation_code", sa.String(9), nullable=False, index=True),  # empty when the record has no code
    sa.Column("name_key", sa.Text, nullable=False, index=True),
    sa.Column("imported", sa.Boolean, nullable=False),
    sa.Column("record", sa.Text, nullable=False),
)

list_table = sa.Table(
    "credit_list",
    metadata,
    sa.Column("code", sa.String(40), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("source", sa.String(300), nullable=False),
    sa.Column("taken_at", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
)
"""The newest copy of each list that was taken over from its keeper."""

_encode = msgspec.json.Encoder(order="sorted").encode
_decode = msgspec.json.Decoder(Record).decode


@dataclass(frozen=True, slots=True)
class Copy:
    """The copy of a list that is in force here. version: of the stream ``credit-list/<code>``."""

    code: str
    version: int
    source: str
    taken_at: datetime
    sha256: str


@event_by_event
def project_record(store: Store, recorded: Recorded) -> None:
    """Keep a record's row."""
    case = recorded.stream.partition("/")[2]
    before = find(store, case)
    if recorded.version != (before.version if before else 0) + 1:
        raise Conflict(recorded.stream)
    after = evolve(before, recorded)
    values = {
        "version": after.version,
        "list": after.entry.list,
        "organisation_code": listed_code(after.entry.subject),
        "name_key": name_key(after.entry.subject.name),
        "imported": bool(after.entry.snapshot),
        "record": _encode(after).decode(),
    }
    if before is None:
        insert_new(store.connection, record_table, {"case": case, **values})
    else:
        store.connection.execute(sa.update(record_table).where(record_table.c.case == case).values(values))


@event_by_event
def project_list(store: Store, recorded: Recorded) -> None:
    """Keep which copy of a list is in force."""
    code, public = recorded.stream.partition("/")[2], recorded.public
    values = {
        "version": recorded.version,
        "source": public["source"],
        "taken_at": micros(instant_from(str(public["taken_at"]))),
        "sha256": public["sha256"],
    }
    if recorded.version == 1:
        insert_new(store.connection, list_table, {"code": code, **values})
    else:
        store.connection.execute(sa.update(list_table).where(list_table.c.code == code).values(values))


def find(store: Store, case: str) -> Record | None:
    """The record of a case, None when there is none."""
    return next(iter(_records(store, record_table.c.case == case)), None)


def about(store: Store, parties: Iterable[Party]) -> list[Record]:
    """Every record, in force or not, that may be about one of the parties: by organisation code or by name."""
    asked = list(parties)
    codes = {p.uscc[8:17] for p in asked if len(p.uscc) == 18}
    names = {name_key(p.name) for p in asked} - {""}
    return _records(store, sa.or_(record_table.c.organisation_code.in_(codes), record_table.c.name_key.in_(names)))


def imported(store: Store, code: str) -> dict[str, Record]:
    """The records that copies of a list brought, by case."""
    return {r.case: r for r in _records(store, sa.and_(record_table.c.list == code, record_table.c.imported))}


def published(store: Store, moment: datetime) -> list[Record]:
    """What supervisors entered here and is in force, the newest first [BLR 78]. Lists taken over are published by their keepers."""
    found = _records(store, sa.not_(record_table.c.imported))
    return sorted((r for r in found if r.in_force(moment)), key=lambda r: r.entered_at, reverse=True)


def entered_here(store: Store, code: str) -> list[tuple[str, int]]:
    """Case and version of every record of a list that a supervisor entered here, by case."""
    query = sa.select(record_table.c.case, record_table.c.version).where(record_table.c.list == code, sa.not_(record_table.c.imported))
    return [(r.case, r.version) for r in store.connection.execute(query.order_by(record_table.c.case))]


def copy_of(store: Store, code: str) -> Copy | None:
    """The copy of a list that is in force, None when none was ever taken over."""
    row = store.connection.execute(sa.select(list_table).where(list_table.c.code == code)).first()
    return Copy(row.code, row.version, row.source, instant(row.taken_at), row.sha256) if row else None


def _records(store: Store, where: sa.ColumnElement[bool]) -> list[Record]:
    query = sa.select(record_table.c.record).where(where).order_by(record_table.c.case)
    return [_decode(row.record) for row in store.connection.execute(query)]
