"""Several processes start at once on an empty data folder and an empty database: each finds or makes what it needs, none fails."""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOGETHER = 4
START = """
import sys
from hashlib import sha256
from pathlib import Path
from trading_core.bootstrap import build
from trading_core.adapters.clock import SystemClock
from trading_core.settings import Settings
sys.stdin.readline()
platform = build(Settings(data=Path(sys.argv[1]), database=sys.argv[2]), SystemClock())
print(sha256(platform.keys.vault).hexdigest())
platform.database.close()
"""


def test_processes_that_start_at_once(database_url: str, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "ignore", "-c", START, str(tmp_path / "data"), database_url]
    starting = [
        subprocess.Popen(command, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(TOGETHER)
    ]
    for p in starting:
        assert p.stdin is not None
        p.stdin.write("\n")
        p.stdin.flush()
    said = [p.communicate() for p in starting]
    assert [p.returncode for p in starting] == [0] * TOGETHER, "\n".join(err for _, err in said)
    assert len({out for out, _ in said}) == 1, "they made keys of their own"


WHOLE = """
import pkgutil
from importlib import import_module
import trading_core.bootstrap
from trading_core.adapters import db
from trading_core.adapters.db.schema import metadata
known = set(metadata.tables)
for module in pkgutil.iter_modules(db.__path__):
    import_module(f"{db.__name__}.{module.name}")
print(sorted(set(metadata.tables) - known))
"""


def test_every_table_is_known_when_the_platform_is_built() -> None:
    """Whatever else a process has imported by then: what is declared later would be created by nobody."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", WHOLE], env=environment, text=True, capture_output=True, check=True)
    assert done.stdout.strip() == "[]"
