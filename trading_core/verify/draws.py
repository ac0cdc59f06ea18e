"""Repeating draws from what was published about them (docs/formats.md §6)."""
from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from .events import Event, Record
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
    """A draw as its events, or its file, tell it. parts stand in the order of the commitments."""

    name: str
    lot: str
    attempt: int
    where: str
    commitments: dict[str, str] = field(default_factory=dict)
    parts: dict[str, bytes] = field(default_factory=dict)


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


def check_experts(draw: Draw, seed: bytes, rows: Sequence[Row], answers: Mapping[str, str], settled: bool) -> set[str]:
    """The pools are the frozen ones and every published result follows. Returns who may sit: seats and reserve. Raises `Broken`.

    settled: seats are given away, so that everybody asked must have answered.
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
    if strangers := sorted(set(answers) - asked):
        raise Broken(EXPERTS, draw.where, "answers of those only whose turn it was", " ".join(strangers))
    if settled and (silent := sorted(asked - set(answers))):
        raise Broken(EXPERTS, draw.where, "an answer, or its absence, of everybody asked", " ".join(silent))
    return {number for _, seats, reserve in results.values() for number in (*seats, *reserve)}


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


def _parts(value: Value) -> dict[str, bytes]:
    return {p["party"].text(): p["part"].hex() for p in value["parts"].entries()}


# ------------------------------------------------------------------ a draw file

def check_draw_file(value: Value) -> Iterator[Check]:
    """A draw by itself: the result follows from the parts."""
    value["format"].choice("gongxin-draw-v1")
    kind = value["kind"].choice("experts", "parameter")
    draw = Draw(kind, value["lot"].word(), value["attempt"].integer(1), value.where)
    draw.commitments = {c["party"].text(): c["commitment"].hex().hex() for c in value["commitments"].entries()}
    draw.parts = _parts(value)
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


# ------------------------------------------------------------------ draws in the log

def check_draws(record: Record, lot: str, attempt: int) -> Iterator[Check]:
    """Every draw of the lot: its course in the log, and its result."""
    stream = f"lot/{lot}"
    draws: dict[str, Draw] = {}
    last_commit: dict[str, Event] = {}
    for e in record.of(stream, "draw_committed"):
        draw = draws.setdefault(e.public["draw"].text(), Draw(e.public["draw"].text(), lot, attempt, e.where))
        party = e.public["party"].text()
        if party in draw.commitments:
            raise Broken(_check_of(e), e.where, "one commitment of each party", party)
        draw.commitments[party] = e.public["commitment"].hex().hex()
        last_commit[draw.name] = e
    done = record.of(stream, "experts_drawn", "parameter_drawn")
    for e in done:
        name = e.public["draw"].text()
        if name not in draws:
            raise Broken(_check_of(e), e.where, f"commitments to the draw {name}", "none")
        draws[name].where = e.where
        if e.type == "experts_drawn":
            yield _experts(record, stream, draws[name], last_commit[name], e)
        else:
            yield _parameter(record, stream, draws[name], last_commit[name], e)
    if not done:
        yield Check(EXPERTS, "not_shown", "events.jsonl", {"draw": "-", "rows": 0})


def _check_of(e: Event) -> str:
    return PARAMETER if e.type == "parameter_drawn" or e.public.mapping().get("kind") == "parameter" else EXPERTS


def _one(record: Record, stream: str, type: str, draw: str) -> Event | None:
    found = [e for e in record.of(stream, type) if e.public.mapping().get("draw") == draw]
    if len(found) > 1:
        raise Broken(EXPERTS, found[1].where, f"one {type} of the draw {draw}", len(found))
    return found[0] if found else None


def _experts(record: Record, stream: str, draw: Draw, committed: Event, drawn: Event) -> Check:
    frozen, revealed = (_one(record, stream, t, draw.name) for t in ("draw_pool_frozen", "draw_revealed"))
    if frozen is None or not committed.index < frozen.index < drawn.index:
        raise Broken(EXPERTS, drawn.where, "commitments, then the frozen pool, then the draw", committed.where)
    rows = frozen.public["rows"].entries()
    if revealed is None or frozen.private is None or drawn.private is None:
        return Check(EXPERTS, "not_shown", drawn.where, {"draw": draw.name, "rows": len(rows)})
    if revealed.index < drawn.index:
        raise Broken(EXPERTS, revealed.where, "the reveal after the draw", drawn.where)
    draw.parts = _parts(revealed.public)
    seed = seed_of(draw, EXPERTS, 2)
    if revealed.public["seed"].hex() != seed or drawn.public["seed_commitment"].hex() != sha256(seed).digest():
        raise Broken(EXPERTS, revealed.where, f"the seed {seed.hex()}", revealed.public["seed"].text())
    pools, orders = frozen.private["pools"], drawn.private["orders"]
    full = [
        Row(
            r["row"].word(), r["count"].integer(1), r["substitutes"].integer(), r["pool_hash"].hex().hex(),
            [v.word() for v in pools[r["row"].text()].entries()], orders[r["row"].text()].texts(),
        )
        for r in rows
    ]  # fmt: skip
    served = [r.id for r in sorted(full, key=lambda r: (len(r.pool), r.id))]
    if drawn.public["rows"].texts() != served:
        raise Broken(EXPERTS, f"{drawn.where} rows", " ".join(served), " ".join(drawn.public["rows"].texts()))
    answers, hidden = _answers(record, stream, draw.name, drawn)
    seats = [e for e in record.of(stream, "seat_signed_in") if e.public["kind"].text() == "expert"]
    if hidden:
        check_experts(draw, seed, full, {}, settled=False)
    else:
        _check_seats(seats, check_experts(draw, seed, full, answers, settled=bool(seats)))
    params: dict[str, str | int] = {"draw": draw.name, "rows": len(full), "pool": sum(len(r.pool) for r in full)}
    return Check(EXPERTS, "not_shown" if hidden else "holds", drawn.where, params)


def _check_seats(seats: Sequence[Event], drawn: set[str]) -> None:
    """Every expert who took a seat was drawn. Raises `Broken`."""
    for e in seats:
        if e.private is not None and e.private["holder"].text() not in drawn:
            raise Broken(EXPERTS, e.where, "an expert who was drawn", e.private["holder"].text())


def _answers(record: Record, stream: str, name: str, drawn: Event) -> tuple[dict[str, str], int]:
    """Answers by expert number, and how many are not shown."""
    answers: dict[str, str] = {}
    hidden = 0
    for e in record.of(stream, "expert_answered"):
        if e.public["draw"].text() != name:
            continue
        if e.index < drawn.index:
            raise Broken(EXPERTS, e.where, "answers after the draw", drawn.where)
        if e.private is None:
            hidden += 1
            continue
        number = e.private["expert"].text()
        if number in answers:
            raise Broken(EXPERTS, e.where, "one answer of each", number)
        answers[number] = e.private["answer"].choice(*ANSWERS)
    return answers, hidden


def _parameter(record: Record, stream: str, draw: Draw, committed: Event, drawn: Event) -> Check:
    closed = next((e for e in record.of(stream, "closed") if e.index < drawn.index), None)
    if closed is None or committed.index > closed.index:
        raise Broken(PARAMETER, drawn.where, "commitments, then the deadline, then the draw", committed.where)
    if drawn.public["opening_time"].instant() != closed.public["deadline"].instant():
        raise Broken(PARAMETER, f"{drawn.where} opening_time", closed.public["deadline"].text(), drawn.public["opening_time"].text())
    published = _published_candidates(record, stream, drawn)
    if drawn.public["candidates"].texts() != published:
        raise Broken(PARAMETER, f"{drawn.where} candidates", " ".join(published), " ".join(drawn.public["candidates"].texts()))
    digests = [v["object"].hex().hex() for b in closed.public["bids"].entries() for v in b["envelopes"].entries()]
    draw.parts = _parts(drawn.public)
    check_parameter(draw, seed_of(draw, PARAMETER, 1), drawn.public, bid_root(digests))
    return Check(PARAMETER, "holds", drawn.where, {"draw": draw.name, "value": drawn.public["value"].text(), "bids": len(digests)})


def _published_candidates(record: Record, stream: str, before: Event) -> list[str]:
    """The candidates that the notice, or the last amendment to it, published before the draw."""
    found: list[str] = []
    for e in record.of(stream, "published", "invitations_sent", "amended"):
        terms = e.public.get("terms") or e.public.get("changes")
        for name in ("evaluation", "price", "drawn", "candidates"):
            terms = terms.get(name) if terms is not None and terms.raw is not None else None
        if terms is not None and e.index < before.index:
            found = terms.texts()
    return found
