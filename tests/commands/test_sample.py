"""Sample data: the past only, whole or not at all, with accounts that work."""
from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.engineering.demo import tender
from trading_core.adapters.clock import SteppedClock
from trading_core.adapters.crypto.keyfile import read_key_file
from trading_core.bootstrap import build, work_calendar
from trading_core.demo import sample
from trading_core.domain.errors import Refused
from trading_core.domain.workcalendar import local_date
from trading_core.services import sessions
from trading_core.settings import Settings

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@given(st.integers(0, 700 * 24))
def test_the_tenders_begin_on_working_days_long_enough_ago(hours: int) -> None:
    now = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    calendar = work_calendar()
    starts, today = sample.days(now, calendar), local_date(now)
    assert all(calendar.is_workday(d) for d in starts)
    assert starts[0] < starts[1] < starts[2]
    assert calendar.add_workdays(starts[2], 1) < today  # what is played of the third ends on its second day


def test_sample_data_fill_an_empty_folder_once(tmp_path: Path, fonts: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = sample.EVERYTHING[: sample.EVERYTHING.index("experts_drawn") + 1]
    monkeypatch.setattr(sample, "PLAYED", (first, ("register", "draft"), ("register", "draft")))
    settings = Settings(data=tmp_path / "data", sample=True)
    assert sample.fill(settings, tender(), NOW, fonts, lambda *_: None)
    assert not sample.fill(settings, tender(), NOW, fonts, lambda *_: None)
    assert not [p for p in settings.data.iterdir() if p.name.startswith(".filling")]
    platform = build(settings, SteppedClock(NOW + timedelta(minutes=1)))
    try:
        shown = json.loads((settings.data / sample.ACCOUNTS).read_text("utf-8"))
        assert [a["role"] for a in shown] == [r.value for r in sample.SHOWN]
        for account in shown:
            assert sessions.sign_in(platform, account["login"], account["password"]).actor.role.value == account["role"]
    finally:
        platform.database.close()
    for trustee in ("host", "centre", "supervisor"):
        assert read_key_file((settings.data / sample.KEYS / f"{trustee}.json").read_text("utf-8"), sample.PASSPHRASE).trustee == trustee


def test_a_filling_that_fails_leaves_nothing(tmp_path: Path, fonts: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("broken off")

    with pytest.raises(RuntimeError):
        sample.fill(Settings(data=tmp_path / "data"), tender(), NOW, fonts, fail)
    assert list((tmp_path / "data").iterdir()) == []
    with pytest.raises(Refused):
        sample.fill(Settings(data=tmp_path / "data"), tender(), datetime(2099, 1, 1, tzinfo=UTC), fonts, fail)
