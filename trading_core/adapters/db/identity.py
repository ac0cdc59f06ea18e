"""Organisations, persons, roles and delegations as tables, and beside them the accounts, which are not part of the record.

The projections keep opaque ids, codes and roles only. Personal data stays in the private part of its event; a keyed fingerprint of
the identity number keeps one person from having two accounts.
"""
from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ...domain.errors import Conflict
from ...domain.events import Json, Recorded, instant_from
from .schema import metadata
from .store import Projector, Store, event_by_event, micros

ID = sa.String(40)
ROLE = sa.String(20)

organisation = sa.Table(
    "organisation",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("uscc", sa.String(18), nullable=False, unique=True),
    sa.Column("organisation_code", sa.String(9), nullable=False, index=True),
    sa.Column("name", sa.String(100), nullable=False, index=True),
    sa.Column("kinds", sa.String(120), nullable=False),  # roles, sorted, separated by blanks
)

person = sa.Table(
    "person",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("organisation", ID, nullable=False, index=True),
    sa.Column("fingerprint", sa.LargeBinary, unique=True),  # of the identity number; null once erased
    sa.Column("erased", sa.Boolean, nullable=False),
)

role_grant = sa.Table(
    "role_grant",
    metadata,
    sa.Column("person", ID, primary_key=True),
    sa.Column("role", ROLE, primary_key=True),
    sa.Column("organisation", ID, nullable=False),
    sa.Column("granted_at", sa.BigInteger, nullable=False),
    sa.Column("ends_at", sa.BigInteger),  # once it was taken away with notice; the row of one that has ended stays
    sa.Index("role_grant_of", "organisation", "role"),
)

delegation = sa.Table(
    "delegation",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("person", ID, nullable=False, index=True),
    sa.Column("delegator", ID, nullable=False, index=True),
    sa.Column("organisation", ID, nullable=False, index=True),
    sa.Column("role", ROLE, nullable=False),
    sa.Column("start_at", sa.BigInteger, nullable=False),
    sa.Column("end_at", sa.BigInteger, nullable=False),
    sa.Column("lent_at", sa.BigInteger, nullable=False),
)

# Those below do not follow from the log.

account = sa.Table(
    "account",
    metadata,
    sa.Column("person", ID, primary_key=True),
    sa.Column("login", sa.LargeBinary, unique=True),  # keyed fingerprint
    sa.Column("password", sa.String(200)),  # argon2id
    sa.Column("totp", sa.LargeBinary),  # secret, sealed by the vault
    sa.Column("totp_on", sa.Boolean, nullable=False, default=False),
    sa.Column("totp_step", sa.BigInteger, nullable=False, default=0),  # the last step used: no code works twice
    sa.Column("activation", sa.LargeBinary, unique=True),  # hash of the one-time code
    sa.Column("activation_until", sa.BigInteger),
)

session = sa.Table(
    "session",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("person", ID, nullable=False, index=True),
    sa.Column("organisation", ID, nullable=False),
    sa.Column("role", ROLE, nullable=False),
    sa.Column("refresh", sa.LargeBinary, nullable=False),  # hash of the refresh token in force
    sa.Column("serial", sa.Integer, nullable=False),
    sa.Column("started_at", sa.BigInteger, nullable=False),
    sa.Column("refreshed_at", sa.BigInteger, nullable=False),
    sa.Column("end_at", sa.BigInteger, nullable=False),
)
"""A signed-in person. A token is good while its session stands; ending it ends every token of it at once."""

sign_in_attempt = sa.Table(
    "sign_in_attempt",
    metadata,
    sa.Column("bucket", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last_at", sa.BigInteger, nullable=False),
)

used_challenge = sa.Table(
    "used_challenge",
    metadata,
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("end_at", sa.BigInteger, nullable=False, index=True),
)


@event_by_event
def project_organisation(store: Store, e: Recorded) -> None:
    """Raises `Conflict` when another organisation with the code was registered at the same moment."""
    subject = e.stream.partition("/")[2]
    row = {"version": e.version, "name": e.public["name"], "kinds": " ".join(_texts(e.public["kinds"]))}
    if e.type == "organisation_registered":
        code = str(e.public["uscc"])
        insert_new(store.connection, organisation, {"id": subject, "uscc": code, "organisation_code": code[8:17], **row})
    else:
        store.connection.execute(sa.update(organisation).where(organisation.c.id == subject).values(row))


@event_by_event
def project_person(store: Store, e: Recorded) -> None:
    """Only rows of the event's own person are written, so that streams that move at once replay to the same tables.

    Raises `Conflict` when the same person was registered at the same moment.
    """
    subject = e.stream.partition("/")[2]
    if e.type == "person_registered":
        row = {"id": subject, "version": 0, "organisation": e.public["organisation"], "erased": False}
        insert_new(store.connection, person, row | {"fingerprint": fingerprint(store, e.private) if e.private else None})
    elif e.type == "role_granted":
        _grant(store, subject, e)
    elif e.type == "role_revoked":
        ends = micros(instant_from(str(e.public["ends_at"])))
        store.connection.execute(sa.update(role_grant).where(*_grant_of(subject, e)).values(ends_at=ends))
    elif e.type == "role_delegated":
        insert_new(store.connection, delegation, _delegation_row(subject, e.public) | {"lent_at": micros(e.at)})
    elif e.type == "delegation_revoked":
        store.connection.execute(sa.delete(delegation).where(delegation.c.id == e.public["delegation"]))
    elif e.type == "person_erased":
        _forget(store, subject)
    store.connection.execute(sa.update(person).where(person.c.id == subject).values(version=e.version))


def holds(at: int) -> sa.ColumnElement[bool]:
    """Whether a granted role has not ended at an instant (microseconds)."""
    return sa.or_(role_grant.c.ends_at.is_(None), role_grant.c.ends_at > at)


def _grant(store: Store, subject: str, e: Recorded) -> None:
    """One given back before its end goes on as if it had not been taken, with what was lent of it; one that has ended begins anew."""
    at, where = micros(e.at), _grant_of(subject, e)
    kept = store.connection.execute(sa.update(role_grant).where(*where, role_grant.c.ends_at > at).values(ends_at=None))
    if not kept.rowcount:
        store.connection.execute(sa.delete(role_grant).where(*where, role_grant.c.ends_at <= at))
        row = {"person": subject, "role": e.public["role"], "organisation": e.public["organisation"], "granted_at": at}
        insert_new(store.connection, role_grant, row)


def _grant_of(subject: str, e: Recorded) -> tuple[sa.ColumnElement[bool], ...]:
    return role_grant.c.person == subject, role_grant.c.role == e.public["role"]


def _delegation_row(subject: str, public: Json) -> dict[str, object]:
    row: dict[str, object] = {c: public[c] for c in ("delegator", "organisation", "role")}
    start, end = (micros(instant_from(str(public[c]))) for c in ("from", "to"))
    return row | {"id": public["delegation"], "person": subject, "start_at": start, "end_at": end}


def _forget(store: Store, subject: str) -> None:
    store.connection.execute(sa.update(person).where(person.c.id == subject).values(erased=True, fingerprint=None))
    store.connection.execute(sa.delete(role_grant).where(role_grant.c.person == subject))
    store.connection.execute(sa.delete(delegation).where(delegation.c.person == subject))


def fingerprint(store: Store, personal: Json) -> bytes:
    """By what the same identity document is found again, without keeping its number."""
    return store.vault.blind(f"identity\0{personal['id_type']}\0{personal['id_number']}")


def insert_new(connection: sa.Connection, table: sa.Table, row: Mapping[str, object]) -> None:
    """Insert a row. Raises `Conflict` when a unique value was taken at the same moment."""
    try:
        connection.execute(sa.insert(table), row)
    except IntegrityError as error:
        raise Conflict(f"{table.name}: taken at the same moment") from error


def _texts(value: object) -> list[str]:
    return sorted(str(v) for v in value) if isinstance(value, list | tuple) else []


PROJECTORS: Mapping[str, Projector] = {"organisation": project_organisation, "person": project_person}
