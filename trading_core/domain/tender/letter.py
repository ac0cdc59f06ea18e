"""The letter of a bid (投标函): what a bidder states beside the files, envelope by envelope [B-05, 01 §1.3].

Nothing checks a letter before the opening, because nobody can read it; the committee judges what is missing [RJ-6].
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from ..evaluation.declared import SIZES
from ..fields import Field
from ..lot import Lot
from ..stages.deposits import GUARANTEE
from ..trade import TradeType
from .depositing import REFERENCE, TRANSFER, WAY
from .trustees import stage_names

PRICE = Field("price_fen", "money", minimum=1, rule="BLR 27")
DEPOSIT = (Field(WAY, "choice", choices=(TRANSFER, GUARANTEE), rule="D-02"), Field(REFERENCE, required=False, rule="D-02"))
SMALL_BUSINESS = Field("small_business", "choice", choices=SIZES, rule="46 9")


def letter(trade: TradeType, lot: Lot) -> dict[str, tuple[Field, ...]]:
    """The fields of each envelope: the first takes what the trade asks and how the deposit is paid, the last the price and what bears
    on it."""
    names = stage_names(lot)
    found: dict[str, tuple[Field, ...]] = {name: () for name in names}
    found[names[0]] = (*trade.letter, *(DEPOSIT if lot.terms.get("deposit_fen") else ()))
    rules = cast("Mapping[str, object]", lot.terms.get("evaluation") or {})
    found[names[-1]] = (PRICE, *((SMALL_BUSINESS,) if rules.get("small_business") else ()), *found[names[-1]])
    return found
