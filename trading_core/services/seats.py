"""Who of the committee is acting, and whom a draw may reach: the bridge between a lot and the pools of experts."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from ..domain.draw import SUBSTITUTES
from ..domain.identity import Actor, Role
from ..domain.lot import Lot
from ..domain.tender.committee import is_member
from ..domain.tender.drawing import asked
from ..domain.tender.opening import Opening
from ..domain.trade import Command, TradeType
from ..platform import Platform, Unit
from . import organisations


def number_of(platform: Platform, actor: Actor) -> str:
    """The expert number of whoever acts, empty when they are no expert of any pool."""
    if actor.role is not Role.EXPERT:
        return ""
    return platform.plugins.hook.gongxin_expert_number(platform=platform, person=actor.person) or ""


def holder_of(platform: Platform, actor: Actor) -> str:
    """Under what somebody may hold a seat: experts under their number, representatives of the principal under their person id."""
    return number_of(platform, actor) if actor.role is Role.EXPERT else actor.person


def seat(unit: Unit, lot: Lot, actor: Actor) -> str:
    """The holder's name for a seat if they have one, may take one or have been asked to; empty otherwise."""
    if actor.role is not Role.EXPERT:
        return ""
    number = number_of(unit.platform, actor)
    return number if number and (is_member(lot, number) or number in asked(lot)) else ""


# ------------------------------------------------------------------ facts

def holder(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> str:
    return holder_of(unit.platform, command.actor)


def expert_number(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> str:
    return number_of(unit.platform, command.actor)


def recusals(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> Sequence[str]:
    """Recusal rules that the record finds for who signs in, now that the bidders are known [08 §8.5]."""
    number = number_of(unit.platform, command.actor)
    if not number:
        return ()
    bidders = frozenset(b.uscc for b in lot.part(Opening).bids.values() if b.uscc)
    groups = unit.platform.plugins.hook.gongxin_expert_recusals(
        platform=unit.platform, number=number, bidders_uscc=bidders, moment=command.received_at
    )
    return sorted({rule for group in groups for rule in group})


def expert_rows(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> list[Mapping[str, object]]:
    """For every row asked for, who may be drawn: the pool's answer without those whom the parties' employ excludes."""
    excluded = frozenset(organisations.known(unit, o).uscc for role, o in lot.parties.items() if role in ("principal", "agency"))
    return [_row(unit, row, excluded, command) for row in cast("Sequence[Mapping[str, object]]", command.data["rows"])]


def _row(unit: Unit, row: Mapping[str, object], excluded: frozenset[str], command: Command) -> Mapping[str, object]:
    answer = unit.platform.plugins.hook.gongxin_expert_pool(
        platform=unit.platform, specialty=str(row["specialty"]), excluded_uscc=excluded, moment=command.received_at
    )
    candidates = sorted(c.number for c in answer.candidates) if answer else []
    return {
        "row": row["row"], "specialty": row["specialty"], "count": row["count"], "substitutes": row.get("substitutes", SUBSTITUTES),
        "candidates": candidates, "rule_version": answer.rule_version if answer else "",
        "excluded": [{"rule": rule, "count": count} for rule, count in (answer.excluded if answer else ())],
    }  # fmt: skip
