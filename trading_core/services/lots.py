"""Acts on lots: load, decide, append. The one door through which anything happens to a lot."""
from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..adapters.db import lots as table
from ..adapters.db.store import Stored
from ..domain import engine
from ..domain.errors import Forbidden, Problem, refuse_if
from ..domain.events import Event, Json
from ..domain.identity import CLOCK, Actor
from ..domain.lot import Lot
from ..domain.permissions import LotContext, may_act_for_lot
from ..domain.trade import Command, TradeType
from ..platform import Unit
from . import documents, seats, serving
from .facts import NAMED, fingerprint, gather

DUE_BATCH = 200
SERVERS_DIFFER = timedelta(milliseconds=40)  # two that are synchronised


@dataclass(frozen=True, slots=True)
class Done:
    """What giving a command brought about: the lot as it is now and the events as stored."""

    lot: Lot
    trade: TradeType
    stored: list[Stored]


def trade_of(unit: Unit, lot: Lot) -> TradeType:
    """The declaration under which the lot runs."""
    return unit.platform.trades[f"{lot.trade}@{lot.rules}"]


def find(unit: Unit, lot_id: str, lock: bool = False, share: bool = False) -> Lot:
    """The lot. Raises `Forbidden` when there is none: absence and prohibition look alike."""
    lot, version = table.load(unit.store, lot_id, unit.platform.trades, lock, share)
    if version == 0:
        raise Forbidden(Problem("lot.unknown", params={"lot": lot_id}))
    return lot


def as_of(unit: Unit, lot_id: str, version: int) -> tuple[Lot, TradeType]:
    """The lot as it was right after one of its events, folded anew from its stream."""
    events = [s.recorded() for s in unit.store.read(f"lot/{lot_id}") if s.version <= version]
    trade = unit.platform.trades[f"{events[0].public['trade']}@{events[0].public['rules']}"]
    lot = Lot(lot_id)
    for event in events:
        lot = engine.evolve(trade, lot, event)
    return lot, trade


def create(unit: Unit, actor: Actor, trade_code: str, data: Json, previous: Lot | None = None) -> Done:
    """A new lot under the newest rules of its trade type, or a new attempt at an ended one."""
    try:
        trade = unit.platform.trade(trade_code)
    except KeyError:
        raise Forbidden(Problem("trade.unknown", "trade", {"trade": trade_code})) from None
    lot = Lot(new_id(unit, trade), attempt=previous.attempt + 1 if previous else 1, previous=previous.id if previous else "")
    return carry_out(unit, trade, lot, 0, Command("create", actor, data, unit.now))


def new_id(unit: Unit, trade: TradeType) -> str:
    """A lot number: readable aloud, never used twice. The letters come from entropy, so numbers tell nothing about each other."""
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    letters = "".join(alphabet[b % 32] for b in unit.platform.entropy.token_bytes(8))
    return f"{trade.catalogue[0].code.split('-')[0]}-{unit.now:%y%m}-{letters}"


def give(unit: Unit, lot_id: str, command: Command) -> Done:
    """Carry out a command on a lot. Raises `Refused` with every reason; nothing has then changed."""
    lot, version = table.load(unit.store, lot_id, unit.platform.trades)
    if version == 0:
        raise Forbidden(Problem("lot.unknown", params={"lot": lot_id}))
    own_stream = engine.act_named(trade_of(unit, lot), command.act).own_stream
    # acts on streams of their own only keep the lot from moving on meanwhile: two hundred bidders never wait for each other
    lot, version = table.load(unit.store, lot_id, unit.platform.trades, lock=not own_stream, share=own_stream)
    check_part(unit, lot, command.actor, command.act)
    refuse_if(recovering(unit))
    return carry_out(unit, trade_of(unit, lot), lot, version, command)


def check_part(unit: Unit, lot: Lot, actor: Actor, act: str) -> None:
    """Raise `Forbidden` when the actor has no part in the lot. Asked alike when an act is given, checked, or shown as a page."""
    if lot.status in table.HIDDEN and actor.organisation not in lot.parties.values():
        raise Forbidden(Problem("lot.unknown", params={"lot": lot.id}))  # before publication it does not exist for others
    if not has_part(unit, lot, actor):
        raise Forbidden(Problem("act.not_yours", params={"act": act, "role": actor.role.value}))


def has_part(unit: Unit, lot: Lot, actor: Actor) -> bool:
    """Whether the lot is the actor's to act on: its hosts, its centre and supervisor, its committee, every bidder."""
    return may_act_for_lot(actor, LotContext(lot.parties, seats.seat(unit, lot, actor)))


def recovering(unit: Unit) -> list[Problem]:
    """Why people are asked to wait: the site was away, and the time that this cost is not given back yet [S-06]."""
    return [Problem("service.recovering", rule="S-06")] if serving.away(unit) else []


def clock_behind(unit: Unit) -> timedelta:
    """By how much the clock lies behind the newest event of the record, zero as long as two clocks may differ by so much [T-11].

    A clock that was set back tells no time by which a deadline could be kept: then nothing is done to a lot until it is right again.
    """
    newest = unit.store.newest()
    behind = newest - unit.platform.clock.now() if newest is not None else timedelta(0)
    return behind if behind > SERVERS_DIFFER else timedelta(0)


def clock_wrong(unit: Unit) -> list[Problem]:
    """Why nothing is done to any lot: `clock_behind`."""
    behind = clock_behind(unit)
    return [Problem("service.clock", params={"seconds": math.ceil(behind.total_seconds())}, rule="T-11")] if behind else []


def carry_out(unit: Unit, trade: TradeType, lot: Lot, version: int, command: Command) -> Done:
    """Decide and append: what `give` and the clock do once they hold the lot."""
    refuse_if(clock_wrong(unit))
    command = admitted(unit, trade, lot, command)
    if engine.act_named(trade, command.act).own_stream:
        stream = f"sealed/{command.data['bid']}"
        own = unit.store.version(stream)  # seen before the facts, so that what comes between is a conflict
        return Done(lot, trade, unit.store.append(stream, own, decided(unit, trade, lot, command), unit.now))
    stored = unit.store.append(f"lot/{lot.id}", version, decided(unit, trade, lot, command), unit.now)
    after, _ = table.load(unit.store, lot.id, unit.platform.trades)
    return Done(after, trade, stored)


def admitted(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> Command:
    """The command with its form checked and every file it names known. Raises `Refused`."""
    command = engine.admitted(trade, lot, command)
    refuse_if(engine.cited(trade, documents.not_sent_in(unit, lot, engine.act_named(trade, command.act), command)))
    return command


def decided(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> list[Event]:
    """What an admitted command means, ready for the record: an event of the lot's own stream says whose act it is. Raises `Refused`."""
    act = engine.act_named(trade, command.act)
    events = engine.decide(trade, lot, command, gather(unit, trade, lot, act, command))
    return events if act.own_stream else [_with_giver(unit, lot, e, command.actor) for e in events]


def _with_giver(unit: Unit, lot: Lot, event: Event, actor: Actor) -> Event:
    """The event with whose act it is. Where an official's has no private part, the person stands there."""
    private = {"person": actor.person} if event.private is None and actor.role in NAMED else event.private
    return replace(event, public={**event.public, "by": giver(unit, lot, actor)}, private=private)


def giver(unit: Unit, lot: Lot, actor: Actor) -> Json:
    """Whose act it is, for everybody: officials answer for theirs with role and organisation, their person as a keyed fingerprint,
    so that nobody else's private part has to name them. Others stay unnamed."""
    if actor.role not in NAMED:
        return {"role": actor.role.value}
    return {"role": actor.role.value, "organisation": actor.organisation, "person": fingerprint(unit, lot, actor.person)}


def tick(unit: Unit, lot_id: str, act: str) -> Done | None:
    """Let the clock do one act that is due on a lot; None when it is no longer due (somebody else did it, or it moved), or while
    nobody may be able to reach the site [S-06]."""
    lot, version = table.load(unit.store, lot_id, unit.platform.trades, lock=True)
    if version == 0:
        return None
    trade = trade_of(unit, lot)
    waiting = engine.due(trade, lot)
    if waiting is None or waiting[1] != act or waiting[0] > unit.now or serving.doubtful(unit):
        return None
    return carry_out(unit, trade, lot, version, Command(act, CLOCK, {}, unit.now))


def due(unit: Unit, limit: int = DUE_BATCH) -> list[tuple[str, str, datetime]]:
    """What the clock has to do now: (lot, act, since when)."""
    return table.due_lots(unit.store, unit.now, limit)


def public_terms(lot: Lot) -> Mapping[str, object]:
    """The announced terms; empty before publication."""
    return {} if lot.status in table.HIDDEN else lot.terms
