"""A case of evaluation as it may stand in a summary: nothing unknown in it, and nothing left open (docs/formats-evaluation.md §1–§4).

Written from the rulebook [02 §2.5, 03 §3.6], not from the server's code.
"""
from __future__ import annotations

from dataclasses import dataclass

from .figures import MODES
from .mismatch import listed_price
from .prices import bid_price, corrected_price, plain, stated
from .report import Broken, Malformed
from .text import Value
from .ways import Way, bought, way_of

NAME = "evaluation.scores"

@dataclass
class Case:
    """A case, with what every way needs of it. prices: binding ones in fen, of bids whose price was opened. rejected: bid to the
    earliest stage at which it was."""

    value: Value
    way: Way
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

    def most(self) -> int | None:
        """The price that no bid may exceed."""
        found = [v.integer() for name in ("ceiling_fen", "budget_fen") if (v := stated(self.value, name)) is not None]
        return min(found, default=None)


def read_case(value: Value) -> Case:
    value["format"].choice("gongxin/evaluation-case/1")
    way, rules, members = way_of(value), value["rules"], len(value["members"].texts())
    mode = rules["line_rounding"].choice(*MODES)
    bids = {b["id"].text(): b for b in value["bids"].entries()}
    if len(bids) != len(value["bids"].entries()):
        raise Malformed(value["bids"].where, "each bid once")
    rejected: dict[str, str] = {}
    for motion in listed(value, "rejections"):
        stage = motion["stage"].choice("preliminary", "detailed")
        if decision(motion, members) == "rejected" and rejected.get(motion["bid"].text()) != "preliminary":
            rejected[motion["bid"].text()] = stage
    settled = {name: _settled_price(rules, b, mode) for name, b in bids.items() if plain(b, "price_fen") is not None}
    case = Case(value, way, rules, bids, {name: price for name, (price, _) in settled.items()}, rejected)
    for name in case.valid:
        if name not in settled:
            raise Broken(NAME, bids[name].where, "a price, or a rejection before it was opened", name)
        _check_settled(case, name, settled[name][1])
    return case


def _settled_price(rules: Value, bid: Value, mode: str) -> tuple[int, bool]:
    """The price in fen that binds, as read or as corrected and confirmed, and whether a correction is left unconfirmed."""
    usual = "opening_list" if bought(rules)[0] else "unit_prices"
    order = stated(rules, "corrections")
    if (order.choice("opening_list", "unit_prices") if order else usual) == "unit_prices":
        price = bid_price(bid, mode)
        return price, price != corrected_price(bid, mode)
    corrected, differs = listed_price(bid, mode)
    answer = stated(bid, "correction")
    confirmed = answer is not None and answer.choice("confirmed", "refused") == "confirmed"
    return corrected if confirmed else bid["price_fen"].integer(1), differs and not confirmed


def _check_settled(case: Case, name: str, unconfirmed: bool) -> None:
    """A valid bid has no correction unconfirmed, no price above the ceiling and no doubt that nobody voted on. Raises `Broken`."""
    if unconfirmed:
        raise Broken(NAME, case.bids[name].where, "a correction that the bidder confirmed, or a rejection", name)
    most = case.most()
    highest = max(case.prices[name], case.bids[name]["price_fen"].integer(1))
    own = [m for m in listed(case.value, "rejections") if m["bid"].text() == name]
    voted = any(plain(m, "basis") == "above_ceiling" or m["ground"].text() == "IV-4" for m in own)
    if most is not None and highest > most and not voted:
        raise Broken(NAME, case.bids[name].where, f"a vote on a price above the ceiling {most}", highest)
    for doubt in listed(case.bids[name], "doubts"):
        if doubt["ground"].text() not in {m["ground"].text() for m in own}:
            raise Broken(NAME, doubt.where, "a vote on the doubt", doubt["ground"].text())


def listed(value: Value, name: str) -> list[Value]:
    found = stated(value, name)
    return found.entries() if found else []


def decision(motion: Value, members: int) -> str:
    """More than half of all members must vote to reject; an open vote may not stand in a summary."""
    votes = [v.boolean() for _, v in motion["votes"].members()]
    if 2 * sum(votes) > members:
        return "rejected"
    if 2 * (sum(votes) + members - len(votes)) > members or len(votes) > members:
        raise Malformed(motion.where, "a vote that is decided")
    return "kept"
