"""Bids compared by a price: what they are compared at, and what they would be contracted at [02 §2.7.1]."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class EvaluatedPrice:
    """Only for comparison: the contract is made at `contract_fen`, never at `evaluated_fen`. All in fen.

    adjustments: quantified deviations by the number they have in the tender document, signed. benefit_fen: what policy takes off
    [46 9]. discount: percent below the limit price, rounded, where the notice compares bids by it [07 §7.4].
    """

    bid: str
    quoted_fen: int
    correction_fen: int
    adjustments: Mapping[str, int]
    benefit_fen: int = 0
    discount: Decimal | None = None

    @property
    def contract_fen(self) -> int:
        """The bid price after a confirmed arithmetic correction."""
        return self.quoted_fen + self.correction_fen

    @property
    def evaluated_fen(self) -> int:
        return self.contract_fen + sum(self.adjustments.values()) - self.benefit_fen
