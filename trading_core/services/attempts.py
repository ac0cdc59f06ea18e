"""Attempts at what a lot's state does not allow: refused, and put on record [01 §1.2]."""
from __future__ import annotations

from contextlib import suppress

from ..adapters.db import lots as table
from ..domain.errors import Conflict, IllegalTransition
from ..domain.events import Event
from ..domain.identity import Actor
from ..platform import Platform
from . import lots


def record(platform: Platform, lot_id: str, actor: Actor, refusal: IllegalTransition, address: str) -> None:
    """Who attempted what in which state, with the network address they asked from; officials as on all their acts, everybody's person
    and address in the private part. The same attempt of one person at a lot that has not moved is on record once."""
    with suppress(Conflict), platform.unit() as unit:  # of two equal ones at the same moment one is enough
        lot, version = table.load(unit.store, lot_id, platform.trades)
        attempted = {k: str(refusal.problems[0].params[k]) for k in ("event", "state")}
        which = platform.vault.blind(f"attempt\0{lot_id}\0{version}\0{attempted['event']}\0{actor.person}").hex()[:32]
        if version == 0 or unit.store.version(f"attempt/{which}"):
            return
        public = {"lot": lot_id, **attempted, "by": lots.giver(unit, lot, actor)}
        private = {"person": actor.person, "organisation": actor.organisation, "address": address}
        unit.store.append(f"attempt/{which}", 0, [Event("act_refused", public, private)], unit.now)
