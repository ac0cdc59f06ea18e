"""Deposits: statements come in, money goes back, and nothing moves twice [01 §1.8].

Where the money lies is a port: `DepositPort`. Built in is a ledger of our own, kept in the record as stream ``deposit/<lot>`` and fed
with the bank's statements; a bank or a platform for letters of guarantee is another implementation of the same port.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Protocol

import sqlalchemy as sa

from ..adapters.db import ledger as table
from ..adapters.db.store import Stored
from ..domain import engine
from ..domain import ledger as rules
from ..domain.errors import Forbidden, Problem, Refused, refuse_if
from ..domain.events import Event
from ..domain.identity import Actor, Role
from ..domain.ledger import Deposit, Ledger, Receipt
from ..domain.lot import Lot
from ..domain.permissions import LotContext, may_act_for_lot
from ..domain.stages.announcing import HOSTS
from ..domain.stages.deposits import Check, Payee, Refund, apply_problems, forfeit_problems, refunds
from ..domain.statement import read_statement
from ..domain.trade import Command, TradeType
from ..domain.workcalendar import local_date
from ..platform import Unit
from . import lots
from .organisations import signed_by

RATE_MAX = Decimal("0.05")
LOTS_MAX = 200
READERS = HOSTS | {Role.CENTRE, Role.SUPERVISOR}
"""Who may look at the deposits of a lot, as far as it is theirs."""


class DepositPort(Protocol):
    """What the platform asks of whoever keeps deposits. Every call may be repeated: what was done before is not done again."""

    def ledger(self, unit: Unit, lot_id: str) -> Ledger:
        """The deposits of a lot and their balances."""

    def hold(self, unit: Unit, actor: Actor, lot_id: str, receipts: Iterable[Receipt]) -> list[Stored]:
        """Hold money that came in."""

    def give_back(self, unit: Unit, actor: Actor, lot_id: str, number: int, annual_rate: Decimal) -> list[Stored]:
        """Pay a deposit back with interest to the day of the call."""

    def forfeit(self, unit: Unit, actor: Actor, lot_id: str, number: int, ground: str) -> list[Stored]:
        """Keep a deposit for the principal."""

    def apply(self, unit: Unit, actor: Actor, lot_id: str, number: int, purpose: str) -> list[Stored]:
        """Turn a deposit into another security."""


class BuiltInLedger:
    """The port kept in the record itself."""

    def ledger(self, unit: Unit, lot_id: str) -> Ledger:
        return rules.fold(s.recorded() for s in unit.store.read(f"deposit/{lot_id}"))

    def hold(self, unit: Unit, actor: Actor, lot_id: str, receipts: Iterable[Receipt]) -> list[Stored]:
        return self._append(unit, actor, lot_id, rules.hold(self.ledger(unit, lot_id), receipts))

    def give_back(self, unit: Unit, actor: Actor, lot_id: str, number: int, annual_rate: Decimal) -> list[Stored]:
        events = rules.give_back(self.ledger(unit, lot_id), number, annual_rate, local_date(unit.now))
        return self._append(unit, actor, lot_id, events)

    def forfeit(self, unit: Unit, actor: Actor, lot_id: str, number: int, ground: str) -> list[Stored]:
        return self._append(unit, actor, lot_id, rules.forfeit(self.ledger(unit, lot_id), number, ground))

    def apply(self, unit: Unit, actor: Actor, lot_id: str, number: int, purpose: str) -> list[Stored]:
        return self._append(unit, actor, lot_id, rules.apply(self.ledger(unit, lot_id), number, purpose))

    def _append(self, unit: Unit, actor: Actor, lot_id: str, events: list[Event]) -> list[Stored]:
        stream, signed = f"deposit/{lot_id}", [signed_by(actor, e.type, e.public, e.private) for e in events]
        return unit.store.append(stream, unit.store.version(stream), signed, unit.now)


LEDGER: DepositPort = BuiltInLedger()


# ------------------------------------------------------------------ money that comes in

@dataclass(frozen=True, slots=True)
class Imported:
    """What a statement brought: receipts held now, receipts known before, and the lot after its deposits were checked."""

    held: int
    known: int
    lot: Lot


def import_statement(unit: Unit, actor: Actor, lot_id: str, csv_text: str, port: DepositPort = LEDGER) -> Imported:
    """Hold what a bank statement lists and record what each bid has paid. The same statement may come again, or grown.

    csv_text: as docs/formats-deposits.md. Only the lot's centre. Raises `Refused` with every problem; before the bids are open it always
    does, because payers' names would tell who bids [BL 22].
    """
    lot = lots.find(unit, lot_id, lock=True)
    _check_kept_by(actor, lot)
    trade = lots.trade_of(unit, lot)
    if trade.deposits.closed(lot):
        refuse_if(engine.cited(trade, [Problem("deposit.names_secret")]))
    receipts = read_statement(csv_text)
    other = table.elsewhere(unit.store, lot_id, [r.serial for r in receipts])
    refuse_if(Problem("deposit.other_lot", f"serial.{serial}", {"lot": where}) for serial, where in other.items())
    held = port.hold(unit, actor, lot_id, receipts)
    act = trade.deposits.recording(lot, list(port.ledger(unit, lot_id).deposits.values()))
    after = lots.give(unit, lot_id, Command(act, actor, {}, unit.now)).lot if act else lot
    return Imported(len(held), len(receipts) - len(held), after)


# ------------------------------------------------------------------ looking at it

@dataclass(frozen=True, slots=True)
class Account:
    """The deposits of a lot. owners: number of a deposit to that for which it was paid; checks: what each bid or application has paid;
    due: what is owed back now."""

    lot: Lot
    trade: TradeType
    ledger: Ledger
    owners: Mapping[int, Payee]
    checks: Sequence[Check]
    due: Mapping[int, Refund]


def account(unit: Unit, actor: Actor, lot_id: str, port: DepositPort = LEDGER) -> Account:
    """The deposits of a lot, for its principal, agency, centre and supervisor.

    Raises `Forbidden` for others, and `Refused` for everybody until the bids are open: even how many payers there are would tell
    how many bid [BL 22].
    """
    lot = lots.find(unit, lot_id)
    if actor.role not in READERS or not may_act_for_lot(actor, LotContext(lot.parties)):
        raise Forbidden(Problem("deposit.centre_only"))
    trade = lots.trade_of(unit, lot)
    if trade.deposits.closed(lot):
        refuse_if(engine.cited(trade, [Problem("deposit.names_secret")]))
    ledger = port.ledger(unit, lot_id)
    owners = {number: payee for number, d in ledger.deposits.items() if (payee := trade.deposits.payee(lot, d)) is not None}
    paid = trade.deposits.checks(lot, list(ledger.deposits.values()))
    due = {r.number: r for r in refunds_of(unit, lot_id, port) if r.since <= unit.now}
    return Account(lot, trade, ledger, owners, paid, due)


def lots_with_deposits(unit: Unit, actor: Actor) -> list[str]:
    """The actor's lots for which a deposit was ever held, the newest first. None of them is before its opening."""
    newest = sa.func.max(table.deposit_table.c.held_at).desc()
    query = sa.select(table.deposit_table.c.lot).group_by(table.deposit_table.c.lot).order_by(newest, table.deposit_table.c.lot)
    found = unit.connection.execute(query).scalars()
    return list(islice((lot for lot in found if may_act_for_lot(actor, LotContext(lots.find(unit, lot).parties))), LOTS_MAX))


# ------------------------------------------------------------------ money that goes out

@dataclass(frozen=True, slots=True)
class RefundDue:
    """A refund of one lot; overdue: its last instant has passed."""

    lot: str
    refund: Refund
    overdue: bool


def refunds_due(unit: Unit, actor: Actor, now: datetime, port: DepositPort = LEDGER) -> list[RefundDue]:
    """Every deposit of the actor's lots that is owed back at `now`, the earliest due first [E-T19, E-T20]."""
    found = [
        RefundDue(lot_id, r, r.due is not None and now > r.due)
        for lot_id in table.lots_holding(unit.store)
        if may_act_for_lot(actor, LotContext(lots.find(unit, lot_id).parties))
        for r in refunds_of(unit, lot_id, port)
        if r.since <= now
    ]
    return sorted(found, key=lambda d: (d.refund.due is None, d.refund.due or d.refund.since, d.lot, d.refund.number))


def refunds_of(unit: Unit, lot_id: str, port: DepositPort = LEDGER) -> list[Refund]:
    """What one lot owes."""
    lot = lots.find(unit, lot_id)
    return refunds(lots.trade_of(unit, lot), lot, port.ledger(unit, lot_id).held(), unit.platform.calendar)


def give_back(unit: Unit, actor: Actor, lot_id: str, number: int, annual_rate: Decimal, port: DepositPort = LEDGER) -> list[Stored]:
    """Pay one deposit back with the bank's interest [D-05]. Only the lot's centre, only what is owed; a second call does nothing.

    annual_rate: the bank's deposit rate as a fraction (``Decimal("0.0035")``). Raises `Refused`.
    """
    _check_kept_by(actor, lots.find(unit, lot_id, lock=True))
    refuse_if(() if 0 <= annual_rate <= RATE_MAX else [Problem("deposit.rate", "annual_rate", {"maximum": str(RATE_MAX)}, "D-05")])
    deposit = _deposit(port.ledger(unit, lot_id), number)
    owed = deposit.state != rules.HELD or any(r.number == number for r in refunds_of(unit, lot_id, port))
    refuse_if(() if owed else [Problem("deposit.not_owed_yet", "number", {"number": number}, "D-05")])
    return port.give_back(unit, actor, lot_id, number, annual_rate)


def return_due(unit: Unit, actor: Actor, lot_id: str, annual_rate: Decimal, port: DepositPort = LEDGER) -> list[Stored]:
    """Pay back everything a lot owes, except what the principal may still keep. May run as often as one likes."""
    due = [r.number for r in refunds_of(unit, lot_id, port) if not r.keep]
    return [stored for number in due for stored in give_back(unit, actor, lot_id, number, annual_rate, port)]


def forfeit(unit: Unit, actor: Actor, lot_id: str, number: int, ground: str, port: DepositPort = LEDGER) -> list[Stored]:
    """Keep a deposit on a ground of the closed list that the record shows [D-11]. Only the lot's principal or agency."""
    lot, deposit = _hosted(unit, actor, lot_id, number, port)
    trade = lots.trade_of(unit, lot)
    refuse_if(engine.cited(trade, forfeit_problems(trade, lot, deposit, ground)))
    return port.forfeit(unit, actor, lot_id, number, ground)


def apply_to_bond(unit: Unit, actor: Actor, lot_id: str, number: int, port: DepositPort = LEDGER) -> list[Stored]:
    """Turn the winner's deposit into what the trade says: the performance bond, with the winner's consent, or part of the price. Only the
    lot's principal or agency."""
    lot, deposit = _hosted(unit, actor, lot_id, number, port)
    trade = lots.trade_of(unit, lot)
    refuse_if(engine.cited(trade, apply_problems(trade, lot, deposit)))
    return port.apply(unit, actor, lot_id, number, trade.deposits.purpose)


def _check_kept_by(actor: Actor, lot: Lot) -> None:
    """The money lies with the lot's own centre: another has nothing to do with it."""
    if actor.role is not Role.CENTRE or not may_act_for_lot(actor, LotContext(lot.parties)):
        raise Forbidden(Problem("deposit.centre_only"))


def _hosted(unit: Unit, actor: Actor, lot_id: str, number: int, port: DepositPort) -> tuple[Lot, Deposit]:
    lot = lots.find(unit, lot_id, lock=True)
    if actor.role not in HOSTS or not may_act_for_lot(actor, LotContext(lot.parties)):
        raise Forbidden(Problem("deposit.hosts_only"))
    return lot, _deposit(port.ledger(unit, lot_id), number)


def _deposit(ledger: Ledger, number: int) -> Deposit:
    deposit = ledger.deposits.get(number)
    if deposit is None:
        raise Refused(Problem("deposit.unknown", "number", {"number": number}))
    return deposit


# ------------------------------------------------------------------ facts

def deposits(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> Sequence[Deposit]:
    """All deposits of the lot."""
    return tuple(LEDGER.ledger(unit, lot.id).deposits.values())
