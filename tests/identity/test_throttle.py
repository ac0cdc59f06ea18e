"""Whoever guesses passwords waits, longer each time."""
from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from trading_core.adapters.db import identity as db
from trading_core.domain.errors import Refused
from trading_core.services.throttle import FREE_ATTEMPTS, FREE_OF_ALL, LONGEST_WAIT, forgive_attempts, reserve_attempt, waiting_time

LOGIN, OTHER = b"\x01" * 32, b"\x02" * 32
HOME, AWAY = "192.0.2.7", "198.51.100.9"


def attempt(town: Any, login: bytes = LOGIN, address: str = HOME) -> int:
    """Seconds to wait, 0 when the attempt was let through."""
    try:
        with town.platform.unit() as unit:
            reserve_attempt(unit, login, address)
        return 0
    except Refused as refused:
        assert [p.code for p in refused.problems] == ["sign_in.too_many"]
        seconds = refused.problems[0].params["retry_after_seconds"]
        assert isinstance(seconds, int)
        return seconds


@given(st.integers(0, 10_000))
def test_the_wait_grows_and_is_bounded(failures: int) -> None:
    assert waiting_time(failures) <= waiting_time(failures + 1) <= LONGEST_WAIT
    assert (waiting_time(failures) == timedelta(0)) == (failures <= FREE_ATTEMPTS)


def test_the_waits_are_these() -> None:
    minutes = [waiting_time(n) / timedelta(minutes=1) for n in range(10, 18)]
    assert minutes == [0, 0.5, 1, 2, 4, 8, 15, 15]


def test_waiting_and_being_forgiven(town: Any) -> None:
    assert [attempt(town) for _ in range(FREE_ATTEMPTS + 2)] == [0] * (FREE_ATTEMPTS + 1) + [30]
    assert attempt(town, OTHER) == 0
    town.clock.advance(timedelta(seconds=29.5))
    assert attempt(town) == 1  # a refused attempt does not make it longer
    town.clock.advance(timedelta(seconds=0.5))
    assert [attempt(town), attempt(town)] == [0, 60]
    with town.platform.unit() as unit:
        forgive_attempts(unit, LOGIN, HOME)
    assert [attempt(town) for _ in range(FREE_ATTEMPTS + 1)] == [0] * (FREE_ATTEMPTS + 1)
    town.clock.advance(timedelta(hours=1, microseconds=1))
    assert [attempt(town) for _ in range(FREE_ATTEMPTS + 2)] == [0] * (FREE_ATTEMPTS + 1) + [30]


def test_many_at_once_do_not_slip_through(town: Any) -> None:
    waits: list[int] = []
    barrier = threading.Barrier(20)

    def work() -> None:
        barrier.wait()
        waits.append(attempt(town))

    threads = [threading.Thread(target=work) for _ in range(20)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert waits.count(0) == FREE_ATTEMPTS + 1
    assert waits.count(30) == 19 - FREE_ATTEMPTS


def test_the_table_is_bounded_and_names_nobody(town: Any) -> None:
    first, same = b"\xab\xcd\xe1" + b"1" * 29, b"\xab\xcd\xef" + b"2" * 29  # equal in their first 20 bits
    for login in (first, same, b"\xff" * 32):
        attempt(town, login)
    with town.platform.look() as unit:
        rows = {r.bucket: r.failures for r in unit.connection.execute(sa.select(db.sign_in_attempt))}
    assert rows.pop(0xABCDE) == 2 and rows.pop((1 << 20) - 1) == 1
    assert list(rows.values()) == [1, 1, 1]  # each login from this address


def test_a_stranger_keeps_nobody_out(town: Any) -> None:
    assert [attempt(town, address=AWAY) for _ in range(FREE_ATTEMPTS + 2)][-1] == 30
    assert attempt(town) == 0


def test_guessing_from_many_addresses_gains_little(town: Any) -> None:
    waits = [attempt(town, address=f"198.51.100.{n}") for n in range(FREE_OF_ALL + 2)]
    assert waits[:-1] == [0] * (FREE_OF_ALL + 1) and waits[-1] == 30
    assert attempt(town, OTHER, "198.51.100.1") == 0
