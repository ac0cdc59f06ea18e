"""Land use rights and mining rights (国有建设用地使用权、矿业权): listing and auction. Declarations over the ascending auction.

Law: 部令第39号, 国土资发〔2010〕34号, 〔2010〕151号, 矿产资源法, 自然资规〔2023〕1号; rulebook 04. To change a period or a
field, change the line in its file here; to bring in new rules from a date on, add a declaration with that date.
"""
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from trading_core.domain.trade import TradeType
from trading_core.hookspecs import impl

from .mining import MINING
from .trade import LAND


@impl
def gongxin_trade_types() -> Sequence[TradeType]:
    return LAND, MINING


@impl
def gongxin_messages() -> Path:
    return Path(__file__).parent / "messages"
