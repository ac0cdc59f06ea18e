"""``gongxin evaluate CASE``: score a case by any method, with the same code the platform uses (docs/formats-evaluation.md)."""
from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..domain.errors import Problem
from ..domain.evaluation.case import evaluate
from .shell import OK, Shell, UsageError, figure, read_json

NAME = "evaluate"


def add(p: argparse.ArgumentParser, shell: Shell) -> None:
    p.add_argument("case", type=Path, metavar="CASE", help=shell.say("usage.case"))


def run(args: argparse.Namespace, shell: Shell) -> int:
    case = read_json(args.case)
    if not isinstance(case, dict):
        raise UsageError(Problem("usage.json", "case", {"file": str(args.case), "what": type(case).__name__}))
    result = evaluate(case)
    bids = {b["bid"]: b for b in result["bids"]}
    for place in result["ranking"]:
        shell.line(shell.say("answer.ranking", rank=place["rank"], bid=place["bid"], value=_value(shell, bids[place["bid"]])))
    for bid in bids.values():
        if bid["status"] == "rejected":
            shell.line(shell.say("answer.rejected", bid=bid["bid"]))
    shell.line(shell.say("answer.candidates", bids=", ".join(str(c["bid"]) for c in result["candidates"]) or "—"))
    for notice in result["notices"]:
        key, figures = f"notice.evaluation.{notice['code']}", {k: v for k, v in notice.items() if k != "code"}
        shell.line(shell.say("answer.notice", text=shell.say(key, **figures)))
    shell.answer(result)
    return OK


def _value(shell: Shell, bid: Mapping[str, Any]) -> object:
    """The total score, or the evaluated price."""
    return bid["total"] if "total" in bid else figure(shell.language, "evaluated_fen", bid["evaluated_fen"])
