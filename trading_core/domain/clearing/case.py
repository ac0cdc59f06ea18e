"""A whole sealed clearing from one JSON document to another: what the platform and ``gongxin evaluate`` use. Both documents are described
in docs/formats-clearing.md."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..errors import Problem, refuse_if
from ..evaluation.numbers import exact, plain, problems_of
from ..events import instant_from
from ..fields import Field
from .rules import FIELDS, Rules, check_rules, price_problems, rules_from
from .sealed import Allocation, Clearing, Order, by_rank, clear

CASE_FORMAT, RESULT_FORMAT = "gongxin/clearing-case/1", "gongxin/clearing-result/1"
ORDERS_MAX = 200_000
NOT_A_MULTIPLE = "not_a_multiple"
ORDER_FIELDS = (
    Field("bidder", maximum=64),
    Field("quantity", "decimal", rule="06 §6.4"),
    Field("unit_price_fen", "money", rule="06 §6.4"),
    Field("received_at", "instant", rule="06 §6.4"),
    Field("seq", "integer", minimum=0, rule="06 §6.4"),
)
CASE_FIELDS = (
    Field("format", "choice", choices=(CASE_FORMAT,)),
    Field("rules", "object", fields=FIELDS),
    Field("orders", "list", maximum=ORDERS_MAX, fields=ORDER_FIELDS),
)


def clear_case(case: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a case: quantities as text in the unit, money as integer fen, nothing that depends on the order of `orders`.

    Raises `Refused` with every problem of the case. What a bid may be by its form and still not count, below the reserve, not a multiple of
    the quantum, beyond the bidder's limit, is no problem of the case: the result says why it is dropped.
    """
    refuse_if(_problems(case))
    rules, rows = rules_from(case["rules"]), case["orders"]
    orders = {row["seq"]: _order(rules, row) for row in rows}
    odd = {seq for seq, order in orders.items() if not order.quantity}
    cleared = clear(rules, (order for seq, order in orders.items() if seq not in odd))
    became = {a.order.seq: a for a in cleared.allocations} | {seq: Allocation(orders[seq], 0, 0, NOT_A_MULTIPLE) for seq in odd}
    asked = {row["seq"]: plain(exact(row["quantity"])) for row in rows}
    lines = [_line(rules, became[order.seq], asked[order.seq]) for order in by_rank(orders.values())]
    return _result(rules, cleared, lines)


def _problems(case: Mapping[str, Any]) -> list[Problem]:
    """Faults of the form and of the rules; without any, those of the orders by the rules."""
    if not isinstance(case, Mapping):
        return [Problem("field.not_object")]
    found = problems_of(CASE_FIELDS, case)
    if isinstance(case.get("rules"), Mapping):
        found = check_rules(case["rules"], "rules.") + [p for p in found if not p.path.startswith("rules.")]
    return found or list(_order_problems(rules_from(case["rules"]), case["orders"]))


def _order(rules: Rules, row: Mapping[str, Any]) -> Order:
    """A step as the case states it; of no quanta when its quantity is no multiple of the quantum."""
    quantity = rules.quantum.whole(row["quantity"]) or 0
    return Order(row["bidder"], quantity, row["unit_price_fen"], instant_from(row["received_at"]), row["seq"])


def _order_problems(rules: Rules, rows: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    """What no bid that the platform received can be: twice the same number, a second step where one is allowed, nothing, endless money."""
    numbers, bidders = set[int](), set[str]()
    for i, row in enumerate(rows):
        path = f"orders.{i}."
        if row["seq"] in numbers:
            yield Problem("clearing.seq_twice", path + "seq", {"seq": row["seq"]})
        if row["bidder"] in bidders and not rules.several_steps:
            yield Problem("clearing.several_steps", path + "bidder", {"bidder": row["bidder"]}, "06 §6.4")
        numbers.add(row["seq"])
        bidders.add(row["bidder"])
        if exact(row["quantity"]) <= 0:
            yield Problem("clearing.not_positive", path + "quantity", {"value": row["quantity"]})
        yield from price_problems(rules, row["unit_price_fen"], path + "unit_price_fen")


# ------------------------------------------------------------------ the result

def _result(rules: Rules, cleared: Clearing, lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    text = rules.quantum.text
    result: dict[str, Any] = {
        "format": RESULT_FORMAT,
        "pricing_rule": rules.pricing_rule, "marginal_rule": rules.marginal_rule, "rounding_rule": rules.rounding_rule,
        "quantity_unit": rules.quantity_unit, "supply": text(rules.supply), "sold": text(cleared.sold), "unsold": text(cleared.unsold),
        "orders": list(lines),
        "bidders": [{"bidder": p.bidder, "allocated": text(p.quantity), "amount_fen": p.amount_fen} for p in cleared.purchases],
        "revenue_fen": cleared.revenue_fen,
    }  # fmt: skip
    if cleared.price_fen is not None:
        result["clearing_price_fen"] = cleared.price_fen
    if cleared.marginal is not None:
        level = cleared.marginal
        result["marginal"] = {
            "unit_price_fen": level.unit_price_fen, "available": text(level.available), "demanded": text(level.demanded),
        }  # fmt: skip
    return result


def _line(rules: Rules, a: Allocation, asked: str) -> dict[str, Any]:
    """One step with what became of it; ``counted`` only where the limit cut it."""
    line: dict[str, Any] = {"seq": a.order.seq, "bidder": a.order.bidder, "unit_price_fen": a.order.unit_price_fen, "quantity": asked}
    if a.dropped:
        return line | {"dropped": a.dropped}
    if a.counted < a.order.quantity:
        line["counted"] = rules.quantum.text(a.counted)
    return line | {"allocated": rules.quantum.text(a.quantity)}
