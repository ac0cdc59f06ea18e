"""``gongxin evaluate CASE``: what the platform itself reckons from the bids, by the same code. The case says by its format what it is: an
evaluation (docs/formats-evaluation.md) or a divisible clearing (docs/formats-clearing.md)."""
from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..domain.clearing import case as clearing
from ..domain.errors import Problem
from ..domain.evaluation import reading
from ..domain.evaluation.case import evaluate
from ..domain.fields import Field, check
from .shell import OK, Shell, UsageError, figure, read_json

NAME = "evaluate"

Json = Mapping[str, Any]


def add(p: argparse.ArgumentParser, shell: Shell) -> None:
    p.add_argument("case", type=Path, metavar="CASE", help=shell.say("usage.case"))


def run(args: argparse.Namespace, shell: Shell) -> int:
    case = read_json(args.case)
    if not isinstance(case, dict):
        raise UsageError(Problem("usage.json", "case", {"file": str(args.case), "what": type(case).__name__}))
    kind = check((Field("format", "choice", choices=tuple(FORMATS)),), {"format": case.get("format")})["format"]
    reckon, tell = FORMATS[str(kind)]
    result = reckon(case)
    tell(shell, result)
    shell.answer(result)
    return OK


def _ranking(shell: Shell, result: Json) -> None:
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


def _value(shell: Shell, bid: Json) -> object:
    """The total score, or the evaluated price."""
    return bid["total"] if "total" in bid else figure(shell.language, "evaluated_fen", bid["evaluated_fen"])


def _allocations(shell: Shell, result: Json) -> None:
    unit = result["quantity_unit"]
    for order in result["orders"]:
        if "dropped" in order:
            reason = shell.say(f"answer.dropped_for.{order['dropped']}")
            shell.line(shell.say("answer.dropped", **order | {"dropped": reason, "unit": unit}))
        else:
            shell.line(shell.say("answer.allocated", **order | {"unit": unit}))
    for bidder in result["bidders"]:
        shell.line(shell.say("answer.pays", **bidder | {"unit": unit}))
    shell.line(shell.say("answer.clearing_price", price_fen=result.get("clearing_price_fen"), unit=unit))
    shell.line(shell.say("answer.sold", unit=unit, **{k: result[k] for k in ("sold", "unsold", "revenue_fen")}))


FORMATS: Mapping[str, tuple[Callable[[Json], Json], Callable[[Shell, Json], None]]] = {
    reading.CASE_FORMAT: (evaluate, _ranking),
    clearing.CASE_FORMAT: (clearing.clear_case, _allocations),
}
"""Format of a case → what reckons its result, and what tells it to people."""
