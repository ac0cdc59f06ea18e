"""What readers of the log noted for somebody, as far as the lot is there for them."""
from __future__ import annotations

from typing import TYPE_CHECKING

from trading_core.services import following, lots

from .contexts import LotOf

if TYPE_CHECKING:
    from pyramid.request import Request

    from trading_core.domain.lot import Lot
    from trading_core.services.following import Note


def notes_of(request: Request, after: int, limit: int) -> list[tuple[Note, Lot]]:
    """Notes for the signed-in reader in their role, newest first, each with its lot. What every bidder is told counts only for lots
    that are public."""
    unit, actor = request.unit, request.identity.actor
    found = following.notes_for(unit, actor, after, limit)
    known = {name: lots.find(unit, name) for name in {n.lot for n in found}}
    seen = {lot.id for lot in known.values()
            if actor.organisation in lot.parties.values() or LotOf(lot, lots.trade_of(unit, lot)).published}  # fmt: skip
    return [(n, known[n.lot]) for n in found if n.lot in seen]
