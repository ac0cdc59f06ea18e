"""Following the log while the database goes away, and ending when the process does."""
from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web import hub as module
from web.hub import Entry, Hub, waiting_seconds

PATIENCE = 60


class Log:
    """A log that can be away."""

    def __init__(self) -> None:
        self.away, self.asked, self.length = False, threading.Semaphore(0), 0

    def read(self, first: int, limit: int) -> Sequence[Entry]:
        self.asked.release()
        if self.away:
            raise ConnectionError("away")
        return [Entry(i, "lot/a", "{}") for i in range(first, min(self.length, first + limit))]


async def asked(log: Log, times: int) -> None:
    """Once the log was asked so often more."""
    for _ in range(times):
        await asyncio.get_running_loop().run_in_executor(None, log.asked.acquire)


def test_what_came_while_the_database_was_away_is_told_when_it_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_WAIT", 0.001)

    async def play() -> None:
        log = Log()
        with ThreadPoolExecutor(1) as executor:
            hub = Hub(log.read, 0, executor)
            following = asyncio.create_task(hub.follow())
            log.length = 3
            assert await hub.grown(PATIENCE)
            log.away, log.length = True, 5
            await asked(log, 4)
            assert not following.done() and hub.next == 3
            log.away = False
            assert await hub.grown(PATIENCE)
            assert [e.index for e in await hub.since(3)] == [3, 4]
            hub.close()
            await asyncio.wait_for(following, PATIENCE)

    asyncio.run(play())


@pytest.mark.parametrize("end", ["closed", "committed"])
def test_a_long_wait_ends_with_the_hub_and_with_a_commit(monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    for name in ("FIRST_WAIT", "LONGEST_WAIT"):
        monkeypatch.setattr(module, name, 3600.0)

    async def play() -> None:
        log = Log()
        log.away = True
        with ThreadPoolExecutor(1) as executor:
            hub = Hub(log.read, 0, executor)
            following = asyncio.create_task(hub.follow())
            await asked(log, 1)
            if end == "committed":
                log.away, log.length = False, 1
                while hub.next == 0:  # the first failure may still be on its way
                    hub.committed()
                    await asyncio.sleep(0.01)
            hub.close()
            await asyncio.wait_for(following, PATIENCE)

    asyncio.run(play())


@given(st.integers(1, 1_000))
def test_each_wait_is_twice_the_last_up_to_the_longest(failures: int) -> None:
    assert waiting_seconds(failures) == min(module.LONGEST_WAIT, module.FIRST_WAIT * 2 ** (failures - 1))


DYING = """
import sys
from pathlib import Path
from trading_core.bootstrap import build
from trading_core.settings import Settings
from web.serve import Site

Site(build(Settings(data=Path(sys.argv[1]))), "127.0.0.1", 0).start()
raise SystemExit("the main thread is gone")
"""


def test_a_site_ends_with_the_main_thread_that_started_it(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", DYING, str(tmp_path)], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 1 and done.stderr == "the main thread is gone\n"
