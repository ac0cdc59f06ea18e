"""What must be known for objections and awards, and new attempts at a lot that ended without a contract."""
from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from ..adapters.crypto.manifest import Identity
from ..domain.errors import Problem, Refused
from ..domain.events import Json
from ..domain.identity import Actor
from ..domain.lot import Lot
from ..domain.stages.announcing import documents_named
from ..domain.stages.award import award_of
from ..domain.stages.consortium import parties
from ..domain.trade import Command, TradeType
from ..platform import Unit
from . import excluding, lots, organisations


def objector_commitment(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> str:
    """What the actor's organisation commits to with the salt of the command; empty without a usable salt. Nothing is kept [BL 22]."""
    organisation, salt = organisations.find_organisation(unit, command.actor.organisation), str(command.data.get("salt", ""))
    if organisation is None or not re.fullmatch(r"[0-9a-f]{64}", salt):
        return ""
    return Identity(organisation.uscc, organisation.name, bytes.fromhex(salt)).commitment()


def candidate_eligibility(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> list[Problem]:
    """Whether the candidate who is to be chosen, or a member of its consortium, has been banned meanwhile [CR-4, 01 §1.2 AWARDED]."""
    chosen = award_of(lot).candidate(command.data.get("bid"))
    if chosen is None:
        return []
    now = command.received_at
    own = [Problem("award.banned", "bid", {"list": f.list_name, "ban": f.ban, "until": str(f.valid_to or "")}, f.rule)
           for f in excluding.bans(unit, trade, lot, chosen.uscc, now)]  # fmt: skip
    return [*own, *(replace(p, path="bid") for m in chosen.members[1:] for p in excluding.member_bans(unit, trade, lot, m, now))]


def candidate_credit(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> list[Json]:
    """The same as evidence."""
    chosen = award_of(lot).candidate(command.data.get("bid"))
    if chosen is None:
        return []
    return excluding.evidence(unit, trade, lot, parties(chosen.uscc, chosen.bidder, chosen.members), command.received_at)


def attempt(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> Mapping[str, object] | None:
    """Whose attempt the named lot is, None when there is no such lot."""
    try:
        new = lots.find(unit, str(command.data.get("lot", "")))
    except Refused:
        return None
    return {"previous": new.previous, "attempt": new.attempt}


def create_attempt(unit: Unit, actor: Actor, lot_id: str, analysis: str) -> lots.Done:
    """Take up again a lot that failed, was terminated or found invalid: a new lot with its terms, linked both ways [01 §1.2].

    The plan of dates is not taken over: a new attempt has a new notice, new periods and a new draw. Returns the new lot as a draft.
    Raises `Refused`; nothing has then changed.
    """
    old = lots.find(unit, lot_id, lock=True)
    trade = lots.trade_of(unit, old)
    new = lots.create(unit, actor, trade.code, {k: v for k, v in old.parties.items() if k in PARTIES}, previous=old)
    known = {f.name for f in new.trade.acts["draft"].fields} - {"schedule", "rest_day_reasons"}
    terms = {name: value for name, value in old.terms.items() if name in known}
    drafted = lots.give(unit, new.lot.id, Command("draft", actor, terms, unit.now))
    lots.give(unit, lot_id, Command("create_attempt", actor, {"lot": new.lot.id, "analysis": analysis}, unit.now))
    return drafted


def earlier_documents(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> frozenset[frozenset[str]]:
    """The tender documents of the attempts before this one, none of which may serve again (a fact for decisions) [02 §2.11(9)]."""
    found: frozenset[frozenset[str]] = frozenset()
    while lot.previous:
        lot = lots.find(unit, lot.previous)
        found |= documents_named(lot)
    return found


PARTIES = ("principal", "agency", "supervisor", "centre")
