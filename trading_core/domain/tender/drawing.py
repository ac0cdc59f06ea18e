"""Draws in the life of a lot: commitments first, then the frozen pool, then the parts; the result follows [08 §8.6].

Two parties make the seed of every draw: the host and the centre for experts, the host and the supervisor for a parameter, with the
centre's reserve for a part of it that is overdue. Names stay sealed: the public record shows counts, hashes and rules; numbers, and the
seed that leads to them, are in the private parts until the result is public. What is drawn at the opening is in `parameter`.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from ..draw import Answer, DrawnRow, Row, draw_rows, is_word, pool_hash, seed_commit
from ..errors import Problem, refuse_if
from ..events import Event, Recorded, instant_from
from ..fields import Field
from ..identity import Role
from ..lot import Lot
from ..stages import lifecycle
from ..stages.announcing import CLOCK, HOSTS
from ..trade import Act, Command, Facts, Stage, TradeType
from .draws import EXPERTS, OWNERS, PARAMETER, PARTIES, Draw, Draws, PoolRow, k_candidates, unpromised
from .parameter import PART_WITHIN, not_yet, parameter_drawn
from .trustees import ROLES, trustee_of

ANSWER_WITHIN = timedelta(minutes=10)
ROWS_MAX = 10


def drawn_rows(lot: Lot) -> list[DrawnRow]:
    """The rows of the experts' draw with what has come of them; empty before it is drawn."""
    draw = lot.part(Draws).of(EXPERTS)
    if draw is None or not draw.drawn:
        return []
    rows = [Row(r.id, r.candidates, r.count, r.substitutes) for r in draw.rows]
    return draw_rows(draw.seed, lot.id, lot.attempt, rows, {n: Answer(a) for n, a in draw.answers.items()}, draw.left)


def seated(lot: Lot) -> tuple[str, ...]:
    """Numbers of the experts who have a seat, in the order of rows and draw."""
    return tuple(n for r in drawn_rows(lot) if r.seats for n in r.seats.seats)


def substitutes(lot: Lot) -> tuple[str, ...]:
    """Numbers of the substitutes, in the order in which they come in."""
    return tuple(n for r in drawn_rows(lot) if r.seats for n in r.seats.substitutes)


def asked(lot: Lot) -> tuple[str, ...]:
    """Numbers of everybody who has been asked to come."""
    return tuple(n for r in drawn_rows(lot) if r.seats for n in r.seats.asked)


def waiting(lot: Lot) -> tuple[str, ...]:
    """Numbers of those who have not answered yet."""
    return tuple(n for r in drawn_rows(lot) if r.seats for n in r.seats.waiting)


# ------------------------------------------------------------------ decisions

def _party(lot: Lot, command: Command) -> tuple[str, list[Problem]]:
    name, party = str(command.data["draw"]), trustee_of(lot, command.actor) or ""
    if party not in PARTIES[name]:
        return party, [Problem("draw.not_a_party", "draw", {"draw": name, "parties": ", ".join(PARTIES[name])}, "08 §8.6.1")]
    return party, []


def _commit(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """A party commits to its part before anything is known that the part could steer."""
    name = str(command.data["draw"])
    party, problems = _party(lot, command)
    draw = lot.part(Draws).of(name) or Draw(name)
    if party in draw.commitments:
        problems.append(Problem("draw.committed_before", "draw"))
    if name == PARAMETER and "closed" in lot.history:
        problems.append(Problem("draw.too_late", "draw", {"draw": name}, "02 §2.7.2"))
    if name == PARAMETER and not k_candidates(lot):
        problems.append(Problem("draw.no_candidates", "draw", rule="02 §2.7.2"))
    if name == EXPERTS and draw.rows:
        problems.append(Problem("draw.too_late", "draw", {"draw": name}, "08 §8.6.1"))
    refuse_if(problems)
    reserve = {} if party in OWNERS[name] else {"reserve": True}
    return [Event("draw_committed", {"draw": name, "kind": name, "party": party, "commitment": command.data["commitment"], **reserve})]


def _freeze(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Freeze who may be drawn: from now on the pool cannot be shaped to a result [08 §8.6.1 steps 1, 2]."""
    draw = lot.part(Draws).of(EXPERTS) or Draw(EXPERTS)
    rows = cast("Sequence[Mapping[str, object]]", facts["expert_rows"])
    refuse_if(_freeze_problems(trade, lot, draw, rows))
    public = [
        {"row": r["row"], "specialty": r["specialty"], "count": r["count"], "substitutes": r["substitutes"],
         "pool_size": len(cast("Sequence[str]", r["candidates"])), "pool_hash": pool_hash(cast("Sequence[str]", r["candidates"])),
         "excluded": r["excluded"], "rule_version": r["rule_version"]}
        for r in rows
    ]  # fmt: skip
    pools = {str(r["row"]): sorted(cast("Sequence[str]", r["candidates"])) for r in rows}
    return [Event("draw_pool_frozen", {"draw": EXPERTS, "rows": public}, {"pools": pools})]


def _freeze_problems(trade: TradeType, lot: Lot, draw: Draw, rows: Sequence[Mapping[str, object]]) -> Iterator[Problem]:
    if missing := unpromised(lot, EXPERTS):
        yield Problem("draw.commitments_missing", params={"parties": ", ".join(missing)}, rule="08 §8.6.1")
    if draw.rows:
        yield Problem("draw.pool_frozen_before")
    if lot.status.startswith("PREQ_") and not trade.review_committee(lot.terms):
        yield Problem("draw.before_prequalified")
    ids = [str(r["row"]) for r in rows]
    if len(set(ids)) != len(ids):
        yield Problem("draw.row_twice", "rows")
    for i, name in enumerate(ids):
        if not is_word(name):
            yield Problem("draw.row_name", f"rows.{i}.row", {"row": name}, "08 §8.6.1")
    size, rule = lot.term_int("committee_size"), trade.committee
    wanted = sum(cast("int", r["count"]) for r in rows)
    if size < rule.minimum or size % 2 == 0:
        yield Problem("committee.size", "committee_size", {"size": size, "minimum": rule.minimum}, rule.rule)
    if wanted > size or rule.share_denominator * wanted < rule.share_numerator * size:
        needed = -(-rule.share_numerator * size // rule.share_denominator)
        yield Problem("committee.too_few_experts", "rows", {"wanted": wanted, "needed": needed, "size": size})
    for i, r in enumerate(rows):
        size = len(cast("Sequence[str]", r["candidates"]))
        if size < cast("int", r["count"]):
            yield Problem("draw.pool_too_small", f"rows.{i}", {"row": r["row"], "pool": size}, "08 §8.6.2")


def _hand_in(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """A party opens its part to the draw; it must be what it committed to. The last part makes the draw happen."""
    name, part = str(command.data["draw"]), str(command.data["part"])
    party, problems = _party(lot, command)
    draw = lot.part(Draws).of(name) or Draw(name)
    if draw.commitments.get(party) != seed_commit(bytes.fromhex(part)):
        problems.append(Problem("draw.other_part", "part"))
    if party in draw.parts:
        problems.append(Problem("draw.part_handed_in_before", "draw"))
    if draw.drawn:
        problems.append(Problem("draw.drawn_before", "draw", rule="02 §2.7.2"))
    problems += _too_early(lot, name, draw, party)
    refuse_if(problems)
    received = Event("draw_part_received", {"draw": name, "party": party}, {"part": part})
    complete = replace(draw, parts={**draw.parts, party: part})
    if not complete.complete:
        return [received]
    return [received, _experts_drawn(lot, complete) if name == EXPERTS else parameter_drawn(lot, complete)]


def _too_early(lot: Lot, name: str, draw: Draw, party: str) -> Iterator[Problem]:
    if missing := unpromised(lot, name):
        yield Problem("draw.commitments_missing", params={"parties": ", ".join(missing)})
    if name == EXPERTS and not draw.rows:
        yield Problem("draw.pool_not_frozen", rule="08 §8.6.1")
    if name == PARAMETER:
        yield from not_yet(lot)
        if party not in OWNERS[name] and not draw.overdue:  # or it would choose between two results
            yield Problem("draw.reserve_waits", "part", {"hours": PART_WITHIN // timedelta(hours=1)}, "02 §2.7.2")


def _experts_drawn(lot: Lot, draw: Draw) -> Event:
    rows = draw_rows(draw.seed, lot.id, lot.attempt, [Row(r.id, r.candidates, r.count, r.substitutes) for r in draw.rows], {})
    orders = {r.row.id: list(r.order) for r in rows}
    return Event("experts_drawn", {"draw": EXPERTS, "seed_commitment": seed_commit(draw.seed), "rows": list(orders)}, {"orders": orders})


def revealed(lot: Lot) -> Event:
    """The seed and its parts, for whoever is authorised to draw again [08 §8.6.1 step 8].

    From the seed and the public record of the pool anybody could tell who sits, so they are told when the result is public [BL 37].
    """
    draw = lot.part(Draws).by_name[EXPERTS]
    return Event("draw_revealed", {"draw": EXPERTS}, {"parts": draw.said, "seed": draw.seed.hex()})


def _answer_call(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    number = str(facts["expert_number"])
    refuse_if(() if number in waiting(lot) else [Problem("draw.not_asked")])
    return [Event("expert_answered", {"draw": EXPERTS}, {"expert": number, "answer": command.data["answer"]})]


def _pass_silent(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Whoever has not answered in time is passed over; the next in the sealed order is asked [08 §8.6.1 step 6]."""
    return [Event("expert_answered", {"draw": EXPERTS}, {"expert": n, "answer": Answer.NO_ANSWER.value}) for n in waiting(lot)]


def _silence_over(trade: TradeType, lot: Lot) -> datetime | None:
    draw = lot.part(Draws).of(EXPERTS)
    return draw.moved_at + ANSWER_WITHIN if draw is not None and draw.moved_at is not None and waiting(lot) else None


# ------------------------------------------------------------------ what events mean

def _draw(lot: Lot, r: Recorded) -> tuple[Draws, str, Draw]:
    part, name = lot.part(Draws), str(r.public["draw"])
    return part, name, part.of(name) or Draw(name)


def _committed(lot: Lot, r: Recorded) -> Lot:
    part, name, draw = _draw(lot, r)
    commitments = {**draw.commitments, str(r.public["party"]): str(r.public["commitment"])}
    return lot.with_part(part.set(name, replace(draw, commitments=commitments)))


def _frozen(lot: Lot, r: Recorded) -> Lot:
    part, name, draw = _draw(lot, r)
    pools = cast("Mapping[str, Sequence[str]]", cast("Mapping[str, object]", r.private or {"pools": {}})["pools"])
    rows = tuple(
        PoolRow(str(x["row"]), str(x["specialty"]), cast("int", x["count"]), cast("int", x["substitutes"]), tuple(pools[str(x["row"])]))
        for x in cast("Sequence[Mapping[str, object]]", r.public["rows"])
    )
    return lot.with_part(part.set(name, replace(draw, rows=rows)))


def _received(lot: Lot, r: Recorded) -> Lot:
    part, name, draw = _draw(lot, r)
    parts = {**draw.parts, str(r.public["party"]): str((r.private or {})["part"])}
    return lot.with_part(part.set(name, replace(draw, parts=parts)))


def _drawn(lot: Lot, r: Recorded) -> Lot:
    part, name, draw = _draw(lot, r)
    return lot.with_part(part.set(name, replace(draw, drawn=True, moved_at=r.at)))


def _answered(lot: Lot, r: Recorded) -> Lot:
    part, name, draw = _draw(lot, r)
    private = cast("Mapping[str, str]", r.private or {})
    answers = {**draw.answers, private["expert"]: private["answer"]}
    return lot.with_part(part.set(name, replace(draw, answers=answers, moved_at=r.at)))


def _left(lot: Lot, r: Recorded) -> Lot:
    """Who leaves is replaced from the same sealed order; the time of whoever is asked for it begins now [X-6]."""
    part, draw = lot.part(Draws), lot.part(Draws).of(EXPERTS)
    if draw is None or r.private is None:
        return lot
    moved = r.at if draw.drawn and not waiting(lot) else draw.moved_at
    return lot.with_part(part.set(EXPERTS, replace(draw, left=(*draw.left, str(r.private["holder"])), moved_at=moved)))


def _resumed(lot: Lot, r: Recorded) -> Lot:
    """The time to answer stood still with the lot: it goes on with what was left of it [T-12]."""
    part, stopped = lot.part(Draws), instant_from(str(r.public["suspended_at"]))
    moved = {
        name: replace(d, moved_at=d.moved_at + (r.at - max(stopped, d.moved_at)))
        for name, d in part.by_name.items() if d.moved_at is not None
    }
    return lot.with_part(replace(part, by_name={**part.by_name, **moved}))


EVOLVE = {
    "draw_committed": _committed, "draw_pool_frozen": _frozen, "draw_part_received": _received, "experts_drawn": _drawn,
    "expert_answered": _answered, "seat_recused": _left, "resumed": _resumed,
}  # fmt: skip

NAME = Field("draw", "choice", choices=(EXPERTS, PARAMETER))
ROW = (
    Field("row", maximum=40), Field("specialty", maximum=20), Field("count", "integer", minimum=1, maximum=13),
    Field("substitutes", "integer", required=False, minimum=0, maximum=10),
)  # fmt: skip
ACTS = (
    Act("commit_draw", "draw_committed", ROLES, _commit, (NAME, Field("commitment", "hash")), rule="08 §8.6.1"),
    Act("freeze_pool", "draw_pool_frozen", frozenset({*HOSTS, Role.CENTRE}), _freeze, (
        Field("rows", "list", minimum=1, maximum=ROWS_MAX, fields=ROW),),
        needs=frozenset({"expert_rows"}), irrevocable=True, rule="08 §8.6.1"),
    Act("hand_in_part", "draw_part_received", ROLES, _hand_in, (NAME, Field("part", "hash", secret=True)), rule="08 §8.6.1"),
    Act("answer_call", "expert_answered", frozenset({Role.EXPERT}), _answer_call, (
        Field("answer", "choice", choices=(Answer.ACCEPT.value, Answer.REFUSE.value)),), needs=frozenset({"expert_number"})),
    Act("pass_silent", "expert_answered", CLOCK, _pass_silent, due=_silence_over, rule="08 §8.6.1"),
)  # fmt: skip
STAGE = Stage(lifecycle.DRAWS, ACTS, EVOLVE, (Draws,))
