"""The benchmarks run and print their lines. What they measure is no business of a test: a machine may be busy."""
from __future__ import annotations

import sys

import pytest

from bench.__main__ import ROWS, main

LINES = {"bids": 2, "latency": 2, "feed": 2, "deadlines": 2}  # on both databases; the others once


@pytest.mark.parametrize("name", ROWS)
def test_each_prints_its_lines(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", name, "--quick"])
    main()
    shown = capsys.readouterr().out
    assert shown.count("must reach:") == shown.count("reference") == LINES.get(name, 1), shown


def test_an_unknown_name_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", "speed"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert "there are bids" in capsys.readouterr().err
