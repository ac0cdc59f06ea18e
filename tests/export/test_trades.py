"""Every trade type that brings a demonstration: played through the API to the archive, and checked offline by anyone."""
from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.export.stage import run
from trading_core.commands.demo import scripts

OTHERS = sorted(set(scripts()) - {"engineering"})  # which has tests of its own


@pytest.mark.parametrize("trade", OTHERS)
def test_a_trade_from_notice_to_archive(trade: str, tmp_path: Path) -> None:
    out = tmp_path / trade
    code, told, _ = run("demo", trade, "--out", str(out), "--json")
    summary = json.loads(told)
    assert code == 0 and summary["result"] == "ARCHIVED" and summary["winner"]
    for variant in ("project.zip", "project-full.zip"):
        code, told, _ = run("verify", "--trust", str(out / "keys.json"), str(out / variant), "--json")
        checks = {c["name"]: c["outcome"] for c in json.loads(told)["checks"]}
        assert code == 0 and checks["file.shows"] == checks["periods.kept"] == "holds", checks
