"""What pages show: small values between the core's reads and the templates. Figures and instants; texts only where
they depend on more than one of them."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Literal


@dataclass(frozen=True, slots=True)
class StageMark:
    """A step of the stage bar. at: when it was reached."""

    name: str
    place: Literal["done", "now", "later"]
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """What runs out next, when, how that was counted, and by which rules. frozen: the lot is suspended and its clocks stand."""

    title: str
    until: datetime | None = None
    said: tuple[str, ...] = ()
    cites: tuple[tuple[str, str], ...] = ()
    frozen: bool = False
    soon: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """Label over value. small: a second line; before: the value an amendment struck out."""

    label: str
    value: str
    small: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A public act. index: its place in the log, None while it waits for one; settled: a signed checkpoint covers it."""

    at: datetime
    type: str
    title: str
    note: str = ""
    index: int | None = None
    settled: bool = False
    public: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PeriodLine:
    """A statutory period of a lot. kind: ok, blocked, late, or ahead while its end is not known. actual: its length found."""

    rule: str
    source: str
    start: str
    end: str
    count: int
    unit: str
    bound: str
    backward: bool
    verified: bool
    kind: Literal["ok", "blocked", "late", "ahead"]
    actual: int | None
    ends: datetime | None
    limit: datetime | None


@dataclass(frozen=True, slots=True)
class Change:
    """One term changed by an amendment, as shown."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Paged:
    """A page of a longer list; address makes the address of another page."""

    items: Sequence[object]
    total: int
    number: int
    size: int
    address: object

    @property
    def pages(self) -> int:
        return max(1, ceil(self.total / self.size))

    @property
    def near(self) -> range:
        return range(max(1, self.number - 3), min(self.pages, self.number + 3) + 1)

    def url(self, number: int) -> str:
        return str(self.address(number))  # type: ignore[operator]
