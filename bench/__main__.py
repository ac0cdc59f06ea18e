"""``python -m bench [NAME …]``: measure and print. ``--check``: a missed target ends in exit code 1; ``--table``: keep the figures."""
from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from . import bids, clearing, deadlines, feed, opening, starting, uploading, verifying
from .report import Line

ROWS: dict[str, Callable[[bool], Iterable[Line]]] = {
    "bids": bids.at_once,
    "latency": bids.latency,
    "upload": uploading.run,
    "opening": opening.run,
    "verify": verifying.run,
    "clearing": clearing.run,
    "feed": feed.run,
    "deadlines": deadlines.run,
    "start": starting.run,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure, each figure beside a reference from the same run.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(ROWS))
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that everything runs; the figures mean nothing")
    parser.add_argument("--check", action="store_true", help="exit code 1 when a target is missed: on a machine with nothing else to do")
    parser.add_argument("--table", type=Path, metavar="FILE", help="write what was measured as a page")
    given = parser.parse_args()
    unknown = [n for n in given.names if n not in ROWS]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(ROWS)}")
    measured: list[tuple[str, Line]] = []
    for name in given.names or ROWS:
        for line in ROWS[name](given.quick):
            measured.append((name, line))
            print(f"{name}: {line.text()}", flush=True)
    if given.table:
        given.table.write_text(page(measured), "utf-8")
    sys.exit(1 if given.check and not all(line.reached for _, line in measured) else 0)


def cells(line: Line) -> tuple[str, ...]:
    ratio = "–" if line.ratio is None else f"{line.ratio:.2f}"
    return line.what, line.measured, line.reference, ratio, line.target, "yes" if line.reached else "**no**"


def page(measured: Sequence[tuple[str, Line]]) -> str:
    """The figures with the day and the machine, as Markdown."""
    rows = [f"| `{name}` | {' | '.join(cells(line))} |" for name, line in measured]
    machine = f"{os.cpu_count()} cores ({platform.machine()}), {platform.system()}, Python {platform.python_version()}"
    return "\n".join([
        "# Numbers", "", f"Measured on {datetime.now(UTC):%d %B %Y} by `make bench` on a machine with {machine}.",
        "Each figure stands beside a reference from the same run: machines differ more than ratios do.", "",
        "| row | what | measured | reference | ratio | must reach | reached |", "|---|---|---|---|---|---|---|", *rows, "",
    ])  # fmt: skip


if __name__ == "__main__":
    main()
