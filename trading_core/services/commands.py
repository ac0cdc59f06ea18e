"""A command is carried out once, however often it is sent."""
from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ..adapters.db import schema
from ..adapters.db.store import micros
from ..domain.errors import Conflict, Problem, Refused
from ..domain.events import Json
from ..domain.identity import Actor
from ..domain.leaves import canonical
from ..domain.trade import Command
from ..platform import Platform, Unit

KEY_MAX = 200
ANYBODYS_MIN = 16
"""Who has not signed in shares one name with everybody else: only a key that nobody guesses is their own."""
KEY = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class Sent:
    """A command as it was sent: keyed fingerprints of its giver with the key, and of all it says.

    The table keeps these only: whoever reads it without the vault's key cannot try out givers, keys or bodies either.
    """

    key: bytes
    body: bytes


def sent(platform: Platform, actor: Actor, key: str, body: Json) -> Sent:
    """The fingerprints of a command. Raises `Refused` for a key by which it could not be known again."""
    if not key or len(key) > KEY_MAX:
        raise Refused(Problem("command.key_missing", "Idempotency-Key", {"maximum": KEY_MAX}))
    minimum = 1 if actor.person else ANYBODYS_MIN
    if not KEY.fullmatch(key) or len(key) < minimum:
        raise Refused(Problem("command.key_unfit", "Idempotency-Key", {"minimum": minimum, "maximum": KEY_MAX}))
    return Sent(_hash(platform, actor, key), platform.vault.blind(f"command body\0{canonical(body)}"))


def act_body(lot_id: str, command: Command) -> Json:
    """All that a command on a lot says, by which the same one is known again."""
    return {"lot": lot_id, "act": command.act, "body": command.data}


class Answers:
    """The answers that commands were given before, as texts, and those that are given now."""

    def __init__(self, unit: Unit, asked: Sequence[Sent]) -> None:
        """Asks for all of them at once."""
        self._unit, self._given = unit, list[tuple[Sent, str]]()
        query = sa.select(schema.command).where(schema.command.c.key_hash.in_([s.key for s in asked]))
        self._known = {r.key_hash: (r.body_hash, _opened(unit, r.key_hash, r.answer)) for r in unit.connection.execute(query)}

    def of(self, command: Sent) -> str | None:
        """The answer of this command, None when it has none yet. Raises `Refused` when its key comes back with another body."""
        body, text = self._known.get(command.key, (command.body, None))
        if body != command.body:
            raise Refused(Problem("command.key_reused", "Idempotency-Key"))
        return text

    def give(self, command: Sent, answer: Json) -> str:
        """The answer as it is told now and, byte for byte, whenever the command is sent again."""
        text = canonical(answer)
        self._known[command.key] = command.body, text
        self._given.append((command, text))
        return text

    def keep(self) -> None:
        """Store what was given. Raises `Conflict` when one of the commands was being carried out elsewhere at the same moment."""
        vault, at = self._unit.platform.vault, micros(self._unit.now)
        rows = [{"key_hash": c.key, "body_hash": c.body, "answer": vault.seal(_place(c.key), text.encode()), "given_at": at}
                for c, text in self._given]  # fmt: skip
        try:
            if rows:
                self._unit.connection.execute(sa.insert(schema.command), rows)
        except IntegrityError as error:
            raise Conflict("the same command at the same moment") from error


def once(unit: Unit, actor: Actor, key: str, body: Json, do: Callable[[], Json]) -> Json:
    """What `do` answers, or the answer that the same giver was given for the same key before.

    Raises `Refused` when the key comes back with another body, `Conflict` when the same command is being carried out at this moment.
    """
    command = sent(unit.platform, actor, key, body)
    answers = Answers(unit, [command])
    text = answers.of(command)
    if text is None:
        try:
            text = answers.give(command, do())
        except Refused:
            if Answers(unit, [command]).of(command) is not None:  # carried out by another in the meantime: ask again
                raise Conflict("the same command at the same moment") from None
            raise
        answers.keep()
    told: Json = json.loads(text)
    return told


def answered(unit: Unit, actor: Actor, key: str) -> Json | None:
    """What this giver was answered for the key, None when they gave no such command."""
    key_hash = _hash(unit.platform, actor, key)
    row = unit.connection.execute(sa.select(schema.command.c.answer).where(schema.command.c.key_hash == key_hash)).first()
    return json.loads(_opened(unit, key_hash, row.answer)) if row is not None else None


def _hash(platform: Platform, actor: Actor, key: str) -> bytes:
    return platform.vault.blind(f"command\0{actor.person}\0{actor.organisation}\0{actor.role}\0{key}")


def _opened(unit: Unit, key_hash: bytes, answer: bytes) -> str:
    return unit.platform.vault.open(_place(key_hash), answer).decode()


def _place(key_hash: bytes) -> str:
    """Answers lie sealed: a bidder's receipt must not tell the reader of the table which lot it was for."""
    return f"command/{key_hash.hex()}"
