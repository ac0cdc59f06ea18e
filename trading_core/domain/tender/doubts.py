"""What the platform finds against an opened bid and only the committee may decide, each with the ground of a motion [02 §2.5].

A doubt rejects nothing by itself, but none is passed over in silence: an evaluation ends only when the committee has voted on it.
"""
from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..errors import Problem
from ..lot import Lot
from ..stages.consortium import accepted, problems, units
from ..uscc import unit
from .opening import OpenedBid, OpenedEnvelope, Opening
from .payers import Deposits
from .prequalifying import Prequalification
from .standing import Standing
from .trustees import stage_names

NO_AGREEMENT, NOT_RESPONSIVE, NOT_QUALIFIED, COLLUSION = "RJ-2", "RJ-6", "RJ-3", "RJ-7"
TWO_BIDS, CHANGED, CONFLICT, STANDING, PAYER = "B-06", "B-07", "B-15", "B-16", "D-02"
LEADER, CERTIFICATE = "project_leader", "project_leader_certificate"  # in the bid's form


@dataclass(frozen=True, slots=True)
class Doubt:
    """ground: what a motion would rest on. problem: what was found, as people read it; its code is the fact that a case states."""

    bid: str
    ground: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class Leader:
    """The project leader whom a bid names. certificate: number of the leader's registration."""

    name: str
    certificate: str

    def same(self, other: Leader) -> bool:
        """By the certificate, for there are namesakes; by the name where one of the two has no certificate."""
        if self.certificate and other.certificate:
            return self.certificate == other.certificate
        return bool(self.name) and self.name == other.name


def doubts(lot: Lot) -> tuple[Doubt, ...]:
    """Everything found against the bids that were opened, bid by bid."""
    bids = sorted((b for b in lot.part(Opening).bids.values() if b.uscc), key=lambda b: b.bid)
    leaders = {b.bid: Leader(_plain(b.form.get(LEADER)), _plain(b.form.get(CERTIFICATE))) for b in bids}
    return tuple(d for b in bids for d in _doubts(lot, b, leaders))


def _doubts(lot: Lot, bid: OpenedBid, leaders: Mapping[str, Leader]) -> Iterator[Doubt]:
    yield from (Doubt(bid.bid, ground, problem) for ground, problem in _of_form(lot, bid))
    yield from (Doubt(bid.bid, TWO_BIDS, problem) for problem in _in_two_bids(lot, bid))
    yield from (Doubt(bid.bid, COLLUSION, problem) for problem in _leader_in_two_bids(lot, bid, leaders))
    yield from (Doubt(bid.bid, CHANGED, problem) for problem in _changed(lot, bid))
    yield from (Doubt(bid.bid, f.ground, f.problem) for f in bid.findings)
    yield from (Doubt(bid.bid, NOT_RESPONSIVE, Problem(f"deposit.{d}", rule=PAYER)) for d in lot.part(Deposits).doubts.get(bid.bid, ()))
    yield from (Doubt(bid.bid, STANDING, Problem(f"standing.{r.change}", params={"reason": r.reason}, rule=STANDING))
                for r in lot.part(Standing).of(bid.bid))  # fmt: skip


def _of_form(lot: Lot, bid: OpenedBid) -> Iterator[tuple[str, Problem]]:
    """What the bidder's own computer would have refused [B-14]."""
    first = bid.envelopes.get(stage_names(lot)[0], OpenedEnvelope(False))
    found = {p.code: p for p in problems(first.form, [str(f["name"]) for f in first.files], bid.uscc, accepted(lot.terms))}
    if missing := found.pop("consortium.agreement_missing", None):
        yield NO_AGREEMENT, missing
    if refused := found.pop("consortium.not_accepted", None):
        yield NOT_RESPONSIVE, refused
    if found:
        yield NOT_RESPONSIVE, Problem("consortium.members_at_fault", rule="B-14")


def _in_two_bids(lot: Lot, bid: OpenedBid) -> Iterator[Problem]:
    """Who bids alone and in a consortium, or in two: every bid concerned is found [B-06]. Two bids of one bidder are another matter."""
    own = units(bid.uscc, bid.members)
    others = [b for b in lot.part(Opening).bids.values() if b.uscc and b.bid != bid.bid and (b.members or bid.members)
              and own & units(b.uscc, b.members)]  # fmt: skip
    if others:
        shared = frozenset().union(*(own & units(b.uscc, b.members) for b in others))
        named = {unit(bid.uscc): bid.name} | {unit(m.uscc): m.name for m in bid.members}
        params = {"names": "、".join(named[u] for u in sorted(shared)), "bidders": "、".join(sorted(b.name for b in others))}
        yield Problem("consortium.in_two_bids", params=params, rule=TWO_BIDS)


def _leader_in_two_bids(lot: Lot, bid: OpenedBid, leaders: Mapping[str, Leader]) -> Iterator[Problem]:
    """One project leader in the bids of different bidders: deemed collusion once it is proven to be one person [BLR 40(3)]."""
    bids, mine = lot.part(Opening).bids, leaders[bid.bid]
    others = [bids[b] for b, theirs in leaders.items() if mine.same(theirs) and unit(bids[b].uscc) != unit(bid.uscc)]
    if others:
        params = {"name": str(bid.form.get(LEADER, "")), "bidders": "、".join(sorted(b.name for b in others))}
        yield Problem("opening.leader_in_two_bids", params=params, rule=COLLUSION)


def _plain(said: object) -> str:
    """What a form says, whichever way it is spaced and typed."""
    return "".join(unicodedata.normalize("NFKC", said).casefold().split()) if isinstance(said, str) else ""


def _changed(lot: Lot, bid: OpenedBid) -> Iterator[Problem]:
    """Who was prequalified is who bids [B-07]."""
    applied = next((a for a in lot.part(Prequalification).applications if a.passed and a.uscc == bid.uscc), None)
    if applied is not None and units(applied.uscc, applied.members) != units(bid.uscc, bid.members):
        yield Problem("consortium.members_changed", rule=CHANGED)
