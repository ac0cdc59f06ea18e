"""What the committee has decided about the bids, and what it still has to decide before anything can be ranked [02 §2.5]."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..errors import Problem
from .arithmetic import above_ceiling
from .bids import Bid
from .rejection import (
    ABOVE_CEILING,
    PRELIMINARY,
    REJECTION,
    Grounds,
    Proposal,
    Rejection,
    majority,
    propose_above_ceiling,
    propose_different_prices,
)


@dataclass(frozen=True)
class Motion:
    """A motion with its outcome."""

    rejection: Rejection
    decision: Literal["rejected", "kept", "open"]


@dataclass(frozen=True)
class Decisions:
    """rejected: bid → the earliest stage at which it was rejected."""

    motions: tuple[Motion, ...]
    proposals: tuple[Proposal, ...]
    rejected: Mapping[str, str]


def decide(
    bids: Sequence[Bid], rejections: Sequence[Rejection], members: int, ceiling_fen: int | None, grounds: Grounds = REJECTION
) -> Decisions:
    """Votes counted, and what the figures propose. A proposal never rejects: only a majority does."""
    motions = tuple(Motion(r, majority(r.votes, members)) for r in rejections)
    rejected: dict[str, str] = {}
    for motion in motions:
        bid, stage = motion.rejection.bid, motion.rejection.stage
        if motion.decision == "rejected" and rejected.get(bid) != PRELIMINARY:
            rejected[bid] = stage
    proposals = [p for bid in bids for p in propose_above_ceiling(bid.id, bid.arithmetic, ceiling_fen, grounds.above_ceiling)]
    proposals += [Proposal(bid.id, ground, fact) for bid in bids for ground, fact in bid.doubts]
    proposals += propose_different_prices(
        {bid.id: bid.price_fen for bid in bids},
        {bid.id: bid.further_fen for bid in bids},
        {bid.id: bid.bidder for bid in bids if bid.bidder},
        grounds.several_prices,
    )
    return Decisions(motions, tuple(sorted(proposals, key=lambda p: (p.bid, p.ground, p.fact))), rejected)


def check_decisions(
    bids: Sequence[Bid], decisions: Decisions, ceiling_fen: int | None, paths: Mapping[str, str], grounds: Grounds = REJECTION
) -> Iterator[Problem]:
    """Everything that keeps the evaluation from its end. bids: those with a price; motions in the order of the case; paths: of
    every bid in the case, by its number."""
    above = {bid.id for bid in bids if list(above_ceiling(bid.arithmetic, ceiling_fen))}
    for i, motion in enumerate(decisions.motions):
        r = motion.rejection
        if motion.decision == "open":
            yield Problem("evaluation.vote_open", f"rejections.{i}.votes", {"bid": r.bid, "ground": r.ground}, "02 §2.5")
        if r.ground == grounds.above_ceiling and r.basis in ("", ABOVE_CEILING) and r.bid not in above:
            yield Problem("evaluation.not_above_ceiling", f"rejections.{i}.basis", {"bid": r.bid}, "BLR 50, 51")
    for name in sorted(paths.keys() - {bid.id for bid in bids} - decisions.rejected.keys()):
        yield Problem("evaluation.price_missing", f"{paths[name]}.price_fen", {"bid": name}, "02 §2.7")
    for bid in bids:
        if bid.id in decisions.rejected:
            continue
        for ground in sorted({p.ground for p in decisions.proposals if p.bid == bid.id} - _voted_on(bid.id, decisions)):
            yield Problem("evaluation.proposal_undecided", paths[bid.id], {"bid": bid.id, "ground": ground}, "02 §2.5")
        if bid.arithmetic.needs_confirmation and bid.answer != "confirmed":
            figures = {"bid": bid.id, "corrected_fen": bid.arithmetic.corrected_fen}
            if bid.answer == "refused":
                yield Problem("evaluation.correction_refused", f"{paths[bid.id]}.correction", figures, "02 §2.5.1")
            else:
                yield Problem("evaluation.correction_unanswered", f"{paths[bid.id]}.correction", figures, "02 §2.5.1")


def _voted_on(bid: str, decisions: Decisions) -> set[str]:
    """Grounds of proposals on which there is a motion; one on costs says nothing about the ceiling."""
    return {m.rejection.ground for m in decisions.motions if m.rejection.bid == bid and m.rejection.basis in ("", ABOVE_CEILING)}
