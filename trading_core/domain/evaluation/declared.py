"""What a bid declares about who makes, builds or serves, and where products come from: which benefits that earns [46 2, 4, 9; 03 P-D3 …
P-D11]. The declaration alone counts; whether it is true is checked elsewhere."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from ..errors import Problem
from ..fields import Field
from .limits import DOMESTIC_SHARE, SMALL_SHARE, in_force
from .numbers import exact

GOODS = "goods"
NONE, SMALL_MICRO, CONSORTIUM = "none", "small_micro", "consortium"
SIZES = (NONE, SMALL_MICRO, CONSORTIUM)
ENTERPRISES = ("large", "medium", "small", "micro", "prison", "welfare")
SMALL = frozenset({"small", "micro", "prison", "welfare"})
"""Small and micro alike; prison enterprises and welfare units count as such, and nobody counts twice [P-D5, P-D10]."""

DECLARED_FIELDS = (
    Field("small_business", "choice", required=False, choices=SIZES, rule="46 9"),
    Field("domestic", "boolean", required=False, rule="P-D11"),
    Field("parties", "list", required=False, maximum=100, rule="46 9", fields=(
        Field("id", maximum=64),
        Field("size", "choice", choices=ENTERPRISES),
        Field("contract_share", "decimal", required=False, minimum=0, maximum=1),
        Field("linked", "boolean", required=False),
    )),
    Field("products", "list", required=False, maximum=20_000, rule="46 4", fields=(
        Field("id", maximum=64),
        Field("maker", "choice", choices=ENTERPRISES),
        Field("domestic", "boolean", required=False),
        Field("cost_fen", "money", required=False),
    )),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Declared:
    """The benefits that a bid's declaration earns. size: ``none``, ``small_micro``, or ``consortium`` for a larger business with small
    partners. domestic: the offer counts as domestic."""

    size: str = NONE
    domestic: bool = False


def declared_in(bid: Mapping[str, Any], bought: str, on: date) -> Declared:
    """What a checked bid declares, in short or party by party and product by product. bought: ``goods``, ``services`` or ``works``."""
    parties, products = bid.get("parties") or (), bid.get("products") or ()
    counted = products if bought == GOODS else parties
    size = size_of(parties, products, bought, on) if counted else bid.get("small_business") or NONE
    domestic = domestic_of(products, on) if products else bool(bid.get("domestic"))
    return Declared(size, domestic)


def size_of(parties: Sequence[Mapping[str, Any]], products: Sequence[Mapping[str, Any]], bought: str, on: date) -> str:
    """Goods count by who made them, works and services by who does them. A large maker of any product ends every benefit; partners that
    are linked by control or management earn none [46 2, 4, 9]."""
    counted = [product["maker"] for product in products] if bought == GOODS else [party["size"] for party in parties]
    small = [party for party in parties if party["size"] in SMALL]
    if (bought == GOODS and "large" in counted) or (len(parties) > 1 and any(party.get("linked") for party in small)):
        return NONE
    if SMALL.issuperset(counted):
        return SMALL_MICRO
    least = in_force(SMALL_SHARE, on)
    share = sum((exact(party["contract_share"]) for party in small if party.get("contract_share")), Fraction(0))
    return CONSORTIUM if least and share >= least.low else NONE


def domestic_of(products: Sequence[Mapping[str, Any]], on: date) -> bool:
    """One product counts as it is declared; several as a whole, by the share of the domestic ones in the cost [P-D11]."""
    at_home = [product for product in products if product.get("domestic")]
    if len(at_home) in (0, len(products)):
        return bool(at_home)
    least, cost = in_force(DOMESTIC_SHARE, on), sum(product["cost_fen"] for product in products)
    return least is not None and sum(product["cost_fen"] for product in at_home) >= least.low * cost


def check_declared(bid: Mapping[str, Any], bought: str, path: str) -> Iterator[Problem]:
    """What a declaration leaves open or says twice."""
    parties, products = bid.get("parties") or (), bid.get("products") or ()
    for name in ("parties", "products"):
        seen: set[str] = set()
        for i, row in enumerate(bid.get(name) or ()):
            if row["id"] in seen:
                yield Problem("evaluation.twice", f"{path}{name}.{i}.id", {"id": row["id"]})
            seen.add(row["id"])
    if bid.get("small_business") and (parties or (products and bought == GOODS)):
        yield Problem("evaluation.declared_twice", path + "small_business", rule="P-D10")
    if bid.get("domestic") is not None and products:
        yield Problem("evaluation.declared_twice", path + "domestic", rule="P-D10")
    if bought == GOODS and parties and not products:
        yield Problem("evaluation.makers_missing", path + "products", rule="46 4")
    if len(parties) > 1:
        shares = [party.get("contract_share") for party in parties]
        if not all(shares) or sum((exact(share) for share in shares), Fraction(0)) != 1:
            yield Problem("evaluation.contract_shares", path + "parties", rule="46 9")
    if len({bool(product.get("domestic")) for product in products}) > 1:
        for i, product in enumerate(products):
            if not product.get("cost_fen"):
                yield Problem("evaluation.cost_missing", f"{path}products.{i}.cost_fen", {"product": product["id"]}, "P-D11")
