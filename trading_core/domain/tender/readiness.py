"""Whether a tender can be carried to its end as its terms are: told before it is published, when it can still be mended [01 §1.2 READY]."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import cast

from ..errors import Problem
from ..evaluation.rules import check_rules, rules_from
from ..trade import CommitteeRule, TermsCheck
from .trustees import AT_OPENING


def checks(committee: CommitteeRule) -> tuple[TermsCheck, ...]:
    """What would stop a tender later: a committee that may not sit, envelopes that cannot be opened in turn, rules that cannot be
    applied."""
    return partial(committee_problems, committee), envelope_problems, rules_problems


def committee_problems(rule: CommitteeRule, terms: Mapping[str, object]) -> Iterator[Problem]:
    """A committee too small to be lawful, or of an even number, which could be split in halves [E-C1]."""
    size = terms.get("committee_size")
    if isinstance(size, int) and (size < rule.minimum or size % 2 == 0):
        yield Problem("committee.size", "committee_size", {"size": size, "minimum": rule.minimum}, rule.rule)


def envelope_problems(terms: Mapping[str, object]) -> Iterator[Problem]:
    """Envelopes of one name, whose keys would replace each other, or out of order: the first says who bids, so it opens at the opening,
    and whatever opens then comes before what waits for the technical result [02 §2.6]."""
    plan = cast("Sequence[Mapping[str, str]]", terms.get("envelopes") or ())
    names, opened = [str(e["name"]) for e in plan], [e["opens"] == AT_OPENING for e in plan]
    for i, name in enumerate(names):
        if name in names[:i]:
            yield Problem("envelopes.name_twice", f"envelopes.{i}.name", {"name": name[:40]})
    for i, at_opening in enumerate(opened):
        if at_opening and not all(opened[:i]):
            yield Problem("envelopes.out_of_order", f"envelopes.{i}.opens")
    if opened and not opened[0]:
        yield Problem("envelopes.none_at_opening", "envelopes.0.opens")


def rules_problems(terms: Mapping[str, object]) -> Iterator[Problem]:
    """Evaluation rules that could not be applied later: told before anybody prepares a bid [02 §2.7]."""
    stated = terms.get("evaluation")
    if not isinstance(stated, Mapping):
        return
    found = check_rules(stated, "evaluation.")
    yield from found
    if not found and rules_from(stated).uses_ceiling and not terms.get("ceiling_fen"):
        yield Problem("evaluation.ceiling_needed", "ceiling_fen", {"formula": str(stated.get("price"))[:60]})
