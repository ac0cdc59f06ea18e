"""Faults between the fields of a document's rules that are each well formed."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..errors import Problem
from .benefits import check_deductions, check_uplift
from .factors import check_factors
from .formulas import PRICE_FORMULAS
from .low_price import check_low_price
from .methods import PRICES, REVIEWED, Method
from .numbers import exact
from .purchase import Purchase, check_purchase, weight_problem
from .scoring import Aggregation, check_sheet, item_from


def faults(way: Method, data: Mapping[str, Any], prefix: str) -> Iterator[Problem]:
    """Everything that does not fit together in rules whose fields are each well formed."""
    if data["candidates_max"] > way.candidates_max:
        figures = {"minimum": 1, "maximum": way.candidates_max, "value": data["candidates_max"]}
        yield Problem("field.out_of_range", prefix + "candidates_max", figures, "BLR 53")
    in_price = list(_price_problems(way, data["price"], prefix + "price.")) if data.get("price") else []
    yield from in_price
    in_sheet = list(_sheet_problems(data, prefix))
    yield from in_sheet
    if data.get("purchase"):
        yield from _buying_problems(way, data, prefix, weighed=not in_price and not in_sheet)
    for key, known in (("tie_rules", way.tie_rules), ("brand_rules", (*way.ties, *way.tie_rules))):
        names = data.get(key) or ()
        yield from _twice(names, prefix + key)
        for i, name in enumerate(names):
            if name not in known:
                yield Problem("field.not_a_choice", f"{prefix}{key}.{i}", {"choices": ", ".join(known)}, "02 §2.7.2")
    if data.get("small_business") and not in_price:
        yield from check_uplift(data["small_business"], data["price"]["params"]["score_places"], prefix + "small_business.")
    yield from _twice([adjustment["id"] for adjustment in data.get("adjustments") or ()], prefix + "adjustments", ".id")


def _buying_problems(way: Method, data: Mapping[str, Any], prefix: str, weighed: bool) -> Iterator[Problem]:
    """What the law of procurement asks on the day of the announcement. weighed: whether the price can be weighed against the sheet."""
    purchase = Purchase.stated_in(data["purchase"])
    yield from check_purchase(purchase, way.id, prefix + "purchase.")
    yield from check_deductions(data.get("deductions"), purchase, prefix + "deductions.")
    yield from check_low_price(data.get("low_price"), purchase, prefix + "low_price.")
    if data.get("tie_price") == REVIEWED and not data.get("deductions"):
        yield Problem("field.not_a_choice", prefix + "tie_price", {"choices": ", ".join(PRICES)}, "87 57")
    if data.get("brand_rules") and not purchase.procedure.by_brand:
        yield Problem("evaluation.brands_not_compared", prefix + "brand_rules", rule="87 31")
    if not way.points:
        return
    excluded = data.get("price_excluded")
    if excluded and excluded not in purchase.procedure.price_excluded:
        choices = ", ".join(purchase.procedure.price_excluded)
        yield Problem("field.not_a_choice", prefix + "price_excluded", {"choices": choices}, "87 55")
    if bool(excluded) == bool(data.get("price")):
        yield Problem("evaluation.price_or_ground", prefix + "price", rule="87 55")
    elif data.get("price") and weighed:
        price = exact(data["price"]["params"]["full_score"])
        points = [exact(item["points_max"]) for item in data.get("items") or ()]
        points += [exact(factor["full_score"]) for factor in data.get("factors") or ()]
        if price + sum(points):
            yield from weight_problem(purchase, price / (price + sum(points)), prefix + "price.params.full_score")


def _sheet_problems(data: Mapping[str, Any], prefix: str) -> Iterator[Problem]:
    """What members score and what bids state, each with the rounding of its points."""
    for name, rounding in (("items", "item_scores"), ("factors", "factor_scores")):
        if data.get(name) and not data.get(rounding):
            yield Problem("field.required", prefix + rounding, rule="02 §2.7.2")
    if data.get("items") and data.get("item_scores"):
        yield from check_sheet([item_from(item) for item in data["items"]], Aggregation(**data["item_scores"]), prefix)
    if data.get("factors") and data.get("factor_scores"):
        yield from check_factors(data["factors"], data["factor_scores"], prefix)


def _price_problems(way: Method, price: Mapping[str, Any], prefix: str) -> Iterator[Problem]:
    """Parameters, and with a drawn one every value that may come out: the draw must not be able to give an impossible formula."""
    formula, params, drawn = PRICE_FORMULAS[price["formula"]], price["params"], price.get("drawn")
    if formula.id not in way.formulas:
        yield Problem("field.not_a_choice", prefix + "formula", {"choices": ", ".join(way.formulas)}, "02 §2.7.2")
        return
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
