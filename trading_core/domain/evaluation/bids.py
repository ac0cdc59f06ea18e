"""A bid as evaluation sees it: the price read at opening, in words, its bill of lines, and what the bidder has answered."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import Problem, Refused
from ..fields import Field
from ..money import fen_from_daxie
from .arithmetic import Arithmetic, Line, correct
from .declared import DECLARED_FIELDS, Declared, check_declared, declared_in
from .factors import check_stated
from .mismatch import OPENING_LIST, UNIT_PRICES, correct_by_list
from .numbers import exact
from .rejection import REJECTION, ground_problem
from .rules import Rules

AMOUNT_MAX_FEN = 10**15

BID_FIELDS = (
    Field("id", maximum=64),
    Field("price_fen", "money", required=False, minimum=1, maximum=AMOUNT_MAX_FEN),
    Field("words", required=False),
    Field("bidder", required=False),
    Field("lines", "list", required=False, maximum=20_000, rule="02 §2.5.1", fields=(
        Field("id", maximum=64),
        Field("total_fen", "money", maximum=AMOUNT_MAX_FEN),
        Field("quantity", "decimal", required=False, minimum=0, maximum=10**12),
        Field("unit_price_fen", "decimal", required=False, minimum=0, maximum=10**12),
        Field("decimal_point_error", "boolean", required=False),
    )),
    Field("correction", "choice", required=False, choices=("confirmed", "refused"), rule="02 §2.5.1"),
    Field("further_prices", "list", required=False, maximum=100, rule="RJ-4", fields=(
        Field("price_fen", "money"),
        Field("place"),
    )),
    Field("adjustments", "list", required=False, maximum=200, rule="02 §2.7.1", fields=(
        Field("id", maximum=64),
        Field("amount_fen", "integer", minimum=-AMOUNT_MAX_FEN, maximum=AMOUNT_MAX_FEN),
    )),
    *DECLARED_FIELDS,
    Field("brand", required=False, rule="87 31"),
    Field("factors", "map", required=False, rule="05 §5.4"),
    Field("doubts", "list", required=False, maximum=20, rule="02 §2.5", fields=(Field("ground", maximum=10), Field("fact", maximum=64))),
)  # fmt: skip


@dataclass(frozen=True)
class Bid:
    """A checked bid whose price has been opened. answer: ``confirmed``, ``refused`` or empty while the bidder has not answered the
    correction. doubts: what else was found against it, each a ground and a fact. factors: what it
    states of each. brand: of its product, or of the core product."""

    id: str
    price_fen: int
    arithmetic: Arithmetic
    answer: str
    bidder: str
    further_fen: tuple[int, ...]
    adjustments: Mapping[str, int]
    declared: Declared
    doubts: tuple[tuple[str, str], ...] = ()
    factors: Mapping[str, str] = field(default_factory=dict)
    brand: str = ""

    @property
    def bid_price_fen(self) -> int:
        """The price that binds: as read, or as corrected and confirmed."""
        return self.arithmetic.corrected_fen if self.answer == "confirmed" else self.price_fen

    def price(self, which: str) -> int:
        """The price in fen that a rule names: ``quoted`` or ``corrected``."""
        return self.price_fen if which == "quoted" else self.bid_price_fen


def check_bids(data: Sequence[Mapping[str, Any]], rules: Rules | None, prefix: str = "bids.") -> Iterator[Problem]:
    """Every fault of the bids. rules None: what depends on them is left out, because they are at fault themselves."""
    seen: set[str] = set()
    for i, bid in enumerate(data):
        path = f"{prefix}{i}."
        if bid["id"] in seen:
            yield Problem("evaluation.twice", path + "id", {"id": bid["id"]})
        seen.add(bid["id"])
        faults = [*_words_problems(bid, path), *_line_problems(bid, path)]
        if not priced(bid) and (bid.get("words") or bid.get("lines") or bid.get("correction")):
            faults.append(Problem("field.required", path + "price_fen", rule="02 §2.5.1"))
        yield from faults
        for n, doubt in enumerate(bid.get("doubts") or ()):
            grounds = rules.way.grounds if rules else REJECTION
            if doubt["ground"] not in grounds.known:
                yield ground_problem(doubt["ground"], grounds, f"{path}doubts.{n}.ground")
        if rules and priced(bid):
            yield from _problems_by_rules(bid, rules, path)
            if not faults:
                yield from _correction_problems(bid, rules, path)


def priced(data: Mapping[str, Any]) -> bool:
    """Whether the price is known. That of a bid rejected before its price was opened stays sealed for ever."""
    return data.get("price_fen") is not None


def bid_from(data: Mapping[str, Any], rules: Rules) -> Bid:
    """A bid with a price that `check_bids` has passed."""
    return Bid(
        id=data["id"],
        price_fen=data["price_fen"],
        arithmetic=_arithmetic(data, rules),
        answer=data.get("correction") or "",
        bidder=data.get("bidder") or "",
        further_fen=tuple(further["price_fen"] for further in data.get("further_prices") or ()) if rules.corrections == UNIT_PRICES else (),
        adjustments={a["id"]: a["amount_fen"] for a in data.get("adjustments") or ()},
        declared=declared_in(data, rules.bought, rules.announced_on),
        doubts=tuple((d["ground"], d["fact"]) for d in data.get("doubts") or ()),
        factors=data.get("factors") or {},
        brand=(data.get("brand") or "").strip(),
    )


def _arithmetic(data: Mapping[str, Any], rules: Rules) -> Arithmetic:
    lines = [
        Line(
            line["id"],
            line["total_fen"],
            exact(line["quantity"]) if line.get("quantity") else None,
            exact(line["unit_price_fen"]) if line.get("unit_price_fen") else None,
            line.get("decimal_point_error"),
        )
        for line in data.get("lines") or ()
    ]
    words = fen_from_daxie(data["words"]) if data.get("words") else None
    if rules.corrections == UNIT_PRICES:
        return correct(data["price_fen"], words, lines, rules.line_rounding)
    parts = [(further["place"], further["price_fen"]) for further in data.get("further_prices") or ()]
    return correct_by_list(data["price_fen"], words, parts, lines, rules.line_rounding)


def _words_problems(bid: Mapping[str, Any], path: str) -> Iterator[Problem]:
    try:
        if bid.get("words"):
            fen_from_daxie(bid["words"])
    except Refused as refused:
        yield from (Problem(p.code, path + "words", p.params, p.rule) for p in refused.problems)


def _line_problems(bid: Mapping[str, Any], path: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for n, line in enumerate(bid.get("lines") or ()):
        if line["id"] in seen:
            yield Problem("evaluation.twice", f"{path}lines.{n}.id", {"id": line["id"]})
        seen.add(line["id"])
        if bool(line.get("quantity")) != bool(line.get("unit_price_fen")):
            yield Problem("evaluation.half_a_line", f"{path}lines.{n}", {"line": line["id"]}, "02 §2.5.1")


def _correction_problems(bid: Mapping[str, Any], rules: Rules, path: str) -> Iterator[Problem]:
    found = _arithmetic(bid, rules)
    if not 0 < found.corrected_fen <= AMOUNT_MAX_FEN:
        figures = {"minimum_fen": 1, "maximum_fen": AMOUNT_MAX_FEN, "value_fen": found.corrected_fen}
        yield Problem("field.amount_out_of_range", path + "lines", figures, "02 §2.5.1")
    repaired = {c.line for c in found.corrections if c.rule == "opening_list_over_unit_price"}
    for n, line in enumerate(bid.get("lines") or ()):
        if rules.corrections == OPENING_LIST and line.get("decimal_point_error") and line["id"] not in repaired:
            yield Problem("evaluation.decimal_point_unexplained", f"{path}lines.{n}.decimal_point_error", {"line": line["id"]}, "87 59")
    if bid.get("correction") and not found.needs_confirmation:
        yield Problem("evaluation.nothing_to_confirm", path + "correction", {"bid": bid["id"]}, "02 §2.5.1")


def _problems_by_rules(bid: Mapping[str, Any], rules: Rules, path: str) -> Iterator[Problem]:
    """What the tender document must have announced: adjustments by their number, the benefit of small businesses."""
    seen: set[str] = set()
    for n, adjustment in enumerate(bid.get("adjustments") or ()):
        name = adjustment["id"]
        if name not in rules.adjustments:
            yield Problem("evaluation.adjustment_not_announced", f"{path}adjustments.{n}.id", {"id": name}, "02 §2.7.1")
        elif name in seen:
            yield Problem("evaluation.twice", f"{path}adjustments.{n}.id", {"id": name})
        seen.add(name)
    yield from check_stated(rules.factors, bid.get("factors") or {}, path + "factors.", complete=False)
    if bid.get("brand") and not rules.by_brand:
        yield Problem("evaluation.brands_not_compared", path + "brand", rule="87 31")
    if rules.small_business or rules.deductions:
        yield from check_declared(bid, rules.bought, path)
    else:
        for f in DECLARED_FIELDS:
            if bid.get(f.name):
                yield Problem("evaluation.benefit_not_announced", path + f.name, rule="46 9")
