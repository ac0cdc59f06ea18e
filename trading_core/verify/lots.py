"""A public draw by lot, repeated from the parts handed in and the closed list (docs/formats.md §7.14)."""
from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator

from .events import Event, Record
from .report import Broken, Check

NAME = "lots.drawn"
OWNERS = {"host", "supervisor"}
RESERVE = "centre"


def is_drawn(record: Record, lot: str) -> bool:
    """Whether somebody has committed to a part of a draw by lot."""
    return any(e.public["draw"].raw == "lots" for e in record.of(f"lot/{lot}", "draw_committed"))


def check_lots(record: Record, lot: str, attempt: int) -> Iterator[Check]:
    """The list was closed after the commitments, and the order follows from the parts. Raises `Broken`."""
    committed: dict[str, str] = {}
    numbers: list[str] | None = None
    order: list[str] | None = None
    late = False
    for e in record.of(f"lot/{lot}"):
        if e.type == "draw_committed" and e.public["draw"].raw == "lots":
            if _before(record, lot, "registration_applied", e.index):
                raise Broken(NAME, e.where, "a commitment before anybody registered", "one after")
            committed[e.public["party"].word()] = e.public["commitment"].hex().hex()
        elif e.type == "selection_started":
            numbers = _closed(e)
        elif e.type == "draw_part_overdue" and e.public["draw"].raw == "lots":
            late = True
        elif e.type == "lots_drawn":
            order = _drawn(e, lot, attempt, committed, numbers, late)
        elif e.type == "selected" and (order is None or e.public["bid"].word() != order[0]):
            raise Broken(NAME, e.where, f"number {order[0] if order else '-'}", e.public["bid"].word())
    yield Check(NAME, "holds" if order else "not_shown", "events.jsonl", {"count": len(order or ())})


def _before(record: Record, lot: str, type: str, before: int) -> bool:
    return any(e.index < before for e in record.of(f"lot/{lot}", type))


def _closed(e: Event) -> list[str]:
    numbers = [v.word() for v in e.public["numbers"].entries()]
    if len(set(numbers)) != len(numbers) or e.public["pool_hash"].hex().hex() != _hash(numbers):
        raise Broken(NAME, e.where, _hash(numbers), e.public["pool_hash"].hex().hex())
    return numbers


def _hash(numbers: list[str]) -> str:
    return hashlib.sha256("\n".join(sorted(numbers)).encode()).hexdigest()


def _drawn(e: Event, lot: str, attempt: int, committed: dict[str, str], numbers: list[str] | None, late: bool) -> list[str]:
    parts = [(p["party"].word(), p["part"].hex()) for p in e.public["parts"].entries()]
    given = {party for party, _ in parts}
    lawful = given == OWNERS or (late and RESERVE in given and len(given & OWNERS) == 1)
    if numbers is None or len(parts) != 2 or not lawful:
        wanted_parts = "parts of host and supervisor, the centre's for one that is overdue, over a closed list"
        raise Broken(NAME, e.where, wanted_parts, ", ".join(sorted(given)))
    for party, part in parts:
        if len(part) != 32 or hashlib.sha256(part).hexdigest() != committed.get(party):
            raise Broken(NAME, e.where, f"the part that {party} committed to", part.hex())
    in_order = [part for party in committed for name, part in parts if name == party]
    seed = hashlib.sha256(b"".join(in_order)).digest()
    prefix = f"{lot}|{attempt}|lots|"
    wanted = sorted(numbers, key=lambda n: (hmac.new(seed, (prefix + n).encode(), hashlib.sha256).digest(), n))
    if e.public["order"].texts() != wanted:
        raise Broken(NAME, e.where, " ".join(wanted), " ".join(e.public["order"].texts()))
    return wanted
