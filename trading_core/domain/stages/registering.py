"""Registration: who may take part, decided one by one while the notice runs, and under which number [04 §4.4 L-B1…L-B4, 05 §5.3].

Applicants are known to those who decide on them only; the public learns numbers. Who was approved and whose deposit came in time is
admitted under a number drawn by chance, which stands for the name until the end and tells nothing about the order of arrival [L-B2].
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast

from ..errors import Problem, refuse_if
from ..events import Event, Recorded, instant_from, instant_text
from ..fields import Field
from ..identity import Role
from ..ledger import Deposit
from ..lot import Lot
from ..trade import Act, Command, Decide, Facts, Stage, TradeType
from ..workcalendar import closing_day, end_of_day
from . import consortium, lifecycle
from .announcing import CLOCK, FILE, HOSTS, LATE, File, files_of
from .limits import limit, timeliness
from .suspending import standing_time

APPLIED, APPROVED, REFUSED, WITHDRAWN, ADMITTED, UNPAID = "applied", "approved", "refused", "withdrawn", "admitted", "unpaid"
APPLICANTS_MAX = 2_000
Ready = Callable[[Lot], Iterable[Problem]]
GRACE = timedelta(seconds=2)  # what arrived in time has a moment to be stored
OPENS, CLOSES = "registration_start", "registration_deadline"
CYCLE, CYCLES = "extension_workdays", "extension_cycles"
"""Terms by which a notice announces that it is prolonged while nobody is found."""


@dataclass(frozen=True, slots=True)
class Applicant:
    """One application. organisation: id. reference: the code by which its deposit is known. right: rank of the right of priority that it
    claims or was found to have, 1 the first, 0 none. status: one of the constants above. paddle: its number in the bidding. members: of
    a consortium, the applicant first. settled_at: when it was decided on or withdrawn."""

    number: int
    organisation: str
    name: str
    uscc: str
    at: datetime
    reference: str = ""
    files: tuple[File, ...] = ()
    members: tuple[consortium.Member, ...] = ()
    right: int = 0
    status: str = APPLIED
    reason: str = ""
    paddle: str = ""
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Registration:
    """All applications in the order of their arrival. closed: nobody else is admitted. extensions: how often the deadline was prolonged."""

    applicants: tuple[Applicant, ...] = ()
    closed: bool = False
    extensions: int = 0

    def live(self, organisation: str) -> Applicant | None:
        """The application of an organisation that still stands."""
        return next((a for a in reversed(self.applicants) if a.organisation == organisation and a.status not in (WITHDRAWN, REFUSED)), None)

    def numbered(self, number: object) -> Applicant | None:
        return next((a for a in self.applicants if a.number == number), None)

    def paddle(self, paddle: str) -> Applicant | None:
        return next((a for a in self.applicants if a.paddle == paddle), None) if paddle else None

    def admitted(self) -> tuple[Applicant, ...]:
        """Those who may bid, by their numbers."""
        return tuple(sorted((a for a in self.applicants if a.status == ADMITTED), key=lambda a: a.paddle))

    def paddle_of(self, organisation: str) -> str:
        """The number under which an organisation may bid, empty when it may not."""
        found = self.live(organisation)
        return found.paddle if found is not None and found.status == ADMITTED else ""


def asks_approval(lot: Lot) -> bool:
    """Whether somebody decides on each application; else whoever may apply is approved by applying."""
    return lot.terms.get("approval") is not False


# ------------------------------------------------------------------ decisions

def _applying(ready: Ready) -> Decide:
    def decide(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
        applicant = cast("Mapping[str, str]", facts["applicant"])
        refuse_if([*_apply_problems(lot, command, applicant, facts), *ready(lot)])
        return _applied(lot, command, applicant, facts)
    return decide


def _applied(lot: Lot, command: Command, applicant: Mapping[str, str], facts: Facts) -> list[Event]:
    together = consortium.members(command.data)
    members = {"members": consortium.stated(together)} if together else {}
    number = len(lot.part(Registration).applicants) + 1
    received = Event("registration_applied", {"number": number}, {
        **applicant, "files": command.data.get("files", []), "right": command.data.get("right", 0), "reference": facts["reference"],
        **members,
    })  # fmt: skip
    return [received] if asks_approval(lot) else [received, _decided_event(number, True, "", 0)]


def _apply_problems(lot: Lot, command: Command, applicant: Mapping[str, str], facts: Facts) -> Iterator[Problem]:
    part, now = lot.part(Registration), standing_time(lot, command.received_at)
    opens, closes = lot.schedule.get(OPENS), lot.schedule[CLOSES]
    if opens is not None and now < opens:
        yield Problem("registration.not_yet", params={"opens": instant_text(opens)})
    if now >= closes or part.closed:
        yield Problem("registration.late", params={"deadline": instant_text(closes)})
    if part.live(applicant["organisation"]) is not None:
        yield Problem("registration.applied_before")
    if any(m.uscc == applicant["uscc"] for a in part.applicants if a.status not in (WITHDRAWN, REFUSED) for m in a.members):
        yield Problem("registration.in_a_consortium")
    if len(part.applicants) >= APPLICANTS_MAX:
        yield Problem("registration.too_many", params={"maximum": APPLICANTS_MAX})
    if command.data.get(consortium.MEMBERS.name):
        yield from consortium.member_problems(command.data, applicant["uscc"], consortium.accepted(lot.terms))
    yield from cast("Sequence[Problem]", facts["applicant_conflicts"])
    yield from cast("Sequence[Problem]", facts["applicant_bans"])


def _withdraw(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Free until admitted; whoever is admitted has its deposit in the bidding."""
    found = lot.part(Registration).live(command.actor.organisation)
    if found is None or found.status == UNPAID:
        refuse_if([Problem("registration.none_of_yours")])
        return []
    refuse_if([Problem("registration.admitted_already")] if found.status == ADMITTED else ())
    return [Event("registration_withdrawn", {"number": found.number})]


def _decide(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Approve or refuse one application, with its reason; late never blocks [L-T04, T-15]."""
    data, found = command.data, lot.part(Registration).numbered(command.data["number"])
    problems = []
    if found is None:
        problems.append(Problem("registration.no_such_application", "number", {"number": data["number"]}))
    elif found.status != APPLIED:
        problems.append(Problem("registration.decided_before", "number", {"number": data["number"]}))
    if not data["approved"] and not data.get("reason"):
        problems.append(Problem("registration.reason_missing", "reason"))
    right = cast("int", data.get("right") or 0)
    if right and any(a.right == right and a.status in (APPROVED, ADMITTED) for a in lot.part(Registration).applicants):
        problems.append(Problem("registration.right_taken", "right", {"right": right}))
    refuse_if(problems)
    due = limit(trade, lot, "registration_applied", "registration_decided", cast("Applicant", found).at, facts.calendar)
    decided = _decided_event(cast("Applicant", found).number, bool(data["approved"]), str(data.get("reason", "")), right)
    return [replace(decided, public={**decided.public, **timeliness(due, command.received_at, data.get("late_reason"))})]


def _decided_event(number: int, approved: bool, reason: str, right: int) -> Event:
    return Event("registration_decided", {"number": number, "approved": approved}, {"reason": reason, "right": right})


def _admit(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Give a number to everybody approved whose deposit is there; nothing to do is refused, so that nobody thinks it was done."""
    events = list(_admitting(lot, facts))
    refuse_if(() if events else [Problem("registration.nobody_to_admit")])
    return events


def _close(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The deadline: whoever has paid by now is admitted, whoever has not is out, and so is what nobody approved [05 §5.3]. Where the notice
    says so and nobody is admitted, it is prolonged instead [R-T14]."""
    admitting = list(_admitting(lot, facts))
    if not admitting and not lot.part(Registration).admitted() and (moves := _prolonging(lot, facts)):
        return [Event("registration_extended", {"moves": moves})]
    return [*admitting, Event("registration_closed")]


def _prolonging(lot: Lot, facts: Facts) -> dict[str, dict[str, str]]:
    """Where the deadline and what lies after it move to, empty when the notice announces no prolongation, or none any more."""
    days, cycles = lot.terms.get(CYCLE), lot.terms.get(CYCLES)
    if not isinstance(days, int) or not isinstance(cycles, int) or lot.part(Registration).extensions >= cycles:
        return {}
    closes = lot.schedule[CLOSES]
    span = end_of_day(facts.calendar.add_workdays(closing_day(closes), days)) - end_of_day(closing_day(closes))
    ahead = [name for name, at in lot.schedule.items() if at >= closes]
    return {name: {"before": instant_text(lot.schedule[name]), "after": instant_text(lot.schedule[name] + span)} for name in sorted(ahead)}


def _admitting(lot: Lot, facts: Facts) -> Iterator[Event]:
    applicants, deposits = lot.part(Registration).applicants, cast("Sequence[Deposit]", facts["deposits"])
    taken = {a.paddle for a in applicants}
    free = iter([p for p in cast("Sequence[str]", facts["paddles"]) if p not in taken])
    paid = [a for a in applicants if a.status == APPROVED and has_paid(lot, a, deposits)]
    if paid:
        yield Event("bidders_admitted", {}, {"admitted": [{"number": a.number, "paddle": next(free)} for a in paid]})


def has_paid(lot: Lot, applicant: Applicant, deposits: Sequence[Deposit]) -> bool:
    """Whether the deposit of this application was there by the deadline: its reference tells which money is meant [L-B4]."""
    wanted, by = lot.terms.get("deposit_fen"), lot.schedule[CLOSES]
    if not isinstance(wanted, int) or not wanted:
        return True
    return sum(d.receipt.amount_fen for d in deposits if d.receipt.reference == applicant.reference and d.receipt.paid_at <= by) >= wanted


# ------------------------------------------------------------------ what events mean

def _received(lot: Lot, r: Recorded) -> Lot:
    part, p = lot.part(Registration), cast("Mapping[str, str]", r.private or {})
    one = Applicant(
        cast("int", r.public["number"]), p["organisation"], p["name"], p["uscc"], r.at, p["reference"], tuple(files_of(p["files"])),
        consortium.read(p.get("members")), cast("int", cast("Mapping[str, object]", p)["right"]),
    )  # fmt: skip
    return lot.with_part(replace(part, applicants=(*part.applicants, one)))


def _changed(lot: Lot, number: object, **changes: object) -> Lot:
    part = lot.part(Registration)
    done = tuple(replace(a, **changes) if a.number == number else a for a in part.applicants)  # type: ignore[arg-type]
    return lot.with_part(replace(part, applicants=done))


def _withdrawn(lot: Lot, r: Recorded) -> Lot:
    return _changed(lot, r.public["number"], status=WITHDRAWN, settled_at=r.at)


def _decided(lot: Lot, r: Recorded) -> Lot:
    private = r.private or {}
    status = APPROVED if r.public["approved"] else REFUSED
    return _changed(lot, r.public["number"], status=status, reason=str(private.get("reason", "")), right=private.get("right", 0),
                    settled_at=r.at)


def _admitted(lot: Lot, r: Recorded) -> Lot:
    for one in cast("Sequence[Mapping[str, object]]", (r.private or {}).get("admitted", ())):
        lot = _changed(lot, one["number"], status=ADMITTED, paddle=str(one["paddle"]))
    return lot


def _closed(lot: Lot, r: Recorded) -> Lot:
    part = lot.part(Registration)
    out = {APPROVED: UNPAID, APPLIED: REFUSED}
    done = tuple(replace(a, status=out[a.status], settled_at=r.at) if a.status in out else a for a in part.applicants)
    return lot.with_part(replace(part, applicants=done, closed=True))


def _extended(lot: Lot, r: Recorded) -> Lot:
    part, moves = lot.part(Registration), cast("Mapping[str, Mapping[str, str]]", r.public["moves"])
    after = lot.with_schedule(**{name: instant_from(m["after"]) for name, m in moves.items()})
    return after.with_part(replace(part, extensions=part.extensions + 1))


EVOLVE = {
    "registration_applied": _received, "registration_withdrawn": _withdrawn, "registration_decided": _decided,
    "bidders_admitted": _admitted, "registration_extended": _extended, "registration_closed": _closed,
}  # fmt: skip

BIDDER = frozenset({Role.BIDDER})
ADMITTING = frozenset({"deposits", "paddles"})


def _closes(trade: TradeType, lot: Lot) -> datetime | None:
    closes = lot.schedule.get(CLOSES)
    return closes + GRACE if closes is not None and not lot.part(Registration).closed else None


ACTS = (
    Act("withdraw_application", "registration_withdrawn", BIDDER, _withdraw, irrevocable=True, rule="L-B1"),
    Act("decide_application", "registration_decided", HOSTS, _decide, (
        Field("number", "integer", minimum=1), Field("approved", "boolean"), Field("reason", "long_text", required=False, maximum=2000),
        Field("right", "integer", required=False, minimum=0, maximum=20, rule="05 §5.6"), LATE), rule="L-T04"),
    Act("admit_bidders", "bidders_admitted", frozenset({Role.CENTRE}), _admit, needs=ADMITTING, rule="L-B2"),
    Act("close_registration", "registration_closed", CLOCK, _close, due=_closes, needs=ADMITTING, rule="L-T03"),
)  # fmt: skip


def stage(ready: Ready = lambda lot: ()) -> Stage:
    """Registration; ready: what must still be done before anybody can register."""
    apply = Act("apply_to_bid", "registration_applied", BIDDER, _applying(ready), (
        Field("files", "list", required=False, maximum=20, fields=FILE), consortium.MEMBERS,
        Field("right", "integer", required=False, minimum=0, maximum=20, rule="05 §5.6")),
        needs=frozenset({"applicant", "applicant_conflicts", "applicant_bans", "reference"}), rule="L-T03")  # fmt: skip
    return Stage(lifecycle.REGISTRATION, (apply, *ACTS), EVOLVE, (Registration,))


STAGE = stage()
