"""Slowing down whoever guesses passwords, per login.

The first 10 attempts in a row are free; after each further one the login waits 30 s, then twice as long each time, at most 15 min.
A success, or an hour without attempts, begins anew. Logins are counted in 2^20 buckets chosen by a keyed fingerprint, known and
unknown ones alike, so that the table stays bounded, names nobody and tells nobody which logins exist.
"""
from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from ..adapters.db import identity as db
from ..adapters.db.store import instant, micros
from ..domain.errors import Problem, Refused
from ..platform import Unit

FREE_ATTEMPTS = 10
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=1)
BUCKET_BITS = 20


def reserve_attempt(unit: Unit, fingerprint: bytes) -> None:
    """Count an attempt before it is judged, so that many at once cannot slip through.

    Raises `Refused` with ``retry_after_seconds`` while the login has to wait; that attempt is not counted.
    """
    bucket = _bucket(fingerprint)
    table = db.sign_in_attempt
    insert = sqlite_insert if unit.connection.dialect.name == "sqlite" else postgresql_insert
    unit.connection.execute(insert(table).values(bucket=bucket, failures=0, last_at=0).on_conflict_do_nothing())
    row = unit.connection.execute(sa.select(table).where(table.c.bucket == bucket).with_for_update()).one()
    last = instant(row.last_at)
    failures = 0 if unit.now - last > FORGOTTEN_AFTER else row.failures
    left = last + waiting_time(failures) - unit.now
    if left > timedelta(0):
        raise Refused(Problem("sign_in.too_many", params={"retry_after_seconds": -(-left // timedelta(seconds=1))}))
    _set(unit, bucket, failures + 1)


def forgive_attempts(unit: Unit, fingerprint: bytes) -> None:
    """Begin anew after a success."""
    _set(unit, _bucket(fingerprint), 0)


def waiting_time(failures: int) -> timedelta:
    """How long a login waits after so many failures in a row."""
    if failures <= FREE_ATTEMPTS:
        return timedelta(0)
    doublings = min(failures - FREE_ATTEMPTS - 1, 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def _bucket(fingerprint: bytes) -> int:
    return int.from_bytes(fingerprint[:4], "big") >> (32 - BUCKET_BITS)


def _set(unit: Unit, bucket: int, failures: int) -> None:
    table = db.sign_in_attempt
    changed = sa.update(table).where(table.c.bucket == bucket).values(failures=failures, last_at=micros(unit.now))
    unit.connection.execute(changed)
