"""Bid deposits of a lot: which bid has paid, what is owed back to whom by when, what may be kept [01 §1.8, E-T19, E-T20].

Who paid is looked at only once the bids are open: a payer's name would tell who bids [BL 22]. Money is found again by a reference
code that the bidder chose and put inside the sealed bid.
"""
from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

from ..events import Event, Recorded
from ..identity import Role
from ..ledger import Deposit
from ..lot import Lot
from ..stages import lifecycle
from ..stages.award import award_of
from ..stages.deposits import (
    AMBIGUOUS,
    GUARANTEE,
    LATE,
    MISSING,
    PAID,
    PERFORMANCE_BOND,
    SHORT,
    Check,
    DepositBook,
    Payee,
    ended_at,
)
from ..trade import Act, Command, Facts, Stage, TradeType
from .awarding import AFTER_LETTER
from .doubts import NOT_RESPONSIVE
from .extending import Validity
from .opening import REVOKED, OpenedBid, Opening
from .payers import Deposits, doubts_of_payers
from .revoking import REVOKED_LATE
from .scoring import reconsidered

REFERENCE, WAY, TRANSFER = "deposit_reference", "deposit_way", "transfer"  # in the bid's form
FORFEIT_GROUNDS = (REVOKED_LATE, *AFTER_LETTER)
"""The closed list for which a deposit may be kept [D-11, BLR 35, 74]."""


def names_secret(lot: Lot) -> bool:
    """Whether it must stay unknown who bids: until the first envelopes are open, or the lot has ended without that [BL 22]."""
    return "stage_opened" not in lot.history and ended_at(lot) is None


# ------------------------------------------------------------------ matching

def owner(lot: Lot, deposit: Deposit) -> OpenedBid | None:
    """The bid that a deposit was paid for: the only opened one that names its reference."""
    found = _named_by(lot, deposit)
    return found[0] if len(found) == 1 else None


def _named_by(lot: Lot, deposit: Deposit) -> list[OpenedBid]:
    reference = deposit.receipt.reference
    return [b for b in lot.part(Opening).bids.values() if reference and b.form.get(REFERENCE) == reference]


def checks(lot: Lot, deposits: Sequence[Deposit]) -> list[Check]:
    """What each opened bid has paid, in the order of bid numbers. Money of a bid counts when it was there by the deadline."""
    uses = Counter(b.form.get(REFERENCE) for b in lot.part(Opening).bids.values())
    paid: dict[str, list[Deposit]] = defaultdict(list)
    for deposit in deposits:
        bid = owner(lot, deposit)
        if bid is not None:
            paid[bid.bid].append(deposit)
    return [_check(lot, bid, paid[bid.bid], uses) for _, bid in sorted(lot.part(Opening).bids.items())]


def _check(lot: Lot, bid: OpenedBid, paid: Sequence[Deposit], uses: Mapping[object, int]) -> Check:
    wanted, reference = cast("int", lot.terms.get("deposit_fen", 0)), bid.form.get(REFERENCE)
    in_time = sum(d.receipt.amount_fen for d in paid if d.receipt.paid_at <= lot.schedule["bid_deadline"])
    total = sum(d.receipt.amount_fen for d in paid)
    numbers, doubts = tuple(d.number for d in paid), tuple(doubts_of_payers(lot, bid, paid))
    if bid.form.get(WAY) == GUARANTEE:
        return Check(bid.bid, GUARANTEE, total, numbers, doubts)
    if reference and uses[reference] > 1:
        return Check(bid.bid, AMBIGUOUS, 0)
    if in_time >= wanted:
        return Check(bid.bid, PAID, total, numbers, doubts)
    return Check(bid.bid, LATE if total >= wanted else SHORT if total else MISSING, total, numbers, doubts)


def shared_accounts(lot: Lot, deposits: Sequence[Deposit]) -> list[list[str]]:
    """Groups of bids whose deposits came from one account: deemed collusion, for the committee and the supervisor to look at [D-10]."""
    bids: dict[str, set[str]] = defaultdict(set)
    for deposit in deposits:
        bid = owner(lot, deposit)
        if bid is not None and deposit.receipt.payer_account:
            bids[deposit.receipt.payer_account].add(bid.bid)
    return sorted(sorted(group) for group in bids.values() if len(group) > 1)


# ------------------------------------------------------------------ what is owed, what may be kept

def keepable(lot: Lot, bid: str) -> str:
    """The ground on which the deposit of a bid may be kept, empty when there is none."""
    opened, lost = lot.part(Opening).bids.get(bid), award_of(lot).lost.get(bid, "")
    if opened is not None and opened.status == REVOKED:
        return REVOKED_LATE
    return lost if lost in AFTER_LETTER else ""


def _owed_since(lot: Lot, deposit: Deposit) -> tuple[datetime | None, str]:
    """Since when, and the point from which its period counts. Money that no opened bid names, among it that of bids taken back in
    time, is owed since it was found: before, nobody may know whose it is."""
    bid, ended = owner(lot, deposit), ended_at(lot) or lot.history.get("contract_signed")
    if not _named_by(lot, deposit) and ("opening_finished" in lot.history or ended):
        return deposit.held_at, "bid_withdrawn"
    if bid is not None and bid.status == "withdrawn":
        return lot.history.get("opening_finished") or ended, "bid_withdrawn"
    if bid is not None and (left := lot.part(Validity).left.get(bid.bid)) is not None:
        return max(left, deposit.held_at), "bid_withdrawn"
    return max(ended, deposit.held_at) if ended else None, "contract_signed"


# ------------------------------------------------------------------ the act

def _checked(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Record what every bid has paid and what is doubtful of its payers, who are not named. Which bids shared an account is not public:
    a warning is no finding [D-10]."""
    deposits = cast("Sequence[Deposit]", facts["deposits"])
    nobody = [d for d in deposits if owner(lot, d) is None]
    return [Event("deposits_checked", {
        "bids": [{"bid": c.bid, "result": c.result, "paid_fen": c.paid_fen, **({"doubts": list(c.doubts)} if c.doubts else {})}
                 for c in checks(lot, deposits)],
        "unmatched": len(nobody), "unmatched_fen": sum(d.receipt.amount_fen for d in nobody),
    }, {"same_account": shared_accounts(lot, deposits)})]  # fmt: skip


def _kept(lot: Lot, r: Recorded) -> Lot:
    """What is new of the payers while bids are evaluated is voted on before any conclusion stands [D-02]."""
    bids, before = cast("Sequence[Mapping[str, object]]", r.public["bids"]), lot.part(Deposits).doubts
    doubts = {str(b["bid"]): tuple(cast("Sequence[str]", b["doubts"])) for b in bids if b.get("doubts")}
    lot = lot.with_part(Deposits({str(b["bid"]): str(b["result"]) for b in bids}, doubts))
    for bid, said in doubts.items():
        lot = lot if set(said) <= set(before.get(bid, ())) else reconsidered(lot, bid, NOT_RESPONSIVE)
    return lot


def _payee(lot: Lot, deposit: Deposit) -> Payee | None:
    bid = owner(lot, deposit)
    return Payee(bid.bid, bid.name) if bid is not None else None


BOOK = DepositBook(
    secret=names_secret, closed=names_secret, payee=_payee, checks=checks, owed=_owed_since, keepable=keepable, purpose=PERFORMANCE_BOND,
    recording=lambda lot, deposits: "check_deposits",
)
EVOLVE = {"deposits_checked": _kept}
ACTS = (
    Act("check_deposits", "deposits_checked", frozenset({Role.CENTRE}), _checked, needs=frozenset({"deposits"}), rule="D-02"),
)  # fmt: skip
STAGE = Stage(lifecycle.MONEY, ACTS, EVOLVE, (Deposits,))
