"""One demonstration for all tests that look at what comes out of a finished tender: played once by the command itself
in a run of the tests."""
from __future__ import annotations

import fcntl
import io
import json
from dataclasses import dataclass
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


def finished(folder: Path) -> Finished:
    """``gongxin demo engineering --out <folder> --json``, run in this process, or what it left there before. Processes of one test run
    share the folder: one plays, the others wait for it and only read."""
    told = folder.with_suffix(".json")
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            code, *texts = run("demo", "engineering", "--out", str(folder), "--json", "--data", str(ROOT / "var"))
            assert code == 0, "".join(texts)
            told.write_text(json.dumps(texts), "utf-8")
    out, err = json.loads(told.read_text("utf-8"))
    return Finished(folder, json.loads(out), err)


def run(*argv: str) -> tuple[int, str, str]:
    """A command: exit code, what it answered, what it told beside."""
    out, err = io.StringIO(), io.StringIO()
    code = main(list(argv), out, err)
    return code, out.getvalue(), err.getvalue()
