"""The public log: sequencing, checkpoints, proofs, the change feed."""
from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from ..adapters.db import schema, sequencer
from ..adapters.db.store import Stored, micros
from ..adapters.keys import verify_ed25519
from ..domain import merkle, notes
from ..domain.errors import Forbidden, Problem, Refused
from ..platform import Platform, Unit

FEED_MAX = 1000


def move(platform: Platform) -> int:
    """Sequence everything that waits and sign a checkpoint if one is due. Returns how many events got their place."""
    moved = 0
    while True:
        with platform.database.writing() as connection:
            count = sequencer.sequence(connection)
        if count <= 0:
            break
        moved += count
    sign(platform)
    return moved


def sign(platform: Platform, force: bool = False) -> int | None:
    """Sign a checkpoint when due (or at once); the size it covers, None when there was nothing to sign."""
    key = platform.keys.log

    def signed(body: str) -> str:
        return notes.signed_note(body, [notes.signature_line(key.name, key.public, key.sign(body.encode()))])

    with platform.database.writing() as connection:
        return sequencer.sign(connection, platform.settings.origin, signed, platform.clock.now(), force)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed checkpoint with the witnesses' lines that have come in so far."""

    size: int
    note: str
    witnesses: tuple[str, ...]


def checkpoint(unit: Unit, size: int | None = None) -> Checkpoint:
    """The newest checkpoint, or the one of exactly that size. Raises `Forbidden` when there is none."""
    query = sa.select(schema.checkpoint).order_by(schema.checkpoint.c.size.desc()).limit(1)
    if size is not None:
        query = query.where(schema.checkpoint.c.size == size)
    row = unit.connection.execute(query).first()
    if row is None:
        raise Forbidden(Problem("log.no_checkpoint", params={"size": size}))
    lines = unit.connection.execute(
        sa.select(schema.cosignature).where(schema.cosignature.c.size == row.size).order_by(schema.cosignature.c.witness)
    ).all()
    return Checkpoint(row.size, row.note + "".join(f"{line.line}\n" for line in lines), tuple(line.witness for line in lines))


def covering(unit: Unit, index: int) -> Checkpoint:
    """The smallest checkpoint that covers a log index. Raises `Forbidden` while there is none."""
    query = sa.select(sa.func.min(schema.checkpoint.c.size)).where(schema.checkpoint.c.size > index)
    size = unit.connection.execute(query).scalar()
    if size is None:
        raise Forbidden(Problem("log.not_covered_yet", params={"index": index}))
    return checkpoint(unit, size)


def inclusion(unit: Unit, index: int, size: int) -> list[bytes]:
    """The audit path of a leaf in the tree of that size [RFC 9162 2.1.3]."""
    if not 0 <= index < size <= log_size(unit):
        raise Refused(Problem("log.out_of_range", params={"index": index, "size": size}))
    return merkle.inclusion(index, size, sequencer.node_at(unit.connection))


def consistency(unit: Unit, first: int, second: int) -> list[bytes]:
    """The proof that the tree of `second` leaves only added to that of `first` [RFC 9162 2.1.4]."""
    if not 0 < first <= second <= log_size(unit):
        raise Refused(Problem("log.out_of_range", params={"index": first, "size": second}))
    return merkle.consistency(first, second, sequencer.node_at(unit.connection))


def log_size(unit: Unit) -> int:
    return int(unit.connection.execute(sa.select(schema.log_head.c.size)).scalar_one())


def waiting(unit: Unit) -> int:
    """How many committed events have no place in the log yet: the sequencer's lag."""
    return int(unit.connection.execute(sa.select(sa.func.count()).select_from(schema.pending)).scalar_one())


def feed(unit: Unit, first: int, limit: int = 100) -> list[Stored]:
    """Events in log order from an index on, at most `FEED_MAX`: no reader can miss one, and none appears twice."""
    return unit.store.from_log(max(first, 0), max(1, min(limit, FEED_MAX)))


def entry(unit: Unit, index: int) -> Stored:
    """One event of the log. Raises `Forbidden` when the log has not come so far."""
    found = unit.store.from_log(index, 1)
    if not found:
        raise Forbidden(Problem("log.out_of_range", params={"index": index, "size": log_size(unit)}))
    return found[0]


def public_form(stored: Stored) -> dict[str, object]:
    """What everybody may see of an event: enough to recompute its leaf."""
    return {
        "index": stored.index,
        "stream": stored.stream,
        "version": stored.version,
        "type": stored.type,
        "at": micros(stored.at),
        "public": stored.public,
        "commitment": stored.commitment.hex() if stored.commitment else None,
        "leaf": stored.leaf.hex(),
    }


def cosign(unit: Unit, size: int, witness: str, public: bytes, line: str) -> None:
    """Keep a witness's cosignature on a checkpoint of ours. Raises `Refused` when it does not verify. Twice the same is once."""
    if not notes.cosignature_valid(checkpoint(unit, size).note, witness, public, line, verify_ed25519):
        raise Refused(Problem("log.cosignature_invalid", params={"size": size, "witness": witness}))
    known = sa.select(schema.cosignature.c.size).where(schema.cosignature.c.size == size, schema.cosignature.c.witness == witness)
    if unit.connection.execute(known).first() is None:
        unit.connection.execute(sa.insert(schema.cosignature), {"size": size, "witness": witness, "line": line})


def proof(unit: Unit, index: int) -> dict[str, object]:
    """An event with its inclusion proof in the smallest checkpoint that covers it."""
    point = covering(unit, index)
    path = inclusion(unit, index, point.size)
    return {
        "entry": public_form(entry(unit, index)),
        "checkpoint": point.note,
        "size": point.size,
        "proof": [h.hex() for h in path],
    }
