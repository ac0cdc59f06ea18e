"""The benchmarks run and print their lines. What they measure is no business of a test: a machine may be busy."""
from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench.__main__ import ROWS, main
from bench.report import Line

LINES = {"bids": 2, "latency": 2, "feed": 2, "deadlines": 2}  # on both databases; the others once


@pytest.mark.parametrize("name", ROWS)
def test_each_prints_its_lines(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", name, "--quick"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 0
    shown = capsys.readouterr().out
    assert shown.count("must reach:") == shown.count("reference") == LINES.get(name, 1), shown


def test_an_unknown_name_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", "speed"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert "there are bids" in capsys.readouterr().err


def test_a_missed_target_is_told_where_it_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missed, table = Line("as fast as light", "1 m/s", "299 792 458 m/s", 0.0, "≥ 1", reached=False), tmp_path / "numbers.md"
    monkeypatch.setitem(ROWS, "start", lambda _: [missed])
    for more, code in (["--check"], 1), ([], 0):
        monkeypatch.setattr(sys, "argv", ["bench", "start", "--table", str(table), *more])
        with pytest.raises(SystemExit) as end:
            main()
        assert end.value.code == code
    assert "| `start` | as fast as light | 1 m/s | 299 792 458 m/s | 0.00 | ≥ 1 | **no** |" in table.read_text("utf-8")
