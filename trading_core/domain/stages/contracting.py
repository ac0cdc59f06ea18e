"""The contract, the report to the supervisor, performance and its end [02 §2.10, E-T17, E-T18, 01 §1.2]."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import cast

from ..errors import Problem, refuse_if
from ..events import Event, Recorded
from ..fields import Field
from ..identity import Role
from ..lot import Lot
from ..money import percent_cap, yuan_text
from ..trade import Act, Command, Facts, Stage, TradeType
from . import lifecycle
from .announcing import FILE, HOSTS, LATE, REASON
from .award import award_of, winner_problems
from .candidates import Candidate
from .delegating import principals
from .limits import limit, timeliness, too_early

NOTES_MAX = 1000


@dataclass(frozen=True, slots=True)
class Note:
    """A note on performance."""

    kind: str
    text: str
    at: datetime
    amount_fen: int = 0


@dataclass(frozen=True, slots=True)
class Performance:
    """The contract and what became of it. terms: as signed. confirmed_at: when the winner confirmed it. report_at: when the
    written report went to the supervisor. outcome: ``accepted`` or ``ended_early``."""

    terms: Mapping[str, object] = field(default_factory=dict)
    signed_at: datetime | None = None
    confirmed_at: datetime | None = None
    report_at: datetime | None = None
    notes: tuple[Note, ...] = ()
    outcome: str = ""


# ------------------------------------------------------------------ decisions

def contract_problems(trade: TradeType, lot: Lot, winner: Candidate, data: Mapping[str, object]) -> Iterator[Problem]:
    """Every point on which the contract departs from tender and bid: price, party, and the terms that the trade names [BL 46, BLR 57].

    The price is the bid price after a confirmed correction, never the evaluated price. What the bid leaves open the tender says.
    """
    wanted: dict[str, object] = {"price_fen": winner.price_fen, "uscc": winner.uscc}
    wanted |= {f.name: winner.form.get(f.name, lot.terms.get(f.name)) for f in trade.contract}
    for name, value in wanted.items():
        if value is not None and data.get(name) != value:
            yield Problem("contract.differs", name, {"contract": _told(name, data.get(name)), "bid": _told(name, value)})


def _told(name: str, value: object) -> object:
    return yuan_text(value) if name == "price_fen" and isinstance(value, int) else value


def _sign(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    award, data, now = award_of(lot), command.data, command.received_at
    problems = [*winner_problems(award), *too_early(trade, lot, "contract_signed", now, facts.calendar)]
    if award.standing is not None:
        problems += contract_problems(trade, lot, award.standing, data)
    price, bond = cast("int", data["price_fen"]), cast("int", data.get("performance_bond_fen", 0))
    cap = percent_cap(price, trade.performance_bond_percent, None)
    if bond > cap:
        problems.append(Problem("contract.bond_above_cap", "performance_bond_fen", {"bond_fen": bond, "cap_fen": cap}, "D-04"))
    due = limit(trade, lot, "award_letter", "contract_signed", award.letter_at or now, facts.calendar)
    timely = timeliness(due, now, data.get("late_reason"))
    if timely.get("late") and not timely["late_reason"]:
        problems.append(Problem("contract.late_reason_missing", "late_reason", {"due": timely["due"]}))
    refuse_if(problems)
    said = {k: v for k, v in data.items() if k not in ("files", "late_reason")}
    return [Event("contract_signed", {**said, "bid": award.winner, **timely}, {"files": data["files"]})]


def _confirm(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The other party says that this is the contract it signed [01 §1.2]."""
    part, problems = lot.part(Performance), []
    if part.terms.get("uscc") != facts["actor_uscc"]:
        problems.append(Problem("contract.not_your_contract", rule="01 §1.2"))
    if part.confirmed_at is not None:
        problems.append(Problem("contract.confirmed_before"))
    refuse_if(problems)
    return [Event("contract_confirmed", {"contract_number": part.terms["contract_number"]})]


def _report(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The report on the tender, for the supervisor only [BL 47]."""
    decided = award_of(lot).decided_at
    refuse_if([Problem("report.filed_before")] if lot.part(Performance).report_at else ())
    due = limit(trade, lot, "award_decided", "written_report", decided, facts.calendar) if decided else None
    timely = timeliness(due, command.received_at, command.data.get("late_reason"))
    return [Event("written_report_filed", timely, {"text": command.data["text"], "files": command.data.get("files", [])})]


def _start(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    return [Event("performance_started", {"started_on": command.data["started_on"]})]


def _note(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    full = len(lot.part(Performance).notes) >= NOTES_MAX
    refuse_if([Problem("performance.too_many_notes", params={"maximum": NOTES_MAX})] if full else ())
    said = {k: command.data[k] for k in ("kind", "text", "amount_fen") if k in command.data}
    return [Event("performance_noted", said, {"files": command.data.get("files", [])})]


def _accept(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    return [Event("accepted", {"text": command.data["text"]}, {"files": command.data["files"]})]


def _end(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    return [Event("contract_ended", {"reason": command.data["reason"]})]


# ------------------------------------------------------------------ what events mean

def _signed(lot: Lot, r: Recorded) -> Lot:
    after = lot.with_part(replace(lot.part(Performance), terms=r.public, signed_at=r.at))
    return after.with_schedule(contract_signed=r.at)


def _confirmed(lot: Lot, r: Recorded) -> Lot:
    return lot.with_part(replace(lot.part(Performance), confirmed_at=r.at))


def _filed(lot: Lot, r: Recorded) -> Lot:
    return lot.with_part(replace(lot.part(Performance), report_at=r.at)).with_schedule(written_report=r.at)


def _noted(lot: Lot, r: Recorded) -> Lot:
    p, part = r.public, lot.part(Performance)
    note = Note(str(p["kind"]), str(p["text"]), r.at, cast("int", p.get("amount_fen", 0)))
    return lot.with_part(replace(part, notes=(*part.notes, note)))


def _accepted(lot: Lot, r: Recorded) -> Lot:
    return lot.with_part(replace(lot.part(Performance), outcome="accepted"))


def _ended(lot: Lot, r: Recorded) -> Lot:
    return lot.with_part(replace(lot.part(Performance), outcome="ended_early"))


EVOLVE = {
    "contract_signed": _signed, "contract_confirmed": _confirmed, "written_report_filed": _filed, "performance_noted": _noted,
    "accepted": _accepted, "contract_ended": _ended,
}  # fmt: skip

FILES = Field("files", "list", minimum=1, maximum=20, fields=FILE)
MORE_FILES = replace(FILES, required=False, minimum=0)
TEXT = Field("text", "long_text")
ACTS = (
    Act("confirm_contract", "contract_confirmed", frozenset({Role.BIDDER}), _confirm, needs=frozenset({"actor_uscc"}), irrevocable=True,
        rule="BL 46"),
    Act("file_written_report", "written_report_filed", HOSTS, _report, (TEXT, MORE_FILES, LATE), rule="E-T17"),
    Act("start_performance", "performance_started", HOSTS, _start, (Field("started_on", "date"),)),
    Act("note_performance", "performance_noted", HOSTS, _note, (
        Field("kind", "choice", choices=("progress", "change", "payment", "delay", "quality", "other")), TEXT,
        Field("amount_fen", "money", required=False), MORE_FILES)),
    Act("accept", "accepted", HOSTS, principals(_accept), (TEXT, FILES), irrevocable=True),
    Act("end_contract", "contract_ended", HOSTS, principals(_end), (REASON,), irrevocable=True, documents=("notice",)),
)  # fmt: skip


def stage(terms: tuple[Field, ...]) -> Stage:
    """The contract and its performance; terms: what a contract of the trade states beside its number, price, party and bond."""
    form = (Field("contract_number", maximum=80), Field("price_fen", "money", minimum=1), Field("uscc", maximum=18), *terms,
            Field("performance_bond_fen", "money", required=False), FILES, LATE)  # fmt: skip
    sign = Act("sign_contract", "contract_signed", HOSTS, principals(_sign), form, irrevocable=True, documents=("contract_summary",),
               rule="E-T18")  # fmt: skip
    return Stage(lifecycle.CONTRACT, (sign, *ACTS), EVOLVE, (Performance,))
