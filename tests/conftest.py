"""Real parts for all tests: a PostgreSQL and a Redis of our own, platforms on either database."""
from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from tests.export.stage import Finished, finished
from trading_core.adapters.clock import SteppedClock
from trading_core.adapters.entropy import SeededEntropy
from trading_core.adapters.pdf.fonts import open_fonts
from trading_core.bootstrap import build
from trading_core.platform import Platform
from trading_core.settings import Settings

hypothesis_settings.register_profile("untimed", deadline=None)  # how long an example takes says nothing on a busy machine
hypothesis_settings.load_profile("untimed")

START = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def postgres_folder() -> Path:
    """Where this machine keeps PostgreSQL's own programs. Fails, never skips, when there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) if Path("/usr/lib/postgresql").exists() else []
    if not found:
        raise RuntimeError("PostgreSQL is missing: install the package `postgresql` (make test does it where it may)")
    return found[-1].parent


def as_postgres(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root; as root it is started by the user `postgres`."""
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command] if os.geteuid() == 0 else command


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a PostgreSQL server that lives for the session, without a database name at its end."""
    programs, folder, port = postgres_folder(), Path("/tmp") / f"gongxin-pg-{os.getpid()}", free_port()
    folder.mkdir(mode=0o755)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    data = folder / "data"
    try:
        init = [str(programs / "initdb"), "-D", str(data), "-A", "trust", "-U", "gongxin", "-E", "UTF8", "--no-locale", "--no-sync"]
        subprocess.run(as_postgres(init), check=True, capture_output=True)
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync=off -c max_connections=200"
        start = [str(programs / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start"]
        subprocess.run(as_postgres(start), check=True, capture_output=True)
        yield f"postgresql+psycopg://gongxin@127.0.0.1:{port}"
    finally:
        stop = [str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"]
        subprocess.run(as_postgres(stop), check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database_of(postgres: str) -> Iterator[str]:
    """URL of a fresh, empty PostgreSQL database."""
    import psycopg

    name = f"t{time.monotonic_ns()}"
    with psycopg.connect(postgres.replace("+psycopg", "") + "/postgres", autocommit=True) as connection:
        connection.execute(f"create database {name}")
    yield f"{postgres}/{name}"
    with psycopg.connect(postgres.replace("+psycopg", "") + "/postgres", autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Each test that asks for it runs on both databases; empty means SQLite in the data folder."""
    return "" if request.param == "sqlite" else request.getfixturevalue("database_of")


DATA = Path(__file__).parent.parent / "var"


def pytest_configure(config: pytest.Config) -> None:
    """The fonts for papers are derived once, before the workers start, and kept between runs: they take some time."""
    if not hasattr(config, "workerinput"):
        open_fonts(DATA)


@pytest.fixture(scope="session")
def fonts() -> str:
    """Folder of the fonts for papers."""
    return str(open_fonts(DATA).folder)


@pytest.fixture(scope="session")
def done(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A finished demonstration, one for all workers of a run, only to be read."""
    mine = tmp_path_factory.getbasetemp()
    return finished((mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine) / "finished")


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(START)


@pytest.fixture
def platform(tmp_path: Path, clock: SteppedClock, database_url: str, fonts: str) -> Iterator[Platform]:
    """A platform on either database with a clock to move and entropy that repeats."""
    made = build(Settings(data=tmp_path / "data", database=database_url, font_dir=fonts), clock, SeededEntropy(b"tests"))
    yield made
    made.database.close()


@pytest.fixture
def sqlite_platform(tmp_path: Path, clock: SteppedClock, fonts: str) -> Iterator[Platform]:
    made = build(Settings(data=tmp_path / "data", font_dir=fonts), clock, SeededEntropy(b"tests"))
    yield made
    made.database.close()


@pytest.fixture(scope="session")
def redis() -> Iterator[str]:
    """URL of a Redis server that lives for the session."""
    if not shutil.which("redis-server"):
        raise RuntimeError("Redis is missing: install the package `redis-server` (make test does it where it may)")
    port = free_port()
    process = subprocess.Popen(["redis-server", "--port", str(port), "--save", "", "--bind", "127.0.0.1"], stdout=subprocess.DEVNULL)
    for _ in range(100):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield f"redis://127.0.0.1:{port}/0"
    process.terminate()
    process.wait(10)
