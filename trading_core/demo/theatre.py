"""Where a demonstration is played: a platform in a folder, its real web server on a free port, a clock that is moved by hand."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from ..adapters.clock import SteppedClock
from ..bootstrap import build
from ..domain.workcalendar import CST
from ..platform import Platform
from ..services import clockwork, witness
from ..services.witness import Witness
from ..settings import Settings
from ..site import web

DAY = timedelta(days=1)
HOST = "127.0.0.1"
MANY_A_MINUTE = 1_000_000  # the clock stands while people act
Progress = Callable[[str, datetime], None]
"""Told the key of a scene's title and the clock, when the scene begins."""


@dataclass
class Theatre:
    """A running platform to play on. url: of its API."""

    platform: Platform
    clock: SteppedClock
    url: str
    witnesses: Sequence[Witness] = ()
    progress: Progress = lambda title, now: None
    checkpoints: list[int] = field(default_factory=list)

    def settle(self) -> None:
        """Let everything happen that is due now; the witnesses look at each new checkpoint."""
        while not clockwork.sweep(self.platform).idle:
            pass
        self.checkpoints += sorted({c.size for c in witness.attend(self.platform, self.witnesses)})

    def go(self, moment: datetime) -> None:
        """Move the clock to a moment and let happen what is due."""
        self.clock.move_to(max(moment, self.clock.now()))
        self.settle()

    def wait(self, span: timedelta) -> None:
        self.go(self.clock.now() + span)

    def at(self, day: date, clock: str) -> None:
        """Go to a time of a day in China, ``09:30``; nothing when that has passed."""
        self.go(moment(day, clock))

    def workday(self, day: date, after: int = 0) -> date:
        """The day, or the next working day, and so many working days later."""
        return self.platform.calendar.add_workdays(self.platform.calendar.workday_from(day), after)

    @property
    def today(self) -> date:
        return self.clock.now().astimezone(CST).date()


def moment(day: date, clock: str) -> datetime:
    """A time of a day in China."""
    return datetime.combine(day, time.fromisoformat(clock), CST)


@contextmanager
def open_theatre(settings: Settings, start: datetime, witnesses: Sequence[str], folder: Path, progress: Progress) -> Iterator[Theatre]:
    """A platform with its site and its witnesses, for as long as the block runs. folder: where the witnesses keep their things."""
    clock = SteppedClock(start)
    platform = build(replace(settings, rate_per_minute=MANY_A_MINUTE), clock)
    watching = [witness.open_witness(folder / name.partition(".")[0], name, platform.entropy) for name in witnesses]
    for w in watching:
        witness.introduce(platform, w.verifier_key)
    try:
        running = web("Site")(platform, HOST, 0, proxies=frozenset({HOST})).start()
        try:
            yield Theatre(platform, clock, running.address, watching, progress)
        finally:
            running.close()
    finally:
        platform.database.close()
