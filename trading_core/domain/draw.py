"""Draws that anyone can repeat: commit, freeze the pool, reveal, order by keyed hash [08 §8.6.1, 02 §2.7.2 "Random K"].

Nobody's choice decides: the seed comes from parts that their owners committed to before the pool was frozen, and every candidate's
place follows from the seed and the candidate's own number alone, so that leaving one out never moves the others.
"""
from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import cast

PART_BYTES = 32
SUBSTITUTES = 2
SEPARATOR = "|"


class Answer(StrEnum):
    """What somebody who was asked to come said."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    NO_ANSWER = "no_answer"


# ------------------------------------------------------------------ seed

def seed_commit(part: bytes) -> str:
    """What the owner of a part, or the holder of a seed, logs beforehand: SHA-256 of its 32 raw bytes, hex."""
    return hashlib.sha256(_part(part)).hexdigest()


def combine(parts: Sequence[bytes]) -> bytes:
    """The seed of a draw by several owners: SHA-256 of their parts in the stated order. No owner but all together can steer it.

    ValueError with fewer than two parts: one owner alone would know every result beforehand.
    """
    if len(parts) < 2:
        raise ValueError("a seed is made of at least two owners' parts")
    return hashlib.sha256(b"".join(_part(p) for p in parts)).digest()


def _part(part: bytes) -> bytes:
    if len(part) != PART_BYTES:
        raise ValueError(f"a part has {PART_BYTES} bytes")
    return part


# ------------------------------------------------------------------ order

def pool_hash(ids: Iterable[str]) -> str:
    """SHA-256 (hex) of the sorted numbers, joined by newlines: what freezes a pool [08 §8.6.1 step 2]."""
    return hashlib.sha256("\n".join(_pool(ids)).encode()).hexdigest()


def row_prefix(lot_id: str, attempt: int, row_id: str) -> str:
    """What stands before a candidate's number in the keyed message."""
    for part in (lot_id, row_id):
        _word(part)
    return f"{lot_id}|{attempt}|{row_id}|"


def order(seed: bytes, prefix: str, ids: Iterable[str]) -> list[str]:
    """The candidates in the order in which they are asked: by HMAC-SHA256(seed, prefix + number), then by number."""
    return sorted(_pool(ids), key=lambda number: (sort_key(seed, prefix, number), number))


def sort_key(seed: bytes, prefix: str, number: str) -> bytes:
    """A candidate's place: depends on the seed, the row and the candidate's own number, on nobody else."""
    return hmac.new(_part(seed), (prefix + number).encode(), hashlib.sha256).digest()


def _pool(ids: Iterable[str]) -> list[str]:
    pool = sorted(ids)
    if len(set(pool)) != len(pool):
        raise ValueError("a candidate stands twice in the pool")
    for number in pool:
        _word(number)
    return pool


def is_word(text: str) -> bool:
    """Whether a text can stand in what is hashed for a draw: not empty, no separator and no line break in it."""
    return bool(text) and SEPARATOR not in text and "\n" not in text


def _word(text: str) -> None:
    if not is_word(text):
        raise ValueError(f"a number has no separator in it and is not empty: {text!r}")


# ------------------------------------------------------------------ seats

@dataclass(frozen=True, slots=True)
class Seats:
    """What the answers so far amount to. asked: who must answer or has answered, in order; waiting: those of them still silent.

    open: seats and substitutes still to be filled when nobody is left to ask; complete: nothing more to ask.
    """

    seats: tuple[str, ...]
    substitutes: tuple[str, ...]
    asked: tuple[str, ...]
    waiting: tuple[str, ...]
    open: int

    @property
    def complete(self) -> bool:
        return not self.waiting


def take(ordered: Sequence[str], count: int, answers: Mapping[str, Answer], substitutes: int = SUBSTITUTES) -> Seats:
    """Seats and substitutes in the draw's order: whoever refuses or does not answer is passed over [08 §8.6.1 steps 6, 7].

    As many are asked at a time as there are places open. A seat is only given away once everybody before has answered, so the
    result does not depend on who is quickest.
    """
    accepted: list[str] = []
    asked: list[str] = []
    waiting: list[str] = []
    wanted, known = count + substitutes, 0
    for number in ordered:
        if len(accepted) + len(waiting) == wanted:
            break
        asked.append(number)
        answer = answers.get(number)
        if answer is None:
            waiting.append(number)
        elif answer is Answer.ACCEPT:
            accepted.append(number)
            known += not waiting
    sure = accepted[:known]
    missing = wanted - len(accepted) - len(waiting)
    return Seats(tuple(sure[:count]), tuple(sure[count:]), tuple(asked), tuple(waiting), missing)


@dataclass(frozen=True, slots=True)
class Row:
    """What is asked for: count members of one specialty from these candidates."""

    id: str
    candidates: tuple[str, ...]
    count: int
    substitutes: int = SUBSTITUTES


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """A row with its order over the whole frozen pool and what has come of it; seats is None while an earlier row must end first."""

    row: Row
    order: tuple[str, ...]
    seats: Seats | None


def draw_rows(
    seed: bytes, lot_id: str, attempt: int, rows: Iterable[Row], answers: Mapping[str, Answer], left: Sequence[str] = ()
) -> list[DrawnRow]:
    """All rows of a draw, the rarest specialty first (fewest candidates, then id). left: who gave up a place, in that order.

    Whoever is asked for one row leaves the later ones, whatever the answer: an expert counts for one specialty in one draw
    [08 §8.3 rule 4, §8.6.1]. A row that shares candidates with an unfinished earlier one waits, so that answers coming in another
    sequence never change the result.
    """
    gone: set[str] = set()
    unsettled: set[str] = set()
    drawn: list[DrawnRow] = []
    for row in sorted(rows, key=lambda r: (len(r.candidates), r.id)):
        ordered = tuple(order(seed, row_prefix(lot_id, attempt, row.id), row.candidates))
        if unsettled.isdisjoint(row.candidates):
            free = [number for number in ordered if number not in gone]
            seats = take(free, row.count, answers, row.substitutes)
            gone.update(seats.asked)
        else:
            seats = None
        if seats is None or not seats.complete:
            unsettled.update(row.candidates)
        drawn.append(DrawnRow(row, ordered, seats))
    return _refilled(drawn, answers, left)


def _refilled(drawn: list[DrawnRow], answers: Mapping[str, Answer], left: Sequence[str]) -> list[DrawnRow]:
    """Where a row's substitutes are used up, for each one who leaves the next of the same sealed order is asked until one accepts [X-6].

    One place after the other: while somebody has still to answer, nobody is asked for who left later, so that the answers' sequence
    never changes the result.
    """
    used: dict[str, int] = {}
    for gone in left:
        if any(d.seats is None or d.seats.waiting for d in drawn):
            break
        place = next((i for i, d in enumerate(drawn) if d.seats and gone in (*d.seats.seats, *d.seats.substitutes)), None)
        if place is None:
            continue
        d, seats = drawn[place], cast("Seats", drawn[place].seats)
        used[d.row.id] = used.get(d.row.id, 0) + 1
        if used[d.row.id] > len(seats.substitutes):
            before = {n for other in drawn if other.seats for n in other.seats.asked}
            drawn[place] = replace(d, seats=_next(seats, [n for n in d.order if n not in before], answers))
    return drawn


def _next(seats: Seats, remaining: Sequence[str], answers: Mapping[str, Answer]) -> Seats:
    """The row with one place more to fill from who remains."""
    more = take(remaining, 1, answers, 0)
    return Seats(seats.seats, (*seats.substitutes, *more.seats), (*seats.asked, *more.asked), more.waiting, seats.open + more.open)


# ------------------------------------------------------------------ parameter

def bid_root(digests: Iterable[str]) -> str:
    """SHA-256 (hex) over the sorted hex digests of all live ciphertexts at the deadline, joined by newlines."""
    found = sorted(digests)
    if any(not re.fullmatch("[0-9a-f]{64}", d) for d in found):
        raise ValueError("a digest is 64 lower-case hex digits")
    return hashlib.sha256("\n".join(found).encode()).hexdigest()


def parameter_index(seed: bytes, lot_id: str, attempt: int, opening_time_text: str, bid_root: str, n: int) -> int:
    """Which of n candidates is drawn, from 0. Without `bid_root` the holder of the seed would know it before bids close.

    opening_time_text: the published opening time, exactly as it was logged (ISO 8601 with offset).
    """
    if n < 1:
        raise ValueError("there is no candidate")
    _word(lot_id)
    message = f"{lot_id}|{attempt}|{opening_time_text}|{bid_root}"
    return int.from_bytes(hmac.new(_part(seed), message.encode(), hashlib.sha256).digest(), "big") % n
