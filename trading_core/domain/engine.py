"""decide and evolve for lots: pure functions over a trade type's declaration."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from .errors import Forbidden, IllegalTransition, Problem, Refused
from .events import Event, Recorded
from .fields import check
from .identity import Role
from .lot import Lot
from .trade import Act, Command, Facts, TradeType


def admitted(trade: TradeType, lot: Lot, command: Command) -> Command:
    """The command with its data checked against the form, before anything else is looked up for it.

    Raises `Forbidden` for a role that may not, `IllegalTransition` for a state that does not know the act, `Refused` for the form.
    """
    act = act_named(trade, command.act)
    if command.actor.role not in act.roles:
        raise Forbidden(Problem("act.not_yours", params={"act": act.name, "role": command.actor.role.value}))
    if not possible(trade, lot, act.event):
        raise IllegalTransition(Problem("lot.illegal_transition", params={"state": lot.status, "event": act.event}))
    return replace(command, data=check(act.fields, command.data))


def decide(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The events that carrying out the command means, or `Refused` with every reason. The lot is not changed.

    A reason that cites no article itself gets the one that the trade's own law has for it.
    """
    try:
        return act_named(trade, command.act).decide(trade, lot, admitted(trade, lot, command), facts)
    except Refused as refusal:
        refusal.problems = cited(trade, refusal.problems)
        raise


def cited(trade: TradeType, problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems, each that cites no article itself with the one on which the trade's own law refuses it."""
    return tuple(replace(p, rule=p.rule or trade.law.get(p.code, "")) for p in problems)


def possible(trade: TradeType, lot: Lot, event: str) -> bool:
    """Whether the table knows the event now. A suspension adds no way out: what it does not only end must be known in the state
    to which the lot would return, else a tender could be ended after its award by suspending it first [01 §1.2.1]."""
    table = trade.lifecycle
    if not table.allows(lot.status, event):
        return False
    return not lot.resume_to or table.sources(event) == {lot.status} or table.allows(lot.resume_to, event)


def act_named(trade: TradeType, name: str) -> Act:
    """The act of that name. Raises `Forbidden` when the trade type has none: an unknown act looks like an absent page."""
    act = trade.acts.get(name)
    if act is None:
        raise Forbidden(Problem("act.unknown", params={"act": name}))
    return act


def evolve(trade: TradeType, lot: Lot, recorded: Recorded) -> Lot:
    """The lot after an event of its stream. Every event moves the status by the one table; its own handler does the rest."""
    status = trade.lifecycle.target(lot.status, recorded.type, lot.resume_to)
    handler = trade.evolve.get(recorded.type)
    after = handler(lot, recorded) if handler else lot
    return replace(after, status=status, history={**after.history, recorded.type: recorded.at})


def due(trade: TradeType, lot: Lot) -> tuple[datetime, str] | None:
    """The earliest act of the clock that this lot waits for, with its instant; None when nothing is timed."""
    waiting = [
        (moment, act.name)
        for act in trade.acts.values()
        if act.due is not None and Role.CLOCK in act.roles and possible(trade, lot, act.event)
        if (moment := act.due(trade, lot)) is not None
    ]
    return min(waiting, default=None)
