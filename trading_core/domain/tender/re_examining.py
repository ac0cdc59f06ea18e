"""Whether a candidate can still perform: the committee that evaluated examines it again before the letter [BLR 56].

The principal asks, with what it has found; the members vote, and only their majority drops the candidate.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from ..errors import Problem, refuse_if
from ..evaluation.rejection import majority
from ..events import Event, Recorded
from ..fields import Field
from ..lot import Lot
from ..stages import lifecycle
from ..stages.announcing import HOSTS, REASON
from ..stages.award import award_of, candidate_problems
from ..trade import Act, Command, Facts, Stage, TradeType
from .assessment import seat_of
from .awarding import BID
from .committee import HOLDER, MEMBERS

FAILED = "re_examination_failed"


@dataclass(frozen=True, slots=True)
class ReExamination:
    """Candidates that are examined again: bid to seat to whether the member finds it able to perform."""

    findings: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)


def _ask(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    bid = str(command.data["bid"])
    problems = list(candidate_problems(award_of(lot), bid))
    if bid in lot.part(ReExamination).findings:
        problems.append(Problem("award.examined_before", "bid"))
    refuse_if(problems)
    return [Event("re_examination_asked", {"bid": bid}, {"reason": command.data["reason"], "evidence": command.data["evidence"]})]


def _find(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """One member's finding; the one that makes a majority against the candidate drops it."""
    seat, data = seat_of(lot, facts), command.data
    bid, findings = str(data["bid"]), lot.part(ReExamination).findings
    problems = list(candidate_problems(award_of(lot), bid))
    if bid not in findings:
        problems.append(Problem("award.not_examined", "bid"))
    if str(seat.number) in findings.get(bid, {}):
        problems.append(Problem("evaluation.voted_before", "bid"))
    refuse_if(problems)
    able = {**findings[bid], str(seat.number): bool(data["able"])}
    found = Event("candidate_re_examined", {"bid": bid, "seat": seat.number}, {"able": data["able"], "reason": data["reason"]})
    if majority({s: not a for s, a in able.items()}, lot.term_int("committee_size")) != "rejected":
        return [found]
    return [found, Event("candidate_lost", {"bid": bid, "ground": FAILED, "reason": data["reason"]})]


def _asked(lot: Lot, r: Recorded) -> Lot:
    part = lot.part(ReExamination)
    return lot.with_part(ReExamination({**part.findings, str(r.public["bid"]): {}}))


def _found(lot: Lot, r: Recorded) -> Lot:
    findings, bid = lot.part(ReExamination).findings, str(r.public["bid"])
    able = bool(cast("Mapping[str, object]", r.private or {})["able"])
    return lot.with_part(ReExamination({**findings, bid: {**findings[bid], str(r.public["seat"]): able}}))


def _anew(lot: Lot, r: Recorded) -> Lot:
    return lot.with_part(ReExamination())


EVOLVE = {"re_examination_asked": _asked, "candidate_re_examined": _found, "re_evaluation_ordered": _anew}

ACTS = (
    Act("ask_re_examination", "re_examination_asked", HOSTS, _ask, (BID, REASON, Field("evidence", "file")), rule="BLR 56"),
    Act("re_examine", "candidate_re_examined", MEMBERS, _find, (BID, Field("able", "boolean"), REASON), needs=HOLDER, rule="BLR 56"),
)
STAGE = Stage(lifecycle.RE_EXAMINATION, ACTS, EVOLVE, (ReExamination,))
