"""The platform: everything a service needs, built once from the settings, and the units of work it offers."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import pluggy
import sqlalchemy as sa

from .adapters.clock import Clock
from .adapters.db.engine import Database
from .adapters.db.store import Projector, Store, Stored
from .adapters.entropy import Entropy
from .adapters.keys import Keys
from .adapters.objects import ObjectStore
from .adapters.printing import Printing
from .adapters.uploads import Uploads
from .adapters.vault import Vault
from .domain.lot import Lot
from .domain.trade import Command, TradeType
from .domain.workcalendar import WorkCalendar
from .messages import Catalogue
from .settings import Settings

Gather = Callable[["Unit", TradeType, Lot, Command], object]
"""Gathers one fact for a decision (see `services.facts`)."""
Reader = Callable[["Unit", Stored], None]
"""Has its effect for one event of the log, once (see `services.readers`)."""


@dataclass(frozen=True)
class Platform:
    """What runs one trading centre. Immutable; safe to share between threads."""

    settings: Settings
    clock: Clock
    entropy: Entropy
    database: Database
    vault: Vault
    keys: Keys
    objects: ObjectStore
    calendar: WorkCalendar
    catalogue: Catalogue
    plugins: pluggy.PluginManager
    trades: Mapping[str, TradeType]
    projectors: Mapping[str, Sequence[Projector]]
    uploads: Uploads
    printing: Printing
    facts: Mapping[str, Gather]
    readers: Mapping[str, Reader]
    after_commit: list[Callable[[], None]] = field(default_factory=list)

    @contextmanager
    def unit(self) -> Iterator[Unit]:
        """One unit of work: everything in it is stored together, or nothing is."""
        with self.database.writing() as connection:
            unit = Unit(self, self._store(connection), self.clock.now())
            yield unit
        for call in self.after_commit:
            call()

    @contextmanager
    def look(self) -> Iterator[Unit]:
        """One consistent look at the data, for reading only."""
        with self.database.reading() as connection:
            yield Unit(self, self._store(connection), self.clock.now())

    def _store(self, connection: sa.Connection) -> Store:
        return Store(connection, self.vault, self.entropy, self.projectors)

    def trade(self, code: str, announced: datetime | None = None) -> TradeType:
        """The newest declaration of a trade type in force at an instant (now when none is given). KeyError when there is none."""
        day = (announced or self.clock.now()).date()
        known = [t for t in self.trades.values() if t.code == code and t.rules <= day]
        if not known:
            raise KeyError(code)
        return max(known, key=lambda t: t.rules)


@dataclass(frozen=True)
class Unit:
    """A transaction with its clock reading. Services take one and never commit it."""

    platform: Platform
    store: Store
    now: datetime

    @property
    def connection(self) -> sa.Connection:
        return self.store.connection
