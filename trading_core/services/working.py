"""Reads for whoever works on the platform: the lots that concern somebody, and what would stand against an act."""
from __future__ import annotations

import sqlalchemy as sa

from ..adapters.db.lots import lot_table
from ..domain import engine
from ..domain.errors import Forbidden, Problem, Refused
from ..domain.identity import Actor, Role
from ..domain.lot import Lot
from ..domain.trade import Command
from ..platform import Unit
from . import lots
from .facts import gather

LOTS_MAX = 200
OVER = ("ARCHIVED", "TERMINATED")
ANEW = "TERMINATED"  # its hosts may still tender it anew


def refusals(unit: Unit, lot_id: str, command: Command) -> tuple[Problem, ...]:
    """Everything for which the command would be refused now; empty when it would be carried out. Nothing is changed.

    For pages that ask to confirm an act before it is given. Raises `Forbidden` when the actor has no part in the lot.
    """
    lot = lots.find(unit, lot_id)
    lots.check_part(unit, lot, command.actor, command.act)
    trade = lots.trade_of(unit, lot)
    act = engine.act_named(trade, command.act)
    try:
        command = engine.admitted(trade, lot, command)  # facts are gathered for forms that hold what the act asks for
        engine.decide(trade, lot, command, gather(unit, trade, lot, act, command))
    except Forbidden:
        raise
    except Refused as refusal:
        return refusal.problems
    return ()


def ended_lots_of(unit: Unit, actor: Actor) -> list[Lot]:
    """Lots that are over and on which the actor may still have to act: an archive is supplemented, a complaint decided. The newest
    first, at most 200."""
    where = [lot_table.c.status.in_(OVER)]
    if actor.role in (Role.PRINCIPAL, Role.AGENCY):
        where.append((lot_table.c.principal if actor.role is Role.PRINCIPAL else lot_table.c.agency) == actor.organisation)
    elif actor.role is not Role.CENTRE:
        where.append(lot_table.c.visible)
    query = sa.select(lot_table.c.id).where(*where).order_by(lot_table.c.published_at.desc(), lot_table.c.id).limit(LOTS_MAX)
    found = (lots.find(unit, row.id) for row in unit.connection.execute(query).all())
    return [lot for lot in found if lots.has_part(unit, lot, actor)]


def lots_of(unit: Unit, actor: Actor) -> list[Lot]:
    """The lots on which somebody may have to act, what closes next first, at most 200.

    Principal and agency: those of their organisation, drafts too. Centre: its own that are not over. Supervisors and experts: the
    published ones in which they have a part. Who bids where is known to nobody before the opening: bidders get every lot that takes
    bids.
    """
    where = [lot_table.c.status.notin_(OVER)]
    if actor.role in (Role.PRINCIPAL, Role.AGENCY):
        where = [lot_table.c.status.notin_(o for o in OVER if o != ANEW)]
        where.append((lot_table.c.principal if actor.role is Role.PRINCIPAL else lot_table.c.agency) == actor.organisation)
    elif actor.role is not Role.CENTRE:
        where.append(lot_table.c.visible)
    order = (lot_table.c.deadline.is_(None), lot_table.c.deadline.desc(), lot_table.c.id)
    query = sa.select(lot_table.c.id).where(*where).order_by(*order).limit(LOTS_MAX)
    found = (lots.find(unit, row.id) for row in unit.connection.execute(query).all())
    mine = (lot for lot in found if lots.has_part(unit, lot, actor))
    return [lot for lot in mine if lot.status != ANEW or "attempt_created" not in lot.history]
