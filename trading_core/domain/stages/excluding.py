"""Who may not bid for a conflict of interest, as far as codes can tell: the lot's own parties, and whom its notice names [B-15]."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import cast

from ..errors import Problem
from ..events import Event
from ..fields import Field
from ..uscc import check_uscc, unit

FINDINGS = "findings"
RELATED, COMPILER, DESIGNER = "related", "base_price_compiler", "early_designer"
EXCLUDED = Field("excluded", "list", required=False, maximum=50, rule="B-15", fields=(
    Field("uscc", maximum=18), Field("name"), Field("why", "choice", choices=(RELATED, COMPILER, DESIGNER))))  # fmt: skip
"""Organisations that may not bid: with an interest in the tenderer, the compiler of the base price, who designed or advised before."""


def exclusion(terms: Mapping[str, object], uscc: str) -> Iterator[Problem]:
    """Why the notice keeps an organisation out; nothing when it does not."""
    for e in _excluded(terms):
        if unit(e["uscc"]) == unit(uscc):
            yield Problem("bid.excluded", rule="B-15")


def with_credit(event: Event, evidence: Sequence[Mapping[str, object]]) -> Event:
    """An event that keeps a look into the credit lists it rests on [09 §9.4 rule 3]: everybody may see who was asked about, in which
    version of which lists, and the result; what was found is private, for the publication of a record ends with the record [CR-6]."""
    if not evidence:
        return event
    told = [{k: v for k, v in e.items() if k != FINDINGS} for e in evidence]
    found = [f for e in evidence for f in cast("Sequence[object]", e[FINDINGS])]
    private = {**(event.private or {}), f"credit_{FINDINGS}": found} if found else event.private
    return replace(event, public={**event.public, "credit": told}, private=private)


def code_problems(terms: Mapping[str, object]) -> Iterator[Problem]:
    """Codes by which nobody could be known again."""
    for i, e in enumerate(_excluded(terms)):
        yield from (Problem(p.code, f"{EXCLUDED.name}.{i}.uscc", p.params, p.rule) for p in check_uscc(str(e["uscc"])))


def _excluded(terms: Mapping[str, object]) -> Sequence[Mapping[str, str]]:
    return cast("Sequence[Mapping[str, str]]", terms.get(EXCLUDED.name) or ())
