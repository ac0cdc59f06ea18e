"""The worker or the broker goes away: health says so, at first as slow, after its limit as down, and is well again with them."""
from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import free_port
from tests.web.frame import Reader, site
from trading_core.adapters import broker
from trading_core.adapters.clock import SteppedClock
from trading_core.adapters.entropy import SeededEntropy
from trading_core.bootstrap import build
from trading_core.commands import serve
from trading_core.platform import Platform
from trading_core.services import sweeps
from trading_core.settings import Settings
from trading_core.tasks import embedded
from web.health import SWEPT_DOWN, SWEPT_SLOW

WAIT_SECONDS = 30


class Redis:
    """A broker of our own that can be stopped and started."""

    def __init__(self, port: int) -> None:
        self.port, self.process = port, None

    process: subprocess.Popen[bytes] | None

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--save", "", "--bind", "127.0.0.1"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_for(lambda: reachable(self.port))

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
            self.process = None


def reachable(port: int) -> bool:
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def wait_for(ready: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not ready():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def redis_server() -> Iterator[Redis]:
    made = Redis(free_port())
    made.start()
    yield made
    made.stop()


@pytest.fixture
def platform(redis_server: Redis, tmp_path: Path, clock: SteppedClock, fonts: str) -> Iterator[Platform]:
    url = f"redis://127.0.0.1:{redis_server.port}/0"
    made = build(Settings(data=tmp_path / "data", broker=url, font_dir=fonts, outage_seconds=0), clock, SeededEntropy(b"queue"))
    yield made
    made.database.close()


def asked(platform: Platform, query: str = "") -> tuple[int, dict[str, Any]]:
    answer = Reader(site(platform)).ask(f"/api/v1/health{query}")
    return answer.status_int, answer.json["parts"]


def swept(platform: Platform) -> bool:
    with platform.look() as unit:
        return sweeps.last(unit) == unit.now


def test_a_worker_or_a_broker_that_is_away_is_told(platform: Platform, redis_server: Redis, clock: SteppedClock) -> None:
    assert asked(platform) == (200, asked(platform)[1]) and asked(platform)[1]["queue"] == {"state": "slow", "broker": 1}
    with embedded(platform):
        wait_for(lambda: swept(platform))
        assert asked(platform)[1]["queue"] == {"state": "ok", "broker": 1, "swept_seconds": 0}
        clock.advance(SWEPT_SLOW)
        wait_for(lambda: swept(platform))  # whoever is at work says so again
    redis_server.stop()
    assert not broker.answers(platform.settings.broker)
    assert asked(platform)[1]["queue"] == {"state": "slow", "broker": 0, "swept_seconds": 0}
    clock.advance(SWEPT_DOWN)
    assert asked(platform)[0] == 200
    clock.advance(timedelta(seconds=1))
    status, parts = asked(platform)
    assert (status, parts["queue"]) == (503, {"state": "down", "broker": 0, "swept_seconds": 301})
    assert asked(platform, "?parts=database,clock")[0] == 200  # who only asks whether this process can serve is not turned away
    assert Reader(site(platform)).ask("/status").status_int == 200
    redis_server.start()
    assert asked(platform)[0] == 503  # a broker alone does no work
    with embedded(platform):
        wait_for(lambda: swept(platform))
        assert asked(platform)[1]["queue"]["state"] == "ok"


def test_a_web_process_leaves_the_work_to_the_workers(platform: Platform) -> None:
    before = set(threading.enumerate())
    with serve.work(platform):
        assert set(threading.enumerate()) <= before


def test_an_unknown_part_is_refused(platform: Platform) -> None:
    answer = Reader(site(platform)).ask("/api/v1/health?parts=weather")
    assert (answer.status_int, answer.json["code"]) == (400, "request.unreadable")


def test_a_queue_in_memory_is_always_there() -> None:
    assert broker.answers("memory://")
