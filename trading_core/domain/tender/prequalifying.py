"""Prequalification: who may bid is decided before documents are given out [01 §1.2.2, 02 §2.12].

Applicants are known to the tenderer and its reviewers only: their names stand in private parts, and the public learns numbers.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from ..errors import Problem, refuse_if
from ..events import Event, Recorded, instant_from, instant_text
from ..fields import Field
from ..identity import Role
from ..lot import Lot
from ..stages import consortium, lifecycle
from ..stages.announcing import (
    CLOCK,
    FILE,
    HOSTS,
    PUBLISHING,
    Announcement,
    File,
    files_of,
    notice,
    readiness_problems,
    schedule_problems,
    second_person,
    way_problems,
)
from ..stages.issuing import started, starting
from ..trade import Act, Command, Facts, Stage, TradeType
from .bidding import CLOSING_GRACE

APPLICANTS_MAX = 500
ALL_WHO_MEET, LIMITED = "all_who_meet", "limited_number"  # 合格制, 有限数量制 [E-I3]


@dataclass(frozen=True, slots=True)
class Application:
    """One application. organisation: id of the applicant. files: for whoever reviews it. members: of a consortium, which is formed
    before it applies, the applicant first [B-07]. passed: None until decided."""

    number: int
    organisation: str
    name: str
    uscc: str
    files: tuple[File, ...] = ()
    passed: bool | None = None
    reason: str = ""
    members: tuple[consortium.Member, ...] = ()


@dataclass(frozen=True, slots=True)
class Prequalification:
    """The applications in the order of their arrival."""

    applications: tuple[Application, ...] = ()

    def qualified(self) -> frozenset[str]:
        """Codes of the organisations that may bid."""
        return frozenset(a.uscc for a in self.applications if a.passed)

    def concerned(self) -> frozenset[str]:
        """Codes of those on whom a committee decides: everybody who applied, and once that is decided those who may bid; every member
        of a consortium by its own."""
        return frozenset(code for a in self.applications if a.passed is not False for code in (a.uscc, *(m.uscc for m in a.members)))


def invited(lot: Lot, uscc: str) -> bool:
    """Whether an organisation was invited by name [E-I1]."""
    return any(i.uscc == uscc for i in lot.part(Announcement).invitees)


def may_bid(lot: Lot, uscc: str) -> Iterator[Problem]:
    """Why an organisation may not bid as far as invitation and prequalification go; nothing when it may [E-I1, E-I2]."""
    if lot.term_text("tender_way", "open") == "invited" and not invited(lot, uscc):
        yield Problem("bid.not_invited")
    if lot.term_text("qualification_way", "post") == "pre" and uscc not in lot.part(Prequalification).qualified():
        yield Problem("bid.not_prequalified")


def _publish(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    found = [*readiness_problems(trade, lot, facts, command.received_at), *way_problems(lot, "open", "pre"), *second_person(lot, facts)]
    for name in ("prequalification_issue_start", "prequalification_issue_end", "application_deadline"):
        if name not in lot.schedule:
            found.append(Problem("field.required", f"schedule.{name}"))
    refuse_if(found)
    return [Event("prequalification_published", notice(trade, lot, facts))]


def _apply(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    part, applicant = lot.part(Prequalification), cast("Mapping[str, str]", facts["applicant"])
    found = []
    if command.received_at >= lot.schedule["application_deadline"]:
        deadline = instant_text(lot.schedule["application_deadline"])
        found.append(Problem("prequalification.late", params={"deadline": deadline}))
    elif lot.status != "PREQ_ISSUING":
        found.append(Problem("prequalification.closed_meanwhile", rule="B-03"))
    if any(a.uscc == applicant["uscc"] for a in part.applications):
        found.append(Problem("prequalification.applied_before"))
    if len(part.applications) >= APPLICANTS_MAX:
        found.append(Problem("prequalification.too_many", params={"maximum": APPLICANTS_MAX}))
    if command.data.get(consortium.MEMBERS.name):
        found += consortium.member_problems(command.data, applicant["uscc"], consortium.accepted(lot.terms))
    found += cast("Sequence[Problem]", facts["applicant_conflicts"])
    refuse_if(found)
    together = consortium.members(command.data)
    members = {"members": consortium.stated(together)} if together else {}
    return [Event("application_received", {}, {**applicant, "files": command.data["files"], **members})]


def _close(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Nobody can qualify who did not apply: with fewer applications than must qualify there is nothing left to review [F-08]."""
    count, least = len(lot.part(Prequalification).applications), trade.min_qualified
    few = [Event("failed", {"reason": "F-08", "count": count, "minimum": least})] if count < least else []
    return [Event("prequalification_closed"), *few]


def _closes(trade: TradeType, lot: Lot) -> datetime | None:
    """What arrived in time has a moment to be stored, as bids have."""
    deadline = lot.schedule.get("application_deadline")
    return deadline + CLOSING_GRACE if deadline is not None else None


def _own_review(trade: TradeType, lot: Lot) -> Iterator[Problem]:
    """Where a committee reviews, the tenderer carries out what it found and nothing else [BLR 18]."""
    if trade.review_committee(lot.terms):
        yield Problem("prequalification.by_committee")


def _review(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    refuse_if(_own_review(trade, lot))
    return [Event("prequalification_review_started")]


def _decide(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The tenderer's own review: everybody gets a result with its reason [E-I2, E-I3]."""
    refuse_if(_own_review(trade, lot))
    data = command.data
    given = {cast("int", r["number"]): r for r in cast("Sequence[Mapping[str, object]]", data["results"])}
    results = {n: {"number": n, "passed": r["passed"], "reason": r.get("reason", "")} for n, r in sorted(given.items())}
    return decided(trade, lot, command, facts, results, {"method": data["method"]}, _result_problems(lot, data, given, trade.min_qualified))


def decided(
    trade: TradeType, lot: Lot, command: Command, facts: Facts, results: Mapping[int, Mapping[str, object]],
    said: Mapping[str, object], problems: Iterable[Problem] = (),
) -> list[Event]:  # fmt: skip
    """What results mean, whoever came to them: the qualified may bid from now on; fewer than three end the attempt [F-08]."""
    passed, schedule = sum(bool(r["passed"]) for r in results.values()), {**lot.schedule, "issue_start": command.received_at}
    for name in ("issue_end", "bid_deadline"):
        if command.data.get(name):
            schedule[name] = instant_from(str(command.data[name]))
    found = list(problems)
    if passed >= trade.min_qualified:
        found += schedule_problems(trade, lot.terms, schedule, facts)  # the twenty days run from now [E-T03]
    refuse_if(found)
    private = {"results": list(results.values())}
    if passed < trade.min_qualified:
        return [Event("failed", {"reason": "F-08", "count": passed, "minimum": trade.min_qualified}, private)]
    moved = {name: instant_text(schedule[name]) for name in ("issue_end", "bid_deadline")}
    return [Event("prequalification_decided", {**said, **moved}, private)]


def _result_problems(
    lot: Lot, data: Mapping[str, object], results: Mapping[int, Mapping[str, object]], least: int
) -> Iterator[Problem]:
    passed = sum(bool(r["passed"]) for r in results.values())
    known = {a.number for a in lot.part(Prequalification).applications}
    for number in sorted(known - set(results)):
        yield Problem("prequalification.result_missing", "results", {"number": number})
    for number in sorted(set(results) - known):
        yield Problem("prequalification.no_such_application", "results", {"number": number})
    for i, r in enumerate(results.values()):
        if not r["passed"] and not r.get("reason"):
            yield Problem("prequalification.reason_missing", f"results.{i}.reason")
    limit = data.get("limit")
    if data["method"] == LIMITED:
        if not isinstance(limit, int) or limit < least:
            yield Problem("prequalification.limit", "limit", {"minimum": least})
        elif passed > limit:
            yield Problem("prequalification.above_limit", "results", {"limit": limit, "passed": passed})


# ------------------------------------------------------------------ what events mean

def _received(lot: Lot, r: Recorded) -> Lot:
    part, p = lot.part(Prequalification), cast("Mapping[str, str]", r.private or {})
    number, files, members = len(part.applications) + 1, tuple(files_of(p["files"])), consortium.read(p.get("members"))
    application = Application(number, p["organisation"], p["name"], p["uscc"], files, members=members)
    return lot.with_part(replace(part, applications=(*part.applications, application)))


def _decided(lot: Lot, r: Recorded) -> Lot:
    part = lot.part(Prequalification)
    results = {cast("int", x["number"]): x for x in cast("Sequence[Mapping[str, object]]", (r.private or {}).get("results", ()))}
    done = tuple(replace(a, passed=bool(results[a.number]["passed"]), reason=str(results[a.number]["reason"])) for a in part.applications)
    moved = {name: instant_from(str(r.public[name])) for name in ("issue_end", "bid_deadline")}
    return lot.with_part(replace(part, applications=done)).with_schedule(issue_start=r.at, **moved)


def _published(lot: Lot, r: Recorded) -> Lot:
    return lot.with_schedule(prequalification_notice=r.at)


EVOLVE = {
    "prequalification_published": _published, "prequalification_issuing_started": started("prequalification_issue_start"),
    "application_received": _received, "prequalification_decided": _decided,
}  # fmt: skip

RESULT = (Field("number", "integer", minimum=1), Field("passed", "boolean"), Field("reason", "long_text", required=False, maximum=2000))
NEW_DATES = (Field("issue_end", "instant", required=False), Field("bid_deadline", "instant", required=False))
ACTS = (
    Act("publish_prequalification", "prequalification_published", HOSTS, _publish, needs=PUBLISHING, irrevocable=True,
        documents=("prequalification_announcement",), rule="BLR 15"),
    Act("start_prequalification", "prequalification_issuing_started", CLOCK,
        starting("prequalification_issuing_started", "prequalification_issue_start"),
        due=lambda _, lot: lot.schedule.get("prequalification_issue_start"), documents=("clarification",), rule="E-T02"),
    Act("apply_for_prequalification", "application_received", frozenset({Role.BIDDER}), _apply, (
        Field("files", "list", minimum=1, maximum=20, fields=FILE), consortium.MEMBERS),
        needs=frozenset({"applicant", "applicant_conflicts"}), rule="E-I2"),
    Act("close_applications", "prequalification_closed", CLOCK, _close, due=_closes, rule="E-T02"),
    Act("review_applications", "prequalification_review_started", HOSTS, _review, rule="BLR 18"),
    Act("decide_prequalification", "prequalification_decided", HOSTS, _decide, (
        Field("method", "choice", choices=(ALL_WHO_MEET, LIMITED), rule="E-I3"),
        Field("limit", "integer", required=False, minimum=1, maximum=50),
        Field("results", "list", minimum=1, maximum=APPLICANTS_MAX, fields=RESULT), *NEW_DATES),
        irrevocable=True, documents=("prequalification_result",), rule="BLR 19"),
)  # fmt: skip
STAGE = Stage(lifecycle.PREQUALIFICATION, ACTS, EVOLVE, (Prequalification,))
