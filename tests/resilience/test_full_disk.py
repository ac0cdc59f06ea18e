"""A full disk refuses cleanly: nothing is half done, what was acknowledged stays, and with room again the same commands go through."""
from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-m", "tests.resilience.full_disk"]
MOUNT = 'mount -t tmpfs -o size=6m tmpfs "$0" && exec "$@"'


def small_disk(folder: Path) -> list[str]:
    """How to run something that sees a disk of 6 MiB in that folder; empty where nobody may mount one."""
    for unshare in (["unshare", "--mount"], ["unshare", "--user", "--map-root-user", "--mount"]):
        command = [*unshare, "sh", "-c", MOUNT, str(folder)]
        if shutil.which("unshare") and subprocess.run([*command, "true"], capture_output=True).returncode == 0:
            return command
    return []


@pytest.mark.parametrize("how", ["a small disk", "a limit on files"])
def test_nothing_is_half_done(how: str, tmp_path: Path) -> None:
    """Where no disk may be mounted, the limit on the size of files stands for it in both runs."""
    disk = small_disk(tmp_path) if how == "a small disk" else []
    command = [*disk, *PROGRAM, str(tmp_path), *([] if disk else ["--limit"])]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"receipts": 2, "differences": 0}
