"""Readers of the log: each has its own cursor, moved in the same transaction as its effect, so every event counts exactly once."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from ..adapters.db import schema
from ..platform import Platform, Reader, Unit
from . import log
from .faults import faults

BATCH = 200


def run(platform: Platform, readers: Mapping[str, Reader]) -> int:
    """Let every reader catch up. A reader that fails stops at its event and is tried again next time; the others go on."""
    handled = 0
    with faults() as apart:
        for name, reader in readers.items():
            with apart(f"reader {name}"):
                while count := step(platform, name, reader):
                    handled += count
    return handled


def step(platform: Platform, name: str, reader: Reader) -> int:
    """One batch for one reader: effects and cursor in one transaction."""
    with platform.unit() as unit:
        first = cursor(unit, name)
        events = log.feed(unit, first, BATCH)
        for stored in events:
            reader(unit, stored)
        if events:
            unit.connection.execute(
                sa.update(schema.reader).where(schema.reader.c.name == name).values(next_index=first + len(events))
            )
        return len(events)


def cursor(unit: Unit, name: str) -> int:
    """The first log index the reader has not handled; the row is locked so that two workers never do the same batch."""
    row = unit.connection.execute(sa.select(schema.reader).where(schema.reader.c.name == name).with_for_update()).first()
    if row is None:
        unit.connection.execute(sa.insert(schema.reader), {"name": name, "next_index": 0})
        return 0
    return int(row.next_index)


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a reader is behind the end of the log, in events."""

    reader: str
    behind: int


def lags(unit: Unit, names: list[str]) -> list[Lag]:
    size = log.log_size(unit)
    rows = {r.name: r.next_index for r in unit.connection.execute(sa.select(schema.reader))}
    return [Lag(name, size - rows.get(name, 0)) for name in names]
