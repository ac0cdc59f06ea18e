"""Draws in the life of a lot: who makes the seed commits to a part first, and hands it in when its time has come [08 §8.6.1].

Two parties make the seed of every draw, with a third one's reserve where a part may be overdue. What is drawn, when a part may be handed in
and what follows from the seed each kind says itself.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from ..draw import seed_commit
from ..errors import Problem, refuse_if
from ..events import Event, Recorded
from ..fields import Field
from ..lot import Lot
from ..trade import Act, Command, Decide, Facts, Stage, TradeType
from . import lifecycle
from .draws import OWNERS, PARTIES, Draw, Draws, unpromised
from .offices import ROLES, office_of


@dataclass(frozen=True)
class DrawKind:
    """One kind of draw. against_commitment: why a party may not commit now. against_part: why this party may not hand in its part now.
    drawn: the events that follow from a complete draw."""

    name: str
    against_commitment: Callable[[Lot], Iterable[Problem]]
    against_part: Callable[[Lot, Draw, str], Iterable[Problem]]
    drawn: Callable[[Lot, Draw], list[Event]]


def draw_of(lot: Lot, name: str) -> Draw:
    """The draw as it stands, an empty one before anything is known of it."""
    return lot.part(Draws).of(name) or Draw(name)


def _party(lot: Lot, command: Command) -> tuple[str, list[Problem]]:
    name, party = str(command.data["draw"]), office_of(lot, command.actor) or ""
    if party not in PARTIES[name]:
        return party, [Problem("draw.not_a_party", "draw", {"draw": name, "parties": ", ".join(PARTIES[name])}, "08 §8.6.1")]
    return party, []


def _committing(kinds: dict[str, DrawKind]) -> Decide:
    """A party commits to its part before anything is known that the part could steer."""
    def decide(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
        name = str(command.data["draw"])
        party, problems = _party(lot, command)
        if party in draw_of(lot, name).commitments:
            problems.append(Problem("draw.committed_before", "draw"))
        refuse_if([*problems, *kinds[name].against_commitment(lot)])
        reserve = {} if party in OWNERS[name] else {"reserve": True}
        return [Event("draw_committed", {"draw": name, "kind": name, "party": party, "commitment": command.data["commitment"], **reserve})]
    return decide


def _handing_in(kinds: dict[str, DrawKind]) -> Decide:
    """A party opens its part to the draw; it must be what it committed to. The last part makes the draw happen."""
    def decide(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
        name, part = str(command.data["draw"]), str(command.data["part"])
        party, problems = _party(lot, command)
        draw = draw_of(lot, name)
        if draw.commitments.get(party) != seed_commit(bytes.fromhex(part)):
            problems.append(Problem("draw.other_part", "part"))
        if party in draw.parts:
            problems.append(Problem("draw.part_handed_in_before", "draw"))
        if draw.drawn:
            problems.append(Problem("draw.drawn_before", "draw", rule="02 §2.7.2"))
        if missing := unpromised(lot, name):
            problems.append(Problem("draw.commitments_missing", params={"parties": ", ".join(missing)}))
        refuse_if([*problems, *kinds[name].against_part(lot, draw, party)])
        received = Event("draw_part_received", {"draw": name, "party": party}, {"part": part})
        complete = replace(draw, parts={**draw.parts, party: part})
        return [received, *(kinds[name].drawn(lot, complete) if complete.complete else ())]
    return decide


# ------------------------------------------------------------------ what events mean

def _committed(lot: Lot, r: Recorded) -> Lot:
    name, draw = str(r.public["draw"]), draw_of(lot, str(r.public["draw"]))
    commitments = {**draw.commitments, str(r.public["party"]): str(r.public["commitment"])}
    return lot.with_part(lot.part(Draws).set(name, replace(draw, commitments=commitments)))


def _received(lot: Lot, r: Recorded) -> Lot:
    name, draw = str(r.public["draw"]), draw_of(lot, str(r.public["draw"]))
    parts = {**draw.parts, str(r.public["party"]): str((r.private or {})["part"])}
    return lot.with_part(lot.part(Draws).set(name, replace(draw, parts=parts)))


EVOLVE = {"draw_committed": _committed, "draw_part_received": _received}


def stage(*kinds: DrawKind) -> Stage:
    """Commitments and parts of these kinds of draw."""
    known = {k.name: k for k in kinds}
    name = Field("draw", "choice", choices=tuple(known))
    acts = (
        Act("commit_draw", "draw_committed", ROLES, _committing(known), (name, Field("commitment", "hash")), rule="08 §8.6.1"),
        Act("hand_in_part", "draw_part_received", ROLES, _handing_in(known), (name, Field("part", "hash", secret=True)), rule="08 §8.6.1"),
    )
    return Stage(lifecycle.DRAWS, acts, EVOLVE, (Draws,))
