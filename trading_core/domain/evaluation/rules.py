"""What the tender document states about evaluation, as one form: checked when it is published, applied when bids are evaluated."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from ..errors import Problem
from ..fields import Field
from .benefits import DEDUCTION_FIELDS, UPLIFT_FIELDS, Deductions, Uplift
from .factors import FACTOR_FIELDS, Factor, factor_from
from .faults import faults
from .formulas import PRICE_FORMULAS, Formula
from .low_price import LOW_PRICE_FIELDS, LowPrice
from .methods import COMMON, CORRECTED, LOWEST, METHODS, PRICES, QUOTED, REVIEWED, Method
from .methods import COMPREHENSIVE as COMPREHENSIVE
from .methods import TIE_RULES as TIE_RULES
from .mismatch import ORDERS
from .numbers import PLACES_FIELDS, ROUNDINGS, Places, exact, problems_of
from .purchase import NATIONAL_PRICE, PURCHASE_FIELDS, UNKNOWABLE, Purchase
from .scoring import AGGREGATION_FIELDS, ITEM_FIELDS, Aggregation, Item, item_from

FIXED, RECOMPUTED = "fixed_after_preliminary_review", "recomputed_after_rejection"

FIELDS = (
    Field("method", "choice", choices=tuple(METHODS), rule="02 §2.7"),
    Field("line_rounding", "choice", choices=ROUNDINGS, rule="02 §2.5.1"),
    Field("tie_price", "choice", required=False, choices=(*PRICES, REVIEWED), rule="02 §2.7"),
    Field("candidates_max", "integer", minimum=1, maximum=max(m.candidates_max for m in METHODS.values()), rule="BLR 53"),
    Field("purchase", "object", required=False, rule="03 §3.1", fields=PURCHASE_FIELDS),
    Field("corrections", "choice", required=False, choices=ORDERS, rule="87 59"),
    Field("deductions", "object", required=False, rule="46 9", fields=DEDUCTION_FIELDS),
    Field("low_price", "object", required=False, rule="03 §3.9", fields=LOW_PRICE_FIELDS),
    # a sum of points
    Field("scored_price", "choice", required=False, choices=PRICES, rule="02 §2.7.2"),
    Field("benchmark_set", "choice", required=False, choices=(FIXED, RECOMPUTED), rule="02 §2.7.2"),
    Field("price", "object", required=False, rule="02 §2.7.2", fields=(
        Field("formula", "choice", choices=tuple(PRICE_FORMULAS)),
        Field("params", "map"),
        Field("drawn", "object", required=False, rule="02 §2.7.2", fields=(
            Field("parameter", "choice", choices=("k", "mean_weight")),
            Field("candidates", "list", minimum=2, maximum=100),
        )),
    )),
    Field("price_excluded", "choice", required=False, choices=(NATIONAL_PRICE, UNKNOWABLE), rule="87 55"),
    Field("items", "list", required=False, maximum=200, fields=ITEM_FIELDS),
    Field("item_scores", "object", required=False, rule="E-F7", fields=AGGREGATION_FIELDS),
    Field("factors", "list", required=False, maximum=200, rule="05 §5.4", fields=FACTOR_FIELDS),
    Field("factor_scores", "object", required=False, rule="05 §5.4", fields=PLACES_FIELDS),
    Field("total", "object", required=False, rule="02 §2.7.2", fields=PLACES_FIELDS),
    Field("tie_rules", "list", required=False, maximum=len(TIE_RULES) + 1, rule="02 §2.7.2"),
    Field("brand_rules", "list", required=False, maximum=len(TIE_RULES) + 1, rule="87 31"),
    Field("small_business", "object", required=False, rule="46 9", fields=UPLIFT_FIELDS),
    # a price
    Field("adjustments", "list", required=False, maximum=200, rule="02 §2.7.1", fields=(Field("id", maximum=64), Field("title"))),
    Field("discount", "object", required=False, rule="07 §7.4", fields=PLACES_FIELDS),
)  # fmt: skip
"""Every key that the rules of some method may state."""


def fields_for(*methods: str) -> tuple[Field, ...]:
    """The form of a trade that may use these methods. What only some of them state is not required by the form, but by `check_rules`."""
    ways = [METHODS[method] for method in methods]
    return tuple(_fitted(f, ways) for f in FIELDS if any(way.states(f.name) for way in ways))


def _fitted(f: Field, ways: Sequence[Method]) -> Field:
    """The field with the choices that these methods leave; required where all of them need it."""
    f = replace(f, required=f.name in COMMON or all(f.name in way.needs for way in ways))
    if f.name == "method":
        return replace(f, choices=tuple(way.id for way in ways))
    if f.name == "tie_price" and not any(way.states("deductions") for way in ways):
        return replace(f, choices=PRICES)
    if f.name == "candidates_max":
        return replace(f, maximum=max(way.candidates_max for way in ways))
    if f.name == "tie_rules":
        return replace(f, maximum=max(len(way.tie_rules) for way in ways))
    if f.name == "price":
        formula, *others = f.fields
        known = tuple(dict.fromkeys(name for way in ways for name in way.formulas))
        return replace(f, fields=(replace(formula, choices=known), *others))
    return f


_WORKS = (METHODS[COMPREHENSIVE], METHODS[LOWEST])
RULES_FIELDS = fields_for(COMPREHENSIVE, LOWEST)
"""The form of a tender of works [02 §2.7]."""
ONLY_IN: Mapping[str, str] = {
    f.name: way.id for f in RULES_FIELDS for way in _WORKS if way.states(f.name) and not all(w.states(f.name) for w in _WORKS)
}
"""Fields of that form that only one of its methods knows."""
OPTIONAL = frozenset(name for way in _WORKS for name in way.may)
"""Of these, what may be left out."""


@dataclass(frozen=True)
class Rules:
    """The checked rules. What a method does not know stays at its default."""

    way: Method
    corrections: str
    line_rounding: str
    candidates_max: int
    tie_price: str = QUOTED
    purchase: Purchase | None = None
    deductions: Deductions | None = None
    low_price: LowPrice | None = None
    scored_price: str = CORRECTED
    benchmark_set: str = RECOMPUTED
    formula: Formula | None = None
    params: Mapping[str, object] | None = None
    drawn_parameter: str = ""
    drawn_candidates: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    item_scores: Aggregation | None = None
    factors: tuple[Factor, ...] = ()
    factor_scores: Places | None = None
    total: Places | None = None
    tie_rules: tuple[str, ...] = ()
    brand_rules: tuple[str, ...] = ()
    small_business: Uplift | None = None
    adjustments: tuple[str, ...] = ()
    discount: Places | None = None

    @property
    def method(self) -> str:
        return self.way.id

    @property
    def bought(self) -> str:
        """``goods``, ``services`` or ``works``."""
        return self.purchase.bought if self.purchase else "works"

    @property
    def announced_on(self) -> date:
        """The day whose law binds; without one the latest law."""
        return self.purchase.announced_on if self.purchase else date.max

    @property
    def ties(self) -> tuple[str, ...]:
        """What separates equals: law first, then the document."""
        return (*self.way.ties, *(self.purchase.procedure.ties if self.purchase else ()), *self.tie_rules)

    @property
    def by_brand(self) -> bool:
        """Whether only one bid of each brand can win [87 31]."""
        return self.purchase is not None and self.purchase.procedure.by_brand

    @property
    def scored(self) -> bool:
        """Whether members enter points."""
        return bool(self.items)

    @property
    def uses_ceiling(self) -> bool:
        """Whether the price cannot be scored without a published ceiling [E-F3]."""
        return self.formula is not None and self.formula.uses_ceiling

    def params_with(self, drawn_value: str | None) -> dict[str, object]:
        """The formula's parameters with the drawn one in its place."""
        drawn: dict[str, object] = {self.drawn_parameter: drawn_value} if self.drawn_parameter else {}
        return {**(self.params or {}), **drawn}

    def full_score(self, drawn_value: str | None) -> Fraction:
        """Full points of the price."""
        return exact(str(self.params_with(drawn_value)["full_score"]))


def check_rules(data: Mapping[str, object], prefix: str = "") -> list[Problem]:
    """Every fault of the rules of a tender document, with paths below `prefix`. A document whose rules pass can be evaluated."""
    found = problems_of(FIELDS, data, prefix)
    if found:
        return found
    way = METHODS[str(data["method"])]
    for f in FIELDS:
        given = data.get(f.name) not in (None, "")
        if given and not way.states(f.name):
            found.append(Problem("evaluation.not_in_method", prefix + f.name, {"method": way.id}))
        elif not given and f.name in way.needs:
            found.append(Problem("field.required", prefix + f.name, rule="02 §2.7"))
    return found or list(faults(way, data, prefix))


def rules_from(data: Mapping[str, Any]) -> Rules:
    """The rules as `Rules`. Only for data that `check_rules` has passed."""
    given = {name: value for name, value in data.items() if value not in (None, "")}
    price = given.get("price") or {}
    drawn = price.get("drawn") or {}
    plain = ("line_rounding", "candidates_max", "tie_price", "scored_price", "benchmark_set")
    return Rules(
        way=METHODS[given["method"]],
        corrections=given.get("corrections") or METHODS[given["method"]].corrections,
        **{name: given[name] for name in plain if name in given},
        purchase=Purchase.stated_in(given["purchase"]) if "purchase" in given else None,
        deductions=Deductions.stated_in(given["deductions"]) if "deductions" in given else None,
        low_price=LowPrice.stated_in(given["low_price"]) if "low_price" in given else None,
        formula=PRICE_FORMULAS[price["formula"]] if price else None,
        params=price.get("params"),
        drawn_parameter=drawn.get("parameter", ""),
        drawn_candidates=tuple(drawn.get("candidates", ())),
        items=tuple(item_from(item) for item in given.get("items", ())),
        item_scores=Aggregation(**given["item_scores"]) if "item_scores" in given else None,
        factors=tuple(factor_from(factor) for factor in given.get("factors", ())),
        factor_scores=_places(given, "factor_scores"),
        total=_places(given, "total"),
        tie_rules=tuple(given.get("tie_rules", ())),
        brand_rules=tuple(given.get("brand_rules", ())),
        small_business=Uplift.stated_in(given["small_business"]) if "small_business" in given else None,
        adjustments=tuple(a["id"] for a in given.get("adjustments", ())),
        discount=_places(given, "discount"),
    )


def _places(given: Mapping[str, Any], name: str) -> Places | None:
    return Places(**given[name]) if name in given else None
