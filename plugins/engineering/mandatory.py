"""Which engineering tenders the law requires, and which of these may be tendered by invitation [02 §2.1]."""
from __future__ import annotations

from collections.abc import Iterator, Mapping

from trading_core.domain.errors import Problem

from .form import HIGH_COST

SCALE: Mapping[str, tuple[int, str]] = {
    "works": (400_000_000, "E-M3"), "goods": (200_000_000, "E-M4"), "survey_design": (100_000_000, "E-M5"),
    "supervision": (100_000_000, "E-M5"),
}  # fmt: skip
"""Estimate of a single contract, in fen, from which the law requires a tender, by kind of object, with its rule."""


def is_mandatory(terms: Mapping[str, object]) -> tuple[bool, str]:
    """Whether the stated facts alone make a tender mandatory, with the rule that says so or the one that spares it.

    That is, prevailing state funds and an estimate that reaches the scale. Public interest and foreign loans (the rest of E-M1), sums
    over several contracts (E-M6) and exceptions (E-M8) cannot be told from one lot: who announces it states the result.
    """
    scale, rule = SCALE.get(str(terms.get("object_kind")), (None, "E-M6b"))
    estimate = terms.get("estimate_fen")
    if terms.get("state_funded") is not True:
        return False, "E-M2"
    return scale is not None and isinstance(estimate, int) and estimate >= scale, rule


def mandatory_problems(terms: Mapping[str, object]) -> Iterator[Problem]:
    """A tender called voluntary that the law requires [BL 3]. The other way round binds only who says it."""
    required, rule = is_mandatory(terms)
    if required and terms.get("mandatory") is False:
        yield Problem("engineering.mandatory_by_law", "mandatory", {"threshold_fen": SCALE[str(terms["object_kind"])][0]}, rule)


def invitation_problems(terms: Mapping[str, object]) -> Iterator[Problem]:
    """An invited tender without the ground, finding or approval that the law asks for [BL 11, BLR 8]."""
    if terms.get("tender_way") != "invited" or terms.get("mandatory") is False:
        return
    ground, approval = terms.get("invited_ground"), terms.get("invited_approval")
    if terms.get("state_funded") is True and not ground:
        yield Problem("engineering.invited_ground_missing", "invited_ground", rule="E-M9")
    if terms.get("key_project") is True and not approval:
        yield Problem("engineering.invited_approval_missing", "invited_approval", rule="E-M9a")
    elif ground == HIGH_COST and not approval:
        yield Problem("engineering.invited_finding_missing", "invited_approval", rule="E-M9")
