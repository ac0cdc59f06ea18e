"""Rejection of bids: the closed lists of grounds, what software may propose, and the vote that alone decides [02 §2.5, 03 §3.6a].

Distance from a base price is not in the list and cannot be put there [BLR 50].
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..errors import Problem
from ..fields import Field
from .arithmetic import Arithmetic, above_ceiling

ABOVE_CEILING, BELOW_COST = "above_ceiling", "below_cost"
PRELIMINARY, DETAILED = "preliminary", "detailed"

REJECTION_FIELDS = (
    Field("bid", maximum=64),
    Field("ground", rule="BLR 51"),
    Field("basis", "choice", required=False, choices=(BELOW_COST, ABOVE_CEILING), rule="RJ-5"),
    Field("stage", "choice", choices=(PRELIMINARY, DETAILED)),
    Field("clause", rule="02 §2.5"),
    Field("evidence", "long_text", rule="02 §2.5"),
    Field("votes", "map", rule="02 §2.5"),
)


@dataclass(frozen=True, slots=True)
class Ground:
    """A ground of law on which a bid is rejected or invalid; its wording is the message ``rejection.<code>``. bases: limbs of which the
    vote must name one."""

    code: str
    source: str
    bases: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        return f"rejection.{self.code}"


GROUNDS: Mapping[str, Ground] = {
    ground.code: ground
    for ground in (
        Ground("RJ-1", "BLR 51(1)"),
        Ground("RJ-2", "BLR 51(2)"),
        Ground("RJ-3", "BLR 51(3)"),
        Ground("RJ-4", "BLR 51(4)"),
        Ground("RJ-5", "BLR 51(5)", (BELOW_COST, ABOVE_CEILING)),
        Ground("RJ-6", "BLR 51(6)"),
        Ground("RJ-7", "BLR 51(7)"),
        Ground("B-06", "BLR 34, 37"),
        Ground("B-07", "BLR 37"),
        Ground("B-15", "BLR 34"),
        Ground("B-16", "BLR 38"),
    )
}


INVALID: Mapping[str, Ground] = {
    ground.code: ground
    for ground in (
        Ground("IV-1", "87 63; GPR 33"),
        Ground("IV-2", "87 63"),
        Ground("IV-3", "87 63"),
        Ground("IV-4", "87 63"),
        Ground("IV-5", "87 63"),
        Ground("IV-6", "87 36, 37"),
        Ground("IV-7", "87 60"),
        Ground("IV-8", "87 59"),
        Ground("IV-9", "GPR 18"),
        Ground("IV-10", "87 63"),
    )
}
"""What makes a bid invalid in government procurement."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """The closed list of a family of law. above_ceiling, several_prices: what figures propose; low_price: what a low price that nobody
    could explain leads to, empty where it is one limb of another ground."""

    known: Mapping[str, Ground]
    above_ceiling: str
    several_prices: str
    low_price: str = ""


REJECTION = Grounds(GROUNDS, "RJ-5", "RJ-4")
INVALIDITY = Grounds(INVALID, "IV-4", "IV-10", "IV-7")


@dataclass(frozen=True, slots=True)
class Rejection:
    """A motion to reject a bid, with the clause of the tender document, the evidence, and the members' votes on it."""

    bid: str
    ground: str
    stage: str
    clause: str
    evidence: str
    votes: Mapping[str, bool]
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the figures suggest, or the case states as a doubt. It rejects nothing: the committee votes on it. fact: why, ``read``,
    ``corrected``, ``further_price`` or ``same_bidder``; of a doubt the code of what was found."""

    bid: str
    ground: str
    fact: str


def propose_above_ceiling(
    bid: str, arithmetic: Arithmetic, ceiling_fen: int | None, ground: str = REJECTION.above_ceiling
) -> Iterator[Proposal]:
    """RJ-5, IV-4 for a price above the published ceiling, as read and as corrected."""
    for fact in above_ceiling(arithmetic, ceiling_fen):
        yield Proposal(bid, ground, fact)


def propose_different_prices(
    prices: Mapping[str, int],
    further: Mapping[str, Iterable[int]],
    bidders: Mapping[str, str],
    ground: str = REJECTION.several_prices,
) -> Iterator[Proposal]:
    """RJ-4, IV-10 for a bid that states a second, different price, and for every bid of a bidder with more than one.

    prices, further, bidders: by bid number. The platform takes no alternative bids, so no document can ask for them [B-17].
    """
    bids_of = Counter(bidders[bid] for bid in prices if bid in bidders)
    for bid in sorted(prices):
        if any(other != prices[bid] for other in further.get(bid, ())):
            yield Proposal(bid, ground, "further_price")
        if bid in bidders and bids_of[bidders[bid]] > 1:
            yield Proposal(bid, ground, "same_bidder")


def majority(votes: Mapping[str, bool], members: int) -> Literal["rejected", "kept", "open"]:
    """What the committee has decided. More than half of all `members` must vote to reject; a member who has not voted stands for
    neither side; open while the missing votes can still turn it."""
    if len(votes) > members:
        raise ValueError("more votes than members")
    in_favour = sum(votes.values())
    if 2 * in_favour > members:
        return "rejected"
    return "open" if 2 * (in_favour + members - len(votes)) > members else "kept"


def ground_problem(ground: str, grounds: Grounds, path: str) -> Problem:
    """A ground outside the list. Distance from a base price is outside every list [BLR 50]."""
    if grounds is REJECTION:
        return Problem("evaluation.ground_not_in_law", path, {"ground": ground}, "BLR 50, 51")
    return Problem("evaluation.ground_not_in_list", path, {"ground": ground, "known": ", ".join(grounds.known)}, "87 63")


def check_rejections(
    data: Sequence[Mapping[str, Any]],
    bids: Collection[str],
    members: Collection[str],
    prefix: str = "rejections.",
    grounds: Grounds = REJECTION,
) -> Iterator[Problem]:
    """Motions outside the closed list, on unknown bids, or with votes of others than the members."""
    seen: set[tuple[str, str, str]] = set()
    for i, motion in enumerate(data):
        path = f"{prefix}{i}."
        ground, basis = grounds.known.get(motion["ground"]), motion.get("basis") or ""
        if motion["bid"] not in bids:
            yield Problem("evaluation.bid_unknown", path + "bid", {"bid": motion["bid"]})
        if ground is None:
            yield ground_problem(motion["ground"], grounds, path + "ground")
        elif bool(ground.bases) != bool(basis):
            yield Problem("evaluation.ground_basis", path + "basis", {"ground": ground.code}, "BLR 51")
        if (key := (motion["bid"], motion["ground"], basis)) in seen:
            yield Problem("evaluation.twice", path + "ground", {"id": " ".join(filter(None, key))})
        seen.add(key)
        for member, vote in motion["votes"].items():
            if member not in members:
                yield Problem("evaluation.member_unknown", f"{path}votes.{member}", {"member": member})
            if not isinstance(vote, bool):
                yield Problem("field.not_boolean", f"{path}votes.{member}")
