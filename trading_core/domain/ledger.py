"""Deposits as double entries in two phases: held first, then given back with interest, forfeited or applied, and only once [01 §1.8].

Accounts of one lot, in fen, a plus is ours, a minus is owed: ``bank`` the money at hand, ``held/<number>`` what is owed for one
deposit, ``interest`` what was paid on top, ``forfeited`` owed to the principal, ``applied`` turned into another security. Every event
carries its postings, so anyone can add them up; they always sum to zero.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import cast

from .errors import Problem, Refused, refuse_if
from .events import Event, Recorded, instant_from, instant_text
from .money import interest
from .workcalendar import local_date

HELD, RETURNED, FORFEITED, APPLIED = "held", "returned", "forfeited", "applied"
BANK, INTEREST = "bank", "interest"
DEPOSITS_MAX = 5000


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money that came in, as the bank states it. serial: the bank's own number of the entry, unique for ever."""

    serial: str
    paid_at: datetime
    payer_name: str
    payer_account: str
    amount_fen: int
    reference: str


@dataclass(frozen=True, slots=True)
class Deposit:
    """One receipt in the ledger. number counts from 1 per lot. state: ``held``, ``returned``, ``forfeited`` or ``applied``."""

    number: int
    receipt: Receipt
    held_at: datetime
    state: str = HELD
    interest_fen: int = 0
    settled_at: datetime | None = None
    ground: str = ""

    @property
    def account(self) -> str:
        return f"{HELD}/{self.number}"


@dataclass(frozen=True, slots=True)
class Ledger:
    """The deposits of one lot and the balance of every account."""

    deposits: Mapping[int, Deposit] = field(default_factory=dict)
    balances: Mapping[str, int] = field(default_factory=dict)

    def held(self) -> tuple[Deposit, ...]:
        return tuple(d for d in self.deposits.values() if d.state == HELD)

    def by_serial(self, serial: str) -> Deposit | None:
        return next((d for d in self.deposits.values() if d.receipt.serial == serial), None)


Postings = Mapping[str, int]


# ------------------------------------------------------------------ decisions

def hold(ledger: Ledger, receipts: Iterable[Receipt]) -> list[Event]:
    """Hold what came in. A receipt that is already held is passed over, so the same statement may come twice.

    Raises `Refused` when a known serial comes back with another content.
    """
    events: list[Event] = []
    problems: list[Problem] = []
    for receipt in receipts:
        known = ledger.by_serial(receipt.serial)
        if known is None:
            events.append(_held(len(ledger.deposits) + len(events) + 1, receipt))
        elif known.receipt != receipt:
            problems.append(Problem("deposit.serial_changed", f"serial.{receipt.serial}", {"number": known.number}))
    if len(ledger.deposits) + len(events) > DEPOSITS_MAX:
        problems.append(Problem("deposit.too_many", params={"maximum": DEPOSITS_MAX}))
    refuse_if(problems)
    return events


def _held(number: int, receipt: Receipt) -> Event:
    """Amount and day are public, so that interest can be checked; who paid from where is not."""
    public = {"number": number, "amount_fen": receipt.amount_fen, "paid_at": instant_text(receipt.paid_at)}
    private = {
        "serial": receipt.serial, "payer_name": receipt.payer_name, "payer_account": receipt.payer_account, "reference": receipt.reference,
    }  # fmt: skip
    return Event("deposit_held", {**public, "postings": {BANK: receipt.amount_fen, f"{HELD}/{number}": -receipt.amount_fen}}, private)


def give_back(ledger: Ledger, number: int, annual_rate: Decimal, on: date) -> list[Event]:
    """Pay a deposit back with interest from the day it came in to `on` [D-05]; nothing when that was done before.

    annual_rate is a fraction. Raises `Refused` for a deposit that is unknown, forfeited or applied.
    """
    deposit = _settling(ledger, number, RETURNED)
    if deposit is None:
        return []
    principal = deposit.receipt.amount_fen
    days = max(0, (on - local_date(deposit.receipt.paid_at)).days)
    extra = interest(principal, annual_rate, days)
    postings = {deposit.account: principal, INTEREST: extra, BANK: -(principal + extra)}
    said = {"number": number, "amount_fen": principal, "interest_fen": extra, "days": days, "annual_rate": str(annual_rate)}
    return [Event("deposit_returned", {**said, "postings": postings})]


def forfeit(ledger: Ledger, number: int, ground: str) -> list[Event]:
    """Keep a deposit for the principal on a lawful ground [D-11]; nothing when that was done before. Raises `Refused`."""
    return _keep(ledger, number, FORFEITED, ground)


def apply(ledger: Ledger, number: int, purpose: str) -> list[Event]:
    """Turn a deposit into another security of its payer, such as the performance bond; nothing when that was done before."""
    return _keep(ledger, number, APPLIED, purpose)


def _keep(ledger: Ledger, number: int, state: str, ground: str) -> list[Event]:
    deposit = _settling(ledger, number, state)
    if deposit is None:
        return []
    amount = deposit.receipt.amount_fen
    return [Event(f"deposit_{state}", {"number": number, "ground": ground, "amount_fen": amount,
                                       "postings": {deposit.account: amount, state: -amount}})]  # fmt: skip


def _settling(ledger: Ledger, number: int, wanted: str) -> Deposit | None:
    """The held deposit that is to be settled, None when it is settled in this very way already."""
    deposit = ledger.deposits.get(number)
    if deposit is None:
        raise Refused(Problem("deposit.unknown", "number", {"number": number}))
    if deposit.state not in (HELD, wanted):
        raise Refused(Problem("deposit.settled_otherwise", "number", {"number": number, "state": deposit.state}))
    return deposit if deposit.state == HELD else None


# ------------------------------------------------------------------ what events mean

def evolve(ledger: Ledger, r: Recorded) -> Ledger:
    """The ledger after an event of its stream. ValueError when its postings do not sum to zero: such a record is broken."""
    p, number = r.public, cast("int", r.public["number"])
    postings = cast("Postings", p["postings"])
    if sum(postings.values()) != 0:
        raise ValueError(f"{r.stream}/{r.version}: postings do not balance")
    balances = dict(ledger.balances)
    for account, amount in postings.items():
        balances[account] = balances.get(account, 0) + amount
    if r.type == "deposit_held":
        deposit = Deposit(number, _receipt(r), r.at)
    else:
        extra, ground = cast("int", p.get("interest_fen", 0)), str(p.get("ground", ""))
        state = r.type.removeprefix("deposit_")
        deposit = replace(ledger.deposits[number], state=state, interest_fen=extra, settled_at=r.at, ground=ground)
    return Ledger({**ledger.deposits, number: deposit}, balances)


def _receipt(r: Recorded) -> Receipt:
    """As recorded; who paid is empty once the private part is erased."""
    private = r.private or {}
    serial, name, account, reference = (str(private.get(k, "")) for k in ("serial", "payer_name", "payer_account", "reference"))
    return Receipt(serial, instant_from(str(r.public["paid_at"])), name, account, cast("int", r.public["amount_fen"]), reference)


def fold(recorded: Iterable[Recorded]) -> Ledger:
    ledger = Ledger()
    for r in recorded:
        ledger = evolve(ledger, r)
    return ledger
