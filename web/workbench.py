"""What somebody must do now, with its legal clock: worked out from declarations, state and periods alone. Nothing per trade type."""
from __future__ import annotations

from typing import TYPE_CHECKING

from pyramid.httpexceptions import HTTPNotFound

from .contexts import LotOf, Site, lot_context

if TYPE_CHECKING:
    from pyramid.request import Request


def my_lot(request: Request) -> LotOf | Site:
    """The lot of a page for those who work on it. Whoever is not signed in is asked to sign in before any lot is looked for."""
    if request.identity is None:
        return Site(request)
    found = lot_context(request)
    if not found.visible_to(request.identity):
        raise HTTPNotFound
    return found
