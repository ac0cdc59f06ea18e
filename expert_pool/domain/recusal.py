"""Who must recuse (回避): each rule a named pure function of the expert and the facts of the project [08 §8.5].

RC-8 (took part in drafting the document) is not among them: it needs to be declared, and defaults to a warning.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from trading_core.domain.uscc import organisation_code
from trading_core.domain.workcalendar import add_months

from .expert import Expert, TieKind

LOOK_BACK_MONTHS = 36  # «参加采购活动前三年内» [GPR 9]


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """What the rules may know of a project. day: of the activity, in China. All units by unified social credit code.

    hosts: the principal and its agency. departments: the competent department and the administrative supervisor. bidders: every
    member of a consortium by itself; before the opening only those invited or prequalified. busy: numbers of experts who sit
    elsewhere at that time.
    """

    day: date
    hosts: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()
    bidders: frozenset[str] = frozenset()
    busy: frozenset[str] = frozenset()


def employed_by_bidder(expert: Expert, facts: ProjectFacts) -> bool:
    """RC-1: employed by a bidder within the 3 years before the activity."""
    return _tied_within_years(expert, facts.day, facts.bidders, TieKind.EMPLOYER)


def officer_of_bidder(expert: Expert, facts: ProjectFacts) -> bool:
    """RC-2: director or supervisor of a bidder within 3 years."""
    return _tied_within_years(expert, facts.day, facts.bidders, TieKind.OFFICE)


def controls_bidder(expert: Expert, facts: ProjectFacts) -> bool:
    """RC-3: controlling shareholder or actual controller of a bidder within 3 years."""
    return _tied_within_years(expert, facts.day, facts.bidders, TieKind.CONTROL)


def relative_heads_bidder(expert: Expert, facts: ProjectFacts) -> bool:
    """RC-4: near relative of a bidder's legal representative or head."""
    return _tied_now(expert, facts.day, facts.bidders, TieKind.RELATIVE_HEADS)


def staff_of_department(expert: Expert, facts: ProjectFacts) -> bool:
    """RC-5: staff of the competent department or the administrative supervisor."""
    return _tied_now(expert, facts.day, facts.departments, TieKind.EMPLOYER)


def interest_in_bidder(expert: Expert, facts: ProjectFacts) -> bool:
    """RC-6: shares in a bidder, or another economic interest."""
    return _tied_now(expert, facts.day, facts.bidders, TieKind.HOLDING, TieKind.INTEREST)


def punished_before(expert: Expert, facts: ProjectFacts) -> bool:
    """RC-7: punished before for illegal acts in bidding activities."""
    return bool(expert.punished)


def other_relation(expert: Expert, facts: ProjectFacts) -> bool:
    """RC-9: any tie to the principal or its agency, whose own staff are no experts for them [08 §8.11 rule 6], or a near relative
    who works for a bidder."""
    past = _tied_within_years(expert, facts.day, facts.hosts, TieKind.EMPLOYER, TieKind.OFFICE, TieKind.CONTROL)
    present = _tied_now(expert, facts.day, facts.hosts, *TieKind)
    return past or present or _tied_now(expert, facts.day, facts.bidders, TieKind.RELATIVE_WORKS)


@dataclass(frozen=True, slots=True)
class Rule:
    """A ground for recusal: its id in the rulebook, the article in the bidding family, and the test."""

    id: str
    source: str
    hits: Callable[[Expert, ProjectFacts], bool]


RULES = (
    Rule("RC-1", "BLR 46", employed_by_bidder),
    Rule("RC-2", "BLR 46", officer_of_bidder),
    Rule("RC-3", "BLR 46", controls_bidder),
    Rule("RC-4", "12号令 12(1)", relative_heads_bidder),
    Rule("RC-5", "BLR 46", staff_of_department),
    Rule("RC-6", "BL 37", interest_in_bidder),
    Rule("RC-7", "12号令 12(4)", punished_before),
    Rule("RC-9", "BLR 46", other_relation),
)


def grounds(expert: Expert, facts: ProjectFacts) -> Iterator[str]:
    """The ids of all rules that an expert hits, in their order."""
    return (rule.id for rule in RULES if rule.hits(expert, facts))


def _tied_within_years(expert: Expert, day: date, units: Iterable[str], *kinds: TieKind) -> bool:
    """A tie of one of the kinds that lasts on the day or ended at most three years before it, that very day included."""
    first, codes = add_months(day, -LOOK_BACK_MONTHS), _codes(units)
    return any(
        t.kind in kinds and organisation_code(t.uscc) in codes and t.since <= day and (t.until is None or t.until >= first)
        for t in expert.ties
    )


def _tied_now(expert: Expert, day: date, units: Iterable[str], *kinds: TieKind) -> bool:
    codes = _codes(units)
    return any(t.kind in kinds and organisation_code(t.uscc) in codes and t.lasts_on(day) for t in expert.ties)


def _codes(units: Iterable[str]) -> frozenset[str]:
    """Units are compared by the organisation code within: it stays when department or division change [09 §9.10]."""
    return frozenset(organisation_code(u) for u in units)
