"""Who of the committee is acting, and whom a draw may reach: the bridge between a lot and the pools of experts."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from ..domain.draw import SUBSTITUTES
from ..domain.identity import Actor, Role
from ..domain.lot import Lot
from ..domain.stages.announcing import Announcement
from ..domain.tender.committee import EXPERT, Committee, Seat, is_member
from ..domain.tender.expert_drawing import asked
from ..domain.tender.opening import Opening
from ..domain.tender.prequalification_review import ApplicationReview, reviewing
from ..domain.tender.prequalifying import Prequalification
from ..domain.trade import Command, TradeType
from ..platform import Unit
from . import organisations

FORMER_MEMBER = "FORMER_MEMBER"
"""Why somebody is left out of a second draw, beside the pool's own rules."""


def number_of(unit: Unit, actor: Actor) -> str:
    """The expert number of whoever acts, empty when they are no expert of any pool."""
    if actor.role is not Role.EXPERT:
        return ""
    return unit.platform.plugins.hook.gongxin_expert_number(unit=unit, person=actor.person) or ""


def holder_of(unit: Unit, actor: Actor) -> str:
    """Under what somebody may hold a seat: experts under their number, representatives of the principal under their person id."""
    return number_of(unit, actor) if actor.role is Role.EXPERT else actor.person


def seat(unit: Unit, lot: Lot, actor: Actor) -> str:
    """The holder's name for a seat if they have one, may take one or have been asked to; empty otherwise."""
    if actor.role is not Role.EXPERT:
        return ""
    number = number_of(unit, actor)
    return number if number and (is_member(lot, number) or number in asked(lot)) else ""


# ------------------------------------------------------------------ facts

def holder(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> str:
    return holder_of(unit, command.actor)


def expert_number(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> str:
    return number_of(unit, command.actor)


def recusals(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> Sequence[str]:
    """Recusal rules that the record finds for who signs in, now that the bidders are known [08 §8.5]."""
    number = number_of(unit, command.actor)
    if not number:
        return ()
    opened = frozenset(code for b in lot.part(Opening).bids.values() if b.uscc for code in (b.uscc, *(m.uscc for m in b.members)))
    bidders = lot.part(Prequalification).concerned() if reviewing(lot) else opened
    groups = unit.platform.plugins.hook.gongxin_expert_recusals(
        unit=unit, number=number, bidders_uscc=bidders, moment=command.received_at
    )
    return sorted({rule for group in groups for rule in group})


def committee_members(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> list[Mapping[str, object]]:
    """Who sat in the committee, by name: secret until the result is published [BL 37]."""
    return [_member(unit, s) for s in lot.part(Committee).seats]


def review_members(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> list[Mapping[str, object]]:
    """Who sat in the committee that reviewed the applications, if one did; secret as long [BLR 18]."""
    return [_member(unit, s) for s in lot.part(ApplicationReview).members]


def _member(unit: Unit, seat: Seat) -> Mapping[str, object]:
    return {"seat": seat.number, "kind": seat.kind, "name": _name(unit, seat)}


def _name(unit: Unit, seat: Seat) -> str:
    if seat.kind == EXPERT:
        return unit.platform.plugins.hook.gongxin_expert_name(unit=unit, number=seat.holder) or ""
    private = unit.store.read(f"person/{seat.holder}")[0].recorded().private
    return str(private["name"]) if private else ""


def expert_rows(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> list[Mapping[str, object]]:
    """For every row asked for, who may be drawn: the pool's answer without those whom the parties' employ excludes, and without who
    had to leave the committee or sat in one that was dissolved [BLR 48, 70]."""
    excluded, former = concerned(unit, lot), frozenset(lot.part(Committee).left)
    return [_row(unit, row, excluded, former, command) for row in cast("Sequence[Mapping[str, object]]", command.data["rows"])]


def concerned(unit: Unit, lot: Lot) -> frozenset[str]:
    """Codes of the organisations whose people cannot be experts here: the parties, and who applied or was invited."""
    parties = frozenset(organisations.known(unit, o).uscc for role, o in lot.parties.items() if role != "centre")
    return parties | lot.part(Prequalification).concerned() | {i.uscc for i in lot.part(Announcement).invitees}


def _row(
    unit: Unit, row: Mapping[str, object], excluded: frozenset[str], former: frozenset[str], command: Command
) -> Mapping[str, object]:
    answer = unit.platform.plugins.hook.gongxin_expert_pool(
        unit=unit, specialty=str(row["specialty"]), excluded_uscc=excluded, moment=command.received_at
    )
    found = {c.number for c in answer.candidates} if answer else set[str]()
    counts = [*(answer.excluded if answer else ()), *([(FORMER_MEMBER, len(found & former))] if found & former else ())]
    return {
        "row": row["row"], "specialty": row["specialty"], "count": row["count"], "substitutes": row.get("substitutes", SUBSTITUTES),
        "candidates": sorted(found - former), "rule_version": answer.rule_version if answer else "",
        "excluded": [{"rule": rule, "count": count} for rule, count in counts],
    }  # fmt: skip
