"""Selection of intermediary services (中介超市): by public draw. Declarations over registration and the draw by lot.

Law: 优化营商环境条例 Art. 43; 云投审办〔2018〕9号 and the measures of other provinces, unread where marked; rulebook 07. To change a period
or a field, change the line in its file here; to bring in new rules from a date on, add a declaration with that date.
"""
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from trading_core.domain.trade import TradeType
from trading_core.hookspecs import impl

from .trade import INTERMEDIARY


@impl
def gongxin_trade_types() -> Sequence[TradeType]:
    return (INTERMEDIARY,)


@impl
def gongxin_messages() -> Path:
    return Path(__file__).parent / "messages"
