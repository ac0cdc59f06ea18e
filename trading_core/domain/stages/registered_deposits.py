"""Deposits paid with a registration: each application has its own reference, so the money is told apart when it comes in [L-B4, 05 §5.3].

Losers get theirs back when the bidding is over, whoever was refused at once; the winner's becomes part of the price [L-T10, L-T14].
"""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ..ledger import Deposit
from ..lot import Lot
from .award import award_of
from .dealing import KEEPING
from .deposits import LATE, MISSING, PAID, PRICE, SHORT, Check, DepositBook, Payee, ended_at
from .registering import APPROVED, REFUSED, UNPAID, WITHDRAWN, Applicant, Registration, has_paid


def names_secret(lot: Lot) -> bool:
    """Whether who bids is a secret still: until the bidding has ended, one way or the other [L-B2]."""
    return "bidding_ended" not in lot.history and ended_at(lot) is None


def applicant_of(lot: Lot, deposit: Deposit) -> Applicant | None:
    reference = deposit.receipt.reference
    return next((a for a in lot.part(Registration).applicants if reference and a.reference == reference), None)


def _name(applicant: Applicant) -> str:
    return applicant.paddle or f"#{applicant.number}"


def _payee(lot: Lot, deposit: Deposit) -> Payee | None:
    found = applicant_of(lot, deposit)
    return Payee(_name(found), found.name) if found is not None else None


def _checks(lot: Lot, deposits: Sequence[Deposit]) -> list[Check]:
    wanted, found = lot.term_int("deposit_fen"), []
    for a in lot.part(Registration).applicants:
        own = [d for d in deposits if d.receipt.reference == a.reference]
        total = sum(d.receipt.amount_fen for d in own)
        result = PAID if has_paid(lot, a, own) else LATE if total >= wanted else SHORT if total else MISSING
        found.append(Check(_name(a), result, total, tuple(d.number for d in own)))
    return found


def _owed(lot: Lot, deposit: Deposit) -> tuple[datetime | None, str]:
    """Since when: refused or withdrawn at once, who paid too late with the end of registration, losers with the end of the bidding."""
    found, over = applicant_of(lot, deposit), lot.history.get("bidding_ended") or ended_at(lot)
    if found is None:
        return deposit.held_at if over else None, "registration_closed"
    if found.status in (REFUSED, WITHDRAWN):
        return max(deposit.held_at, found.settled_at or deposit.held_at), "registration_decided"
    if found.status == UNPAID:
        return max(deposit.held_at, lot.history["registration_closed"]), "registration_closed"
    winner = award_of(lot).standing
    if winner is not None and winner.bid == found.paddle:
        return lot.history.get("contract_signed"), "contract_signed"
    return over, "deal"


def _keepable(lot: Lot, bid: str) -> str:
    ground = award_of(lot).lost.get(bid, "")
    return ground if ground in KEEPING else ""


def _recording(lot: Lot, deposits: Sequence[Deposit]) -> str:
    """Whoever is approved and has paid now is admitted with the statement that says so."""
    part = lot.part(Registration)
    return "admit_bidders" if not part.closed and any(a.status == APPROVED and has_paid(lot, a, deposits) for a in part.applicants) else ""


BOOK = DepositBook(
    secret=names_secret, closed=lambda lot: False, payee=_payee, checks=_checks, owed=_owed, keepable=_keepable, purpose=PRICE,
    recording=_recording,
)
