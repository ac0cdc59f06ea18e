"""The projection of experts. In clear stands what is public anyway; the record is sealed, the person a keyed fingerprint."""
from __future__ import annotations

import msgspec
import sqlalchemy as sa

from trading_core.adapters.db.identity import insert_new
from trading_core.adapters.db.store import Store, event_by_event
from trading_core.domain.errors import Conflict
from trading_core.domain.events import Recorded

from .domain.expert import Expert, evolve
from .domain.specialty import is_code

metadata = sa.MetaData()

expert_table = sa.Table(
    "expert",
    metadata,
    sa.Column("number", sa.String(20), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("pool", sa.String(20), nullable=False),
    sa.Column("person", sa.LargeBinary),  # keyed fingerprint of the account's person id; null once erased
    sa.Column("record", sa.LargeBinary, nullable=False),  # the folded record, sealed by the vault
    sa.UniqueConstraint("person", "pool"),
)

specialty_table = sa.Table(
    "expert_specialty",
    metadata,
    sa.Column("expert", sa.String(20), primary_key=True),
    sa.Column("code", sa.String(7), primary_key=True),
    sa.Index("expert_specialty_code", "code"),
)

_encode = msgspec.json.Encoder(order="sorted").encode
_decode = msgspec.json.Decoder(Expert).decode


@event_by_event
def project(store: Store, recorded: Recorded) -> None:
    """Keep an expert's rows. Raises `Conflict` when the person entered the pool at the same moment under another number."""
    number = recorded.stream.partition("/")[2]
    before = find(store, number)
    if recorded.version != (before.version if before else 0) + 1:
        raise Conflict(recorded.stream)
    after = evolve(before, recorded)
    values = {"version": after.version, "record": store.vault.seal(f"expert/{number}", _encode(after))}
    if before is None:
        row = {"number": number, "pool": after.pool, "person": _person(store, after), **values}
        insert_new(store.connection, expert_table, row)
        store.connection.execute(sa.insert(specialty_table), [{"expert": number, "code": c} for c in after.specialties])
        return
    store.connection.execute(sa.update(expert_table).where(expert_table.c.number == number).values(values))


def find(store: Store, number: str) -> Expert | None:
    """The expert with a number, None when there is none."""
    return next(iter(_experts(store, expert_table.c.number == number)), None)


def of_person(store: Store, person: str) -> list[Expert]:
    """The memberships of a person, one for each pool at most, by pool."""
    return _experts(store, expert_table.c.person == person_fingerprint(store, person))


def of_specialty(store: Store, pool: str, code: str) -> list[Expert]:
    """All members of a pool, in whatever state, with a specialty that is the code or lies below it. ValueError for no code."""
    if not is_code(code):
        raise ValueError("not a code of the classification")
    holders = sa.select(specialty_table.c.expert).where(specialty_table.c.code.startswith(code))
    return _experts(store, sa.and_(expert_table.c.pool == pool, expert_table.c.number.in_(holders)))


def person_fingerprint(store: Store, person: str) -> bytes:
    return store.vault.blind(f"expert person\0{person}")


def _person(store: Store, expert: Expert) -> bytes | None:
    return person_fingerprint(store, expert.person) if expert.person else None


def _experts(store: Store, where: sa.ColumnElement[bool]) -> list[Expert]:
    query = sa.select(expert_table.c.number, expert_table.c.record).where(where).order_by(expert_table.c.pool, expert_table.c.number)
    return [_decode(store.vault.open(f"expert/{r.number}", r.record)) for r in store.connection.execute(query)]
