"""``gongxin periods TRADE --start DATE``: the earliest lawful schedule, every date with the period and article that binds it."""
from __future__ import annotations

import argparse
from collections.abc import Iterable
from datetime import date

from .. import plugins
from ..bootstrap import work_calendar
from ..domain.deadlines import Due, plan
from ..domain.errors import Problem
from ..domain.trade import TradeType
from .shell import OK, Shell, UsageError, catalogue, pairs, problem_form, problem_text

NAME = "periods"
START = "issue_start"
TRUTH = {"yes": True, "true": True, "no": False, "false": False}


def add(p: argparse.ArgumentParser, shell: Shell) -> None:
    p.add_argument("trade", metavar="TRADE", help=shell.say("usage.trade"))
    p.add_argument("--start", required=True, metavar="DATE", help=shell.say("usage.start"))
    p.add_argument("--point", default=START, help=shell.say("usage.point"))
    p.add_argument("--known", action="append", metavar="POINT=DATE", help=shell.say("usage.known"))
    p.add_argument("--fact", action="append", metavar="NAME=VALUE", help=shell.say("usage.fact"))


def run(args: argparse.Namespace, shell: Shell) -> int:
    start = a_date(args.start)
    trade = trade_on(args.trade, start)
    points = {p.start for p in trade.periods} | {p.end for p in trade.periods}
    known = {name: a_date(value) for name, value in pairs(args.known)} | {args.point: start}
    for name in known:
        if name not in points:
            raise UsageError(Problem("usage.point", "point", {"value": name, "known": ", ".join(sorted(points))}))
    facts = {name: TRUTH.get(value.lower(), value) for name, value in pairs(args.fact)}
    found = plan(trade.periods, known, facts, work_calendar())
    for due in found:
        _tell(shell, due)
    shell.answer({
        "trade": trade.version, "known": {name: day.isoformat() for name, day in sorted(known.items())}, "facts": facts,
        "dates": [_form(shell, due) for due in found],
    })  # fmt: skip
    return OK


def a_date(text: str) -> date:
    """A date of the command line. Raises `UsageError`."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(Problem("usage.date", params={"value": text})) from error


def trade_on(code: str, day: date) -> TradeType:
    """The declaration of a trade type in force on a day, the first one before that. Raises `UsageError`."""
    declared = plugins.trade_types(plugins.load()).values()
    mine = sorted((t for t in declared if t.code == code), key=lambda t: t.rules)
    if not mine:
        raise UsageError(Problem("usage.no_trade", "trade", {"trade": code, "known": names(declared)}))
    return max((t for t in mine if t.rules <= day), key=lambda t: t.rules, default=mine[0])


def names(trades: Iterable[TradeType]) -> str:
    return ", ".join(sorted({t.code for t in trades}))


# ------------------------------------------------------------------ answers

def _title(shell: Shell, kind: str, name: str) -> str:
    key = f"{kind}.{name}"
    return shell.say(key) if catalogue(key).has(key) else name.replace("_", " ")


def _tell(shell: Shell, due: Due) -> None:
    p = due.period
    day = due.reach.day.isoformat() if due.reach else "????-??-??"
    note = "" if p.verified else "  " + shell.say("answer.unverified")
    point = _title(shell, "point", p.end)
    shell.line(shell.say("answer.period", day=day, point=point, id=p.id, source=p.source) + note)
    shell.line(f"            {_title(shell, 'period', p.id)}")
    for key, figures in due.said:
        shell.line(f"            {shell.say(key, **figures)}")
    if due.problem is not None:
        shell.line(f"            {problem_text(due.problem, shell.language)}")


def _form(shell: Shell, due: Due) -> dict[str, object]:
    p = due.period
    return {
        "point": p.end, "day": due.reach.day.isoformat() if due.reach else None, "period": p.id, "from": p.start, "count": p.count,
        "unit": p.unit, "bound": p.bound, "direction": p.direction, "source": p.source, "verified": p.verified,
        "how": [shell.say(key, **figures) for key, figures in due.said],
        "problem": problem_form(due.problem) if due.problem else None,
    }  # fmt: skip
