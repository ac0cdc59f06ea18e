"""The draw of experts: the pool is frozen behind commitments, the parts make the seed, the order follows [08 §8.6].

Host and centre make the seed. Names stay sealed: the public record shows counts, hashes and rules; numbers, and the seed that leads to
them, are in the private parts until the result is public.
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
from ..stages.drawing import DrawKind
from ..stages.draws import EXPERTS, Draw, Draws, PoolRow, unpromised
from ..trade import Act, Command, Facts, Stage, TradeType

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


def _frozen(lot: Lot, r: Recorded) -> Lot:
    part, name, draw = _draw(lot, r)
    pools = cast("Mapping[str, Sequence[str]]", cast("Mapping[str, object]", r.private or {"pools": {}})["pools"])
    rows = tuple(
        PoolRow(str(x["row"]), str(x["specialty"]), cast("int", x["count"]), cast("int", x["substitutes"]), tuple(pools[str(x["row"])]))
        for x in cast("Sequence[Mapping[str, object]]", r.public["rows"])
    )
    return lot.with_part(part.set(name, replace(draw, rows=rows)))


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
    "draw_pool_frozen": _frozen, "experts_drawn": _drawn,
    "expert_answered": _answered, "seat_recused": _left, "resumed": _resumed,
}  # fmt: skip

ROW = (
    Field("row", maximum=40), Field("specialty", maximum=20), Field("count", "integer", minimum=1, maximum=13),
    Field("substitutes", "integer", required=False, minimum=0, maximum=10),
)  # fmt: skip
ACTS = (
    Act("freeze_pool", "draw_pool_frozen", frozenset({*HOSTS, Role.CENTRE}), _freeze, (
        Field("rows", "list", minimum=1, maximum=ROWS_MAX, fields=ROW),),
        needs=frozenset({"expert_rows"}), irrevocable=True, rule="08 §8.6.1"),
    Act("answer_call", "expert_answered", frozenset({Role.EXPERT}), _answer_call, (
        Field("answer", "choice", choices=(Answer.ACCEPT.value, Answer.REFUSE.value)),), needs=frozenset({"expert_number"})),
    Act("pass_silent", "expert_answered", CLOCK, _pass_silent, due=_silence_over, rule="08 §8.6.1"),
)  # fmt: skip
def _against_commitment(lot: Lot) -> Iterator[Problem]:
    if (lot.part(Draws).of(EXPERTS) or Draw(EXPERTS)).rows:
        yield Problem("draw.too_late", "draw", {"draw": EXPERTS}, "08 §8.6.1")


def _against_part(lot: Lot, draw: Draw, party: str) -> Iterator[Problem]:
    if not draw.rows:
        yield Problem("draw.pool_not_frozen", rule="08 §8.6.1")


KIND = DrawKind(EXPERTS, _against_commitment, _against_part, lambda lot, draw: [_experts_drawn(lot, draw)])
STAGE = Stage(lifecycle.EXPERT_DRAW, ACTS, EVOLVE, (Draws,))
