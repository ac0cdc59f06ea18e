"""Giving commands: creating a lot and every act on one, by one derived address."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pyramid.view import view_config

from trading_core.domain import engine
from trading_core.domain.errors import Conflict, IllegalTransition, Problem, Refused
from trading_core.domain.events import Json
from trading_core.domain.identity import ANYONE, Actor, Role
from trading_core.domain.trade import Command
from trading_core.platform import Platform, Unit
from trading_core.services import attempts, bids, lots, receipts
from trading_core.services.commands import act_body, once

from ..contexts import LotOf
from ..permissions import Permission
from ..security import require_signed_in
from .body import idempotency_key, json_object, received_at

if TYPE_CHECKING:
    from pyramid.request import Request

TRIES = 4  # a command decided on what another has just changed is decided again
SEALED = frozenset({"submit_bid", "withdraw_bid"})
TIMED = SEALED | {"apply_for_prequalification"}
"""Acts whose refusal for coming too late is certified."""


@view_config(route_name="api_lots", request_method="POST", renderer="json", permission=Permission.SIGNED_IN)
def create(request: Request) -> Json:
    """A new lot: ``trade`` and the fields of the act ``create``. Answers with its receipt and number."""
    actor, body, key = require_signed_in(request), json_object(request), idempotency_key(request)
    trade, data = str(body.get("trade", "")), {k: v for k, v in body.items() if k != "trade"}

    def do(unit: Unit) -> Json:
        done = lots.create(unit, actor, trade, data)
        return receipts.accepted(unit, done.lot.id, done.stored) | {"lot": done.lot.id}

    answer = carried_out(request.platform, actor, key, {"act": "create", "body": body}, do)
    request.response.status_int = 201
    request.response.location = request.route_path("api_lot", lot=answer["lot"])
    return answer


@view_config(route_name="api_act", request_method="POST", renderer="json", permission=Permission.READ_LOT)
def act(context: LotOf, request: Request) -> Json:
    """Any act of the lot's trade type; the body holds the act's fields. Answers with a signed receipt."""
    name, lot_id = request.matchdict["act"], context.lot.id
    actor = giver(context, request, name)
    command = Command(name, actor, json_object(request), received_at(request))
    return give(request.platform, lot_id, command, idempotency_key(request), request.remote_addr or "")


def giver(context: LotOf, request: Request, name: str) -> Actor:
    """Who acts: the signed-in actor, or anybody where the act is open to the public. Raises `Refused` (401) when it is not."""
    if request.identity is not None:
        return require_signed_in(request)
    if Role.PUBLIC in engine.act_named(context.trade, name).roles:
        return ANYONE
    raise Refused(Problem("request.unauthenticated"))


def give(platform: Platform, lot_id: str, command: Command, key: str, address: str) -> Json:
    """Carry out a command on a lot once, however often it is sent. Raises `Refused` with every reason."""

    def do(unit: Unit) -> Json:
        if command.act in SEALED:
            return bids.receive(unit, lot_id, command)
        return receipts.accepted(unit, lot_id, lots.give(unit, lot_id, command).stored)

    body = act_body(lot_id, command)
    try:
        return proven(carried_out(platform, command.actor, key, body, do, lot_id, address))
    except Refused as refusal:
        if command.act not in TIMED or not bids.is_late(refusal) or hasattr(refusal, "receipt"):
            raise
        late = refusal

    def refuse(unit: Unit) -> Json:
        return {"refused": [asdict(p) for p in late.problems], "proof": bids.refuse_late(unit, lot_id, command, late)}

    return proven(carried_out(platform, command.actor, key, body, refuse))


def proven(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer of a command, unless that was a certified refusal: the same `Refused`, with the same receipt, however often it is sent."""
    if "refused" not in answer:
        return answer
    refusal = Refused(*(Problem(**p) for p in answer["refused"]))
    refusal.receipt = answer["proof"]  # type: ignore[attr-defined]
    raise refusal


def carried_out(
    platform: Platform, actor: Actor, key: str, body: Json, do: Callable[[Unit], Json], lot_id: str = "", address: str = ""
) -> dict[str, Any]:
    """One command in one transaction, decided again when somebody else was faster. Raises `Conflict` when that goes on. An attempt at
    what the state of its lot does not allow goes on record, with the network address that it came from."""
    for remaining in reversed(range(TRIES)):
        try:
            with platform.unit() as unit:
                return dict(once(unit, actor, key, body, lambda: do(unit)))
        except IllegalTransition as refusal:
            if lot_id:
                attempts.record(platform, lot_id, actor, refusal, address)
            raise
        except Conflict:
            if not remaining:
                raise
    raise AssertionError("unreachable")
