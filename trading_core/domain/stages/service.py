"""A service from its beginning to its end: paused for the owner's reasons, ended with its report, rated by both sides [07 §7.3]."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from ..errors import Problem, refuse_if
from ..events import Event, Recorded
from ..fields import Field
from ..identity import Role
from ..lot import Lot
from ..trade import Act, Command, Facts, Stage, TradeType
from ..workcalendar import DAY, WorkCalendar, local_date
from . import lifecycle
from .announcing import FILE, HOSTS, REASON
from .contracting import Performance

PROMISED = "service_workdays"
"""The term that promises within how many working days the service is done."""


@dataclass(frozen=True, slots=True)
class Service:
    """began: the first day. pauses: first and last day of each, the last one open. ended_at, report: of its end as the intermediary
    registered it. ratings: by whom, with the points."""

    began: date | None = None
    pauses: tuple[tuple[date, date | None], ...] = ()
    ended_at: datetime | None = None
    report: str = ""
    ratings: tuple[tuple[str, int], ...] = ()

    @property
    def paused(self) -> bool:
        return bool(self.pauses) and self.pauses[-1][1] is None


def used_workdays(service: Service, last: date, calendar: WorkCalendar) -> int:
    """Working days that the service has taken up to a day, both its first day and its pauses left out."""
    if service.began is None:
        return 0
    idle = {first + i * DAY for first, end in service.pauses for i in range(((end or last) - first).days + 1)}
    days = (service.began + i * DAY for i in range(1, (last - service.began).days + 1))
    return sum(calendar.is_workday(d) and d not in idle for d in days)


def _own(lot: Lot, facts: Facts) -> Iterator[Problem]:
    if lot.part(Performance).terms.get("uscc") != facts["actor_uscc"]:
        yield Problem("contract.not_your_contract")


def _pause(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    service = lot.part(Service)
    refuse_if([Problem("service.paused_before")] if service.paused else _ended(service))
    return [Event("service_paused", {"day": local_date(command.received_at).isoformat(), "reason": command.data["reason"]})]


def _go_on(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    refuse_if(() if lot.part(Service).paused else [Problem("service.not_paused")])
    return [Event("service_continued", {"day": local_date(command.received_at).isoformat()})]


def _end(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The intermediary registers the end with the number of its report; how long it took follows from the record."""
    service, last = lot.part(Service), local_date(command.received_at)
    refuse_if([*_own(lot, facts), *_ended(service)])
    promised, used = lot.term_int(PROMISED), used_workdays(service, last, facts.calendar)
    kept = {"promised_workdays": promised, "used_workdays": used, "on_time": used <= promised}
    return [Event("service_ended", {"report_number": command.data["report_number"], **kept}, {"files": command.data["files"]})]


def _ended(service: Service) -> Iterator[Problem]:
    if service.ended_at is not None:
        yield Problem("service.ended_before")


def _rate(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Owner and intermediary rate each other; silence is no satisfaction [07 §7.3]."""
    side = "intermediary" if command.actor.role is Role.BIDDER else "owner"
    found = list(_own(lot, facts)) if side == "intermediary" else []
    if side in dict(lot.part(Service).ratings):
        found.append(Problem("service.rated_before"))
    refuse_if(found)
    return [Event("service_rated", {"side": side, "points": command.data["points"]}, {"comment": command.data.get("comment", "")})]


def _began(lot: Lot, r: Recorded) -> Lot:
    return lot.with_part(replace(lot.part(Service), began=date.fromisoformat(str(r.public["started_on"]))))


def _paused(lot: Lot, r: Recorded) -> Lot:
    part = lot.part(Service)
    return lot.with_part(replace(part, pauses=(*part.pauses, (date.fromisoformat(str(r.public["day"])), None))))


def _continued(lot: Lot, r: Recorded) -> Lot:
    part = lot.part(Service)
    done = (part.pauses[-1][0], date.fromisoformat(str(r.public["day"])) - DAY)
    return lot.with_part(replace(part, pauses=(*part.pauses[:-1], done)))


def _done(lot: Lot, r: Recorded) -> Lot:
    return lot.with_part(replace(lot.part(Service), ended_at=r.at, report=str(r.public["report_number"])))


def _rated(lot: Lot, r: Recorded) -> Lot:
    part = lot.part(Service)
    return lot.with_part(replace(part, ratings=(*part.ratings, (str(r.public["side"]), int(str(r.public["points"]))))))


EVOLVE = {
    "performance_started": _began, "service_paused": _paused, "service_continued": _continued, "service_ended": _done,
    "service_rated": _rated,
}  # fmt: skip
OWN = frozenset({"actor_uscc"})
ACTS = (
    Act("pause_service", "service_paused", HOSTS, _pause, (REASON,), rule="07 §7.3"),
    Act("continue_service", "service_continued", HOSTS, _go_on, rule="07 §7.3"),
    Act("register_service_end", "service_ended", frozenset({Role.BIDDER}), _end, (
        Field("report_number", maximum=80), Field("files", "list", minimum=1, maximum=20, fields=FILE)), needs=OWN, rule="07 §7.3"),
    Act("rate_service", "service_rated", HOSTS | {Role.BIDDER}, _rate, (
        Field("points", "integer", minimum=0, maximum=100), Field("comment", "long_text", required=False, maximum=2000)), needs=OWN,
        irrevocable=True, rule="07 §7.3"),
)  # fmt: skip
STAGE = Stage(lifecycle.SERVICE, ACTS, EVOLVE, (Service,))
