"""Attempts at what a lot's state does not allow: refused, put on record, and shown to its supervisor [01 §1.2]."""
from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from ..adapters.db import lots as table
from ..domain.errors import Conflict, IllegalTransition
from ..domain.events import Event
from ..domain.identity import Actor, Role
from ..platform import Platform, Unit
from . import lots

log = logging.getLogger(__name__)
TRIES = 4


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt on record. event: what the act would have put on record. organisation, person, address: empty for who stays unnamed."""

    at: datetime
    index: int | None
    event: str
    state: str
    role: str
    organisation: str
    person: str
    address: str


def record(platform: Platform, lot_id: str, actor: Actor, refusal: IllegalTransition, address: str) -> None:
    """Who attempted what in which state, with the network address they asked from; officials as on all their acts, everybody's person
    and address in the private part; of bidders and the unnamed, where bidders are secret, neither [BL 22]. The same attempt of one person
    at a lot that has not moved is on record once. Never stands in the way of the refusal itself."""
    for remaining in reversed(range(TRIES)):
        try:
            with platform.unit() as unit:
                return _record(unit, lot_id, actor, refusal, address)
        except Exception as fault:  # its text may hold what was to be written
            if not (remaining and isinstance(fault, Conflict)):
                return log.error("a refused attempt at %s is not on record: %s", lot_id, type(fault).__name__)


def _record(unit: Unit, lot_id: str, actor: Actor, refusal: IllegalTransition, address: str) -> None:
    lot, version = table.load(unit.store, lot_id, unit.platform.trades)
    if version == 0:
        return
    unnamed = actor.role in (Role.BIDDER, Role.PUBLIC)  # whoever asks without a name may be about to bid
    secret = unnamed and lots.trade_of(unit, lot).deposits.secret(lot)
    attempted = {k: str(refusal.problems[0].params[k]) for k in ("event", "state")}
    person = "" if secret else actor.person
    mark = unit.platform.vault.blind(f"attempt\0{lot_id}\0{version}\0{attempted['event']}\0{actor.role}\0{person}").hex()[:32]
    stream = f"attempt/{lot_id}"
    before = unit.store.read(stream)
    if any(s.recorded().public["mark"] == mark for s in before):
        return
    public = {"lot": lot_id, **attempted, "by": lots.giver(unit, lot, actor), "mark": mark}
    private = None if secret else {"person": person, "organisation": actor.organisation, "address": address}
    unit.store.append(stream, len(before), [Event("act_refused", public, private)], unit.now)


def of_lot(unit: Unit, lot_id: str) -> list[Attempt]:
    """Every attempt on record, newest first. For the lot's supervisor. Experts are unnamed, as everywhere before the result."""
    found = []
    for stored in reversed(unit.store.read(f"attempt/{lot_id}")):
        recorded = stored.recorded()
        public, private = recorded.public, recorded.private or {}
        role = str(cast("Mapping[str, object]", public["by"])["role"])
        named = private if role != Role.EXPERT else {}
        who = (str(named.get(part, "")) for part in ("organisation", "person", "address"))
        found.append(Attempt(stored.at, stored.index, str(public["event"]), str(public["state"]), role, *who))
    return found
