"""Deposits of a lot, as far as every trade knows them: whose money it is, what is owed back by when, what may be kept [01 §1.8].

How money is told apart is each mechanism's own: a sealed bid names its reference inside, a registration is given one. What that means the
mechanism says as a `DepositBook`.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..errors import Problem
from ..ledger import Deposit
from ..lot import Lot
from ..trade import TradeType
from ..workcalendar import WorkCalendar
from .archiving import Archive
from .award import award_of
from .limits import limit

PAID, SHORT, LATE, MISSING, AMBIGUOUS, GUARANTEE = "paid", "short", "late", "missing", "ambiguous", "guarantee"
PERFORMANCE_BOND, PRICE = "performance_bond", "price"


@dataclass(frozen=True, slots=True)
class Payee:
    """For what a deposit was paid: the bid, or the application by its number, and whose it is."""

    bid: str
    name: str


@dataclass(frozen=True, slots=True)
class Check:
    """What one bid has paid. result: ``paid``, ``short``, ``late``, ``missing``, ``guarantee`` (a letter of guarantee instead of
    money), ``ambiguous`` (two bids name the same reference). doubts: about who paid."""

    bid: str
    result: str
    paid_fen: int
    numbers: tuple[int, ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refund:
    """A deposit that is owed back. since: what happened then makes it due; due: last instant, None without calendar of that year.
    rule: the period. keep: the ground on which the principal may still keep it, empty when nothing speaks against paying."""

    number: int
    bid: str
    amount_fen: int
    since: datetime
    due: datetime | None
    rule: str
    keep: str = ""


@dataclass(frozen=True)
class DepositBook:
    """How a mechanism tells deposits apart.

    secret: whether it must stay unknown who bids. closed: whether even the lot's own officials may not look at the money yet. payee: for
    what a deposit was paid, None while nothing tells. checks: what each bid or application has paid. owed: since when a deposit is owed
    back, and the point of the schedule from which its period counts. keepable: the ground on which that of a bid may be kept, empty for
    none. purpose: what the winner's deposit may become. recording: the act that follows a statement, empty when nothing waits for one.
    """

    secret: Callable[[Lot], bool]
    closed: Callable[[Lot], bool]
    payee: Callable[[Lot, Deposit], Payee | None]
    checks: Callable[[Lot, Sequence[Deposit]], list[Check]]
    owed: Callable[[Lot, Deposit], tuple[datetime | None, str]]
    keepable: Callable[[Lot, str], str]
    purpose: str
    recording: Callable[[Lot, Sequence[Deposit]], str]


def ended_at(lot: Lot) -> datetime | None:
    """When the lot ended without a contract; None while it has not."""
    outcome = (lot.part(Archive).outcome or lot.status).lower()
    return lot.history.get(outcome) if outcome in ("failed", "terminated", "invalidated") else None


def refunds(trade: TradeType, lot: Lot, deposits: Sequence[Deposit], calendar: WorkCalendar) -> list[Refund]:
    """Every held deposit that is owed back by now, the earliest due first [D-05, D-06]."""
    found = [r for d in deposits if (r := _refund(trade, lot, d, calendar)) is not None]
    return sorted(found, key=lambda r: (r.due is None, r.due or r.since, r.number))


def _refund(trade: TradeType, lot: Lot, deposit: Deposit, calendar: WorkCalendar) -> Refund | None:
    book = trade.deposits
    since, start = book.owed(lot, deposit)
    if since is None:
        return None
    found = limit(trade, lot, start, "deposit_returned", since, calendar)
    due, rule = (found.at, found.period.id) if found is not None else (None, trade.deposit.rule)
    payee = book.payee(lot, deposit)
    name = payee.bid if payee is not None else ""
    return Refund(deposit.number, name, deposit.receipt.amount_fen, since, due, rule, book.keepable(lot, name))


def forfeit_problems(trade: TradeType, lot: Lot, deposit: Deposit, ground: str) -> Iterator[Problem]:
    """A deposit may be kept only on the ground that the record shows for its bid [D-11]."""
    payee = trade.deposits.payee(lot, deposit)
    if payee is None:
        yield Problem("deposit.no_bid", "number", {"number": deposit.number})
    elif trade.deposits.keepable(lot, payee.bid) != ground:
        yield Problem("deposit.no_ground", "ground", {"ground": ground})


def apply_problems(trade: TradeType, lot: Lot, deposit: Deposit) -> Iterator[Problem]:
    """Only the winner's deposit can become another security, or part of the price."""
    payee, winner = trade.deposits.payee(lot, deposit), award_of(lot).standing
    if payee is None or winner is None or payee.bid != winner.bid:
        yield Problem("deposit.not_winners", "number", {"number": deposit.number})
