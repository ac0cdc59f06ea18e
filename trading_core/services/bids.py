"""Sealed bids: what must be known of them to decide, and what goes with receiving one."""
from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from ..adapters.crypto.header import check_header, read_header
from ..adapters.crypto.manifest import Identity
from ..adapters.crypto.slot import Slot
from ..adapters.db import bids as table
from ..adapters.db.store import Stored
from ..domain.errors import Problem, Refused
from ..domain.events import Event, Json, instant_text
from ..domain.lot import Lot
from ..domain.tender.bidding import SEALED, LiveBid, cover, effective_deadline
from ..domain.tender.prequalifying import may_bid
from ..domain.tender.trustees import THRESHOLD, TRUSTEES, Trustees, stage_names, suite
from ..domain.trade import Command, TradeType
from ..platform import Unit
from . import excluding, lots, organisations, receipts

COVER_MAX = 3
LATE = frozenset({"bid.late", "bid.closed_meanwhile", "prequalification.late", "prequalification.closed_meanwhile"})


def is_late(refusal: Refused) -> bool:
    """Whether a bid or an application was refused because it came too late, which its sender is given proof of."""
    return any(p.code in LATE for p in refusal.problems)


def receive(unit: Unit, lot_id: str, command: Command) -> dict[str, object]:
    """Receive or withdraw a bid; its receipt. Raises `Refused`; where that is because it came too late, `refuse_late` proves it [B-02]."""
    done = lots.give(unit, lot_id, command)
    for number in _covers(unit):
        unit.store.append(f"{SEALED}/{number}", 0, [cover(number)], unit.now)
    kind = "bid_received" if command.act == "submit_bid" else "bid_withdrawn"
    return receipts.receipt(unit, kind, done.stored, _bid_facts(lot_id, command, done.stored[0]))


def _bid_facts(lot_id: str, command: Command, stored: Stored) -> dict[str, object]:
    """What only the bidder gets: the private text and salt with which the entry in the log can be recognised."""
    return {
        "lot": lot_id,
        "bid": command.data["bid"],
        "received_at": instant_text(command.received_at),
        "private": stored.private or "",
        "salt": (stored.salt or b"").hex(),
    }


def _covers(unit: Unit) -> list[str]:
    """Numbers of meaningless entries to lay beside a bid: none to three, by chance."""
    count = unit.platform.entropy.token_bytes(1)[0] % (COVER_MAX + 1)
    return [unit.platform.entropy.token_bytes(16).hex() for _ in range(count)]


def refuse_late(unit: Unit, lot_id: str, command: Command, refusal: Refused) -> dict[str, object]:
    """The receipt of the refusal of a late bid or application. Only the attempt is kept: when, and the commitment it came
    with; no content [B-02]."""
    lot, codes, applying = lots.find(unit, lot_id), [p.code for p in refusal.problems], command.act == "apply_for_prequalification"
    bid, commitment = _text(command.data.get("bid")), _text(command.data.get("commitment"))
    event = Event(SEALED, {}, {"what": "refused", "lot": lot_id, "received_at": instant_text(command.received_at),
                               "commitment": commitment, "codes": codes})  # fmt: skip
    stored = unit.store.append(f"{SEALED}/{unit.platform.entropy.token_bytes(16).hex()}", 0, [event], unit.now)
    deadline = lot.schedule["application_deadline"] if applying else effective_deadline(lot, unit.now)
    more = {"lot": lot_id, "bid": bid, "received_at": instant_text(command.received_at), "codes": codes, "deadline": instant_text(deadline)}
    return receipts.receipt(unit, "application_refused" if applying else "bid_refused", stored, more)


def _text(value: object) -> str:
    return value[:64] if isinstance(value, str) and re.fullmatch(r"[0-9a-f]{1,64}", value) else ""


# ------------------------------------------------------------------ facts

def envelope_problems(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> list[Problem]:
    """Read the head of every envelope as stored and compare it with what the lot asks. Nothing inside can be read."""
    return list(_envelope_problems(unit, lot, command.data))


def _envelope_problems(unit: Unit, lot: Lot, data: Json) -> Iterator[Problem]:
    keys = lot.part(Trustees)
    for e in cast("Sequence[Mapping[str, object]]", data["envelopes"]):
        name, stored = str(e["name"]), str(e["object"])
        if name not in stage_names(lot):
            continue
        unit.platform.uploads.loose.touch(stored)
        if not unit.platform.objects.has(stored):
            yield Problem("bid.envelope_not_uploaded", f"envelopes.{name}", {"name": name}, "B-03")
            continue
        try:
            with unit.platform.objects.open(stored) as file:
                header = read_header(file)  # type: ignore[arg-type]
            publics = {t: bytes.fromhex(k.public_key) for t, k in keys.of(name).items() if t in TRUSTEES}
            check_header(header, Slot(lot.id, lot.attempt, name), str(data["bid"]), publics, THRESHOLD, suite(lot))
            if not header.container_size == unit.platform.objects.size(stored) == e["size"]:
                yield Problem("bid.envelope_size", f"envelopes.{name}", {"name": name}, "B-03")
        except Refused as refusal:
            yield from (Problem(p.code, f"envelopes.{name}", p.params, p.rule) for p in refusal.problems)


def eligibility(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> list[Problem]:
    """May this organisation bid here? Asked in passing: nothing that names it is kept [B-15, CR-4]."""
    try:
        organisation = organisations.known(unit, command.actor.organisation)
    except Refused:
        return [Problem("bid.no_organisation")]
    problems = []
    identity = Identity(organisation.uscc, organisation.name, bytes.fromhex(str(command.data["salt"])))
    if identity.commitment() != command.data["commitment"]:
        problems.append(Problem("bid.other_identity", "commitment"))
    problems += excluding.conflicts(unit, lot, organisation.uscc)
    problems += may_bid(lot, organisation.uscc)
    return problems + [
        Problem("bid.banned", params={"list": f.list_name, "ban": f.ban, "until": str(f.valid_to or "")}, rule=f.rule)
        for f in excluding.bans(unit, trade, lot, organisation.uscc, command.received_at)
    ]  # fmt: skip


def applicant(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> Mapping[str, str]:
    """Who applies for prequalification."""
    organisation = organisations.known(unit, command.actor.organisation)
    return {"organisation": command.actor.organisation, "name": organisation.name, "uscc": organisation.uscc}


def own_bid(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> Mapping[str, object] | None:
    """The bid that is to be replaced or withdrawn, held until the transaction ends."""
    number = command.data.get("replaces") if command.act == "submit_bid" else command.data.get("bid")
    own = table.lock(unit.store, str(number)) if number else None
    return {"capability": own.capability, "status": own.status} if own is not None and own.lot == lot.id else None


def bid_exists(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> bool:
    return unit.store.version(f"{SEALED}/{command.data['bid']}") > 0


def live_bids(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> tuple[LiveBid, ...]:
    return table.live(unit.store, lot.id, lot.history["created"])
