"""State property rights (国有产权): equity, physical assets, leases. Declarations over the ascending auction.

Law: 企业国有资产法, 国资委 财政部令第32号, 国资发产权规〔2022〕39号, 〔2025〕17号, 公司法, 民法典; rulebook 05. To change
a period or a field, change the line in its file here; to bring in new rules from a date on, add a declaration with that date.
"""
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from trading_core.domain.trade import TradeType
from trading_core.hookspecs import impl

from .trade import PROPERTY


@impl
def gongxin_trade_types() -> Sequence[TradeType]:
    return (PROPERTY,)


@impl
def gongxin_messages() -> Path:
    return Path(__file__).parent / "messages"
