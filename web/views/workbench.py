"""Where a signed-in reader starts: what must be done now, by urgency, and the lots it is about."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.view import view_config

from trading_core.domain.identity import Role
from trading_core.domain.tender.prequalifying import invited
from trading_core.services import facts, lots, organisations, persons, seats, working

from .. import workbench
from ..contexts import LotOf
from ..frame import route
from ..lot_page import checkpoint_size
from ..notes import notes_of
from ..permissions import Permission
from ..workbench import Task, View
from . import desk, hall
from .acts import PAGES

if TYPE_CHECKING:
    from pyramid.request import Request

    from trading_core.domain.lot import Lot
    from trading_core.domain.trade import Act

TASKS_MAX = 50
ROWS_MAX = 50
NOTES_MAX = 20


@view_config(route_name="my", renderer="workbench.jinja2", request_method="GET", permission=Permission.SIGNED_IN)
def my(request: Request) -> dict[str, Any]:
    unit, actor = request.unit, request.identity.actor
    found, tasks = working.lots_of(unit, actor), list[Task]()
    rows = []
    for view in views(request, found):
        mine = workbench.tasks(view, request.platform.calendar, unit.now)
        tasks += mine
        rows.append((view.lot, mine[0] if mine else None, coming(view.lot, unit.now)))
    tasks.sort(key=workbench.urgency)
    return {
        "role": actor.role.value, "tasks": tasks[:TASKS_MAX], "more": max(0, len(tasks) - TASKS_MAX), "rows": rows[:ROWS_MAX],
        "count": len(rows), "may_announce": actor.role in (Role.PRINCIPAL, Role.AGENCY), "is_bidder": actor.role is Role.BIDDER,
        "notes": notes_of(request, -1, NOTES_MAX), "covered": checkpoint_size(unit),
        "ending": persons.revocations(unit, persons.known_person(unit, actor.person)).get(actor.role) if actor.person else None,
        "uscc": uscc(request), "invited": {lot.id for lot in found if invited(lot, uscc(request))},
    }  # fmt: skip


@view_config(route_name="my_ended", renderer="workbench_ended.jinja2", request_method="GET", permission=Permission.SIGNED_IN)
def ended(request: Request) -> dict[str, Any]:
    """Lots that are over: what may still be done on them."""
    words = request.words
    return {"lots": working.ended_lots_of(request.unit, request.identity.actor),
            "trail": [(words("frame.my"), route(request, "my", {})), (words("workbench.ended"), "")]}  # fmt: skip


@view_config(route_name="my_lot", renderer="workbench_lot.jinja2", request_method="GET", permission=Permission.SIGNED_IN)
def lot(context: LotOf, request: Request) -> dict[str, Any]:
    """Everything that the reader may do on a lot now: first what is due, then all their acts."""
    found, words, actor = context.lot, request.words, request.identity.actor
    if not lots.has_part(request.unit, found, actor):
        raise HTTPNotFound
    (view,) = views(request, [found])
    tasks = workbench.tasks(view, request.platform.calendar, request.unit.now)
    title = found.term_text("title") or found.id
    return {
        "lot": found, "title": title, "tasks": tasks, "acts": acts_on(request, found),
        "trail": [(words("frame.my"), route(request, "my", {})), (title, "")],
    }  # fmt: skip


def acts_on(request: Request, found: Lot) -> list[tuple[Act, str]]:
    """What the reader may do on a lot now, each with where it is done."""
    (view,) = views(request, [found])
    return [(act, address_of(request, found, act.name)) for act in workbench.acts_of(view)]


def address_of(request: Request, found: Lot, act: str) -> str:
    """Where an act is given: its own page, the room where it is done, else its form."""
    rooms = {**dict.fromkeys(hall.ACTS, "hall"), **dict.fromkeys(desk.ACTS, "desk_lot"), **PAGES}
    if act == "draft":
        return route(request, "my_notice", {"_query": {"lot": found.id}})
    if act in rooms:
        return route(request, rooms[act], {"lot": found.id})
    return route(request, "my_act", {"lot": found.id, "act": act})


def views(request: Request, found: list[Lot]) -> list[View]:
    unit, actor = request.unit, request.identity.actor
    code, number = uscc(request), seats.number_of(unit, actor)
    return [View(lots.trade_of(unit, lot), lot, actor, code, number, facts.fingerprint(unit, lot, actor.person)) for lot in found]


def uscc(request: Request) -> str:
    home = organisations.find_organisation(request.unit, request.identity.actor.organisation)
    return home.uscc if home else ""


def coming(lot: Lot, now: Any) -> tuple[str, Any] | None:
    """The next point of the lot's schedule that has not passed."""
    ahead = sorted((at, name) for name, at in workbench.schedule(lot).items() if at > now)
    return (ahead[0][1], ahead[0][0]) if ahead else None
