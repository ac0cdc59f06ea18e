"""The change feed while the platform is written to: 70 events a second beside 500 reads and more, none missed."""
from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing

import sqlalchemy as sa

from tests.world import World
from trading_core.adapters.db import schema
from trading_core.domain.events import Event
from trading_core.platform import Platform
from trading_core.services import log

from . import stage
from .report import Line, percentile, spread

WRITES, READS, READERS = 70, 500, 10
FULL = 0.95  # of the writes must have been made in time


def run(quick: bool) -> Iterator[Line]:
    """Paced writers and a sequencer beside readers that each follow the whole log over HTTP, asking anew as soon as answered."""
    duration = 1 if quick else 10
    for database in stage.DATABASES:
        with stage.platform(database) as made:
            World(made)
            log.move(made)
            with stage.site(made) as site:
                found = _measure(made, site, duration)
            reference = stage.bare_commits(made, 50)
        reads = len(found.taken) / found.seconds
        yield Line(
            f"change feed under {WRITES} writes/s with {READS} reads ({database})",
            f"{found.written} events at {found.written / found.seconds:.0f}/s, {reads:.0f} reads/s by {READERS} readers, "
            f"{found.missed} missed, {found.twice} twice; commit to reader {spread(found.lags)}; a read {spread(found.taken)}",
            f"bare one-row commit: {spread(reference)}", percentile(found.lags, 50) / percentile(reference, 50),
            "0 events missed, no waiting margin", found.missed == found.twice == 0 and found.loaded,
        )  # fmt: skip


class _Found:
    def __init__(self) -> None:
        self.written, self.missed, self.twice, self.seconds = 0, 0, 0, 0.0
        self.taken: list[float] = []
        self.lags: list[float] = []

    @property
    def loaded(self) -> bool:
        """Whether the load was there that the row speaks of."""
        return self.written / self.seconds >= FULL * WRITES and len(self.taken) >= READS


def _measure(made: Platform, site: stage.Site, duration: float) -> _Found:
    found, settled = _Found(), threading.Event()
    committed: dict[str, float] = {}
    with made.look() as unit:
        first = log.log_size(unit)
    seen: list[list[tuple[int, str, float]]] = [[] for _ in range(READERS)]

    def write(number: int, share: int) -> None:
        begin = time.perf_counter()
        for n in range(int(duration * WRITES / share)):
            time.sleep(max(0.0, begin + n * share / WRITES - time.perf_counter()))
            name = f"note/{number}-{n}"
            with made.unit() as unit:
                unit.store.append(name, 0, [Event("written", {"text": "x" * 300}, {"secret": "y" * 300})], unit.now)
            committed[name] = time.perf_counter()

    def sequence() -> None:
        while not settled.is_set():
            if not log.move(made):
                time.sleep(0.005)

    def read(mine: list[tuple[int, str, float]]) -> None:
        after, due = first - 1, time.perf_counter()
        with closing(stage.Caller(site.host, site.port)) as caller:
            while True:
                over, begin = settled.is_set(), time.perf_counter()
                status, page = caller.ask("GET", f"/api/v1/log?after={after}&limit=1000")
                assert status == 200, page
                now = time.perf_counter()
                found.taken.append(now - begin)
                mine += [(e["index"], e["stream"], now) for e in page["entries"]]
                if over and not page["entries"]:
                    return
                after = page["next"]
                due += READERS / READS
                time.sleep(max(0.0, due - time.perf_counter()))

    writers = [threading.Thread(target=write, args=(n, 4)) for n in range(4)]
    others = [threading.Thread(target=sequence), *(threading.Thread(target=read, args=(mine,)) for mine in seen)]
    begin = time.perf_counter()
    for thread in (*writers, *others):
        thread.start()
    for thread in writers:
        thread.join()
    found.seconds = time.perf_counter() - begin
    while _waiting(made):
        time.sleep(0.01)
    settled.set()
    for thread in others:
        thread.join()
    _count(found, first, committed, seen)
    return found


def _waiting(made: Platform) -> int:
    with made.look() as unit:
        return int(unit.connection.execute(sa.select(sa.func.count()).select_from(schema.pending)).scalar_one())


def _count(found: _Found, first: int, committed: dict[str, float], seen: list[list[tuple[int, str, float]]]) -> None:
    found.written = len(committed)
    wanted = list(range(first, first + len(committed)))
    for mine in seen:
        indices = [index for index, _, _ in mine]
        found.missed += len(set(wanted) - set(indices)) + (len({s for _, s, _ in mine} ^ committed.keys()))
        found.twice += len(indices) - len(set(indices)) + (indices != sorted(indices))
        found.lags += [max(0.0, at - committed[stream]) for _, stream, at in mine if stream in committed]
