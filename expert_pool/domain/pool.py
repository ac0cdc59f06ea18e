"""Who may be drawn: those who match, are active, free, and hit no rule of recusal [08 §8.6.1 step 1]."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from .expert import Expert, State
from .recusal import RULES, ProjectFacts, grounds

NOT_ACTIVE, BUSY = "NOT_ACTIVE", "BUSY"
ORDER = (NOT_ACTIVE, BUSY, *(rule.id for rule in RULES))
"""Why somebody is left out. Each expert is counted once, under the first that applies: the counts and the pool add up."""


def left_out_by(expert: Expert, facts: ProjectFacts) -> str:
    """The first rule that leaves an expert out, empty when they may be drawn."""
    if expert.state_on(facts.day) is not State.ACTIVE:
        return NOT_ACTIVE
    if expert.number in facts.busy:
        return BUSY
    return next(grounds(expert, facts), "")


def sort_out(experts: Iterable[Expert], facts: ProjectFacts) -> tuple[list[Expert], tuple[tuple[str, int], ...]]:
    """Those who may be drawn by their numbers, and how many each rule left out (rules that left out nobody are not named)."""
    drawable: list[Expert] = []
    counts: Counter[str] = Counter()
    for expert in sorted(experts, key=lambda e: e.number):
        rule = left_out_by(expert, facts)
        if rule:
            counts[rule] += 1
        else:
            drawable.append(expert)
    return drawable, tuple((rule, counts[rule]) for rule in ORDER if counts[rule])
