"""One demonstration for all tests that look at what comes out of a finished tender: played once by the command itself."""
from __future__ import annotations

import atexit
import io
import json
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from trading_core.cli import main

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Finished:
    """The folder a demonstration left, its summary as printed, and what it told beside."""

    folder: Path
    summary: dict[str, Any]
    progress: str


@cache
def finished() -> Finished:
    """``gongxin demo engineering --out … --json``, run in this process."""
    folder = Path(tempfile.mkdtemp(prefix="gongxin-finished-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    out, err = io.StringIO(), io.StringIO()
    code = main(["demo", "engineering", "--out", str(folder), "--json", "--data", str(ROOT / "var")], out, err)
    assert code == 0, out.getvalue() + err.getvalue()
    return Finished(folder, json.loads(out.getvalue()), err.getvalue())


def run(*argv: str) -> tuple[int, str, str]:
    """A command: exit code, what it answered, what it told beside."""
    out, err = io.StringIO(), io.StringIO()
    code = main(list(argv), out, err)
    return code, out.getvalue(), err.getvalue()
