"""The archived volume of a lot: what its trade asks to be there, what is there, what does not apply and why [12 §12.3]."""
from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Protocol

from .lot import Lot

PRESENT, MISSING = "present", "missing"


class Kept(Protocol):
    """A file that a lot names."""

    @property
    def name(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def size(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Volume:
    """What a judgement over a piece looks at. documents: kinds of paper issued. attached: numbers of pieces handed in as files."""

    lot: Lot
    documents: Collection[str]
    attached: Collection[str]

    def did(self, *events: str) -> bool:
        return any(e in self.lot.history for e in events)

    def issued(self, *kinds: str) -> bool:
        return any(k in self.documents for k in kinds)


Judge = Callable[[Volume], bool]


@dataclass(frozen=True, slots=True)
class Piece:
    """A line of the catalogue. number: its own; the title is the message ``choice.piece.<number>``, that of its stage
    ``paper.archive_stage.`` and what stands before the dot. All trades share these texts: another catalogue begins its numbers otherwise.
    there: whether the record itself holds it. idle: reason code (``archive.idle.<code>``) when the course of the lot has no such piece,
    else empty. papers: kinds of paper issued on the lot that belong to it. files: files that the lot itself names."""

    number: str
    there: Judge
    idle: Callable[[Volume], str] = lambda _: ""
    papers: tuple[str, ...] = ()
    files: Callable[[Lot], Iterable[Kept]] = lambda _: ()


@dataclass(frozen=True, slots=True)
class ArchiveRule:
    """What a volume must hold, in its order, and for how many years from the end of the trade it is kept at least."""

    pieces: tuple[Piece, ...] = ()
    years: int = 0

    def completeness(self, volume: Volume) -> dict[str, str]:
        """For each piece ``present``, ``missing``, or the reason why it does not apply."""
        return {p.number: PRESENT if p.number in volume.attached or p.there(volume) else p.idle(volume) or MISSING for p in self.pieces}


# ------------------------------------------------------------------ judgements that catalogues are made of

def unless(reason: str, test: Judge) -> Callable[[Volume], str]:
    """The reason, unless the test holds."""
    return lambda v: "" if test(v) else reason


def stated(term: str) -> Judge:
    return lambda v: bool(v.lot.terms.get(term))


def did(*events: str) -> Judge:
    return lambda v: v.did(*events)


def never(_: Volume) -> bool:
    """The record never holds it itself."""
    return False


def paper(number: str, kind: str, idle: Callable[[Volume], str]) -> Piece:
    """A piece that is a paper of this kind."""
    return Piece(number, lambda v: v.issued(kind), idle, (kind,))
