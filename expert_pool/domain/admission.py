"""What a record must look like before somebody enters the pool. Problems repeat neither names nor employers."""
from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from trading_core.domain.errors import Problem
from trading_core.domain.uscc import check_uscc

from .expert import POOLS, Expert, Tie
from .specialty import is_code

NUMBER = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}")  # no "|" and no line break: numbers are joined in draws
SPECIALTIES_MAX = 20
TIES_MAX = 100
NAME_MAX = 100
DOCUMENT_MAX = 100


def check_expert(expert: Expert, today: date) -> Iterator[Problem]:
    """Everything wrong with a record."""
    if not NUMBER.fullmatch(expert.number):
        yield Problem("expert.number", "number")
    if expert.pool not in POOLS:
        yield Problem("expert.pool", "pool", {"choices": ", ".join(POOLS)})
    yield from _check_specialties(expert.specialties)
    if len(expert.ties) > TIES_MAX:
        yield Problem("expert.too_many_ties", "ties", {"maximum": TIES_MAX})
    for i, tie in enumerate(expert.ties):
        yield from check_tie(tie, f"ties.{i}", today)
    if any(not 2 <= len(p) <= DOCUMENT_MAX or not p.isprintable() for p in expert.punished):
        yield Problem("expert.punished", "punished", {"maximum": DOCUMENT_MAX}, "RC-7")


def check_tie(tie: Tie, path: str, today: date) -> Iterator[Problem]:
    """What is wrong with one tie. A tie that only begins later would excuse nobody today, so it is not taken."""
    yield from (Problem(p.code, path, p.params, p.rule) for p in check_uscc(tie.uscc))
    if tie.since > today:
        yield Problem("expert.tie_in_future", path)
    if tie.until is not None and tie.until < tie.since:
        yield Problem("expert.tie_runs_backwards", path)
    if len(tie.name) > NAME_MAX or not tie.name.isprintable():
        yield Problem("expert.tie_name", path, {"maximum": NAME_MAX})


def _check_specialties(codes: tuple[str, ...]) -> Iterator[Problem]:
    if not 1 <= len(codes) <= SPECIALTIES_MAX:
        yield Problem("expert.specialties", "specialties", {"maximum": SPECIALTIES_MAX})
    if len(set(codes)) != len(codes):
        yield Problem("expert.specialty_twice", "specialties")
    for code in codes:
        if not is_code(code):
            yield Problem("expert.specialty_form", "specialties", {"code": code[:20]}, "08 §8.3")
