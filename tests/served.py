"""The real site as a process of its own: the code of this checkout, what it says kept in files."""
from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
COMMAND_LINE = ("-m", "trading_core.cli")
START_SECONDS, END_SECONDS = 60, 60


@dataclass(frozen=True)
class Served:
    """out, err: files with everything the process has said."""

    process: subprocess.Popen[bytes]
    out: Path
    err: Path
    address: str


@contextmanager
def serving(
    data: Path, *options: str, end: signal.Signals = signal.SIGTERM, program: Sequence[str] = COMMAND_LINE, path: Sequence[Path] = (),
    **environment: str,
) -> Iterator[Served]:  # fmt: skip
    """``gongxin serve`` on a free port, ended by a signal when the block ends. path: folders searched for modules first."""
    out, err = data.with_name(f"{data.name}.out"), data.with_name(f"{data.name}.err")
    command = [sys.executable, *program, "serve", "--data", str(data), "--port", "0", "--json", *options]
    modules = os.pathsep.join(map(str, (*path, ROOT)))
    given = {**os.environ, "PYTHONWARNINGS": "ignore", "PYTHONPATH": modules, **environment}
    with out.open("wb") as said, err.open("wb") as complained:
        process = subprocess.Popen(command, stdout=said, stderr=complained, env=given, cwd=ROOT)
    try:
        yield Served(process, out, err, _address(process, out, err))
    finally:
        process.send_signal(end)
        try:
            process.wait(END_SECONDS)
        finally:
            process.kill()
    assert process.returncode == (0 if end is signal.SIGTERM else -end), err.read_text()


def _address(process: subprocess.Popen[bytes], out: Path, err: Path) -> str:
    """Where the site answers, once it says so."""
    patience = time.monotonic() + START_SECONDS
    while not (said := out.read_text()).endswith("}\n"):
        assert process.poll() is None, err.read_text()
        assert time.monotonic() < patience, "the site does not begin"
        time.sleep(0.05)
    return str(json.loads(said)["address"])
