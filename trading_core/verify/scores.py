"""Repeating an evaluation: every figure and place in the result must follow from the case.

Written from the rulebook [02 §2.5, §2.7, 03 §3.6–§3.12a, 04 §4.6, 05 §5.4, 07 §7.4] and docs/formats-evaluation.md, not from the
server's code.
"""
from __future__ import annotations

from fractions import Fraction

from .benefits import reviews
from .cases import NAME, Case, decision, listed
from .cases import read_case as read_case
from .contest import bidders, brands, low_prices, passed_over, waiting
from .figures import MODES, rounded, written
from .points import scored
from .prices import places, plain, stated
from .ranking import Said, ranking, recommended
from .report import Broken
from .text import Value, canonical
from .ways import bought, tie_order, too_few

LESS = ("evaluated_price", "lower_price")
"""Criteria of which less is better."""


def result_of(case: Case) -> Said:
    """Everything of the result that must follow from the case; None stands for what must not be there."""
    rules, way = case.rules, case.way
    _, what, day = bought(rules)
    conforming = _conforming(case)
    taking_part = _taking_part(case, conforming)
    out = passed_over(taking_part)
    reserve = stated(case.value, "reserve_fen")
    floor = reserve.integer() if reserve and way.high else 0
    status = {bid: _status(case, bid, out, floor) for bid in case.prices}
    compared = [bid for bid in sorted(case.prices) if status[bid] == "valid"]
    reviewed = reviews(rules, case.bids, case.prices, compared, what or "works", day)
    own, values, price = (_points if way.points else _prices)(case, compared, reviewed)
    criteria = (_first(case), *tie_order(way, rules))
    ranks = {bid: tuple(values[bid][c] if c in LESS else -values[bid][c] for c in criteria) for bid in compared}
    decided = [(t["order"].texts(), str(plain(t, "by") or way.settler)) for t in listed(case.value, "tie_decisions")]
    order = ranking(ranks, criteria, decided)
    found = taking_part or (_scored_brands(case, compared, values) if way.points else [])
    said: Said = {"format": "gongxin/evaluation-result/1", "method": rules["method"].raw, "price": price}
    said["bids"] = [_bid(case, name, status, own, reviewed) for name in sorted(case.bids)]
    said["rejections"] = [_motion(case, m) for m in sorted(listed(case.value, "rejections"), key=_motion_key)]
    said["ranking"] = order
    said["brands"] = found or None
    said["low_prices"] = low_prices(case.value, {b: case.prices[b] for b in conforming}, compared, NAME) or None
    said["fewer"] = too_few(rules, bidders(case.bids, [bid for bid in case.valid if bid in case.prices]))
    sure = _sure(order, passed_over(found), waiting(found))
    return said | {"undecided": None} | recommended(sure, rules["candidates_max"].integer(1), case.prices)


def _conforming(case: Case) -> list[str]:
    """Bids with a price that were not rejected in preliminary review; a low price is judged later, whatever its motion says."""
    members = len(case.value["members"].entries())
    out = {
        m["bid"].text() for m in listed(case.value, "rejections")
        if m["stage"].text() == "preliminary" and m["ground"].text() != "IV-7" and decision(m, members) == "rejected"
    }  # fmt: skip
    return [bid for bid in sorted(case.prices) if bid not in out]


def _taking_part(case: Case, conforming: list[str]) -> list[Said]:
    """Where the lowest price wins a tender of procurement: the bid of each brand that takes part. All must be decided."""
    if case.way.points or bought(case.rules)[0] != "tender":
        return []
    found = brands(case.bids, {b: (Fraction(case.prices[b]),) for b in conforming}, listed(case.value, "brand_decisions"), NAME)
    if open_ones := sorted(waiting(found)):
        raise Broken(NAME, f"{case.value.where} brand_decisions", "a choice among equal bids of one brand", ", ".join(open_ones))
    return found


def _scored_brands(case: Case, compared: list[str], values: dict[str, dict[str, Fraction]]) -> list[Said]:
    """The best scored bid of each brand in a tender of procurement."""
    if bought(case.rules)[0] != "tender":
        return []
    rules = stated(case.rules, "brand_rules")
    criteria = ("total", *(rules.texts() if rules else ()))
    worth = {bid: tuple(values[bid][c] if c in LESS else -values[bid][c] for c in criteria) for bid in compared}
    return brands(case.bids, worth, listed(case.value, "brand_decisions"), NAME)


def _sure(order: list[Said], out: set[str], open_ones: set[str]) -> list[Said]:
    """Places that may lead to a seat: without bids that their brand passes over, and nobody from an undecided brand on."""
    left = [p for p in order if p["bid"] not in out]
    first = next((p["rank"] for p in left if p["bid"] in open_ones), None)
    return left if first is None else [p for p in left if int(str(p["rank"])) < int(str(first))]


def _status(case: Case, bid: str, out: set[str], floor: int) -> str:
    if bid in case.rejected:
        return "rejected"
    if bid in out:
        return "same_brand"
    return "below_reserve" if case.prices[bid] < floor else "valid"


def _first(case: Case) -> str:
    if case.way.points:
        return "total"
    if stated(case.rules, "discount") is not None:
        return "higher_discount"
    return "higher_offer" if case.way.high else "evaluated_price"


def _motion_key(motion: Value) -> tuple[str, str, str]:
    return motion["bid"].text(), motion["ground"].text(), str(plain(motion, "basis") or "")


def _bid(case: Case, name: str, status: dict[str, str], own: dict[str, Said], reviewed: dict[str, dict[str, object]]) -> Said:
    if name not in case.prices:
        return {"bid": name, "status": "rejected"}
    said: Said = {"bid": name, "status": status[name], "quoted_fen": case.bids[name]["price_fen"].raw, "bid_price_fen": case.prices[name]}
    return {**said, "review": reviewed.get(name), **own.get(name, {})}


def _motion(case: Case, motion: Value) -> Said:
    members, votes = len(case.value["members"].entries()), [v.boolean() for _, v in motion["votes"].members()]
    return {
        "bid": motion["bid"].raw, "ground": motion["ground"].raw, "members": members, "in_favour": sum(votes),
        "against": len(votes) - sum(votes), "decision": decision(motion, members),
    }  # fmt: skip


Method = tuple[dict[str, Said], dict[str, dict[str, Fraction]], Said | None]
"""What is said of each bid, the values by which it is ranked, what is said of the price."""


def _common(case: Case, bid: str, reviewed: dict[str, dict[str, object]]) -> dict[str, Fraction]:
    which = str(plain(case.rules, "tie_price") or "quoted")
    tie_price = int(str(reviewed[bid]["review_fen"])) if which == "review" else case.price(bid, which)
    return {"lower_price": Fraction(tie_price), "higher_offer": Fraction(case.prices[bid])}


def _prices(case: Case, compared: list[str], reviewed: dict[str, dict[str, object]]) -> Method:
    """Bids compared by a price [02 §2.7.1, 03 §3.7, 07 §7.4]."""
    own: dict[str, Said] = {}
    values: dict[str, dict[str, Fraction]] = {}
    for name in compared:
        adjustments = {a["id"].text(): a["amount_fen"].integer(-(10**15)) for a in listed(case.bids[name], "adjustments")}
        review = reviewed.get(name)
        evaluated = int(str(review["review_fen"])) if review else case.prices[name] + sum(adjustments.values())
        discount, digits = _discount(case, name)
        own[name] = {"adjustments": adjustments, "evaluated_fen": evaluated, "discount": written(discount, digits) if digits >= 0 else None}
        values[name] = {"evaluated_price": Fraction(evaluated), "higher_discount": discount, **_common(case, name, reviewed)}
    return own, values, None


def _discount(case: Case, name: str) -> tuple[Fraction, int]:
    """Percent below the limit price and its places; places below zero where bids are not compared so."""
    how = stated(case.rules, "discount")
    if how is None:
        return Fraction(0), -1
    digits, limit = places(how, "places"), case.value["ceiling_fen"].integer(1)
    return rounded((1 - Fraction(case.prices[name], limit)) * 100, digits, how["rounding"].choice(*MODES)), digits


def _points(case: Case, compared: list[str], reviewed: dict[str, dict[str, object]]) -> Method:
    """Bids compared by the sum of their points [02 §2.7.2, 03 §3.7, 05 R-M3]."""
    rules = case.rules
    which, fixed = stated(rules, "scored_price"), stated(rules, "benchmark_set")
    scored_price = which.choice("quoted", "corrected") if which else "corrected"
    stays = fixed is not None and fixed.choice("fixed_after_preliminary_review", "recomputed_after_rejection").startswith("fixed")
    later = [b for b in sorted(case.prices) if stays and case.rejected.get(b) == "detailed"]
    fen = {b: int(str(reviewed[b]["review_fen"])) if b in reviewed else case.price(b, scored_price) for b in (*compared, *later)}
    own, values, price = scored(case.value, case.bids, fen, {b: fen[b] for b in compared}, case.way.formulas, NAME)
    return own, {b: values[b] | _common(case, b, reviewed) for b in compared}, price


def compare(expected: object, found: Value, where: str) -> None:
    """Everything expected stands in what was found, and what is expected to be None does not; further members may. Raises `Broken` at the
    first difference."""
    if isinstance(expected, dict) and isinstance(found.raw, dict):
        for key, value in expected.items():
            if value is None:
                if found.raw.get(key) is not None:
                    raise Broken(NAME, f"{where} {key}", "nothing", canonical(found.raw[key])[:200])
                continue
            if key not in found.raw:
                raise Broken(NAME, f"{where} {key}", canonical(value)[:200], "nothing")
            compare(value, found[key], f"{where} {key}")
    elif isinstance(expected, list) and isinstance(found.raw, list) and len(expected) == len(found.raw):
        for i, (value, entry) in enumerate(zip(expected, found.entries(), strict=True)):
            compare(value, entry, f"{where}[{i}]")
    elif expected != found.raw or isinstance(expected, bool) != isinstance(found.raw, bool):
        raise Broken(NAME, where, canonical(expected)[:200], canonical(found.raw)[:200])
