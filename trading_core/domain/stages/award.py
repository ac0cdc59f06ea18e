"""Who wins, as far as every trade knows it: who was recommended, who was chosen, who dropped out again, who was told [01 §1.2]."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from ..errors import Problem
from ..events import Recorded
from ..lot import Lot
from .candidates import Candidate, read

INVALIDATED = "invalidated"


@dataclass(frozen=True, slots=True)
class Recommended:
    """What the mechanism came to. candidates: in its order. left: bid to the ground on which its bidder left before any choice."""

    candidates: tuple[Candidate, ...] = ()
    left: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Award:
    """The choice of the winner.

    candidates: as published, or as recommended where there is no publicity. over: the publicity has ended. lost: bid id to the
    ground on which it dropped out. winner: bid id, empty before the decision. decided_at, letter_at, result_at: of this winner.
    """

    candidates: tuple[Candidate, ...] = ()
    over: bool = False
    lost: Mapping[str, str] = field(default_factory=dict)
    winner: str = ""
    decided_at: datetime | None = None
    letter_at: datetime | None = None
    result_at: datetime | None = None

    def candidate(self, bid: object) -> Candidate | None:
        return next((c for c in self.candidates if c.bid == bid), None)

    def remaining(self) -> tuple[Candidate, ...]:
        """Candidates who have not dropped out, best rank first."""
        return tuple(sorted((c for c in self.candidates if c.bid not in self.lost), key=lambda c: c.rank))

    @property
    def standing(self) -> Candidate | None:
        """The winner, unless they dropped out again."""
        return self.candidate(self.winner) if self.winner not in self.lost else None


def award_of(lot: Lot) -> Award:
    """The award with its candidates: those published, else those recommended. Who left before any choice is lost to it too."""
    part, recommended = lot.part(Award), lot.part(Recommended)
    candidates = part.candidates or recommended.candidates
    left = {c.bid: recommended.left[c.bid] for c in candidates if c.bid in recommended.left}
    return replace(part, candidates=candidates, lost={**left, **part.lost})


def recommend(lot: Lot, candidates: Sequence[Candidate]) -> Lot:
    """The lot after its mechanism has come to these candidates."""
    return lot.with_part(replace(lot.part(Recommended), candidates=tuple(candidates)))


def leave(lot: Lot, bid: str, ground: str) -> Lot:
    """The lot after a bidder left on this ground; that it was recommended does not help it any more [B-05, B-09]."""
    part = lot.part(Recommended)
    return lot.with_part(replace(part, left={**part.left, bid: ground}))


def invalidated(lot: Lot) -> Lot:
    """The lot after the award was found invalid: the winner is none any more, and nobody has to say so once again."""
    award = award_of(lot)
    return lot.with_part(replace(award, lost={**award.lost, award.winner: INVALIDATED})) if award.standing else lot


# ------------------------------------------------------------------ what decisions look at

def candidate_problems(award: Award, bid: str) -> Iterator[Problem]:
    """Only who is a candidate still can drop out."""
    if award.candidate(bid) is None:
        yield Problem("award.not_a_candidate", "bid")
    elif bid in award.lost:
        yield Problem("award.candidate_lost", "bid", {"ground": award.lost[bid]})


def winner_problems(award: Award) -> Iterator[Problem]:
    """A letter and a contract need a winner who stands."""
    if award.standing is None:
        yield Problem("award.winner_lost", params={"ground": award.lost.get(award.winner, "")})


def told(award: Award, bid: str) -> bool:
    """Whether the bid has the letter of award."""
    return award.letter_at is not None and bid == award.winner


# ------------------------------------------------------------------ what events mean

def published(lot: Lot, said: Sequence[Mapping[str, object]]) -> Lot:
    """The lot after these candidates were published."""
    return lot.with_part(Award(tuple(read(c) for c in said), lost=lot.part(Award).lost))


def chosen(lot: Lot, r: Recorded) -> Lot:
    award = award_of(lot)
    after = lot.with_part(Award(award.candidates, award.over, award.lost, str(r.public["bid"]), r.at))
    return after.with_schedule(award_decided=r.at)


def lost(lot: Lot, r: Recorded) -> Lot:
    part = lot.part(Award)
    return lot.with_part(replace(part, lost={**part.lost, str(r.public["bid"]): str(r.public["ground"])}))


def letter_issued(lot: Lot, r: Recorded) -> Lot:
    return lot.with_part(replace(lot.part(Award), letter_at=r.at)).with_schedule(award_letter=r.at)


def result_published(lot: Lot, r: Recorded) -> Lot:
    return lot.with_part(replace(lot.part(Award), result_at=r.at)).with_schedule(result_published=r.at)

