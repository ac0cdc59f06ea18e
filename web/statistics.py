"""Figures of the trade, by month: what was published as a result, and for how much."""
from __future__ import annotations

from collections.abc import Mapping

from trading_core.domain.workcalendar import local_date
from trading_core.platform import Unit
from trading_core.services import reading

from .i18n import Words

Bar = tuple[str, int, str]


def months_back(unit: Unit, count: int) -> list[reading.Month]:
    """The last `count` months up to now, the oldest first."""
    last = local_date(unit.now)
    months = last.year * 12 + last.month - count
    return reading.results_by_month(unit, last.replace(year=months // 12, month=months % 12 + 1, day=1), last)


def month_bars(months: list[reading.Month], words: Words) -> list[Bar]:
    """For charts: month, amount, amount in words."""
    return [(f"{m.month:%Y-%m}", m.amount_fen, " ".join(words.about(m.amount_fen))) for m in months]


def group_bars(by_state: Mapping[str, int], groups: Mapping[str, frozenset[str]], words: Words) -> list[Bar]:
    """For charts: lots by group of states."""
    counts = {g: sum(by_state.get(s, 0) for s in states) for g, states in groups.items()}
    return [(words(f"group.{g}"), n, str(n)) for g, n in counts.items()]
