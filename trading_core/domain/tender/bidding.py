"""Sealed bids: submit, replace, withdraw, and the moment after which nothing comes in [01 §1.6].

A bid is a stream of its own, ``sealed/<bid>``, whose events show nothing to the public until the opening: the public part is empty
and the type is the same for all, so the record does not tell what arrived, from whom, or for which lot. `what` in the private part
says it. Among the bids lie entries that mean nothing, so that counting does not help either.
"""
from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from ..draw import bid_root
from ..errors import Problem, refuse_if
from ..events import Event, Recorded, instant_from, instant_text
from ..fields import Field
from ..identity import Role
from ..lot import Lot
from ..stages import lifecycle
from ..stages.announcing import CLOCK, Announcement
from ..stages.draws import PARAMETER, unpromised
from ..trade import Act, Command, Facts, Stage, TradeType
from .trustees import Trustees, stage_names

SEALED = "sealed"
CLOSING_GRACE = timedelta(seconds=2)  # requests that arrived in time have this long to be stored before the bids are counted
BID = Field("bid", maximum=32)
ENVELOPE = (Field("name", maximum=40), Field("object", "hash"), Field("size", "integer", minimum=1))


@dataclass(frozen=True, slots=True)
class SealedEnvelope:
    """A stored ciphertext: which envelope, its hash and size."""

    name: str
    object: str
    size: int


@dataclass(frozen=True, slots=True)
class LiveBid:
    """A bid as the deadline finds it. document_version: of the tender document for which it was made. disclosure: its event's place,
    private text and salt, to be published."""

    bid: str
    received_at: datetime
    commitment: str
    document_version: int
    envelopes: tuple[SealedEnvelope, ...]
    disclosure: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Closing:
    """What the deadline found."""

    bids: tuple[LiveBid, ...] = ()
    bid_root: str = ""


def of_superseded_document(lot: Lot) -> Mapping[str, int]:
    """Counted bids made for an earlier version of the tender document than the last, with that version. They count: whoever does not
    replace a bid after an amendment leaves it as it is [A-06]."""
    current = lot.part(Announcement).current
    return {b.bid: b.document_version for b in lot.part(Closing).bids if b.document_version < current}


def effective_deadline(lot: Lot, now: datetime) -> datetime:
    """The deadline, moved along while the lot is suspended: frozen time does not run [T-12]."""
    deadline = lot.schedule["bid_deadline"]
    return deadline + (now - lot.suspended_at) if lot.suspended_at is not None else deadline


def capability(secret: str) -> str:
    """What is kept of the bidder's secret. Holding the secret is what makes a bid one's own before the opening."""
    return hashlib.sha256(bytes.fromhex(secret)).hexdigest()


def readiness(lot: Lot) -> Iterator[Problem]:
    """What is still to be done before bids can be taken: every key rehearsed, and K, where it is drawn, promised by both parties, so that
    no bid comes in to an opening that cannot draw it [02 §2.7.2]."""
    if not lot.part(Trustees).ready(stage_names(lot)):
        yield Problem("trustee.not_ready")
    if missing := unpromised(lot, PARAMETER):
        yield Problem("draw.not_promised", params={"parties": ", ".join(missing)}, rule="02 §2.7.2")


def _time_problems(lot: Lot, command: Command) -> Iterator[Problem]:
    opens = lot.history.get("issuing_started") or lot.history.get("invitations_sent")
    opens = opens or lot.history.get("prequalification_decided")
    deadline = effective_deadline(lot, command.received_at)
    if opens is None:
        yield Problem("bid.not_yet", params={"opens": instant_text(lot.schedule["issue_start"])})
    if command.received_at >= deadline:
        yield Problem("bid.late", params={"deadline": instant_text(deadline), "received": instant_text(command.received_at)}, rule="B-02")
    elif lot.status not in ("ISSUING", "BIDDING", "SUSPENDED"):
        yield Problem("bid.closed_meanwhile", params={"state": lot.status}, rule="B-03")


def _envelope_problems(lot: Lot, data: Mapping[str, object], unfit: Sequence[Problem]) -> Iterator[Problem]:
    """Each envelope there, and sealed as the lot asks: all faults at once [B-11]."""
    given = [str(e["name"]) for e in cast("Sequence[Mapping[str, object]]", data["envelopes"])]
    for name in stage_names(lot):
        if given.count(name) != 1:
            yield Problem("bid.envelope_missing", f"envelopes.{name}", {"name": name, "count": given.count(name)}, "B-11")
    for name in sorted(set(given) - set(stage_names(lot))):
        yield Problem("bid.envelope_unknown", f"envelopes.{name}", {"name": name}, "B-11")
    yield from unfit


def _submit(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """One sealed bid. Eligibility was checked in passing: the fact tells only whether, and is not kept with a name [B-15]."""
    data = command.data
    problems = list(_time_problems(lot, command))
    problems += readiness(lot)
    if lot.part(Trustees).ready(stage_names(lot)):
        problems += _envelope_problems(lot, data, cast("Sequence[Problem]", facts["envelope_problems"]))
    if data["document_version"] != lot.part(Announcement).current:
        problems.append(Problem("bid.old_document", "document_version", {"current": lot.part(Announcement).current}, "A-06"))
    problems += cast("Sequence[Problem]", facts["eligibility"])
    problems += _replacing_problems(data, cast("Mapping[str, object] | None", facts["own_bid"]))
    if facts["bid_exists"]:
        problems.append(Problem("bid.number_taken", "bid"))
    refuse_if(problems)
    return [Event(SEALED, {}, {
        "what": "received", "lot": lot.id, "attempt": lot.attempt, "bid": data["bid"], "capability": data["capability"],
        "commitment": data["commitment"], "document_version": data["document_version"], "received_at": instant_text(command.received_at),
        "envelopes": data["envelopes"], "replaces": data.get("replaces", ""),
    })]  # fmt: skip


def _replacing_problems(data: Mapping[str, object], own: Mapping[str, object] | None) -> Iterator[Problem]:
    if data.get("replaces"):
        yield from _capability_problems(own, str(data.get("replaces_secret", "")), "replaces")


def _capability_problems(own: Mapping[str, object] | None, secret: str, path: str) -> Iterator[Problem]:
    try:
        matches = own is not None and hmac.compare_digest(capability(secret), str(own["capability"]))
    except ValueError:
        matches = False
    if own is None or not matches:
        yield Problem("bid.not_yours", path)
    elif own["status"] != "live":
        yield Problem("bid.not_live", path, {"status": own["status"]}, "B-12")


def _withdraw(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Before the deadline a bid may be taken back; it stays sealed for ever [B-01, B-12]."""
    data = command.data
    problems = [p for p in _time_problems(lot, command) if p.code != "bid.not_yet"]
    problems += _capability_problems(cast("Mapping[str, object] | None", facts["own_bid"]), str(data["secret"]), "bid")
    refuse_if(problems)
    return [Event(SEALED, {}, {"what": "withdrawn", "lot": lot.id, "bid": data["bid"]})]


def cover(number: str) -> Event:
    """An entry that means nothing, so that sealed entries do not tell how many bids there are."""
    return Event(SEALED, {}, {"what": "cover", "number": number})


# ------------------------------------------------------------------ the deadline

def _close(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Count the live bids, publish what was received, and fail the lot when they are too few [F-01]."""
    bids = cast("Sequence[LiveBid]", facts["live_bids"])
    root = bid_root([e.object for b in bids for e in b.envelopes])
    events = [
        Event("closed", {
            "deadline": instant_text(lot.schedule["bid_deadline"]), "count": len(bids), "bid_root": root,
            "bids": [{"bid": b.bid, "received_at": instant_text(b.received_at), "commitment": b.commitment,
                      "document_version": b.document_version,
                      "envelopes": [{"name": e.name, "object": e.object, "size": e.size} for e in b.envelopes]} for b in bids],
        })
    ]  # fmt: skip
    if len(bids) < trade.min_bids:
        events.append(Event("failed", {"reason": "F-01", "count": len(bids), "minimum": trade.min_bids}))
    return events + [Event("disclosed", b.disclosure) for b in bids]


def _closed(lot: Lot, r: Recorded) -> Lot:
    bids = tuple(_live(b) for b in cast("list[Mapping[str, object]]", r.public["bids"]))
    return lot.with_part(Closing(bids, str(r.public["bid_root"])))


def _live(b: Mapping[str, object]) -> LiveBid:
    sealed = tuple(
        SealedEnvelope(str(e["name"]), str(e["object"]), cast("int", e["size"]))
        for e in cast("list[Mapping[str, object]]", b["envelopes"])
    )
    return LiveBid(str(b["bid"]), instant_from(str(b["received_at"])), str(b["commitment"]), cast("int", b["document_version"]), sealed, {})


EVOLVE = {"closed": _closed}

ACTS = (
    Act("submit_bid", "bid_submitted", frozenset({Role.BIDDER}), _submit, (
        BID, Field("capability", "hash"), Field("commitment", "hash"), Field("salt", "hash", secret=True),
        Field("document_version", "integer", minimum=1),
        Field("envelopes", "list", minimum=1, maximum=8, fields=ENVELOPE), Field("replaces", required=False, maximum=32),
        Field("replaces_secret", required=False, maximum=64)),
        needs=frozenset({"envelope_problems", "eligibility", "own_bid", "bid_exists"}), own_stream=True, rule="B-04"),
    Act("withdraw_bid", "bid_submitted", frozenset({Role.BIDDER}), _withdraw, (BID, Field("secret", maximum=64)),
        needs=frozenset({"own_bid"}), own_stream=True, irrevocable=True, rule="B-01"),
    Act("close", "closed", CLOCK, _close, needs=frozenset({"live_bids"}),
        due=lambda _, lot: lot.schedule["bid_deadline"] + CLOSING_GRACE if "bid_deadline" in lot.schedule else None, rule="E-T09"),
)  # fmt: skip
STAGE = Stage(lifecycle.BIDDING, ACTS, EVOLVE, (Closing,))
