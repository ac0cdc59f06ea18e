"""Facts for decisions, gathered from other streams before the pure code runs. One function per name, all named here."""
from __future__ import annotations

from collections.abc import Callable, Mapping

from ..domain.lot import Lot
from ..domain.trade import Act, Command, Facts, TradeType
from ..platform import Unit

Gather = Callable[[Unit, TradeType, Lot, Command], object]

GATHER: Mapping[str, Gather] = {}


def gather(unit: Unit, trade: TradeType, lot: Lot, act: Act, command: Command) -> Facts:
    """All facts an act needs. An act that needs an unknown fact is a mistake of its declaration: KeyError."""
    return Facts(unit.platform.calendar, {name: GATHER[name](unit, trade, lot, command) for name in sorted(act.needs)})
