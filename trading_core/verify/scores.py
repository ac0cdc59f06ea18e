"""Repeating an evaluation: every figure and place in the result must follow from the case.

Written from the rulebook [02 §2.5, §2.7] and docs/formats-evaluation.md, not from the server's code.
"""
from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from .figures import MODES, exact, rounded, written
from .prices import bid_price, corrected_price, places, plain, price_scores, stated
from .ranking import Said, ranking, recommended
from .report import Broken, Malformed
from .text import Value, canonical

NAME = "evaluation.scores"
GROUPS = ("technical", "commercial", "credit")


@dataclass
class Case:
    """A case, with what both methods need of it. prices: binding ones in fen, of bids whose price was opened. rejected: bid to the
    earliest stage at which it was."""

    value: Value
    rules: Value
    bids: dict[str, Value]
    prices: dict[str, int]
    rejected: dict[str, str]

    def price(self, bid: str, which: str) -> int:
        """The price in fen that a rule names."""
        return self.bids[bid]["price_fen"].integer(1) if which == "quoted" else self.prices[bid]

    @property
    def valid(self) -> list[str]:
        return [bid for bid in sorted(self.bids) if bid not in self.rejected]


def read_case(value: Value) -> Case:
    value["format"].choice("gongxin/evaluation-case/1")
    rules, members = value["rules"], len(value["members"].texts())
    mode = rules["line_rounding"].choice(*MODES)
    bids = {b["id"].text(): b for b in value["bids"].entries()}
    if len(bids) != len(value["bids"].entries()):
        raise Malformed(value["bids"].where, "each bid once")
    rejected: dict[str, str] = {}
    for motion in listed(value, "rejections"):
        stage = motion["stage"].choice("preliminary", "detailed")
        if _decision(motion, members) == "rejected" and rejected.get(motion["bid"].text()) != "preliminary":
            rejected[motion["bid"].text()] = stage
    prices = {name: bid_price(b, mode) for name, b in bids.items() if plain(b, "price_fen") is not None}
    case = Case(value, rules, bids, prices, rejected)
    for name in case.valid:
        if name not in prices:
            raise Broken(NAME, bids[name].where, "a price, or a rejection before it was opened", name)
        _check_settled(case, name, corrected_price(bids[name], mode))
    return case


def _check_settled(case: Case, name: str, corrected: int) -> None:
    """A valid bid has no correction unconfirmed, no price above the ceiling and no doubt that nobody voted on. Raises `Broken`."""
    if case.prices[name] != corrected:
        raise Broken(NAME, case.bids[name].where, "a correction that the bidder confirmed, or a rejection", name)
    ceiling = plain(case.value, "ceiling_fen")
    highest = max(case.prices[name], case.bids[name]["price_fen"].integer(1))
    voted = any(m["bid"].text() == name and plain(m, "basis") == "above_ceiling" for m in listed(case.value, "rejections"))
    if isinstance(ceiling, int) and highest > ceiling and not voted:
        raise Broken(NAME, case.bids[name].where, f"a vote on a price above the ceiling {ceiling}", highest)
    grounds = {m["ground"].text() for m in listed(case.value, "rejections") if m["bid"].text() == name}
    for doubt in listed(case.bids[name], "doubts"):
        if doubt["ground"].text() not in grounds:
            raise Broken(NAME, doubt.where, "a vote on the doubt", doubt["ground"].text())


def listed(value: Value, name: str) -> list[Value]:
    found = stated(value, name)
    return found.entries() if found else []


def _decision(motion: Value, members: int) -> str:
    """More than half of all members must vote to reject; an open vote may not stand in a summary."""
    votes = [v.boolean() for _, v in motion["votes"].members()]
    if 2 * sum(votes) > members:
        return "rejected"
    if 2 * (sum(votes) + members - len(votes)) > members or len(votes) > members:
        raise Malformed(motion.where, "a vote that is decided")
    return "kept"


# ------------------------------------------------------------------ the result that must be

def result_of(case: Case) -> Said:
    """Everything of the result that must follow from the case."""
    method = case.rules["method"].choice("comprehensive", "lowest")
    said: Said = {"format": "gongxin/evaluation-result/1", "method": method}
    own, ranks, criteria, price = (_comprehensive if method == "comprehensive" else _lowest)(case)
    decisions = [t["order"].texts() for t in listed(case.value, "tie_decisions")]
    order = ranking(ranks, criteria, decisions)
    if price:
        said["price"] = price
    said["bids"] = [_bid(case, name, own.get(name, {})) for name in sorted(case.bids)]
    said["rejections"] = [_motion(case, m) for m in sorted(listed(case.value, "rejections"), key=_motion_key)]
    said["ranking"] = order
    return said | recommended(order, case.rules["candidates_max"].integer(1), case.prices)


def _motion_key(motion: Value) -> tuple[str, str, str]:
    return motion["bid"].text(), motion["ground"].text(), str(plain(motion, "basis") or "")


def _bid(case: Case, name: str, own: Said) -> Said:
    status = "rejected" if name in case.rejected else "valid"
    if name not in case.prices:
        return {"bid": name, "status": status}
    return {"bid": name, "status": status, "quoted_fen": case.bids[name]["price_fen"].raw, "bid_price_fen": case.prices[name], **own}


def _motion(case: Case, motion: Value) -> Said:
    members, votes = len(case.value["members"].entries()), [v.boolean() for _, v in motion["votes"].members()]
    return {
        "bid": motion["bid"].raw, "ground": motion["ground"].raw, "members": members, "in_favour": sum(votes),
        "against": len(votes) - sum(votes), "decision": _decision(motion, members),
    }  # fmt: skip


Method = tuple[dict[str, Said], dict[str, tuple[Fraction, ...]], tuple[str, ...], Said]
"""What is said of each bid, its sort key (less is better), the criteria's names, what is said of the price."""


def _lowest(case: Case) -> Method:
    """The lowest evaluated price; equal ones by the lower price [02 §2.7.1]."""
    own: dict[str, Said] = {}
    ranks: dict[str, tuple[Fraction, ...]] = {}
    for name in case.valid:
        adjustments = {a["id"].text(): a["amount_fen"].integer(-(10**15)) for a in listed(case.bids[name], "adjustments")}
        evaluated = case.prices[name] + sum(adjustments.values())
        own[name] = {"adjustments": adjustments, "evaluated_fen": evaluated}
        ranks[name] = Fraction(evaluated), Fraction(case.price(name, case.rules["tie_price"].text()))
    return own, ranks, ("evaluated_price", "lower_price"), {}


def _comprehensive(case: Case) -> Method:
    """The sum of scores; equal ones by the lower price, then by what the document adds [02 §2.7.2]."""
    rules, which = case.rules, case.rules["scored_price"].choice("quoted", "corrected")
    fixed = rules["benchmark_set"].choice("fixed_after_preliminary_review", "recomputed_after_rejection").startswith("fixed")
    counted = [b for b in sorted(case.prices) if b not in case.rejected or (fixed and case.rejected[b] == "detailed")]
    formula, params = rules["price"]["formula"].choice("E-F1", "E-F2", "E-F3", "E-F4", "E-F5", "E-F6"), _params(case)
    scored = {b: case.price(b, which) for b in case.valid}
    stated_ceiling = stated(case.value, "ceiling_fen")
    ceiling = stated_ceiling.integer() if stated_ceiling else None
    benchmark, price_said = price_scores(formula, params, {b: case.price(b, which) for b in counted}, scored, ceiling)
    own: dict[str, Said] = {}
    ranks: dict[str, tuple[Fraction, ...]] = {}
    tie_rules = rules["tie_rules"].texts()
    for name in case.valid:
        own[name], values = _score(case, name, params, *price_said[name])
        values["lower_price"] = -Fraction(case.price(name, rules["tie_price"].text()))
        ranks[name] = tuple(-values[c] for c in ("total", "lower_price", *tie_rules))
    price: Said = {"formula": formula, "params": params.raw} | ({"benchmark": benchmark} if benchmark else {})
    return own, ranks, ("total", "lower_price", *tie_rules), price


def _params(case: Case) -> Value:
    """The formula's parameters, with the drawn one put in."""
    price = case.rules["price"]
    drawn = stated(price, "drawn")
    if drawn is None:
        return price["params"]
    value = case.value["drawn_value"].text()
    if value not in drawn["candidates"].texts():
        raise Broken(NAME, f"{case.value.where} drawn_value", " ".join(drawn["candidates"].texts()), value)
    return Value({**price["params"].mapping(), drawn["parameter"].text(): value}, price.where)


def _score(case: Case, name: str, params: Value, score: Fraction, price_said: Said) -> tuple[Said, dict[str, Fraction]]:
    """What is said of a bid's scores, and the values by which it is ranked."""
    rules = case.rules
    benefit = stated(rules, "small_business")
    if benefit:
        asked = stated(case.bids[name], "small_business")
        size = asked.choice("none", "small_micro", "consortium") if asked else "none"
        score, digits = _with_addition(benefit, size, score, params)
        price_said = {**price_said, "small_business": size, "with_addition": written(score, digits)}
    items = [_item(case, item, name) for item in rules["items"].entries()]
    finest = max((p for _, _, p, _ in items), default=0)
    groups = {g: sum((s for group, s, _, _ in items if group == g), Fraction(0)) for g in GROUPS if any(i[0] == g for i in items)}
    total_places, mode = places(rules["total"], "places"), rules["total"]["rounding"].choice(*MODES)
    total = rounded(score + sum(groups.values(), Fraction(0)), total_places, mode)
    said: Said = {
        "price": price_said, "items": [words for *_, words in items], "groups": {g: written(v, finest) for g, v in groups.items()},
        "total": written(total, total_places),
    }  # fmt: skip
    return said, {"total": total, "higher_price_score": score, **{f"higher_{g}": groups.get(g, Fraction(0)) for g in GROUPS}}


def _with_addition(benefit: Value, size: str, score: Fraction, params: Value) -> tuple[Fraction, int]:
    """The price score with the addition for small businesses, and its places [46 9]."""
    if size == "none":
        return score, places(params, "score_places")
    digits = places(benefit, "places")
    raised = score * (1 + exact(benefit[f"{size}_rate"]))
    if benefit["capped"].boolean():
        raised = min(raised, exact(params["full_score"]))
    return rounded(raised, digits, benefit["rounding"].choice(*MODES)), digits


def _item(case: Case, item: Value, bid: str) -> tuple[str, Fraction, int, Said]:
    """Group, score, places of the score, and what is said of one item of the sheet [E-F7]."""
    name, how = item["id"].text(), case.rules["item_scores"]
    given = {e["member"].text(): e["points"][name] for e in listed(case.value, "entries") if e["bid"].text() == bid}
    if set(given) != set(case.value["members"].texts()):
        raise Broken(NAME, f"{case.value.where} entries", f"points of every member for {bid} {name}", ", ".join(sorted(given)))
    points = {m: exact(v) for m, v in given.items()}
    entered: Said = {m: v.raw for m, v in given.items()}
    low, high, step = (exact(item[n]) for n in ("points_min", "points_max", "points_step"))
    if step <= 0 or not all(low <= p <= high and (p - low) % step == 0 for p in points.values()):
        raise Broken(NAME, f"{case.value.where} entries", f"points within the sheet for {bid} {name}", canonical(entered))
    order = sorted(points, key=lambda m: (points[m], m))
    dropped: list[str] = []
    if item["kind"].choice("subjective", "objective") == "objective":
        if len(set(points.values())) != 1:
            raise Broken(NAME, f"{case.value.where} entries", f"one value for the objective item {name} of {bid}", "different ones")
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


def compare(expected: object, found: Value, where: str) -> None:
    """Everything expected stands in what was found; further members may. Raises `Broken` at the first difference."""
    if isinstance(expected, dict) and isinstance(found.raw, dict):
        for key, value in expected.items():
            if key not in found.raw:
                raise Broken(NAME, f"{where} {key}", canonical(value)[:200], "nothing")
            compare(value, found[key], f"{where} {key}")
    elif isinstance(expected, list) and isinstance(found.raw, list) and len(expected) == len(found.raw):
        for i, (value, entry) in enumerate(zip(expected, found.entries(), strict=True)):
            compare(value, entry, f"{where}[{i}]")
    elif expected != found.raw or isinstance(expected, bool) != isinstance(found.raw, bool):
        raise Broken(NAME, where, canonical(expected)[:200], canonical(found.raw)[:200])
