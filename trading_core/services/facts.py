"""Facts for decisions, gathered from other streams before the pure code runs. The composition root names a function for each."""
from __future__ import annotations

from ..domain.lot import Lot
from ..domain.trade import Act, Command, Facts, TradeType
from ..platform import Unit


def gather(unit: Unit, trade: TradeType, lot: Lot, act: Act, command: Command) -> Facts:
    """All facts an act needs. An act that needs an unknown fact is a mistake of its declaration: KeyError."""
    known = unit.platform.facts
    return Facts(unit.platform.calendar, {name: known[name](unit, trade, lot, command) for name in sorted(act.needs)})
