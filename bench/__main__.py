"""``python -m bench [NAME …] [--quick]``: measure and print; exit code 0 also when a target is missed, for a machine may be busy."""
from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable

from . import bids, deadlines, feed, opening, starting, uploading, verifying
from .report import Line

ROWS: dict[str, Callable[[bool], Iterable[Line]]] = {
    "bids": bids.at_once,
    "latency": bids.latency,
    "upload": uploading.run,
    "opening": opening.run,
    "verify": verifying.run,
    "feed": feed.run,
    "deadlines": deadlines.run,
    "start": starting.run,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure, each figure beside a reference from the same run.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(ROWS))
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that everything runs; the figures mean nothing")
    given = parser.parse_args()
    unknown = [n for n in given.names if n not in ROWS]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(ROWS)}")
    for name in given.names or ROWS:
        for line in ROWS[name](given.quick):
            print(f"{name}: {line.text()}", flush=True)


if __name__ == "__main__":
    main()
