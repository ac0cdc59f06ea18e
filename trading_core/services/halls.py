"""A hall: what many bidders ask of one lot at once is decided in one transaction, in the order in which it came [04 §4.4].

The same decisions, record, receipts and keys as everywhere; only the lot is locked, read and written once for all of them. Whoever asks
by another way meanwhile waits for the lock as always.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from sqlalchemy.exc import DBAPIError

from ..adapters.db import lots as table
from ..adapters.db.store import Stored
from ..domain import engine
from ..domain.errors import Conflict, IllegalTransition, Problem, Refused, refuse_if
from ..domain.lot import Lot
from ..domain.trade import Command
from ..platform import Platform, Unit
from . import attempts, lots, receipts
from .commands import Answers, Sent, act_body, sent

ACTS = frozenset({"place_bid", "leave_standing_bid", "wish_timed_bidding", "exercise_right"})
"""What is asked in a hall."""
MOST = 256  # decided in one transaction: for so long others wait for the lot
TRIES = 4


@dataclass(frozen=True, slots=True)
class Waiting:
    """A command as it came. address: the network address it came from. check: raises `Refused` for whom nobody listens to any more."""

    command: Command
    key: str
    address: str = ""
    check: Callable[[Unit], object] = lambda unit: None


Answer = str | Exception
"""The canonical JSON text of a receipt, or why there is none: `Refused` for good, anything else is to be asked again."""


def answer_all(platform: Platform, lot_id: str, waiting: Sequence[Waiting]) -> list[Answer]:
    """An answer for each, in order; those that are told a receipt have it in the record.

    Decided again when somebody else was faster. What cannot be decided together is tried one by one, so that nobody loses an answer by
    what another has sent. An attempt at what the state of the lot does not allow goes on record.
    """
    answers = _answers(platform, lot_id, waiting)
    for one, answer in zip(waiting, answers, strict=True):
        if isinstance(answer, IllegalTransition):
            attempts.record(platform, lot_id, one.command.actor, answer, one.address)
    return answers


def _answers(platform: Platform, lot_id: str, waiting: Sequence[Waiting]) -> list[Answer]:
    failure: Exception = Conflict(f"lot/{lot_id}")
    for _ in range(TRIES):
        try:
            with platform.unit() as unit:
                return decide_all(unit, lot_id, waiting)
        except Conflict as conflict:
            failure = conflict
        except Exception as error:
            failure = error
            break
    if len(waiting) > 1 and not isinstance(failure, DBAPIError):
        return [answer for one in waiting for answer in _answers(platform, lot_id, [one])]
    return [failure] * len(waiting)


def decide_all(unit: Unit, lot_id: str, waiting: Sequence[Waiting]) -> list[Answer]:
    """Decide commands on one lot in their order and store all that follows. What is refused changes nothing for the others.

    Raises `Conflict` when one of them was being carried out elsewhere at the same moment; none of them has then been carried out.
    """
    lot, version = table.load(unit.store, lot_id, unit.platform.trades, lock=True)
    given = [_sent(unit, lot_id, one) for one in waiting]
    before = Answers(unit, [s for s in given if isinstance(s, Sent)])
    floor = _Floor(unit, before, lot, version, unit.store.moment(unit.now), lots.recovering(unit) or lots.clock_wrong(unit))
    answers = [floor.answer(one, s) for one, s in zip(waiting, given, strict=True)]
    unit.store.write(floor.stored)
    before.keep()
    return answers


def _sent(unit: Unit, lot_id: str, one: Waiting) -> Sent | Refused:
    try:
        return sent(unit.platform, one.command.actor, one.key, act_body(lot_id, one.command))
    except Refused as refusal:
        return refusal


@dataclass
class _Floor:
    """The lot as far as it has been decided within the transaction, and what is to be stored of that.

    version 0: there is no such lot. at: the time of all events. stopped: why nothing is decided for anybody. latest: when the last
    command decided was received; the next one was not before it.
    """

    unit: Unit
    before: Answers
    lot: Lot
    version: int
    at: datetime
    stopped: Sequence[Problem]
    latest: datetime = datetime.min.replace(tzinfo=UTC)
    stored: list[Stored] = field(default_factory=list)

    def answer(self, one: Waiting, given: Sent | Refused) -> Answer:
        """What the command was told before, or its receipt, or why it is refused."""
        try:
            one.check(self.unit)
            if isinstance(given, Refused):
                return given
            return self.before.of(given) or self.before.give(given, self._carried_out(one.command))
        except Refused as refusal:
            return refusal

    def _carried_out(self, command: Command) -> dict[str, object]:
        lots.check_part(self.unit, self.lot, command.actor, command.act)  # of no lot nobody has a part
        refuse_if(self.stopped)
        trade, self.latest = lots.trade_of(self.unit, self.lot), max(self.latest, command.received_at)
        if engine.act_named(trade, command.act).own_stream:
            raise ValueError(f"{command.act} is no act of a hall")
        command = lots.admitted(self.unit, trade, self.lot, replace(command, received_at=self.latest))
        stored = self.unit.store.seal(f"lot/{self.lot.id}", self.version, lots.decided(self.unit, trade, self.lot, command), self.at)
        for s in stored:
            self.lot = engine.evolve(trade, self.lot, s.recorded())
        self.version += len(stored)
        self.stored += stored
        return receipts.accepted(self.unit, self.lot.id, stored)
