"""Somebody else's trade type: a wheel of its own, installed beside Gongxin, runs a lot to the end with no change to the core."""
from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = Path(__file__).parent / "package"


def run(*command: str, **environment: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, env={**os.environ, **environment})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which the strangers' wheel was installed. Nothing is fetched."""
    folder = tmp_path_factory.mktemp("stranger")
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    shutil.copytree(PACKAGE, folder / "source")
    wheels = str(folder / "wheels")
    run(*pip, "wheel", "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", wheels, str(folder / "source"))
    wheel, = (folder / "wheels").glob("gongxin_reeds-1.0-*.whl")
    run(*pip, "install", "--no-index", "--no-deps", "--target", str(folder / "site"), str(wheel))
    return folder / "site"


def test_its_lot_runs_to_the_end(installed: Path, tmp_path: Path, fonts: str) -> None:
    found = json.loads(run(sys.executable, "-m", "tests.stranger.run", str(tmp_path / "data"), fonts, PYTHONPATH=str(installed)))
    assert found == {
        "distribution": "1.0", "trade": "reeds", "status": "ARCHIVED", "winner": "苇塘示例合作社", "refused": ["R-T2"], "differences": 0,
        "title": "芦苇收割权",
    }  # fmt: skip


def test_without_its_package_nobody_knows_it() -> None:
    code = "from trading_core import plugins; print(sorted(t.code for t in plugins.trade_types(plugins.load()).values()))"
    assert "reeds" not in run(sys.executable, "-c", code)


def test_nothing_in_the_core_names_it() -> None:
    for room in ("trading_core", "plugins", "expert_pool", "credit", "web"):
        for path in (ROOT / room).rglob("*"):
            assert not path.is_file() or path.suffix not in (".py", ".toml", ".jinja2", ".js") or b"reeds" not in path.read_bytes(), path
