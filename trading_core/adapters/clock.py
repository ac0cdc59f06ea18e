"""Time, the only place that asks the machine for it. Everything else is given a `Clock`."""
from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Protocol

from . import kernel_clock


class Clock(Protocol):
    """The one server clock."""

    def now(self) -> datetime:
        """The present instant, aware, UTC, to the microsecond."""

    def error(self) -> timedelta | None:
        """Bound of the clock's error, shown beside every time [T-11]; None when nobody can tell."""


class SystemClock:
    """The machine's clock. It never runs backwards within a process: a clock set back is held until real time catches up."""

    def __init__(self) -> None:
        self._last = datetime.min.replace(tzinfo=UTC)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        with self._lock:
            self._last = max(self._last, datetime.now(UTC))
            return self._last

    def error(self) -> timedelta | None:
        return kernel_clock.error()


class SteppedClock:
    """A clock that stands until it is moved, for demonstrations and tests. It refuses to go back."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("an instant carries its time zone")
        self._now = start.astimezone(UTC)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        with self._lock:
            return self._now

    def error(self) -> timedelta:
        return timedelta(0)

    def move_to(self, moment: datetime) -> None:
        """Stand at `moment` from now on. ValueError when it lies in the past of this clock."""
        with self._lock:
            if moment < self._now:
                raise ValueError("a clock does not go back")
            self._now = moment.astimezone(UTC)

    def advance(self, span: timedelta) -> None:
        self.move_to(self.now() + span)
