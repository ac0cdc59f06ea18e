"""The hub follows the log and wakes whoever waits for it to grow. It remembers the newest entries; older ones are read again.

Every stream keeps its own position, a log index, so a reconnect with ``Last-Event-ID`` misses nothing and repeats nothing, also
after a restart or on another process. Nobody queues for a slow reader: it merely falls behind, and is dropped when it stops reading.
"""
from __future__ import annotations

import asyncio
import json
import logging
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass

from trading_core.platform import Platform
from trading_core.services import log

logger = logging.getLogger(__name__)

REMEMBERED = 1_000  # newest entries kept in memory
STREAMS_KNOWN = 10_000  # subjects whose last entry is known
BATCH = 200
IDLE_SECONDS = 0.25  # another process may write to the log without telling this one
BUSY_SECONDS = 0.02
FIRST_WAIT, LONGEST_WAIT = 0.5, 8.0  # seconds until a database that is away is asked again, twice as long each time
BUSY_FOR = 25  # quick looks after something was committed here: its place in the log follows at once


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log, ready to be sent: index, stream, and the JSON text of its public form."""

    index: int
    stream: str
    text: str


def read_entries(platform: Platform, first: int, limit: int = BATCH) -> list[Entry]:
    """The log from an index on, as entries."""
    with platform.look() as unit:
        found = [log.public_form(stored) for stored in log.feed(unit, first, limit)]
    return [Entry(int(str(f["index"])), str(f["stream"]), json.dumps(f, ensure_ascii=False, separators=(",", ":"))) for f in found]


def waiting_seconds(failures: int) -> float:
    """How long to leave the database alone after so many failures in a row."""
    return min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(failures - 1, 30))


class Hub:
    """Follows the log on one event loop. `read` is called on the executor's threads."""

    def __init__(self, read: Callable[[int, int], Sequence[Entry]], first: int, executor: Executor) -> None:
        self._read, self._executor = read, executor
        self.next = first
        self._recent: deque[Entry] = deque(maxlen=REMEMBERED)
        self._last: OrderedDict[str, int] = OrderedDict()
        self._grown, self._wake, self._quick = asyncio.Event(), asyncio.Event(), 0
        self._loop = asyncio.get_running_loop()
        self.closing = False

    def committed(self) -> None:
        """Called from any thread after a commit: look at the log soon."""
        if not self.closing:
            self._loop.call_soon_threadsafe(self._look_soon)

    def _look_soon(self) -> None:
        self._quick = BUSY_FOR
        self._wake.set()

    async def follow(self) -> None:
        """Follow the log until closed, or until the process has no thread left to read it with. A database that is away is asked again."""
        failures = 0
        while not self.closing:
            try:
                await self._catch_up()
            except Exception:
                failures += 1
                logger.exception("the log could not be read; trying again")
                await self._wait(waiting_seconds(failures))
            else:
                failures = 0
                await self._pause()

    async def _catch_up(self) -> None:
        while entries := await self._next_entries():
            self._recent.extend(entries)
            for e in entries:
                self._last.pop(e.stream, None)
                self._last[e.stream] = e.index
            while len(self._last) > STREAMS_KNOWN:
                self._last.popitem(last=False)
            self.next, self._quick = entries[-1].index + 1, 0
            self._tell()

    async def _next_entries(self) -> Sequence[Entry]:
        if self.closing:
            return ()
        try:
            reading = self._loop.run_in_executor(self._executor, self._read, self.next, BATCH)
        except RuntimeError:  # the interpreter is going down and takes no more work: nothing will ever be read again
            self.close()
            return ()
        return await reading

    async def _pause(self) -> None:
        if self._quick:
            self._quick -= 1
            await asyncio.sleep(BUSY_SECONDS)
        else:
            await self._wait(IDLE_SECONDS)

    async def _wait(self, seconds: float) -> None:
        """Until something was committed here, the hub is closed, or the time is over."""
        if self.closing:
            return
        self._wake.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)

    def _tell(self) -> None:
        grown, self._grown = self._grown, asyncio.Event()
        grown.set()

    def close(self) -> None:
        """End the following and every wait."""
        self.closing = True
        self._wake.set()
        self._tell()

    async def grown(self, patience: float) -> bool:
        """Wait until the log grows; False when it did not within `patience` seconds."""
        if self.closing:
            return False
        try:
            await asyncio.wait_for(self._grown.wait(), patience)
        except TimeoutError:
            return False
        return True

    async def since(self, first: int) -> Sequence[Entry]:
        """Entries from an index on, at most a batch: from memory, or read again when they are older."""
        if first >= self.next:
            return ()
        if self._recent and self._recent[0].index <= first:
            return [e for e in self._recent if first <= e.index < first + BATCH]
        return await self._loop.run_in_executor(self._executor, self._read, first, BATCH)

    def last_of(self, stream: str) -> int:
        """Index of the newest entry of a stream seen since the start, -1 when there was none."""
        return self._last.get(stream, -1)
