"""Factors of the score that no member judges: what a bid states decides its points, as the notice says [05 R-M3, 07 SEL-4]."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ..errors import Problem
from ..fields import Field
from .numbers import Places, decimals, exact
from .scoring import GROUPS, Group

FACTOR_FIELDS = (
    Field("id", maximum=64),
    Field("title"),
    Field("group", "choice", choices=GROUPS),
    Field("full_score", "decimal", minimum=0, maximum=1000),
    Field("scale", "decimal", required=False, minimum=0, maximum=10**9),
    Field("options", "list", required=False, minimum=2, maximum=100, fields=(
        Field("id", maximum=64),
        Field("earns", "decimal", minimum=0, maximum=1),
    )),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor. A bid states one of the options, which earns its part of full_score, or a figure of 0 … scale, which earns
    full_score in proportion. scale is None where there are options."""

    id: str
    group: Group
    full_score: Fraction
    scale: Fraction | None
    options: Mapping[str, Fraction]

    def part(self, stated: str) -> Fraction:
        """What part of the full score a bid has earned by what it states, which has been checked."""
        return exact(stated) / self.scale if self.scale is not None else self.options[stated]


@dataclass(frozen=True, slots=True)
class FactorScore:
    """The score of one bid on one factor. stated: as in the bid."""

    factor: str
    group: Group
    stated: str
    unrounded: Fraction
    score: Decimal


def factor_from(data: Mapping[str, Any]) -> Factor:
    """The factor that checked rules describe."""
    scale = exact(data["scale"]) if data.get("scale") else None
    options = {option["id"]: exact(option["earns"]) for option in data.get("options") or ()}
    return Factor(data["id"], data["group"], exact(data["full_score"]), scale, options)


def score_factors(factors: Sequence[Factor], stated: Mapping[str, str], how: Places) -> tuple[FactorScore, ...]:
    """All factors of one bid, in the order of the rules."""
    found = []
    for factor in factors:
        unrounded = factor.full_score * factor.part(stated[factor.id])
        found.append(FactorScore(factor.id, factor.group, stated[factor.id], unrounded, how.of(unrounded)))
    return tuple(found)


def check_factors(data: Sequence[Mapping[str, Any]], how: Mapping[str, Any], prefix: str) -> Iterator[Problem]:
    """Faults of the factors of a document: one twice, neither a scale nor options or both, a full score finer than its rounding."""
    seen: set[str] = set()
    for i, factor in enumerate(data):
        path, name = f"{prefix}factors.{i}.", factor["id"]
        if name in seen:
            yield Problem("evaluation.twice", path + "id", {"id": name})
        seen.add(name)
        options = [option["id"] for option in factor.get("options") or ()]
        if bool(factor.get("scale")) == bool(options) or (factor.get("scale") and exact(factor["scale"]) <= 0):
            yield Problem("evaluation.factor_shape", path[:-1], {"factor": name})
        for n, option in enumerate(options):
            if option in options[:n]:
                yield Problem("evaluation.twice", f"{path}options.{n}.id", {"id": option})
        if decimals(factor["full_score"]) > how["places"]:
            figures = {"value": factor["full_score"], "places": how["places"]}
            yield Problem("evaluation.finer_than_rounding", path + "full_score", figures)


def check_stated(factors: Sequence[Factor], stated: Mapping[str, object], prefix: str, *, complete: bool = True) -> Iterator[Problem]:
    """Faults of what a bid states: a factor that the document does not have, a figure or option that it does not know. complete: also
    what is missing, as in a bid that is scored."""
    by_id = {factor.id: factor for factor in factors}
    for name, value in stated.items():
        if name not in by_id:
            yield Problem("evaluation.factor_unknown", prefix + name, {"factor": name})
        elif not _fits(by_id[name], value):
            known = ", ".join(by_id[name].options) or f"0–{by_id[name].scale}"
            yield Problem("evaluation.factor_value", prefix + name, {"factor": name, "known": known})
    if complete:
        yield from (Problem("evaluation.factor_missing", prefix + name, {"factor": name}) for name in by_id if name not in stated)


def _fits(factor: Factor, value: object) -> bool:
    if not isinstance(value, str):
        return False
    if factor.scale is None:
        return value in factor.options
    try:
        return 0 <= exact(value) <= factor.scale
    except ValueError:
        return False
