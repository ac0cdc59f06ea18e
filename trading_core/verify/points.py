"""Points of bids: price, what members gave, what bids state (docs/formats-evaluation.md §5) [02 §2.7.2, 46 9].

Written from the rulebook, not from the server's code.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from .benefits import size_of
from .figures import MODES, exact, rounded, shown, written
from .prices import places, price_scores, stated
from .ranking import Said
from .report import Broken, Malformed
from .text import Value, canonical

GROUPS = ("technical", "commercial", "credit")
Earned = tuple[str, Fraction, int, Said]
"""Group, score, places of the score, and what is said of it."""


def scored(
    case: Value, bids: Mapping[str, Value], counted: Mapping[str, int], prices: Mapping[str, int], formulas: Sequence[str], check: str
) -> tuple[dict[str, Said], dict[str, dict[str, Fraction]], Said | None]:
    """What is said of each bid, the values by which it is ranked, and what is said of the price; None where it is no factor.

    counted: prices in fen that enter the benchmark; prices: of the bids that are scored.
    """
    rules = case["rules"]
    if stated(rules, "price") is None:
        rules["price_excluded"].choice("national_price", "price_unknowable")
        none = {bid: _bid(case, bids[bid], None, None, check) for bid in prices}
        return {b: said for b, (said, _) in none.items()}, {b: values for b, (_, values) in none.items()}, None
    formula, params = rules["price"]["formula"].choice(*formulas), _params(case, check)
    ceiling = stated(case, "ceiling_fen")
    benchmark, rows = price_scores(formula, params, counted, prices, ceiling.integer() if ceiling else None)
    own: dict[str, Said] = {}
    values: dict[str, dict[str, Fraction]] = {}
    for bid in prices:
        own[bid], values[bid] = _bid(case, bids[bid], rows[bid], params, check)
    return own, values, {"formula": formula, "params": params.raw} | ({"benchmark": benchmark} if benchmark else {})


def _params(case: Value, check: str) -> Value:
    """The formula's parameters, with the drawn one put in."""
    price = case["rules"]["price"]
    drawn = stated(price, "drawn")
    if drawn is None:
        return price["params"]
    value = case["drawn_value"].text()
    if value not in drawn["candidates"].texts():
        raise Broken(check, f"{case.where} drawn_value", " ".join(drawn["candidates"].texts()), value)
    return Value({**price["params"].mapping(), drawn["parameter"].text(): value}, price.where)


def _bid(
    case: Value, bid: Value, row: tuple[Fraction, Said] | None, params: Value | None, check: str
) -> tuple[Said, dict[str, Fraction]]:
    """What is said of a bid's points, and the values by which it is ranked."""
    rules = case["rules"]
    score, price_said = row or (Fraction(0), {})
    benefit = stated(rules, "small_business")
    if benefit and params is not None:
        score, price_said = _with_addition(benefit, bid, score, price_said, params)
    items = [_item(case, item, bid["id"].text(), check) for item in _listed(rules, "items")]
    factors = [_factor(rules, factor, bid) for factor in _listed(rules, "factors")]
    finest = max((p for _, _, p, _ in (*items, *factors)), default=0)
    asked = {entry["group"].choice(*GROUPS) for name in ("items", "factors") for entry in _listed(rules, name)}
    groups = {g: sum((s for group, s, _, _ in (*items, *factors) if group == g), Fraction(0)) for g in GROUPS if g in asked}
    total_places, mode = places(rules["total"], "places"), rules["total"]["rounding"].choice(*MODES)
    total = rounded(score + sum(groups.values(), Fraction(0)), total_places, mode)
    said: Said = {
        "price": price_said or None, "items": [words for *_, words in items],
        "factors": [words for *_, words in factors] if _listed(rules, "factors") else None,
        "groups": {g: written(v, finest) for g, v in groups.items()}, "total": written(total, total_places),
    }  # fmt: skip
    return said, {"total": total, "higher_price_score": score, **{f"higher_{g}": groups.get(g, Fraction(0)) for g in GROUPS}}


def _listed(value: Value, name: str) -> list[Value]:
    found = stated(value, name)
    return found.entries() if found else []


def _with_addition(benefit: Value, bid: Value, score: Fraction, price_said: Said, params: Value) -> tuple[Fraction, Said]:
    """The price score with the addition for small businesses [46 9]."""
    size, digits = size_of(bid, "works"), places(params, "score_places")
    if size != "none":
        digits, full = places(benefit, "places"), exact(params["full_score"])
        raised = score * (1 + exact(benefit[f"{size}_rate"]))
        score = rounded(min(raised, full) if benefit["capped"].boolean() else raised, digits, benefit["rounding"].choice(*MODES))
    return score, {**price_said, "small_business": size, "with_addition": written(score, digits)}


def _factor(rules: Value, factor: Value, bid: Value) -> Earned:
    """What a bid earns by what it states [05 R-M3, 07 SEL-4]."""
    name, how = factor["id"].text(), rules["factor_scores"]
    said = bid["factors"][name]
    scale = stated(factor, "scale")
    if scale is not None:
        share = exact(said) / exact(scale)
    else:
        options = {o["id"].text(): exact(o["earns"]) for o in factor["options"].entries()}
        share = options[said.choice(*options)]
    if not 0 <= share <= 1:
        raise Malformed(said.where, f"a figure from 0 to the scale of {name}")
    unrounded, digits = exact(factor["full_score"]) * share, places(how, "places")
    score = rounded(unrounded, digits, how["rounding"].choice(*MODES))
    words: Said = {
        "factor": name, "group": factor["group"].raw, "stated": said.raw, "unrounded": shown(unrounded), "score": written(score, digits),
    }  # fmt: skip
    return factor["group"].choice(*GROUPS), score, digits, words


def _item(case: Value, item: Value, bid: str, check: str) -> Earned:
    """What members gave for one item of the sheet, joined [E-F7]."""
    name, how = item["id"].text(), case["rules"]["item_scores"]
    given = {e["member"].text(): e["points"][name] for e in _listed(case, "entries") if e["bid"].text() == bid}
    if set(given) != set(case["members"].texts()):
        raise Broken(check, f"{case.where} entries", f"points of every member for {bid} {name}", ", ".join(sorted(given)))
    points = {m: exact(v) for m, v in given.items()}
    entered: Said = {m: v.raw for m, v in given.items()}
    low, high, step = (exact(item[n]) for n in ("points_min", "points_max", "points_step"))
    if step <= 0 or not all(low <= p <= high and (p - low) % step == 0 for p in points.values()):
        raise Broken(check, f"{case.where} entries", f"points within the sheet for {bid} {name}", canonical(entered))
    order = sorted(points, key=lambda m: (points[m], m))
    dropped: list[str] = []
    if item["kind"].choice("subjective", "objective") == "objective":
        if len(set(points.values())) != 1:
            raise Broken(check, f"{case.where} entries", f"one value for the objective item {name} of {bid}", "different ones")
        unrounded = points[order[0]]
        digits = len(given[order[0]].text().partition(".")[2].rstrip("0"))
    else:
        if how["aggregation"].choice("mean", "trimmed_mean") == "trimmed_mean":
            dropped, order = sorted((order[0], order[-1])), order[1:-1]
        unrounded, digits = sum((points[m] for m in order), Fraction(0)) / max(len(order), 1), places(how, "places")
    score = rounded(unrounded, digits, how["rounding"].choice(*MODES))
    words: Said = {
        "item": name, "group": item["group"].raw, "points": entered, "dropped": dropped,
        "score": written(score, digits),
    }  # fmt: skip
    return item["group"].choice(*GROUPS), score, digits, words
