"""What an address names. A root factory turns it into a small context, or into absence."""
from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyramid.httpexceptions import HTTPNotFound

from trading_core.adapters.db.lots import is_public
from trading_core.domain.errors import Forbidden
from trading_core.domain.identity import ANYONE
from trading_core.domain.lot import Lot
from trading_core.domain.permissions import Context, LotContext, Permission, allowed
from trading_core.domain.trade import TradeType
from trading_core.services import lots

if TYPE_CHECKING:
    from pyramid.request import Request

    from .security import Identity


class Site:
    """The context of every address that names nothing in particular."""

    def __init__(self, request: Request) -> None:
        pass


@dataclass(frozen=True)
class LotOf:
    """A lot under its trade type's rules."""

    lot: Lot
    trade: TradeType

    @property
    def published(self) -> bool:
        """Whether the public may know of it."""
        return is_public(self.lot)

    def visible_to(self, identity: Identity | None) -> bool:
        """Everybody sees a published lot; before, only its hosts and the centre."""
        actors = identity.actors if identity is not None else (ANYONE,)
        seen = Context(lot=LotContext(self.lot.parties))
        return self.published or any(allowed(Permission.SEE_DRAFT_LOT, actor, seen) for actor in actors)


def lot_context(request: Request) -> LotOf:
    """The lot named in the address."""
    try:
        lot = lots.find(request.unit, request.matchdict["lot"])
    except Forbidden as error:
        raise HTTPNotFound from error
    return LotOf(lot, lots.trade_of(request.unit, lot))
