"""Repeating a draw: seed, order, seats, parameter; and the draw file, which holds one by itself (docs/formats.md §6)."""
from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import takewhile

from .report import Broken, Check
from .text import Value

EXPERTS, PARAMETER = "draw.experts", "draw.parameter"
ACCEPT, ANSWERS = "accept", ("accept", "refuse", "no_answer")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a draw of experts. order, seats and reserve are what was published of its result; None when it was not."""

    id: str
    count: int
    substitutes: int
    pool_hash: str
    pool: list[str]
    order: list[str] | None = None
    seats: list[str] | None = None
    reserve: list[str] | None = None


@dataclass(slots=True)
class Draw:
    """A draw as its events, or its file, tell it. parts stand in the order of the commitments. reserve: whose part is to stand in."""

    name: str
    lot: str
    attempt: int
    where: str
    commitments: dict[str, str] = field(default_factory=dict)
    parts: dict[str, bytes] = field(default_factory=dict)
    reserve: set[str] = field(default_factory=set)


# ------------------------------------------------------------------ the arithmetic

def seed_of(draw: Draw, check: str, owners: int) -> bytes:
    """The seed from parts that fit their commitments. Raises `Broken`."""
    if len(draw.commitments) < owners:
        raise Broken(check, draw.where, f"commitments of {owners} owners", len(draw.commitments))
    if list(draw.parts) != list(draw.commitments):
        raise Broken(check, draw.where, "the part of each: " + ", ".join(draw.commitments), ", ".join(draw.parts))
    for party, part in draw.parts.items():
        if sha256(part).hexdigest() != draw.commitments[party]:
            raise Broken(check, f"{draw.where} part of {party}", draw.commitments[party], sha256(part).hexdigest())
    parts = list(draw.parts.values())
    return parts[0] if len(parts) == 1 else sha256(b"".join(parts)).digest()


def _keyed(seed: bytes, message: str) -> bytes:
    return hmac.digest(seed, message.encode(), "sha256")


Places = tuple[list[str], list[str]]
"""Seats and reserve of a row."""
Served = dict[str, tuple[list[str], list[str], list[str]]]
"""Row to order, seats and reserve."""


def _serve(draw: Draw, seed: bytes, rows: Sequence[Row], answers: Mapping[str, str]) -> tuple[Served, set[str]]:
    """What comes of each row, in the order in which rows are served, and everybody who had to be asked."""
    result: Served = {}
    asked: set[str] = set()
    for row in sorted(rows, key=lambda r: (len(r.pool), r.id)):
        prefix = f"{draw.lot}|{draw.attempt}|{row.id}|"
        ordered = sorted(row.pool, key=lambda number: (_keyed(seed, prefix + number), number))
        willing: list[str] = []
        for number in (n for n in ordered if n not in asked):
            if len(willing) == row.count + row.substitutes:
                break
            asked.add(number)
            if answers.get(number) == ACCEPT:
                willing.append(number)
        result[row.id] = ordered, willing[: row.count], willing[row.count :]
    return result, asked


def _refill(served: Served, asked: set[str], answers: Mapping[str, str], left: Sequence[str]) -> None:
    """For each one who left a row of which no substitute remains, the next in its order who was not asked yet, until one accepts. Nobody
    is asked before the one asked last has answered."""
    gone = dict.fromkeys(served, 0)
    for holder in left:
        row = next((r for r, (_, seats, reserve) in served.items() if holder in seats or holder in reserve), None)
        if row is None:
            continue
        ordered, _, reserve = served[row]
        gone[row] += 1
        if gone[row] <= len(reserve):
            continue
        for number in [n for n in ordered if n not in asked]:
            asked.add(number)
            if number not in answers:
                return
            if answers[number] == ACCEPT:
                reserve.append(number)
                break


def check_experts(
    draw: Draw, seed: bytes, rows: Sequence[Row], answers: Mapping[str, str], settled: bool, left: Sequence[str] = (), unseen: int = 0
) -> list[Places]:
    """The pools are the frozen ones and every published result follows. Returns who may sit, row by row. Raises `Broken`.

    settled: seats are given away, so that everybody asked must have answered, but for who replaces one of `left`. unseen: how many left
    of whom nobody can tell which row they left; for them whoever comes next in any row may have been asked.
    """
    for row in rows:
        found = sha256("\n".join(sorted(row.pool)).encode()).hexdigest()
        if found != row.pool_hash or len(set(row.pool)) != len(row.pool):
            raise Broken(EXPERTS, f"{draw.where} row {row.id}", f"a pool with hash {row.pool_hash}", found)
    results, asked = _serve(draw, seed, rows, answers)
    for row in rows:
        for what, told, found_list in zip(("order", "seats", "reserve"), (row.order, row.seats, row.reserve), results[row.id], strict=True):
            if told is not None and told != found_list:
                raise Broken(EXPERTS, f"{draw.where} row {row.id} {what}", " ".join(found_list), " ".join(told))
    silent = sorted(asked - set(answers))
    _refill(results, asked, answers, left)
    if unseen:
        asked |= {n for order, _, _ in results.values() for n in takewhile(answers.__contains__, order)}
    if strangers := sorted(set(answers) - asked):
        raise Broken(EXPERTS, draw.where, "answers of those only whose turn it was", " ".join(strangers))
    if settled and silent:
        raise Broken(EXPERTS, draw.where, "an answer, or its absence, of everybody asked", " ".join(silent))
    return [(seats, reserve) for _, seats, reserve in results.values()]


def check_parameter(draw: Draw, seed: bytes, value: Value, root: str) -> None:
    """Index and value follow from the seed and the bids. Raises `Broken`."""
    candidates = value["candidates"].texts()
    if value["bid_root"].hex().hex() != root:
        raise Broken(PARAMETER, f"{draw.where} bid_root", root, value["bid_root"].text())
    if not candidates:
        raise Broken(PARAMETER, f"{draw.where} candidates", "at least one", 0)
    message = f"{draw.lot}|{draw.attempt}|{value['opening_time'].text()}|{root}"
    index = int.from_bytes(_keyed(seed, message), "big") % len(candidates)
    told = value["index"].integer(), value["value"].text()
    if told != (index, candidates[index]):
        raise Broken(PARAMETER, draw.where, f"index {index}, {candidates[index]}", f"index {told[0]}, {told[1]}")


def bid_root(digests: Sequence[str]) -> str:
    """SHA-256 of the sorted hex digests of all live ciphertexts, joined by line feeds."""
    return sha256("\n".join(sorted(digests)).encode()).hexdigest()


def parts_of(value: Value) -> dict[str, bytes]:
    return {p["party"].text(): p["part"].hex() for p in value["parts"].entries()}


# ------------------------------------------------------------------ a draw file

def check_draw_file(value: Value) -> Iterator[Check]:
    """A draw by itself: the result follows from the parts."""
    value["format"].choice("gongxin-draw-v1")
    kind = value["kind"].choice("experts", "parameter")
    draw = Draw(kind, value["lot"].word(), value["attempt"].integer(1), value.where)
    draw.commitments = {c["party"].text(): c["commitment"].hex().hex() for c in value["commitments"].entries()}
    draw.parts = parts_of(value)
    if kind == "experts":
        yield from _expert_file(draw, value)
    else:
        digests = [d.hex().hex() for d in value["digests"].entries()]
        check_parameter(draw, seed_of(draw, PARAMETER, 1), value, bid_root(digests))
        yield Check(PARAMETER, "holds", value.where, {"draw": kind, "value": value["value"].text(), "bids": len(digests)})


def _expert_file(draw: Draw, value: Value) -> Iterator[Check]:
    seed = seed_of(draw, EXPERTS, 2)
    if sha256(seed).digest() != value["seed_commitment"].hex():
        raise Broken(EXPERTS, f"{draw.where} seed_commitment", sha256(seed).hexdigest(), value["seed_commitment"].text())
    rows = [
        Row(
            r["row"].word(), r["count"].integer(1), r["substitutes"].integer(), r["pool_hash"].hex().hex(),
            [v.word() for v in r["pool"].entries()], *(r[n].texts() for n in ("order", "seats", "reserve")),
        )
        for r in value["rows"].entries()
    ]  # fmt: skip
    answers = {a["expert"].text(): a["answer"].choice(*ANSWERS) for a in value["answers"].entries()}
    check_experts(draw, seed, rows, answers, settled=True)
    yield Check(EXPERTS, "holds", value.where, {"draw": draw.name, "rows": len(rows), "pool": sum(len(r.pool) for r in rows)})
