"""The method of the lowest evaluated price (经评审的最低投标价法) [02 §2.7.1]."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EvaluatedPrice:
    """Only for comparison: the contract is made at `contract_fen`, never at `evaluated_fen`. All in fen.

    adjustments: quantified deviations by the number they have in the tender document, signed.
    """

    bid: str
    quoted_fen: int
    correction_fen: int
    adjustments: Mapping[str, int]

    @property
    def contract_fen(self) -> int:
        """The bid price after a confirmed arithmetic correction."""
        return self.quoted_fen + self.correction_fen

    @property
    def evaluated_fen(self) -> int:
        return self.contract_fen + sum(self.adjustments.values())
