"""Printing keeps nothing waiting: neither the clock nor other papers."""
from __future__ import annotations

import logging
import threading

import pytest

from tests.world import TERMS, World, at
from trading_core import tasks
from trading_core.platform import Platform
from trading_core.services import clockwork, paper_data, papers


def test_the_clock_goes_on_while_a_paper_is_printed(sqlite_platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    world, begun, go_on = World(sqlite_platform), threading.Event(), threading.Event()
    lot = world.announce(TERMS)
    clockwork.sweep(sqlite_platform, clockwork.PROMPT)  # what the notice yields is noted

    def slow(*_: object) -> int:
        begun.set()
        assert go_on.wait(60)
        return 0

    monkeypatch.setattr(clockwork, "STEPS", {**clockwork.STEPS, "issued": slow})
    app = tasks.application(sqlite_platform)
    assert set(app.conf.beat_schedule) == {"sweep", "print"}
    printing = threading.Thread(target=app.tasks["gongxin.print"])
    printing.start()
    assert begun.wait(60)
    world.clock.move_to(at("2026-03-02T08:30"))
    app.tasks["gongxin.sweep"]()
    app.tasks["gongxin.print"]()  # the one under way is not joined by another
    assert printing.is_alive() and world.lot(lot).status == "ISSUING"
    go_on.set()
    printing.join(60)


def test_a_paper_that_fails_stops_no_other(
    sqlite_platform: Platform, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world, made = World(sqlite_platform), paper_data.of
    first, second = sorted(world.announce(TERMS) for _ in range(2))

    def broken(unit: object, trade: object, lot: object, *more: object) -> object:
        if lot.id == first:  # type: ignore[attr-defined]
            raise AttributeError("data nobody thought of")
        return made(unit, trade, lot, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(paper_data, "of", broken)
    caplog.set_level(logging.ERROR)
    while not clockwork.sweep(sqlite_platform).idle:
        pass
    issued = {lot: [s for s in events(world, lot) if s == "document_issued"] for lot in (first, second)}
    assert not issued[first] and len(issued[second]) == 1
    assert len(caplog.records) == 1  # told once, not at every round
    assert "AttributeError in broken" in caplog.text and "nobody thought" not in caplog.text
    monkeypatch.undo()
    assert papers.issue_waiting(sqlite_platform) == 1


def events(world: World, lot: str) -> list[str]:
    with world.platform.look() as unit:
        return [s.type for s in unit.store.read(f"lot/{lot}")]
