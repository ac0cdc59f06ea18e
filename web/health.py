"""How the platform is doing: each part looked at for real, with what it measured."""
from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from trading_core.adapters import broker
from trading_core.domain.errors import Forbidden
from trading_core.platform import Platform
from trading_core.services import log, lots, readers, sweeps

from .errors import database_away

State = Literal["ok", "slow", "down"]
WAITING_MAX = 1_000  # committed events without a place in the log
LAG_MAX = 5_000  # events a reader may be behind
OVERDUE_MAX = timedelta(seconds=30)  # acts of the clock may be this late before it counts as slow
SWEPT_SLOW, SWEPT_DOWN = timedelta(seconds=30), timedelta(minutes=5)  # since a worker last came round


@dataclass(frozen=True, slots=True)
class Part:
    """One part. figures: what was measured, in the units its name says."""

    name: str
    state: State
    figures: dict[str, int]


@dataclass(frozen=True, slots=True)
class Health:
    """All parts; the whole is as good as its worst."""

    parts: tuple[Part, ...]

    @property
    def state(self) -> State:
        return max((p.state for p in self.parts), key=("ok", "slow", "down").index)


def health(platform: Platform, parts: Collection[str] = ()) -> Health:
    """Look at database, log, clock's acts, readers of the log, queue, clock and stored files, each by itself. parts: only these."""
    return Health(tuple(_guarded(name, check, platform) for name, check in CHECKS.items() if not parts or name in parts))


def _guarded(name: str, check: Callable[[Platform], Part], platform: Platform) -> Part:
    try:
        return check(platform)
    except Exception as error:
        if not database_away(error):
            raise
        return Part(name, "down", {})


def _database(platform: Platform) -> Part:
    with platform.look() as unit:
        return Part("database", "ok", {"log_entries": log.log_size(unit)})


def _log(platform: Platform) -> Part:
    """How many committed events wait for their place, and how many places no checkpoint covers yet."""
    with platform.look() as unit:
        waiting, size = log.waiting(unit), log.log_size(unit)
        try:
            covered = log.checkpoint(unit).size
        except Forbidden:
            covered = 0
    return Part("log", "slow" if waiting > WAITING_MAX else "ok", {"waiting": waiting, "uncovered": size - covered})


def _deadlines(platform: Platform) -> Part:
    """How late the longest overdue act of the clock is."""
    with platform.look() as unit:
        due = lots.due(unit, 1)
        late = unit.now - due[0][2] if due else timedelta(0)
    return Part("deadlines", "slow" if late > OVERDUE_MAX else "ok", {"late_seconds": int(late.total_seconds())})


def _readers(platform: Platform) -> Part:
    with platform.look() as unit:
        lags = readers.lags(unit, sorted(platform.readers))
    behind = max((lag.behind for lag in lags), default=0)
    return Part("readers", "slow" if behind > LAG_MAX else "ok", {"behind": behind, "readers": len(lags)})


def _queue(platform: Platform) -> Part:
    """Whether the broker answers, and how long ago a worker last came round. Where none ever did, one is still to be started."""
    reached = broker.answers(platform.settings.broker)
    with platform.look() as unit:
        seen = sweeps.last(unit)
        silent = unit.now - seen if seen else None
    figures = {"broker": int(reached)} | ({"swept_seconds": int(silent.total_seconds())} if silent is not None else {})
    if silent is not None and silent > SWEPT_DOWN:
        return Part("queue", "down", figures)
    return Part("queue", "ok" if reached and silent is not None and silent <= SWEPT_SLOW else "slow", figures)


def _clock(platform: Platform) -> Part:
    """How far the clock may be off, and by how much it lies behind the record: then nothing can be done to a lot."""
    with platform.look() as unit:
        behind = lots.clock_behind(unit)
    error = platform.clock.error()
    figures = {"behind_ms": _ms(behind)} | ({"error_ms": _ms(error)} if error is not None else {})
    return Part("clock", "down" if behind else "ok", figures)


def _objects(platform: Platform) -> Part:
    """How many stored files have been found damaged and have not been put back: the site goes on without them."""
    damaged = len(platform.objects.damaged())
    return Part("objects", "slow" if damaged else "ok", {"damaged": damaged})


def _ms(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)


CHECKS: dict[str, Callable[[Platform], Part]] = {
    "database": _database, "log": _log, "deadlines": _deadlines, "readers": _readers, "queue": _queue, "clock": _clock,
    "objects": _objects,
}  # fmt: skip
