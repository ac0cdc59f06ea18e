"""Commands that wait for their decision: one queue per lot, and one thread that takes all that waits of a lot at once.

The event loop puts them in, in the order in which it has read them; the thread decides them in that order. A command is answered within
about a second: one that has waited longer is refused before anything was done with it. When the process ends, every command that was
taken in is decided first.
"""
from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trading_core.domain.errors import Problem, Refused
from trading_core.services.halls import MOST, Answer, Waiting

logger = logging.getLogger(__name__)

WAITING_MAX = 1_000  # of one lot
PATIENCE_SECONDS = 0.8  # that a command may wait before its turn
LOOK_SECONDS = 0.1  # how often the loop looks for those who have waited too long

Decide = Callable[[str, Sequence[Waiting]], list[Answer]]


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    waiting: Waiting
    since: float
    answer: asyncio.Future[Answer]


def too_busy() -> Refused:
    """Why a command is refused that could not be decided in time. Nothing was done with it."""
    return Refused(Problem("service.hall_busy", params={"retry_after_seconds": 1}))


class Committer:
    """Its methods are called on the event loop it was made on; `decide` runs on the thread."""

    def __init__(self, decide: Decide) -> None:
        self._decide, self._loop = decide, asyncio.get_running_loop()
        self._queues: dict[str, deque[_Asked]] = {}  # by lot, whose turn is next first
        self._changed, self._closing, self._looking = threading.Condition(), False, False
        self._thread: threading.Thread | None = None

    @property
    def waiting(self) -> int:
        """How many commands have not had their turn."""
        with self._changed:
            return sum(map(len, self._queues.values()))

    async def ask(self, lot_id: str, waiting: Waiting) -> Answer:
        """The decision on a command, in the order of the calls."""
        asked = _Asked(waiting, self._loop.time(), self._loop.create_future())
        with self._changed:
            queue = self._queues.setdefault(lot_id, deque())
            if self._closing or len(queue) >= WAITING_MAX:
                return too_busy()
            queue.append(asked)
            self._changed.notify()
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="committer")
            self._thread.start()
        if not self._looking:
            self._looking = True
            self._loop.call_later(LOOK_SECONDS, self._look)
        return await asked.answer

    def close(self) -> None:
        """Decide what waits, and end the thread. From then on everybody is refused."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    # -------------------------------------------------------------- on the loop

    def _look(self) -> None:
        """Refuse who has waited too long: whoever waits knows soon that nothing will come of it."""
        late, oldest = [], self._loop.time() - PATIENCE_SECONDS
        with self._changed:
            for queue in self._queues.values():
                while queue and queue[0].since < oldest:
                    late.append(queue.popleft())
            self._looking = any(self._queues.values())
        self._tell(late, [too_busy() for _ in late])
        if self._looking:
            self._loop.call_later(LOOK_SECONDS, self._look)

    def _tell(self, batch: Sequence[_Asked], answers: Sequence[Answer]) -> None:
        for asked, answer in zip(batch, answers, strict=True):
            if not asked.answer.done():  # whoever was not waited for any more must not cost the others their answer
                asked.answer.set_result(answer)

    # -------------------------------------------------------------- on the thread

    def _work(self) -> None:
        while (found := self._next()) is not None:
            lot_id, batch = found
            try:
                answers = self._decide(lot_id, [asked.waiting for asked in batch])
            except Exception as error:
                logger.exception("commands on a lot could not be decided")
                answers = [error] * len(batch)
            self._loop.call_soon_threadsafe(self._tell, batch, answers)

    def _next(self) -> tuple[str, list[_Asked]] | None:
        """All that waits of the lot whose turn it is, as much as is decided at once; None at the end."""
        with self._changed:
            while True:
                for lot_id in list(self._queues):
                    queue = self._queues.pop(lot_id)
                    batch = [queue.popleft() for _ in range(min(MOST, len(queue)))]
                    if queue:
                        self._queues[lot_id] = queue  # after the others
                    if batch:
                        return lot_id, batch
                if self._closing:
                    return None
                self._changed.wait()
