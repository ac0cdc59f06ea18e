"""The certificate of a transaction: issued once the contract binds and the price is paid as agreed [05 §5.7, 06 §6.6]."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import cast

from ..errors import Problem, refuse_if
from ..events import Event, Recorded
from ..identity import Role
from ..lot import Lot
from ..trade import Act, Command, Facts, Stage, TradeType
from . import lifecycle
from .contracting import Performance

FIRST = "first_percent"
"""The term that says which share of the price must be paid before the certificate; all of it where the notice states none."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """issued_at: None while none is issued."""

    number: str = ""
    issued_at: datetime | None = None


def paid_fen(lot: Lot) -> int:
    """What has been paid of the price, as noted."""
    return sum(n.amount_fen for n in lot.part(Performance).notes if n.kind == "payment")


def due_fen(lot: Lot) -> int:
    """What must have been paid, in fen: the whole price, or the first instalment rounded up."""
    price = cast("int", lot.part(Performance).terms.get("price_fen", 0))
    percent = Decimal(str(lot.terms.get(FIRST) or 100))
    return -int(-price * percent // 100)


def _issue(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    refuse_if(_problems(lot))
    terms = lot.part(Performance).terms
    said = {name: terms[name] for name in ("contract_number", "price_fen", "uscc") if name in terms}
    return [Event("certificate_issued", {"certificate_number": f"{lot.id}-C", "paid_fen": paid_fen(lot), **said})]


def _problems(lot: Lot) -> Iterator[Problem]:
    if lot.part(Certificate).issued_at is not None:
        yield Problem("certificate.issued_before")
    if paid_fen(lot) < due_fen(lot):
        yield Problem("certificate.not_paid", params={"paid_fen": paid_fen(lot), "due_fen": due_fen(lot)})


def _issued(lot: Lot, r: Recorded) -> Lot:
    done = replace(lot.part(Certificate), number=str(r.public["certificate_number"]), issued_at=r.at)
    return lot.with_part(done).with_schedule(certificate_issued=r.at)


EVOLVE = {"certificate_issued": _issued}
ACTS = (
    Act("issue_certificate", "certificate_issued", frozenset({Role.CENTRE}), _issue, irrevocable=True,
        documents=("transaction_certificate",), rule="05 §5.7"),
)  # fmt: skip
STAGE = Stage(lifecycle.CERTIFICATE, ACTS, EVOLVE, (Certificate,))
