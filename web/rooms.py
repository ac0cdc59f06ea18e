"""Acts given inside a room (hall, desk): read from a plain form, carried out once, and told at the field when refused."""
from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pyramid.httpexceptions import HTTPNotFound

from trading_core.domain.errors import Forbidden, Problem, Refused
from trading_core.domain.events import Json
from trading_core.domain.trade import Act, Command

from .api.body import received_at
from .api.commands import give
from .contexts import LotOf
from .forms import Form, posted
from .security import require_signed_in
from .views.acts import joined

if TYPE_CHECKING:
    from pyramid.request import Request


@dataclass(frozen=True)
class Taken:
    """What somebody wants done in a room: the act, the form as typed, the data as the core takes it, the idempotency key."""

    act: Act
    form: Form
    data: Json
    key: str

    def said(self, **more: object) -> Taken:
        """The same with data that the room knows or reads in a way of its own."""
        return replace(self, data={**self.data, **more})


def take(context: LotOf, request: Request, allowed: Collection[str]) -> Taken:
    """The act that the form names. Raises `Refused` (401) without a session, HTTPNotFound for an act that is not given in this room."""
    actor = require_signed_in(request)
    act = context.trade.acts.get(str(request.POST.get("act", "")))
    if act is None or act.name not in allowed or actor.role not in act.roles:
        raise HTTPNotFound
    form, data = posted(act.fields, request.POST)
    return Taken(act, form, data, str(request.POST.get("key", ""))[:200])


def carry_out(context: LotOf, request: Request, taken: Taken) -> tuple[Problem, ...]:
    """Do it, or say everything that stands against it; empty when it is done. Raises `Forbidden` for what is not the reader's."""
    command = Command(taken.act.name, request.identity.actor, taken.data, received_at(request))
    if taken.form.problems:
        return joined(taken.form.problems, request, context, command)
    try:
        give(request.platform, context.lot.id, command, taken.key, request.remote_addr or "")
    except Forbidden:
        raise
    except Refused as refusal:
        return refusal.problems
    return ()


def new_key(request: Request) -> str:
    """An idempotency key for the forms of one page."""
    return request.platform.entropy.token_bytes(16).hex()  # type: ignore[no-any-return]
