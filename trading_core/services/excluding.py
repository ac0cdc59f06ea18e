"""What keeps an organisation from bidding for a lot, asked by its code: a conflict of interest, a ban [B-15, CR-4].

Asking keeps nothing. Bidders and members of consortia are asked about again once the opening has named them.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import cast

from ..domain import uscc as codes
from ..domain.errors import Problem
from ..domain.events import Json
from ..domain.lot import Lot
from ..domain.stages import consortium
from ..domain.stages.excluding import exclusion
from ..domain.tender.doubts import CONFLICT, NOT_QUALIFIED
from ..domain.tender.opening import Finding, Opening
from ..domain.trade import Command, TradeType
from ..hookspecs import CreditFinding
from ..platform import Unit
from . import organisations


def conflicts(unit: Unit, lot: Lot, uscc: str) -> Iterator[Problem]:
    """Whether it is a party of the lot itself, or the notice keeps it out."""
    parties = (organisations.find_organisation(unit, o) for o in lot.parties.values())
    if codes.unit(uscc) in {codes.unit(p.uscc) for p in parties if p is not None}:
        yield Problem("bid.own_tender", rule="B-15")
    yield from exclusion(lot.terms, uscc)


def bans(unit: Unit, trade: TradeType, lot: Lot, uscc: str, moment: datetime) -> Iterator[CreditFinding]:
    """The bans on it that refuse in this trade."""
    mandatory = lot.terms.get("mandatory") is not False
    found = unit.platform.plugins.hook.gongxin_credit_findings(unit=unit, uscc=uscc, trade=trade.code, mandatory=mandatory, moment=moment)
    yield from (f for group in found for f in group if f.refuses)


def evidence(unit: Unit, trade: TradeType, lot: Lot, parties: Sequence[tuple[str, str]], moment: datetime) -> list[Json]:
    """What the lists say of parties, code and name, that are public by now; to be recorded [09 §9.4 rule 3]."""
    asked = {"parties": parties, "trade": trade.code, "mandatory": lot.terms.get("mandatory") is not False, "moment": moment}
    return list(unit.platform.plugins.hook.gongxin_credit_evidence(unit=unit, **asked))


def bidders_credit(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> list[Json]:
    """Evidence about everybody whose bid was opened."""
    parties = dict.fromkeys(p for b in lot.part(Opening).valid() for p in consortium.parties(b.uscc, b.name, b.members))
    return evidence(unit, trade, lot, list(parties), command.received_at)


def applicant_conflicts(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> list[Problem]:
    """What keeps an applicant and its members out."""
    own = organisations.known(unit, command.actor.organisation).uscc
    members = consortium.members(command.data)
    return [*conflicts(unit, lot, own), *(p for m in members if m.uscc != own for p in member_conflicts(unit, lot, m))]


def member_conflicts(unit: Unit, lot: Lot, member: consortium.Member) -> Iterator[Problem]:
    """The same of a member of a consortium, by name."""
    if any(conflicts(unit, lot, member.uscc)):
        yield Problem("consortium.member_excluded", params={"name": member.name}, rule="B-15")


def member_bans(unit: Unit, trade: TradeType, lot: Lot, member: consortium.Member, moment: datetime) -> Iterator[Problem]:
    """Bans on a member: one that is listed lists them all [09 §9.10]."""
    for f in bans(unit, trade, lot, member.uscc, moment):
        figures = {"name": member.name, "list": f.list_name, "ban": f.ban, "until": str(f.valid_to or "")}
        yield Problem("consortium.member_listed", params=figures, rule=f.rule)


def against_bidder(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> list[Finding]:
    """What stands against the bidder, or the members, whom an opened envelope names, for the committee to decide. Who was free to bid at
    the receipt may have been banned since [CR-4]."""
    if not (uscc := str(command.data.get("uscc") or "")):
        return []
    found = consortium.members(cast("Mapping[str, object]", command.data.get("form") or {}))
    if not found:
        figures = {"name": str(command.data.get("name") or "")}
        return [
            Finding(NOT_QUALIFIED, Problem("opening.bidder_banned", "", figures | {
                "list": f.list_name, "ban": f.ban, "until": str(f.valid_to or "")}, f.rule))
            for f in bans(unit, trade, lot, uscc, command.received_at)
        ]  # fmt: skip
    return [
        *(Finding(CONFLICT, p) for m in found for p in member_conflicts(unit, lot, m)),
        *(Finding(NOT_QUALIFIED, p) for m in found for p in member_bans(unit, trade, lot, m, command.received_at)),
    ]  # fmt: skip
