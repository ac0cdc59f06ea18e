"""Platforms to measure on: in a folder of their own, on SQLite or on a durable PostgreSQL of their own, on the machine's clock."""
from __future__ import annotations

import http.client
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from tests.conftest import as_postgres, free_port, postgres_folder
from tests.world import TERMS, World, at
from trading_core.adapters.clock import SteppedClock, SystemClock
from trading_core.adapters.passwords import hash_password
from trading_core.bootstrap import build
from trading_core.domain.events import Event
from trading_core.domain.identity import Actor, Role
from trading_core.platform import Platform
from trading_core.services import accounts, sessions
from trading_core.settings import Settings
from web.serve import Site

DATABASES = ("sqlite", "postgresql")
UNLIMITED = 1_000_000_000
ISSUE_START = at("2026-03-02T08:30")
PASSWORD = "clear water 喆"


class OffsetClock(SystemClock):
    """The machine's clock as it would run on another day: for trades whose dates are given."""

    def __init__(self, start: datetime) -> None:
        super().__init__()
        self._offset = start - super().now()

    def now(self) -> datetime:
        return super().now() + self._offset

    def move_to(self, moment: datetime) -> None:
        self._offset += max(moment - self.now(), timedelta(0))


@contextmanager
def platform(database: str = "sqlite", clock: SteppedClock | OffsetClock | None = None) -> Iterator[Platform]:
    """A fresh platform; every commit is on the disk before it is answered, on both databases."""
    with tempfile.TemporaryDirectory(prefix="gongxin-bench-") as name, _url(database) as url:
        settings = Settings(data=Path(name) / "data", database=url, rate_per_minute=UNLIMITED)
        made = build(settings, clock or OffsetClock(at("2026-03-01T09:00")))
        try:
            yield made
        finally:
            made.database.close()


@contextmanager
def _url(database: str) -> Iterator[str]:
    if database == "sqlite":
        yield ""
        return
    programs, port, folder = postgres_folder(), free_port(), Path(tempfile.mkdtemp(prefix="gongxin-bench-pg-"))
    folder.chmod(0o755)
    if as_postgres([""]) != [""]:
        shutil.chown(folder, "postgres", "postgres")
    control = [str(programs / "pg_ctl"), "-D", str(folder / "data")]
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c max_connections=100"
    init = [str(programs / "initdb"), "-D", str(folder / "data"), "-A", "trust", "-U", "gongxin", "-E", "UTF8", "--no-locale",
            "--no-sync"]  # fmt: skip
    try:
        subprocess.run(as_postgres(init), check=True, capture_output=True)
        subprocess.run(as_postgres([*control, "-w", "-l", str(folder / "log"), "-o", options, "start"]), check=True, capture_output=True)
        with psycopg.connect(f"postgresql://gongxin@127.0.0.1:{port}/postgres", autocommit=True) as connection:
            connection.execute("create database bench")
        yield f"postgresql+psycopg://gongxin@127.0.0.1:{port}/bench"
    finally:
        subprocess.run(as_postgres([*control, "-m", "fast", "stop"]), check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def site(made: Platform) -> Iterator[Site]:
    """The platform's real site on a free port."""
    running = Site(made, "127.0.0.1", 0).start()
    try:
        yield running
    finally:
        running.close()


class Caller:
    """A program that asks a site over one connection that stays open."""

    def __init__(self, host: str, port: int, token: str = "") -> None:
        self._connection = http.client.HTTPConnection(host, port, timeout=120)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def close(self) -> None:
        self._connection.close()

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and JSON of the answer. A body that is no bytes is sent as JSON."""
        kind = {} if body is None or isinstance(body, bytes) else {"Content-Type": "application/json"}
        data = body if body is None or isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        named = {k.replace("_", "-"): v for k, v in headers.items()}
        self._connection.request(method, path, data, {**self._headers, **kind, **named})
        response = self._connection.getresponse()
        return response.status, json.loads(response.read() or b"null")


def token(made: Platform, who: Actor) -> str:
    """An access token for somebody of the small world."""
    login = f"login-{who.person[:12]}"
    with made.unit() as unit:
        code = accounts.issue_activation(unit, Actor("", "", Role.OPERATOR), who.person)
        accounts.activate(unit, code, login, hash_password(PASSWORD, made.entropy))
    return sessions.sign_in(made, login, PASSWORD).access


def open_for_bids(world: World) -> str:
    """A published lot that takes bids."""
    lot = world.announce(TERMS)
    world.go(max(ISSUE_START, world.clock.now()))
    return lot


def copies(made: Platform, lot: str, count: int, batch: int = 100) -> list[str]:
    """So many lots with the same history as one: their events written anew under other numbers."""
    with made.look() as unit:
        history = [s.recorded() for s in unit.store.read(f"lot/{lot}")]
    names = [f"{lot[:-6]}{n:06}" for n in range(count)]
    for first in range(0, count, batch):
        with made.unit() as unit:
            for name in names[first : first + batch]:
                events = [Event(r.type, r.public, r.private) for r in history]
                unit.store.append(f"lot/{name}", 0, events, unit.now)
    return names


def bare_commits(made: Platform, count: int) -> list[float]:
    """The reference for everything durable: seconds of each of `count` transactions that insert one row into a table of their own."""
    table = sa.Table("bench_reference", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("text", sa.Text))
    with made.database.writing() as connection:
        table.drop(connection, checkfirst=True)
        table.create(connection)
    taken = []
    for n in range(count):
        begin = time.perf_counter()
        with made.database.writing() as connection:
            connection.execute(sa.insert(table), {"id": n, "text": "x" * 2000})
        taken.append(time.perf_counter() - begin)
    return taken


def schedule(**points: datetime) -> Mapping[str, object]:
    """The example's terms with other points of time."""
    old = TERMS["schedule"]
    assert isinstance(old, dict)
    return {**TERMS, "schedule": {**old, **{k: v.isoformat() for k, v in points.items()}}}
