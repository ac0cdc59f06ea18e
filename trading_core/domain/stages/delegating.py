"""What is the principal's own to decide, and may be left to its agency by a written delegation only [01 §1.2, BL 15].

An agency runs the procedure. Choosing the winner, giving the tender up, contract and acceptance stay with the principal; which of these
it leaves to the agency it says itself, in public, and may take back.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from ..errors import Problem, Refused, refuse_if
from ..events import Event, Recorded
from ..fields import Field
from ..identity import Role
from ..lot import Lot
from ..trade import Act, Command, Decide, Facts, Stage, TradeType
from . import lifecycle

PRINCIPALS = (
    "decide_award", "choose_next_candidate", "choose_next_qualified", "report_candidate_lost", "sign_contract", "accept", "end_contract",
    "terminate", "declare_failed", "confirm_deal", "report_winner_lost", "choose_next_bidder",
)  # fmt: skip
"""Names of the acts that are the principal's own."""


@dataclass(frozen=True, slots=True)
class Delegated:
    """Acts that the agency may give in the principal's place now."""

    acts: tuple[str, ...] = ()


def entrusted(lot: Lot, role: Role, act: str) -> bool:
    """Whether the role may give the act itself: all but an agency that was not entrusted with what is the principal's own."""
    return role is not Role.AGENCY or act not in PRINCIPALS or act in lot.part(Delegated).acts


def principals(decide: Decide) -> Decide:
    """The decision, refused to an agency that was not entrusted with the act."""

    def decided(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
        if not entrusted(lot, command.actor.role, command.act):
            raise Refused(Problem("act.not_delegated", params={"act": command.act}))
        return decide(trade, lot, command, facts)

    return decided


def _delegate(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The whole list anew; an empty one takes everything back."""
    acts = cast("Sequence[str]", command.data.get("acts") or ())
    refuse_if([Problem("act.not_delegable", f"acts.{i}", {"act": a}) for i, a in enumerate(acts) if a not in PRINCIPALS])
    return [Event("acts_delegated", {"acts": sorted(set(acts)), "document": command.data["document"]})]


def _delegated(lot: Lot, r: Recorded) -> Lot:
    return lot.with_part(Delegated(tuple(cast("Sequence[str]", r.public["acts"]))))


EVOLVE: dict[str, Callable[[Lot, Recorded], Lot]] = {"acts_delegated": _delegated}

ACTS = (
    Act("delegate_acts", "acts_delegated", frozenset({Role.PRINCIPAL}), _delegate, (
        Field("acts", "list", required=False, maximum=len(PRINCIPALS), choices=PRINCIPALS), Field("document", "file")), rule="BL 15"),
)  # fmt: skip
STAGE = Stage(lifecycle.DELEGATION, ACTS, EVOLVE, (Delegated,))
