"""Starting: from nothing to the first page, with every plugin."""
from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from .report import Line, median, seconds

RUNS = 5
SERVE = """
import sys
from pathlib import Path
from trading_core.bootstrap import build
from trading_core.settings import Settings
from trading_core.tasks import embedded
from web.serve import Site
import urllib.request
platform = build(Settings(data=Path(sys.argv[1])))
with embedded(platform):
    site = Site(platform, "127.0.0.1", 0).start()
    assert urllib.request.urlopen(site.address + "/").status == 200
    status = Path("/proc/self/status").read_text()
    print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")), flush=True)
    sys.stdin.read()
    site.close()
"""
LIBRARIES = "import pyramid.config, pyramid_jinja2, sqlalchemy, celery, aiohttp.web, cryptography.hazmat.primitives.ciphers.aead, msgspec"


def run(quick: bool) -> Iterator[Line]:
    """Site, worker and beat in one process on a data folder that exists, until the front page has been answered."""
    with tempfile.TemporaryDirectory(prefix="gongxin-bench-") as folder:
        _start(Path(folder))  # keys and tables
        runs = [_start(Path(folder)) for _ in range(1 if quick else RUNS)]
    bare = median([seconds(lambda: subprocess.run([sys.executable, "-c", LIBRARIES], check=True)) for _ in runs])
    taken, memory = median([r[0] for r in runs]), median([r[1] for r in runs])
    yield Line("start-up with all plugins, to the first page", f"{taken:.2f} s, {memory:.0f} MB resident",
               f"{bare:.2f} s importing the libraries alone", taken / bare, "< 3 s, < 150 MB", taken < 3 and memory < 150)  # fmt: skip


def _start(folder: Path) -> tuple[float, float]:
    """Seconds to the first page, megabytes then resident."""
    begin = time.perf_counter()
    command = [sys.executable, "-c", SERVE, str(folder)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1])
    assert process.stdin is not None and process.stdout is not None
    line = process.stdout.readline()
    taken = time.perf_counter() - begin
    process.communicate("", timeout=60)
    assert line, "it did not start"
    return taken, int(line) * 1024 / 1e6
