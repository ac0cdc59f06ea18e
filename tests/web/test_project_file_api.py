"""The project file from its address: made once for everybody, anew when something has happened."""
from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any

import pytest

from tests.web.frame import Reader
from tests.world import TERMS, World, at
from trading_core.domain.identity import ANYONE
from trading_core.platform import Platform
from trading_core.services import project_zip
from web.app import make_app
from web.limits import PROJECT_FILE_READS, READS_PER_COMMAND


def test_it_is_made_once_until_something_happens(sqlite_platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    world, made, export = World(sqlite_platform), list[str](), project_zip.export
    monkeypatch.setattr(project_zip, "export", lambda platform, lot, *more: (made.append(lot), export(platform, lot, *more))[1])
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    reader, address = Reader(make_app(sqlite_platform)), f"/api/v1/lots/{lot}/project.zip"
    first = reader.ask(address)
    assert first.status_int == 200 and first.content_length == len(first.body) and zipfile.ZipFile(io.BytesIO(first.body)).testzip() is None
    assert reader.ask(address).body == first.body and made == [lot]
    world.give(lot, "ask", ANYONE, text="围堰费用是否单列？")
    assert reader.ask(address).body != first.body and made == [lot, lot]
    draft = world.create({"principal": world.principal.organisation})
    assert reader.ask(f"/api/v1/lots/{draft}/project.zip").status_int in (401, 404)


def test_it_costs_its_reader_as_much_as_many_pages(sqlite_platform: Platform) -> None:
    world = World(sqlite_platform)
    lot = world.announce(TERMS)
    rate = 2 * PROJECT_FILE_READS // READS_PER_COMMAND
    app: Any = make_app(replace(sqlite_platform, settings=replace(sqlite_platform.settings, rate_per_minute=rate)))
    assert [Reader(app).ask(f"/api/v1/lots/{lot}/project.zip").status_int for _ in range(3)] == [200, 200, 429]
