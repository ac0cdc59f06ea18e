"""Reading a case: every fault of the document, told at once with its path."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import Problem, refuse_if
from ..fields import Field, check
from .bids import BID_FIELDS, Bid, bid_from, check_bids, priced
from .brands import BRAND_DECISION_FIELDS
from .decisions import Decisions, decide
from .low_price import REVIEW_FIELDS, LowPriceReview, reviews_in
from .methods import SETTLERS
from .numbers import problems_of
from .rejection import REJECTION, REJECTION_FIELDS, Rejection, check_rejections
from .rules import FIELDS, Rules, check_rules, rules_from
from .scoring import Entries, Points, check_points

CASE_FORMAT = "gongxin/evaluation-case/1"
BIDS_MAX = 20_000  # one bidder may send in many, and none may keep the others from being evaluated
MOTIONS_MAX = 200_000
CASE_FIELDS = (
    Field("format", "choice", choices=(CASE_FORMAT,)),
    Field("rules", "object", fields=FIELDS),
    Field("ceiling_fen", "money", required=False, minimum=1, rule="BLR 27"),
    Field("budget_fen", "money", required=False, minimum=1, rule="87 63"),
    Field("reserve_fen", "money", required=False, minimum=1, rule="04 §4.6"),
    Field("drawn_value", "decimal", required=False, rule="02 §2.7.2"),
    Field("members", "list", minimum=1, maximum=99),
    Field("bids", "list", maximum=BIDS_MAX, fields=BID_FIELDS),
    Field("rejections", "list", required=False, maximum=MOTIONS_MAX, fields=REJECTION_FIELDS),
    Field("entries", "list", required=False, maximum=200_000, fields=(
        Field("member", maximum=64),
        Field("bid", maximum=64),
        Field("points", "map", rule="SC-2"),
    )),
    Field("low_price_reviews", "list", required=False, maximum=BIDS_MAX, rule="03 §3.9", fields=REVIEW_FIELDS),
    Field("brand_decisions", "list", required=False, rule="87 31", fields=BRAND_DECISION_FIELDS),
    Field("tie_decisions", "list", required=False, rule="02 §2.7.2", fields=(
        Field("order", "list", minimum=2),
        Field("by", "choice", required=False, choices=SETTLERS),
        Field("reason", "long_text"),
    )),
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A checked case. budget_fen: of a purchase. reserve_fen: the reserve or floor below which no offer wins. unpriced: rejected bids whose
    price was never opened. entries: bid → member → points. tie_orders: in the order of the document, tie_settlers: who or what settled
    each. brand_decisions: brand and bid."""

    rules: Rules
    ceiling_fen: int | None
    budget_fen: int | None
    reserve_fen: int | None
    drawn_value: str | None
    members: tuple[str, ...]
    bids: tuple[Bid, ...]
    unpriced: tuple[str, ...]
    decisions: Decisions
    entries: Entries
    tie_orders: tuple[tuple[str, ...], ...]
    tie_settlers: tuple[str, ...]
    brand_decisions: tuple[tuple[str, str], ...]
    low_price_reviews: tuple[LowPriceReview, ...]

    @property
    def most_fen(self) -> int | None:
        """The price that no bid may exceed: the published ceiling, and the budget where there is one [BLR 27, 87 63]."""
        return min((fen for fen in (self.ceiling_fen, self.budget_fen) if fen is not None), default=None)


def read_case(given: Mapping[str, Any]) -> Case:
    """The checked case, its parts sorted. Raises `Refused` with every problem: an ill-formed part is told as it is, and the
    others are still checked against each other."""
    if not isinstance(given, Mapping):
        refuse_if([Problem("field.not_object")])
    known = {f.name for f in CASE_FIELDS}
    problems = [Problem("field.unknown", str(name)) for name in given if name not in known]
    broken: set[str] = set()
    case: dict[str, Any] = {}
    for f in CASE_FIELDS:
        found = _ill_formed(f, given.get(f.name))
        if found:
            broken.add(f.name)
            problems += found
        else:
            case |= check((f,), {f.name: given.get(f.name)})  # without empty keys, so that nothing below has to look for them
    problems += _problems_between(case, broken)
    refuse_if(problems)
    rules = rules_from(case["rules"])
    bids = sorted((bid_from(bid, rules) for bid in case["bids"] if priced(bid)), key=lambda bid: bid.id)
    motions = sorted(rejections_in(case), key=lambda r: (r.bid, r.ground, r.basis))
    return Case(
        rules=rules,
        ceiling_fen=case.get("ceiling_fen"),
        budget_fen=case.get("budget_fen"),
        reserve_fen=case.get("reserve_fen"),
        drawn_value=case.get("drawn_value"),
        members=tuple(sorted(case["members"])),
        bids=tuple(bids),
        unpriced=tuple(sorted(bid["id"] for bid in case["bids"] if not priced(bid))),
        decisions=decide(bids, motions, len(case["members"]), _most(case), rules.way.grounds),
        entries=_entries_from(case),
        tie_orders=tuple(tuple(decision["order"]) for decision in case.get("tie_decisions") or ()),
        tie_settlers=tuple(decision.get("by") or rules.way.settled_by[0] for decision in case.get("tie_decisions") or ()),
        brand_decisions=_brand_decisions(case),
        low_price_reviews=reviews_in(case.get("low_price_reviews") or ()),
    )


def _ill_formed(f: Field, value: object) -> list[Problem]:
    """Faults of one part by itself; those of the rules include what a form cannot say."""
    if f.name == "rules" and isinstance(value, Mapping):
        return check_rules(value, "rules.")
    return problems_of((f,), {f.name: value})


def _problems_between(case: Mapping[str, Any], broken: set[str]) -> Iterator[Problem]:
    """Faults between well-formed parts; each check runs when the parts that it needs are in order."""
    rules = None if "rules" in broken else rules_from(case["rules"])
    members = [] if "members" in broken else case["members"]
    ids = set() if "bids" in broken else {bid["id"] for bid in case["bids"]}
    found = [Problem("evaluation.twice", f"members.{i}", {"id": name}) for i, name in enumerate(members) if name in members[:i]]
    if "bids" not in broken:
        found += check_bids(case["bids"], rules)
        if not broken & {"members", "rejections"}:
            found += check_rejections(case.get("rejections") or (), ids, members, grounds=rules.way.grounds if rules else REJECTION)
        if "tie_decisions" not in broken:
            found += _order_problems(case, ids)
        if "low_price_reviews" not in broken:
            found += _review_problems(case, ids)
        if not broken & {"members", "entries"}:
            found += _entry_problems(case, ids)
    if rules:
        found += _problems_by_rules(case, rules, broken)
    yield from found


def _order_problems(case: Mapping[str, Any], ids: set[str]) -> Iterator[Problem]:
    for i, decision in enumerate(case.get("tie_decisions") or ()):
        for n, name in enumerate(decision["order"]):
            if name not in ids:
                yield Problem("evaluation.bid_unknown", f"tie_decisions.{i}.order.{n}", {"bid": name})
            elif name in decision["order"][:n]:
                yield Problem("evaluation.twice", f"tie_decisions.{i}.order.{n}", {"id": name})


def _review_problems(case: Mapping[str, Any], ids: set[str]) -> Iterator[Problem]:
    for i, review in enumerate(case.get("low_price_reviews") or ()):
        if review["bid"] not in ids:
            yield Problem("evaluation.bid_unknown", f"low_price_reviews.{i}.bid", {"bid": review["bid"]})


def _entry_problems(case: Mapping[str, Any], ids: set[str]) -> Iterator[Problem]:
    members, seen = set(case["members"]), set()
    for i, entry in enumerate(case.get("entries") or ()):
        member, bid = entry["member"], entry["bid"]
        if member not in members:
            yield Problem("evaluation.member_unknown", f"entries.{i}.member", {"member": member})
        if bid not in ids:
            yield Problem("evaluation.bid_unknown", f"entries.{i}.bid", {"bid": bid})
        if (member, bid) in seen:
            yield Problem("evaluation.twice", f"entries.{i}", {"id": f"{member} {bid}"})
        seen.add((member, bid))


def _problems_by_rules(case: Mapping[str, Any], rules: Rules, broken: set[str]) -> Iterator[Problem]:
    """What the document asks of the case: a ceiling, a drawn value, enough members, points within the score sheet."""
    if rules.formula and rules.uses_ceiling and "ceiling_fen" not in broken and case.get("ceiling_fen") is None:
        yield Problem("evaluation.ceiling_needed", "ceiling_fen", {"formula": rules.formula.id}, rules.formula.id)
    if rules.purchase and not broken & {"ceiling_fen", "budget_fen"} and _most(case) is None:
        yield Problem("evaluation.budget_needed", "budget_fen", rule="87 63")
    if rules.discount and "ceiling_fen" not in broken and case.get("ceiling_fen") is None:
        yield Problem("evaluation.limit_needed", "ceiling_fen", rule="07 §7.4")
    drawn = case.get("drawn_value")
    if rules.drawn_parameter and drawn is None:
        yield Problem("evaluation.not_drawn", "drawn_value", {"parameter": rules.drawn_parameter}, "02 §2.7.2")
    elif "drawn_value" not in broken and drawn is not None and drawn not in rules.drawn_candidates:
        yield Problem("evaluation.not_a_candidate", "drawn_value", {"candidates": ", ".join(rules.drawn_candidates)}, "02 §2.7.2")
    if rules.item_scores and rules.items and "members" not in broken and len(case["members"]) < rules.item_scores.members_min:
        yield Problem("evaluation.too_few_to_trim", "members", {"minimum": rules.item_scores.members_min}, "E-F7")
    known = {"entries": rules.way.points, "ceiling_fen": rules.way.better == "low", "reserve_fen": rules.way.better == "high"}
    known |= {"budget_fen": rules.purchase is not None, "brand_decisions": rules.by_brand}
    known["low_price_reviews"] = rules.purchase is not None
    for name, does in known.items():
        if not does and case.get(name):
            yield Problem("evaluation.not_in_method", name, {"method": rules.method})
    for i, decision in enumerate(case.get("tie_decisions") or ()):
        if decision.get("by") and decision["by"] not in rules.way.settled_by:
            yield Problem("field.not_a_choice", f"tie_decisions.{i}.by", {"choices": ", ".join(rules.way.settled_by)}, "02 §2.7.2")
    if rules.way.points and "entries" not in broken:
        for i, entry in enumerate(case.get("entries") or ()):
            yield from check_points(rules.items, entry["points"], f"entries.{i}.points.", complete=False)


def _brand_decisions(case: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((decision["brand"].strip(), decision["bid"]) for decision in case.get("brand_decisions") or ())


def _most(case: Mapping[str, Any]) -> int | None:
    return min((case[name] for name in ("ceiling_fen", "budget_fen") if case.get(name) is not None), default=None)


def rejections_in(case: Mapping[str, Any]) -> list[Rejection]:
    """The motions of a checked case, as it lists them."""
    return [
        Rejection(m["bid"], m["ground"], m["stage"], m["clause"], m["evidence"], m["votes"], m.get("basis") or "")
        for m in case.get("rejections") or ()
    ]


def _entries_from(case: Mapping[str, Any]) -> Entries:
    found: dict[str, dict[str, Points]] = {}
    for entry in case.get("entries") or ():
        found.setdefault(entry["bid"], {})[entry["member"]] = entry["points"]
    return found
