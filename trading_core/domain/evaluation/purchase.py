"""Government procurement: by which procedure something is bought, and what its law asks of the evaluation [03 §3.1, §3.7]."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from ..errors import Problem
from ..fields import Field
from .fewer import EMERGENCY, FAILED_TENDER, RESEARCH, ground_known
from .limits import PRICE_WEIGHTS, in_force
from .numbers import plain, rounded, text

NATIONAL_PRICE, UNKNOWABLE = "national_price", "price_unknowable"


@dataclass(frozen=True, slots=True)
class Procedure:
    """One way to buy; its title is the message ``choice.procedure.<id>``. methods: in which its bids may be evaluated. objects: what may
    be bought so (works at the mandatory scale follow the law on tenders). ties: what separates equals after the lower price.
    price_excluded: grounds on which the price is no factor. weight_approvable: whether the finance department may approve another weight of
    the price. fewer_by: grounds on which fewer than three may go on. by_brand: whether bids of one brand count as one."""

    id: str
    methods: tuple[str, ...]
    objects: tuple[str, ...]
    ties: tuple[str, ...] = ()
    price_excluded: tuple[str, ...] = ()
    weight_approvable: bool = False
    fewer_by: tuple[str, ...] = ()
    by_brand: bool = False


OBJECTS = ("goods", "services", "works")
PROCEDURES: Mapping[str, Procedure] = {
    procedure.id: procedure
    for procedure in (
        Procedure(
            "tender", ("scoring", "lowest_evaluated"), ("goods", "services"), price_excluded=(NATIONAL_PRICE,), fewer_by=(EMERGENCY,),
            by_brand=True,
        ),
        Procedure("negotiation", ("lowest_offer",), OBJECTS, fewer_by=(FAILED_TENDER, EMERGENCY)),
        Procedure("inquiry", ("lowest_offer",), ("goods",), fewer_by=(EMERGENCY,)),
        Procedure(
            "consultation", ("scoring",), OBJECTS, ties=("higher_technical",), price_excluded=(NATIONAL_PRICE, UNKNOWABLE),
            weight_approvable=True, fewer_by=(RESEARCH, EMERGENCY),
        ),
    )
}  # fmt: skip

PURCHASE_FIELDS = (
    Field("procedure", "choice", choices=tuple(PROCEDURES)),
    Field("bought", "choice", choices=OBJECTS),
    Field("announced_on", "date"),
    Field("reserved", "boolean", required=False, rule="P-D4"),
    Field("fewer_by", "choice", required=False, choices=(FAILED_TENDER, RESEARCH, EMERGENCY), rule="03 §3.12"),
    Field("weight_approval", required=False, rule="P-S5"),
)


@dataclass(frozen=True, slots=True)
class Purchase:
    """How something is bought. bought: ``goods``, ``services`` or ``works``. announced_on: the day whose law binds. reserved: for small and
    medium businesses only. fewer_by: why fewer than three may go on. weight_approval: the finance department's approval of another weight
    of the price."""

    procedure: Procedure
    bought: str
    announced_on: date
    reserved: bool
    fewer_by: str
    weight_approval: str

    @classmethod
    def stated_in(cls, data: Mapping[str, Any]) -> Purchase:
        return cls(
            PROCEDURES[data["procedure"]],
            data["bought"],
            date.fromisoformat(data["announced_on"]),
            bool(data.get("reserved")),
            data.get("fewer_by") or "",
            data.get("weight_approval") or "",
        )


def check_purchase(purchase: Purchase, method: str, prefix: str) -> Iterator[Problem]:
    """What may not be bought so, or not be evaluated so."""
    procedure = purchase.procedure
    if method not in procedure.methods:
        yield Problem("evaluation.method_not_in_procedure", prefix + "procedure", {"methods": ", ".join(procedure.methods)}, "03 §3.7")
    if purchase.bought not in procedure.objects:
        yield Problem("evaluation.not_bought_so", prefix + "bought", {"objects": ", ".join(procedure.objects)}, "03 §3.1")
    if purchase.fewer_by and purchase.fewer_by not in procedure.fewer_by:
        yield Problem("field.not_a_choice", prefix + "fewer_by", {"choices": ", ".join(procedure.fewer_by)}, "03 §3.12")
    elif purchase.fewer_by and not ground_known(purchase.fewer_by, purchase.announced_on):
        day = purchase.announced_on.isoformat()
        yield Problem("evaluation.ground_not_in_force", prefix + "fewer_by", {"announced_on": day}, "03 §3.12")


def weight_problem(purchase: Purchase, share: Fraction, path: str) -> Iterator[Problem]:
    """A weight of the price that its object and procedure do not allow, and nobody has approved [87 55, 214 24]."""
    found = in_force(PRICE_WEIGHTS.get((purchase.procedure.id, purchase.bought), ()), purchase.announced_on)
    approved = purchase.procedure.weight_approvable and purchase.weight_approval
    if found is not None and not approved and not found.low <= share <= found.high:
        figures = {"share": text(rounded(share, 4, "ROUND_HALF_UP")), "minimum": plain(found.low), "maximum": plain(found.high)}
        yield Problem("evaluation.price_weight", path, figures, found.rule)
