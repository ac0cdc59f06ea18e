"""The draws in the log: their course from commitment to reveal, and their results (docs/formats.md §6)."""
from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from hashlib import sha256

from .draws import ACCEPT, ANSWERS, EXPERTS, PARAMETER, Draw, Places, Row, bid_root, check_experts, check_parameter, parts_of, seed_of
from .events import Event, Record, anew
from .report import Broken, Check
from .schedule import NOTICES

INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"
"""The one spelling of an instant: the draw takes in the text, so another spelling would give another value."""


def check_draws(record: Record, lot: str, attempt: int) -> Iterator[Check]:
    """Every draw of the lot: its course in the log, and its result. Each committee has a draw of experts of its own."""
    stream, parts = f"lot/{lot}", [Record()]
    for e in record.of(stream):
        if anew(e):
            parts.append(Record())
        parts[-1].events.append(e)
    shown = False
    for part, kind in ((record, "parameter_drawn"), *((p, "experts_drawn") for p in parts)):
        for check in _draws(part, lot, attempt, kind):
            shown = True
            yield check
    if not shown:
        yield Check(EXPERTS, "not_shown", "events.jsonl", {"draw": "-", "rows": 0})


def _draws(record: Record, lot: str, attempt: int, kind: str) -> Iterator[Check]:
    stream = f"lot/{lot}"
    draws: dict[str, Draw] = {}
    last_commit: dict[str, Event] = {}
    for e in (c for c in record.of(stream, "draw_committed") if (_check_of(c) == PARAMETER) == (kind == "parameter_drawn")):
        draw = draws.setdefault(e.public["draw"].text(), Draw(e.public["draw"].text(), lot, attempt, e.where))
        party = e.public["party"].text()
        if party in draw.commitments:
            raise Broken(_check_of(e), e.where, "one commitment of each party", party)
        draw.commitments[party] = e.public["commitment"].hex().hex()
        if "reserve" in e.public.mapping() and e.public["reserve"].boolean():
            draw.reserve.add(party)
        last_commit[draw.name] = e
    done = record.of(stream, kind)
    _check_once(done)
    for e in done:
        name = e.public["draw"].text()
        if name not in draws:
            raise Broken(_check_of(e), e.where, f"commitments to the draw {name}", "none")
        draws[name].where = e.where
        if e.type == "experts_drawn":
            yield _experts(record, stream, draws[name], last_commit[name], e)
        else:
            yield _parameter(record, stream, draws[name], last_commit[name], e)


def _check_once(done: Sequence[Event]) -> None:
    """A second draw of the parameter would be a choice between two. Raises `Broken`."""
    parameters = [e for e in done if e.type == "parameter_drawn"]
    if len(parameters) > 1:
        raise Broken(PARAMETER, parameters[1].where, "one draw of a parameter", len(parameters))


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
    _parts_after(record, stream, draw, frozen, EXPERTS)
    rows = frozen.public["rows"].entries()
    if revealed is None or revealed.private is None or frozen.private is None or drawn.private is None:
        return Check(EXPERTS, "not_shown", drawn.where, {"draw": draw.name, "rows": len(rows)})
    if revealed.index < drawn.index:
        raise Broken(EXPERTS, revealed.where, "the reveal after the draw", drawn.where)
    draw.parts = parts_of(revealed.private)
    seed = seed_of(draw, EXPERTS, 2)
    if revealed.private["seed"].hex() != seed or drawn.public["seed_commitment"].hex() != sha256(seed).digest():
        raise Broken(EXPERTS, revealed.where, f"the seed {seed.hex()}", revealed.private["seed"].text())
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
    moves = _moves(record.of(stream, "seat_signed_in", "seat_recused"))
    if hidden:  # nobody can tell whose turn it was, only who it cannot have been
        places = check_experts(draw, seed, full, {}, settled=False)
        able = {n for r in full for n in r.pool} - {n for n, answer in answers.items() if answer != ACCEPT}
        _check_seats(moves, places, able, known=False)
    else:
        left = [holder for e, holder in moves if e.type == "seat_recused"]
        seen = left[: left.index("")] if "" in left else left
        places = check_experts(draw, seed, full, answers, _settled(moves), seen, unseen=len(left) - len(seen))
        _check_seats(moves, places, {n for n, answer in answers.items() if answer == ACCEPT}, known=True)
    hidden += sum(not holder for _, holder in moves)
    params: dict[str, str | int] = {"draw": draw.name, "rows": len(full), "pool": sum(len(r.pool) for r in full)}
    return Check(EXPERTS, "not_shown" if hidden else "holds", drawn.where, params)


def _moves(events: Sequence[Event]) -> list[tuple[Event, str]]:
    """Who sat down as an expert, or left, in the order of the log: empty where the file does not show it. Whoever left a seat is known
    by having taken it."""
    found, sitting = [], dict[int, str]()
    for e in events:
        seat = e.public["seat"].integer()
        holder = e.private["holder"].text() if e.private is not None else sitting.get(seat, "") if e.type == "seat_recused" else ""
        if e.type == "seat_signed_in":
            sitting[seat] = holder
        if e.type == "seat_recused" or e.public["kind"].text() == "expert":
            found.append((e, holder))
    return found


def _settled(moves: Sequence[tuple[Event, str]]) -> bool:
    return any(e.type == "seat_signed_in" for e, _ in moves)


def _parts_after(record: Record, stream: str, draw: Draw, event: Event, check: str) -> None:
    """No part was opened to the draw while the pool, or the bids, could still be shaped by whoever knew it. Raises `Broken`."""
    for e in record.of(stream, "draw_part_received"):
        if e.public["draw"].text() == draw.name and e.index < event.index:
            raise Broken(check, e.where, f"parts opened after {event.where}", e.public["party"].text())


def _check_seats(moves: Sequence[tuple[Event, str]], rows: Sequence[Places], able: Set[str], known: bool) -> None:
    """Every expert who took a seat was drawn, and a substitute only for who had left the same row. Where somebody has left whom the file
    does not name, or answers are hidden (known is False), whoever was asked and accepted may be that substitute, as far as their row has
    a seat free. Raises `Broken`."""
    gone: set[str] = set()
    sitting: set[str] = set()
    for e, holder in moves:
        if e.type == "seat_recused":
            gone.add(holder)
            sitting.discard(holder)
            known = known and bool(holder)
        elif holder:
            sitting.add(holder)
            full = any(len(sitting.intersection((*seats, *reserve))) > len(seats) for seats, reserve in rows)
            drawn = ([n for n in (*seats, *reserve) if n not in gone][: len(seats)] for seats, reserve in rows)
            if holder not in able or full or (known and not any(holder in row for row in drawn)):
                raise Broken(EXPERTS, e.where, "an expert who was drawn, in turn", holder)


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
    _parts_after(record, stream, draw, closed, PARAMETER)
    if drawn.public["opening_time"].text() != closed.public["deadline"].instant().strftime(INSTANT):
        raise Broken(PARAMETER, f"{drawn.where} opening_time", closed.public["deadline"].text(), drawn.public["opening_time"].text())
    published = _published_candidates(record, stream, drawn)
    if drawn.public["candidates"].texts() != published:
        raise Broken(PARAMETER, f"{drawn.where} candidates", " ".join(published), " ".join(drawn.public["candidates"].texts()))
    digests = [v["object"].hex().hex() for b in closed.public["bids"].entries() for v in b["envelopes"].entries()]
    draw.parts = parts_of(drawn.public)
    _standing_in(record, stream, draw, drawn)
    check_parameter(draw, seed_of(draw, PARAMETER, 1), drawn.public, bid_root(digests))
    return Check(PARAMETER, "holds", drawn.where, {"draw": draw.name, "value": drawn.public["value"].text(), "bids": len(digests)})


def _standing_in(record: Record, stream: str, draw: Draw, drawn: Event) -> None:
    """The parts are those handed in, one for each owner: a reserve only for an owner who was late, and after the record has said so. What
    was committed to and did not come in counts no more. Raises `Broken`."""
    given: set[str] = set()
    late: set[str] = set()
    for e in record.of(stream, "draw_part_received", "draw_part_overdue"):
        if e.public["draw"].text() != draw.name or e.index > drawn.index:
            continue
        if e.type == "draw_part_overdue":
            late |= set(e.public["parties"].texts()) - given
        elif (party := e.public["party"].text()) in draw.reserve and not late:
            raise Broken(PARAMETER, e.where, "a reserve after the record has named who is late", party)
        else:
            given.add(party)
    owners = set(draw.commitments) - draw.reserve
    if given != set(draw.parts) or len(given) != len(owners) or not owners - given <= late:
        wanted = ", ".join(sorted(given)) or "parts handed in"
        raise Broken(PARAMETER, f"{drawn.where} parts", f"{wanted}: one for each of {len(owners)} owners", ", ".join(draw.parts))
    draw.commitments = {party: c for party, c in draw.commitments.items() if party in given}


def _published_candidates(record: Record, stream: str, before: Event) -> list[str]:
    """The candidates that the notice, or the last amendment to it, published before the draw."""
    found: list[str] = []
    for e in record.of(stream, *NOTICES, "amended"):
        terms = e.public.get("terms") or e.public.get("changes")
        for name in ("evaluation", "price", "drawn", "candidates"):
            terms = terms.get(name) if terms is not None and terms.raw is not None else None
        if terms is not None and e.index < before.index:
            found = terms.texts()
    return found
