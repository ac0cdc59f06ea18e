"""How an intermediary keeps its time: the share of services in time, and how much faster than its limits it was [07 §7.3]."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from .numbers import Places, text


@dataclass(frozen=True, slots=True)
class EndedService:
    """A service that has ended. promised_on and ended_on: days, the promised one moved by pauses for reasons of the owner. limit_days:
    the legal or promised limit; actual_days: what it took; both in working days, pauses left out."""

    promised_on: date
    ended_on: date
    limit_days: int
    actual_days: int

    def __post_init__(self) -> None:
        if self.limit_days <= 0 or self.actual_days < 0:
            raise ValueError("a limit is at least one day, and no service takes less than none")


def on_time_rate(services: Sequence[EndedService]) -> Fraction | None:
    """Services ended on or before the promised day, of all that ended; None while none has."""
    if not services:
        return None
    return Fraction(sum(service.ended_on <= service.promised_on for service in services), len(services))


def speed_up_rate(services: Sequence[EndedService]) -> Fraction | None:
    """Days saved, of all days of the limits; below zero when the limits were overrun; None while no service has ended."""
    if not services:
        return None
    return Fraction(sum(service.limit_days - service.actual_days for service in services), sum(service.limit_days for service in services))


def percent(rate: Fraction, how: Places) -> str:
    """A rate as percent, rounded as stated: ``24.4444``."""
    return text(how.of(rate * 100))
