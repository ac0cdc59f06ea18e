"""Engineering tenders (工程建设项目招标投标): open and invited, pre- and post-qualification. A declaration over the sealed tender.

Law: 招标投标法, 实施条例, 12/20/27/30 号令; rulebook 02. To change a period, a cap or a form field, change the line here; to bring in
new rules from a date on, add a second declaration with that date: lots announced before keep theirs.
"""
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from trading_core.domain.trade import TradeType
from trading_core.hookspecs import impl

from .trade import ENGINEERING


@impl
def gongxin_trade_types() -> Sequence[TradeType]:
    return (ENGINEERING,)


@impl
def gongxin_messages() -> Path:
    return Path(__file__).parent / "messages"
