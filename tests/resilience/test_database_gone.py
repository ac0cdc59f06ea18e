"""The database goes away and comes back: whoever asks meanwhile is told to ask again, and nothing acknowledged is lost."""
from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from tests.conftest import as_postgres, free_port, postgres_folder
from tests.resilience.checks import check_log, check_receipts
from tests.web.frame import Reader, account, site, token
from tests.world import TERMS, World, at
from trading_core.adapters.clock import SteppedClock
from trading_core.adapters.entropy import SystemEntropy
from trading_core.bootstrap import build
from trading_core.services import clockwork, log
from trading_core.services.replay import replay
from trading_core.settings import Settings


class Server:
    """A PostgreSQL of our own that can be stopped and started."""

    def __init__(self, folder: Path) -> None:
        self._programs, self._folder, self.port = postgres_folder(), folder, free_port()
        init = [str(self._programs / "initdb"), "-D", str(folder / "data"), "-A", "trust", "-U", "gongxin", "-E", "UTF8", "--no-locale",
                "--no-sync"]  # fmt: skip
        subprocess.run(as_postgres(init), check=True, capture_output=True)

    def start(self) -> None:
        options = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories={self._folder} -c fsync=off"
        self._control("-w", "-l", str(self._folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        """At once, as when the machine is switched off: the server recovers when it starts."""
        self._control("-m", "immediate", "stop")

    def _control(self, *more: str) -> None:
        command = [str(self._programs / "pg_ctl"), "-D", str(self._folder / "data"), *more]
        subprocess.run(as_postgres(command), check=False, capture_output=True)


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = Path(f"/tmp/gongxin-gone-{free_port()}")
    folder.mkdir(mode=0o755)
    if folder.owner() == "root":
        shutil.chown(folder, "postgres", "postgres")
    made = Server(folder)
    made.start()
    try:
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


def test_away_and_back(server: Server, tmp_path: Path, clock: SteppedClock) -> None:
    with psycopg.connect(f"postgresql://gongxin@127.0.0.1:{server.port}/postgres", autocommit=True) as connection:
        connection.execute("create database gongxin")
    url = f"postgresql+psycopg://gongxin@127.0.0.1:{server.port}/gongxin"
    platform = build(Settings(data=tmp_path / "data", database=url), clock, SystemEntropy())
    world = World(platform)
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    account(platform, world.agency, "agency")
    app = site(platform)
    reader = Reader(app, token(app, "agency"))
    asked = world.give(lot, "ask", world.bidder("松涧示例建设集团有限公司").actor, text="第 3 页？")
    path, body = f"/api/v1/lots/{lot}/acts/clarify", {"number": 1, "answer": "以图纸为准。", "affects_preparation": False}

    server.stop()
    refused = reader.command(path, body, "key")
    assert (refused.status_int, refused.json["code"]) == (503, "service.database_away")
    assert int(refused.headers["Retry-After"]) > 0
    assert reader.ask("/api/v1/health").status_int == 503
    with pytest.raises(OperationalError):
        clockwork.tick(platform)

    server.start()
    answer = reader.command(path, body, "key")
    assert answer.status_int == 200, answer.text
    assert reader.command(path, body, "key").json == answer.json
    assert reader.ask("/api/v1/health").status_int == 200
    world.clock.move_to(at("2026-03-09T17:00"))
    clockwork.tick(platform)
    log.move(platform)
    with platform.look() as unit:
        check_log(unit)
        assert check_receipts(unit, [answer.json]) == 1
        assert unit.store.version(f"lot/{lot}") > asked.attempt
    assert replay(platform) == []
    platform.database.close()
