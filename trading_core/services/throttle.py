"""Slowing down whoever guesses passwords, per login and address.

From one address the first 10 attempts in a row on a login are free; after each further one that address waits for that login, 30 s, then
twice as long each time, at most 15 min: a stranger who guesses keeps nobody else out. Over all addresses a login has 200 free attempts,
then it waits in the same way: whoever guesses from many addresses gains little. A success, or an hour without attempts, begins anew.
Attempts are counted in 2^20 buckets chosen by a keyed fingerprint, known and unknown logins alike, so that the table stays bounded, names
nobody and tells nobody which logins exist.
"""
from __future__ import annotations

import hashlib
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from ..adapters.db import identity as db
from ..adapters.db.store import instant, micros
from ..domain.errors import Problem, Refused
from ..platform import Unit

FREE_ATTEMPTS = 10  # on a login from one address
FREE_OF_ALL = 200  # on a login from all addresses together
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=1)
BUCKET_BITS = 20


def reserve_attempt(unit: Unit, fingerprint: bytes, address: str) -> None:
    """Count an attempt before it is judged, so that many at once cannot slip through. address: where it comes from.

    Raises `Refused` with ``retry_after_seconds`` while this has to wait; that attempt is not counted.
    """
    table = db.sign_in_attempt
    insert = sqlite_insert if unit.connection.dialect.name == "sqlite" else postgresql_insert
    counted, left = {}, timedelta(0)
    for bucket, free in sorted(_buckets(fingerprint, address).items()):  # in one order, so that nobody waits in a circle
        unit.connection.execute(insert(table).values(bucket=bucket, failures=0, last_at=0).on_conflict_do_nothing())
        row = unit.connection.execute(sa.select(table).where(table.c.bucket == bucket).with_for_update()).one()
        last = instant(row.last_at)
        counted[bucket] = 0 if unit.now - last > FORGOTTEN_AFTER else row.failures
        left = max(left, last + waiting_time(counted[bucket], free) - unit.now)
    if left > timedelta(0):
        raise Refused(Problem("sign_in.too_many", params={"retry_after_seconds": -(-left // timedelta(seconds=1))}))
    for bucket, failures in counted.items():
        _set(unit, bucket, failures + 1)


def forgive_attempts(unit: Unit, fingerprint: bytes, address: str) -> None:
    """Begin anew after a success."""
    for bucket in sorted(_buckets(fingerprint, address)):
        _set(unit, bucket, 0)


def waiting_time(failures: int, free: int = FREE_ATTEMPTS) -> timedelta:
    """How long to wait after so many failures in a row, the first ones free."""
    if failures <= free:
        return timedelta(0)
    doublings = min(failures - free - 1, 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def _buckets(fingerprint: bytes, address: str) -> dict[int, int]:
    """Where an attempt is counted, and how many are free there: for the login from this address, and for the login."""
    here = hashlib.sha256(fingerprint + b"\0" + address.encode()).digest()
    return {_bucket(fingerprint): FREE_OF_ALL, _bucket(here): FREE_ATTEMPTS}


def _bucket(fingerprint: bytes) -> int:
    return int.from_bytes(fingerprint[:4], "big") >> (32 - BUCKET_BITS)


def _set(unit: Unit, bucket: int, failures: int) -> None:
    table = db.sign_in_attempt
    changed = sa.update(table).where(table.c.bucket == bucket).values(failures=failures, last_at=micros(unit.now))
    unit.connection.execute(changed)
