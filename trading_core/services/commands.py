"""A command is carried out once, however often it is sent."""
from __future__ import annotations

import json
import re
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ..adapters.db import schema
from ..adapters.db.store import micros
from ..domain.errors import Conflict, Problem, Refused
from ..domain.events import Json
from ..domain.identity import Actor
from ..domain.leaves import canonical
from ..platform import Unit

KEY_MAX = 200
ANYBODYS_MIN = 16
"""Who has not signed in shares one name with everybody else: only a key that nobody guesses is their own."""
KEY = re.compile(r"[!-~]+")


def once(unit: Unit, actor: Actor, key: str, body: Json, do: Callable[[], Json]) -> Json:
    """What `do` answers, or the answer that the same giver was given for the same key before.

    The table keeps keyed fingerprints only: whoever reads it without the vault's key cannot try out givers, keys or bodies either.
    Raises `Refused` when the key comes back with another body, `Conflict` when the same command is being carried out at this moment.
    """
    if not key or len(key) > KEY_MAX:
        raise Refused(Problem("command.key_missing", "Idempotency-Key", {"maximum": KEY_MAX}))
    minimum = 1 if actor.person else ANYBODYS_MIN
    if not KEY.fullmatch(key) or len(key) < minimum:
        raise Refused(Problem("command.key_unfit", "Idempotency-Key", {"minimum": minimum, "maximum": KEY_MAX}))
    vault = unit.platform.vault
    key_hash = _hash(unit, actor, key)
    body_hash = vault.blind(f"command body\0{canonical(body)}")
    query = sa.select(schema.command.c.body_hash, schema.command.c.answer).where(schema.command.c.key_hash == key_hash)
    before = unit.connection.execute(query).first()
    if before is not None:
        if before.body_hash != body_hash:
            raise Refused(Problem("command.key_reused", "Idempotency-Key"))
        answer: Json = json.loads(vault.open(_place(key_hash), before.answer))
        return answer
    try:
        answer = do()
    except Refused:
        if unit.connection.execute(query).first() is not None:  # carried out by another in the meantime: ask again
            raise Conflict("the same command at the same moment") from None
        raise
    text = canonical(answer)
    sealed = vault.seal(_place(key_hash), text.encode())
    row = {"key_hash": key_hash, "body_hash": body_hash, "answer": sealed, "given_at": micros(unit.now)}
    try:
        unit.connection.execute(sa.insert(schema.command), row)
    except IntegrityError as error:
        raise Conflict("the same command at the same moment") from error
    told: Json = json.loads(text)  # byte for byte what is told when it is sent again
    return told


def answered(unit: Unit, actor: Actor, key: str) -> Json | None:
    """What this giver was answered for the key, None when they gave no such command."""
    key_hash = _hash(unit, actor, key)
    row = unit.connection.execute(sa.select(schema.command.c.answer).where(schema.command.c.key_hash == key_hash)).first()
    if row is None:
        return None
    answer: Json = json.loads(unit.platform.vault.open(_place(key_hash), row.answer))
    return answer


def _hash(unit: Unit, actor: Actor, key: str) -> bytes:
    return unit.platform.vault.blind(f"command\0{actor.person}\0{actor.organisation}\0{actor.role}\0{key}")


def _place(key_hash: bytes) -> str:
    """Answers lie sealed: a bidder's receipt must not tell the reader of the table which lot it was for."""
    return f"command/{key_hash.hex()}"
