"""`kill -9` of clients and worker at random points of a tender: nothing acknowledged is lost, nothing happens twice."""
from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from multiprocessing.context import ForkServerContext
from pathlib import Path

import psycopg
import pytest

from tests.resilience import player
from tests.resilience.checks import check_everything, check_receipts
from trading_core.services import clockwork

SEEDS = int(os.environ.get("GONGXIN_SOAK_SEEDS", "10"))
KILLS = (2, 6)
ENDING = 10  # so many answers before the end at the latest: what is killed shall still live
PATIENCE_SECONDS = 120

Process = multiprocessing.process.BaseProcess


@pytest.fixture(scope="module")
def forks() -> ForkServerContext:
    """Processes that begin with everything imported."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.resilience.player"])
    return context


@pytest.fixture
def databases(postgres: str, fonts: str) -> Iterator[Callable[[int], str]]:
    """A fresh database for a seed: SQLite for even ones, PostgreSQL for odd ones."""
    server, made = postgres.replace("+psycopg", ""), list[str]()

    def fresh(seed: int) -> str:
        if seed % 2 == 0:
            return ""
        made.append(f"k{time.monotonic_ns()}")
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute(f"create database {made[-1]}")
        return f"{postgres}/{made[-1]}"

    yield fresh
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        for name in made:
            connection.execute(f"drop database {name} with (force)")


class Course:
    """One tender with its two processes, on a folder and a database."""

    def __init__(self, forks: ForkServerContext, folder: Path, database: str, seed: int) -> None:
        self._forks, self.folder, self.database, self._seed = forks, folder, database, seed
        player.open_platform(folder, database).database.close()  # keys and tables are there before two processes start at once
        self.clients, self.worker = self._start("clients"), self._start("worker")

    def _start(self, which: str) -> Process:
        more = (self._seed,) if which == "clients" else ()
        process = self._forks.Process(target=player.play if more else player.sweep, args=(self.folder, self.database, *more), name=which)
        process.start()
        return process

    def kill(self, which: str) -> bool:
        """Kill one of the two without warning and start it anew. Whether it was alive until then: killed, not ended by itself."""
        process: Process = getattr(self, which)
        process.kill()  # type: ignore[attr-defined]
        process.join()
        setattr(self, which, self._start(which))
        return process.exitcode == -signal.SIGKILL

    def steps(self) -> int:
        """Answers that reached the clients' disk."""
        path = self.folder / "journal"
        return path.read_bytes().count(b"\n") if path.exists() else 0

    def wait_for(self, steps: int) -> bool:
        """Wait until so many answers are there; False when the tender ended before."""
        while self.steps() < steps and self.clients.is_alive():
            time.sleep(0.001)
        return self.clients.is_alive()

    def end(self) -> None:
        self.clients.join(PATIENCE_SECONDS)
        assert self.clients.exitcode == 0, "the clients did not come to the end"
        self.worker.kill()  # type: ignore[attr-defined]
        self.worker.join()

    def stop(self) -> None:
        for process in (self.clients, self.worker):
            process.kill()  # type: ignore[attr-defined]
            process.join()


def result(folder: Path, database: str) -> dict[tuple[str, str], int]:
    """Check everything after a last sweep; how often each type of event came to be."""
    platform = player.open_platform(folder, database)
    try:
        while not clockwork.sweep(platform).idle:
            pass
        check_everything(platform)
        with platform.look() as unit:
            assert check_receipts(unit, player.read_journal(folder / "journal").values()) > 50
        return player.kinds(platform)
    finally:
        platform.database.close()


@pytest.fixture(scope="module")
def undisturbed(forks: ForkServerContext, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, dict[tuple[str, str], int]]:
    """The same tender in peace: how many answers it takes, and what it leaves in the record."""
    folder = tmp_path_factory.mktemp("undisturbed")
    course = Course(forks, folder, "", 0)
    try:
        course.end()
    finally:
        course.stop()
    return course.steps(), result(folder, "")


@pytest.mark.parametrize("seed", range(SEEDS))
def test_killed_at_random_points(
    seed: int, forks: ForkServerContext, databases: Callable[[int], str], tmp_path: Path,
    undisturbed: tuple[int, dict[tuple[str, str], int]],
) -> None:  # fmt: skip
    chance, (steps, expected) = random.Random(seed), undisturbed
    points = sorted(chance.randrange(steps - ENDING) for _ in range(chance.randint(*KILLS)))
    print(f"seed {seed}: kills after {points} of {steps} answers")
    course, killed = Course(forks, tmp_path, databases(seed), seed), 0
    try:
        for point in points:
            if course.wait_for(point):
                time.sleep(chance.random() * 0.03)
                for which in chance.choice((["clients"], ["worker"], ["clients", "worker"])):
                    killed += course.kill(which)
        assert killed, "nothing was killed: the tender was over before"
        course.end()
    finally:
        course.stop()
    assert result(tmp_path, course.database) == expected
