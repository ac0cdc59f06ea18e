"""What the tender document states about evaluation, as one form: checked when it is published, applied when bids are evaluated."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import Problem
from ..fields import Field
from .formulas import FORMULAS, Formula
from .numbers import PLACES_MAX, ROUNDINGS, exact, problems_of
from .scoring import AGGREGATION_FIELDS, ITEM_FIELDS, Aggregation, Item, check_sheet, item_from
from .uplift import UPLIFT_FIELDS, Uplift, check_uplift

COMPREHENSIVE, LOWEST = "comprehensive", "lowest"
FIXED, RECOMPUTED = "fixed_after_preliminary_review", "recomputed_after_rejection"
PRICES = ("quoted", "corrected")
TIE_RULES = ("higher_technical", "higher_commercial", "higher_credit", "higher_price_score")
CANDIDATES_MAX = 3

RULES_FIELDS = (
    Field("method", "choice", choices=(COMPREHENSIVE, LOWEST), rule="02 §2.7"),
    Field("line_rounding", "choice", choices=ROUNDINGS, rule="02 §2.5.1"),
    Field("tie_price", "choice", choices=PRICES, rule="02 §2.7"),
    Field("candidates_max", "integer", minimum=1, maximum=CANDIDATES_MAX, rule="BLR 53"),
    # comprehensive evaluation
    Field("scored_price", "choice", required=False, choices=PRICES, rule="02 §2.7.2"),
    Field("benchmark_set", "choice", required=False, choices=(FIXED, RECOMPUTED), rule="02 §2.7.2"),
    Field("price", "object", required=False, rule="02 §2.7.2", fields=(
        Field("formula", "choice", choices=tuple(FORMULAS)),
        Field("params", "map"),
        Field("drawn", "object", required=False, rule="02 §2.7.2", fields=(
            Field("parameter", "choice", choices=("k", "mean_weight")),
            Field("candidates", "list", minimum=2, maximum=100),
        )),
    )),
    Field("items", "list", required=False, maximum=200, fields=ITEM_FIELDS),
    Field("item_scores", "object", required=False, rule="E-F7", fields=AGGREGATION_FIELDS),
    Field("total", "object", required=False, rule="02 §2.7.2", fields=(
        Field("places", "integer", minimum=0, maximum=PLACES_MAX),
        Field("rounding", "choice", choices=ROUNDINGS),
    )),
    Field("tie_rules", "list", required=False, maximum=len(TIE_RULES), rule="02 §2.7.2"),
    Field("small_business", "object", required=False, rule="46 9", fields=UPLIFT_FIELDS),
    # lowest evaluated price
    Field("adjustments", "list", required=False, maximum=200, rule="02 §2.7.1", fields=(Field("id", maximum=64), Field("title"))),
)  # fmt: skip

_COMPREHENSIVE_ONLY = ("scored_price", "benchmark_set", "price", "items", "item_scores", "total", "tie_rules", "small_business")
ONLY_IN: Mapping[str, str] = {**dict.fromkeys(_COMPREHENSIVE_ONLY, COMPREHENSIVE), "adjustments": LOWEST}
"""Fields that only one method knows."""
OPTIONAL = frozenset({"small_business"})
"""Of these, what may be left out."""


@dataclass(frozen=True)
class Rules:
    """The checked rules. What a method does not know stays at its empty default."""

    method: str
    line_rounding: str
    tie_price: str
    candidates_max: int
    scored_price: str = ""
    benchmark_set: str = ""
    formula: Formula | None = None
    params: Mapping[str, object] | None = None
    drawn_parameter: str = ""
    drawn_candidates: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    item_scores: Aggregation | None = None
    total_places: int = 0
    total_rounding: str = ""
    tie_rules: tuple[str, ...] = ()
    small_business: Uplift | None = None
    adjustments: tuple[str, ...] = ()

    @property
    def uses_ceiling(self) -> bool:
        """Whether the price cannot be scored without a published ceiling [E-F3]."""
        return self.formula is not None and self.formula.uses_ceiling

    def params_with(self, drawn_value: str | None) -> dict[str, object]:
        """The formula's parameters with the drawn one in its place."""
        drawn: dict[str, object] = {self.drawn_parameter: drawn_value} if self.drawn_parameter else {}
        return {**(self.params or {}), **drawn}


def check_rules(data: Mapping[str, object], prefix: str = "") -> list[Problem]:
    """Every fault of the rules of a tender document, with paths below `prefix`. A document whose rules pass can be evaluated."""
    found = problems_of(RULES_FIELDS, data, prefix)
    if found:
        return found
    method = str(data["method"])
    given = {name for name, value in data.items() if value not in (None, "")}
    for name, only in ONLY_IN.items():
        if name in given and method != only:
            found.append(Problem("evaluation.not_in_method", prefix + name, {"method": method}))
        elif name not in given and method == only and name not in OPTIONAL:
            found.append(Problem("field.required", prefix + name, rule="02 §2.7"))
    if found:
        return found
    return list(_comprehensive_problems(data, prefix) if method == COMPREHENSIVE else _adjustment_problems(data, prefix))


def rules_from(data: Mapping[str, Any]) -> Rules:
    """The rules as `Rules`. Only for data that `check_rules` has passed."""
    common = {name: data[name] for name in ("method", "line_rounding", "tie_price", "candidates_max")}
    if data["method"] == LOWEST:
        return Rules(**common, adjustments=tuple(a["id"] for a in data["adjustments"]))
    price, drawn = data["price"], data["price"].get("drawn") or {}
    return Rules(
        **common,
        scored_price=data["scored_price"],
        benchmark_set=data["benchmark_set"],
        formula=FORMULAS[price["formula"]],
        params=price["params"],
        drawn_parameter=drawn.get("parameter", ""),
        drawn_candidates=tuple(drawn.get("candidates", ())),
        items=tuple(item_from(item) for item in data["items"]),
        item_scores=Aggregation(**data["item_scores"]),
        total_places=data["total"]["places"],
        total_rounding=data["total"]["rounding"],
        tie_rules=tuple(data["tie_rules"]),
        small_business=Uplift.stated_in(data["small_business"]) if data.get("small_business") else None,
    )


def _comprehensive_problems(data: Mapping[str, Any], prefix: str) -> Iterator[Problem]:
    faults = list(_price_problems(data["price"], prefix + "price."))
    yield from faults
    yield from check_sheet([item_from(item) for item in data["items"]], Aggregation(**data["item_scores"]), prefix)
    yield from _twice(data["tie_rules"], prefix + "tie_rules")
    for i, name in enumerate(data["tie_rules"]):
        if name not in TIE_RULES:
            yield Problem("field.not_a_choice", f"{prefix}tie_rules.{i}", {"choices": ", ".join(TIE_RULES)}, "02 §2.7.2")
    if data.get("small_business") and not faults:
        yield from check_uplift(data["small_business"], data["price"]["params"]["score_places"], prefix + "small_business.")


def _adjustment_problems(data: Mapping[str, Any], prefix: str) -> Iterator[Problem]:
    yield from _twice([adjustment["id"] for adjustment in data["adjustments"]], prefix + "adjustments", ".id")


def _price_problems(price: Mapping[str, Any], prefix: str) -> Iterator[Problem]:
    """Parameters, and with a drawn one every value that may come out: the draw must not be able to give an impossible formula."""
    formula, params, drawn = FORMULAS[price["formula"]], price["params"], price.get("drawn")
    if not drawn:
        yield from formula.problems(params, prefix + "params.")
        return
    name = drawn["parameter"]
    if name not in {f.name for f in formula.fields}:
        yield Problem("evaluation.not_drawable", prefix + "drawn.parameter", {"parameter": name, "formula": formula.id})
        return
    if name in params:
        yield Problem("evaluation.drawn_and_fixed", f"{prefix}params.{name}", {"parameter": name})
        return
    yield from _twice([_value(text) for text in drawn["candidates"]], prefix + "drawn.candidates")
    seen: set[str] = set()
    for i, value in enumerate(drawn["candidates"]):
        for problem in formula.problems({**params, name: value}, prefix + "params."):
            if problem.path == f"{prefix}params.{name}":
                yield Problem(problem.code, f"{prefix}drawn.candidates.{i}", problem.params, problem.rule)
            elif problem.path not in seen:
                seen.add(problem.path)
                yield problem


def _value(text: str) -> str:
    """One spelling for equal numbers, so that 0.02 and 0.020 are seen to be the same candidate."""
    try:
        return str(exact(text))
    except ValueError:
        return text


def _twice(names: Sequence[str], path: str, last: str = "") -> Iterator[Problem]:
    """What stands in a list a second time: in a draw it would come out more often, elsewhere it would be ambiguous."""
    for i, name in enumerate(names):
        if name in names[:i]:
            yield Problem("evaluation.twice", f"{path}.{i}{last}", {"id": name})
