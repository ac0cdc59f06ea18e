"""Database engines set up so that one transaction is what the code means by one."""
from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

BUSY_TIMEOUT_MS = 30_000
SETTING_UP = 1  # the only advisory lock that is ever taken


def connect(url: str, pool_size: int = 8) -> sa.Engine:
    """An engine for a SQLite or PostgreSQL URL. SQLite: WAL, every commit on disk, writers begin IMMEDIATE.

    PostgreSQL: a custom plan for every execution, because a generic plan made while a table was small stays a sequential scan. What is
    sought lies in memory or on flash, so a page by its key costs little more than the next one.
    """
    if url.startswith("sqlite"):
        engine = sa.create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}, pool_size=pool_size,
                                  hide_parameters=True)  # fmt: skip
        sa.event.listen(engine, "connect", _set_up_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return engine
    return sa.create_engine(
        url, pool_size=pool_size, pool_pre_ping=True, hide_parameters=True,
        connect_args={"options": "-c plan_cache_mode=force_custom_plan -c random_page_cost=1.1 -c timezone=UTC"}
    )


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin by itself: it would begin DEFERRED
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY_TIMEOUT_MS}", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")  # a reader that turns writer would fail at once


class FairLock:
    """First come, first served. A plain lock lets the thread that just released it take it again: the others wait for tens of ms."""

    def __init__(self) -> None:
        self._mutex, self._waiting, self._held = threading.Lock(), deque[threading.Lock](), False

    def __enter__(self) -> None:
        with self._mutex:
            if not self._held:
                self._held = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()

    def __exit__(self, *_: object) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()  # handed over, never free in between
            else:
                self._held = False


class Database:
    """Transactions over one engine. On SQLite writers of this process queue fairly in front of the database."""

    def __init__(self, url: str, pool_size: int = 8) -> None:
        self.engine = connect(url, pool_size)
        self._writers = FairLock()

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """One write transaction: committed when the block ends, rolled back when it raises."""
        if self.is_sqlite:
            with self._writers, self.engine.begin() as connection:
                yield connection
        else:
            with self.engine.begin() as connection:
                yield connection

    @contextmanager
    def setting_up(self) -> Iterator[sa.Connection]:
        """A write transaction that makes what is missing; processes that start at once wait for each other."""
        with self.writing() as connection:
            if not self.is_sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(SETTING_UP)))
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """One transaction that only reads, on a single snapshot of the data."""
        with self.engine.connect().execution_options(reading=True) as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    def close(self) -> None:
        self.engine.dispose()
