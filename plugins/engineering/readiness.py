"""What an engineering tender must have settled before it is announced [01 §1.2 READY]."""
from __future__ import annotations

from collections.abc import Iterator, Mapping

from trading_core.domain.errors import Problem
from trading_core.domain.stages.excluding import code_problems
from trading_core.domain.tender.prequalification_review import rules_problems

from .form import QUALIFIED_MIN
from .mandatory import invitation_problems, mandatory_problems

FAIR_COMPETITION = tuple(f"FC-{n:02}" for n in (*range(1, 17), 18))
"""Points of the fair competition review that concern a tender document [10 §10.7]."""
ANSWERS = frozenset({"yes", "no"})


def approval_problems(terms: Mapping[str, object]) -> Iterator[Problem]:
    """A tender required by law rests on an approval, a verification or a filing of its project [BLR 7]."""
    if terms.get("mandatory") is True and not terms.get("approval_number"):
        yield Problem("engineering.approval_missing", "approval_number", rule="BLR 7")


def fair_competition_problems(terms: Mapping[str, object]) -> Iterator[Problem]:
    """A review that leaves points unanswered was not done [FCR16]."""
    done = terms.get("fair_competition_check")
    if not isinstance(done, Mapping) or not done:
        return  # the form asks for it
    left = [point for point in FAIR_COMPETITION if done.get(point) not in ANSWERS]
    if left:
        yield Problem("engineering.fair_competition_incomplete", "fair_competition_check", {"points": ", ".join(left)}, "FCR16")


def review_committee(terms: Mapping[str, object]) -> bool:
    """State funds that control a project which must be tendered: a committee reviews who may bid, not the tenderer alone [BLR 18]."""
    return terms.get("qualification_way") == "pre" and terms.get("mandatory") is True and terms.get("state_funded") is True


def review_problems(terms: Mapping[str, object]) -> Iterator[Problem]:
    """What the committee would have to review by and the document does not state [E-I2, E-I3]."""
    if review_committee(terms):
        yield from rules_problems(terms, QUALIFIED_MIN)


CHECKS = (mandatory_problems, invitation_problems, approval_problems, fair_competition_problems, review_problems, code_problems)
