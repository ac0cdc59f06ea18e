"""A bidder revokes its bid after the deadline: the whole bid leaves the tender, and the deposit may be kept [B-05, BLR 35, D-11].

Before the deadline a bid is withdrawn freely, see `bidding`. Here it was received and is bound: it is opened like every other, so that it
is known whose deposit may be kept, and from its revocation on nothing of it is evaluated. It may be revoked until the letter of award;
whom the letter names refuses the contract instead [BLR 74].
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from ..errors import Problem, Refused, refuse_if
from ..events import Event, Recorded, instant_text
from ..identity import Role
from ..lot import Lot
from ..stages import lifecycle
from ..stages.announcing import REASON
from ..stages.award import leave
from ..stages.suspending import phase
from ..trade import Act, Command, Facts, Stage, TradeType
from .assessment import Evaluation, unsettled
from .extending import Validity, bid_validity_end
from .opening import REVOKED, OpenedBid, Opening, openable, stages_at_opening, to_open

REVOKED_LATE = "revoked_after_deadline"


def revocable(lot: Lot, uscc: str) -> OpenedBid | None:
    """The bid of this bidder that it can still revoke: opened and valid, not left already; None when there is none."""
    part = lot.part(Opening)
    if not _read_out(lot):
        return None
    return next((b for b in part.valid() if b.uscc == uscc and b.bid not in lot.part(Validity).left), None)


def _revoke(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    refuse_if(() if _read_out(lot) else [Problem("revocation.not_opened")])
    bid = revocable(lot, str(facts["actor_uscc"]))
    if bid is None:
        raise Refused(Problem("revocation.no_bid"))
    refuse_if(_bound_problems(lot, bid.bid, command.received_at))
    events = [Event("bid_revoked", {"bid": bid.bid, "reason": command.data["reason"]})]
    stage = openable(lot)
    if stage is not None and to_open(lot, stage) == (bid.bid,):
        events.append(Event("stage_opened", {"stage": stage}))  # it was the last that waited
    return events


def _read_out(lot: Lot) -> bool:
    return all(s in lot.part(Opening).stages for s in stages_at_opening(lot))


def _bound_problems(lot: Lot, bid: str, now: datetime) -> Iterator[Problem]:
    """Who is bound no longer has nothing to revoke, and must not lose the deposit by it."""
    end = bid_validity_end(lot, bid)
    if end is not None and now >= end:
        yield Problem("revocation.bound_no_longer", params={"end": instant_text(end)})


def _revoked(lot: Lot, r: Recorded) -> Lot:
    """What was concluded with the bid while the committee works is concluded anew, as when a bid refuses to be bound longer."""
    part, bid = lot.part(Opening), str(r.public["bid"])
    after = lot.with_part(replace(part, bids={**part.bids, bid: replace(part.bids[bid], status=REVOKED)}))
    after = leave(after, bid, REVOKED_LATE)
    return after.with_part(unsettled(after.part(Evaluation))) if phase(lot) == "EVALUATING" else after


EVOLVE = {"bid_revoked": _revoked}

ACTS = (
    Act("revoke_bid", "bid_revoked", frozenset({Role.BIDDER}), _revoke, (REASON,), needs=frozenset({"actor_uscc"}), irrevocable=True,
        rule="BLR 35"),
)  # fmt: skip
STAGE = Stage(lifecycle.REVOCATION, ACTS, EVOLVE, ())
