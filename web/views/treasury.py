"""The treasury as pages: what is owed back now, and the deposits of one lot once its bids are open."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.view import view_config

from trading_core.domain.errors import Forbidden, Problem, Refused
from trading_core.domain.identity import Role
from trading_core.domain.ledger import BANK, HELD, INTEREST
from trading_core.domain.lot import Lot
from trading_core.domain.stages.deposits import apply_problems
from trading_core.services import deposits, lots, working
from trading_core.services.deposits import Account

from ..contexts import LotOf
from ..frame import route
from ..permissions import Permission
from .registry import Way, ways

if TYPE_CHECKING:
    from pyramid.request import Request

DUE_SHOWN = 100


@view_config(route_name="treasury", renderer="treasury.jinja2", request_method="GET", permission=Permission.SIGNED_IN)
def treasury(request: Request) -> dict[str, Any]:
    """What is owed back over all lots, and the lots whose statements can be brought in. Only the centre's."""
    unit, actor = request.unit, request.identity.actor
    if actor.role is not Role.CENTRE:
        raise Forbidden(Problem("deposit.centre_only"))
    due = deposits.refunds_due(unit, actor, unit.now)
    known = deposits.lots_with_deposits(unit, actor)
    ready = [lot for lot in working.lots_of(unit, actor) if lot.id not in known and lot.terms.get("deposit_fen")
             and not lots.trade_of(unit, lot).deposits.closed(lot)]
    titles = {number: title_of(lots.find(unit, number)) for number in {*known, *(d.lot for d in due)}}
    return {
        "due": due[:DUE_SHOWN], "due_count": len(due), "overdue": sum(d.overdue for d in due), "known": known, "titles": titles,
        "ready": [(lot.id, title_of(lot)) for lot in ready], "total": sum(d.refund.amount_fen for d in due),
    }  # fmt: skip


@view_config(route_name="treasury_lot", renderer="treasury_lot.jinja2", request_method="GET", permission=Permission.SIGNED_IN)
def treasury_lot(context: LotOf, request: Request) -> dict[str, Any]:
    """One lot's money. Before the bids are open there is nothing to see for anybody, and the page says why."""
    unit, actor, lot = request.unit, request.identity.actor, context.lot
    if actor.role not in deposits.READERS:
        raise HTTPNotFound
    centre = actor.role is Role.CENTRE
    head = [(request.words("treasury.title"), route(request, "treasury", {}))] if centre else []
    seen = {"lot": lot, "title": title_of(lot), "centre": centre,
            "trail": [(request.words("frame.my"), route(request, "my", {})), *head, (title_of(lot), "")]}  # fmt: skip
    try:
        account = deposits.account(unit, actor, lot.id)
    except Forbidden:
        raise
    except Refused as refusal:
        return {**seen, "secret": refusal.problems[0]}
    return {
        **seen, "secret": None, "account": account, "deposits": [d for _, d in sorted(account.ledger.deposits.items())],
        "checks": account.checks, "bidders": {p.bid: p.name for p in account.owners.values()}, "figures": figures(account),
        "ways": ways(request, ("import_statement", *(("return_deposits",) if account.due else ())), lot=lot.id),
        "acts": {n: acts_on(request, account, n) for n in account.ledger.deposits},
    }  # fmt: skip


def title_of(lot: Lot) -> str:
    return lot.term_text("title") or lot.id


def figures(account: Account) -> dict[str, int]:
    """The sums that a treasurer compares with the bank: at hand, still held, owed back now, interest paid."""
    held = [d for d in account.ledger.deposits.values() if d.state == HELD]
    return {
        "bank": account.ledger.balances.get(BANK, 0), "held": sum(d.receipt.amount_fen for d in held),
        "due": sum(r.amount_fen for r in account.due.values()), "interest": account.ledger.balances.get(INTEREST, 0),
        "unmatched": sum(d.receipt.amount_fen for d in held if d.number not in account.owners),
    }  # fmt: skip


def acts_on(request: Request, account: Account, number: int) -> list[Way]:
    """What the reader may do with one deposit now."""
    deposit, bid = account.ledger.deposits[number], account.owners.get(number)
    if deposit.state != HELD:
        return []
    names = ["return_deposit"] if number in account.due else []
    if bid is not None and account.trade.deposits.keepable(account.lot, bid.bid):
        names.append("forfeit_deposit")
    if bid is not None and not list(apply_problems(account.trade, account.lot, deposit)):
        names.append("apply_deposit")
    return ways(request, names, lot=account.lot.id, number=str(number))
