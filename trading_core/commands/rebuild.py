"""``gongxin rebuild``: prove that the tables say what the log says, by building them anew in a fresh database."""
from __future__ import annotations

import argparse
from collections import Counter

from ..bootstrap import build
from ..domain.errors import Problem, Refused
from ..services import log
from ..services.replay import NotReplayable, replay, tables
from .shell import NOT_SO, OK, Shell
from .surroundings import add_settings, read_settings

NAME = "rebuild"
SHOWN = 20


def add(p: argparse.ArgumentParser, shell: Shell) -> None:
    add_settings(p, shell)


def run(args: argparse.Namespace, shell: Shell) -> int:
    platform = build(read_settings(args, shell))
    try:
        with platform.look() as unit:
            events = log.log_size(unit) + log.waiting(unit)
        names = [t.name for t in tables(platform)]
        try:
            found = replay(platform)
        except NotReplayable as error:
            raise Refused(Problem("rebuild.not_replayable", params={"what": str(error)})) from error
    finally:
        platform.database.close()
    for d in found[:SHOWN]:
        row = ", ".join(map(str, d.key))
        shell.line(shell.say(f"answer.row_{d.kind}", table=d.table, row=row, columns=", ".join(d.columns)))
    for table, count in sorted(Counter(d.table for d in found).items()):
        shell.line(shell.say("answer.differs", table=table, count=count))
    if not found:
        shell.line(shell.say("answer.rebuilt", events=events, tables=len(names)))
    shell.answer({
        "ok": not found, "events": events, "tables": names,
        "differences": [{"table": d.table, "key": [str(k) for k in d.key], "kind": d.kind, "columns": list(d.columns)} for d in found],
    })  # fmt: skip
    return NOT_SO if found else OK
