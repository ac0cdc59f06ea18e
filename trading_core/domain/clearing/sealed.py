"""The divisible sealed auction: all bids at once, the highest first, until the supply is used [06 §6.4]."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from .rules import LARGEST_FIRST, PRO_RATA, TIME_PRIORITY, Rules

BELOW_RESERVE, ABOVE_MAX = "below_reserve", "above_max"
_PRICE = attrgetter("unit_price_fen")


@dataclass(frozen=True, slots=True)
class Order:
    """One price step of one bidder. quantity: quanta, above 0. received_at: aware. seq: the order in which the platform received them,
    each once: it decides between equal instants and names the step."""

    bidder: str
    quantity: int
    unit_price_fen: int
    received_at: datetime
    seq: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """What a step gets. counted: what of its quantity counts, less than it where the bidder's limit cut it, 0 where it is dropped.
    quantity: quanta it gets. dropped: why it does not take part: ``below_reserve``, ``above_max``, or empty."""

    order: Order
    counted: int
    quantity: int
    dropped: str = ""


@dataclass(frozen=True, slots=True)
class Level:
    """The price level that does not fit completely. available: quanta that are left for it. demanded: quanta that count at it."""

    unit_price_fen: int
    available: int
    demanded: int


@dataclass(frozen=True, slots=True)
class Purchase:
    """What one bidder gets over all his steps, and pays for it."""

    bidder: str
    quantity: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Clearing:
    """The result. allocations: every step, the highest price first, then the earlier. price_fen: of the lowest accepted step, per unit;
    None when nothing is sold. marginal: None when every level fits or none of it is left over. purchases: of bidders who get something, by
    name. sold and unsold: quanta, together the supply. revenue_fen: the sum of all amounts."""

    allocations: tuple[Allocation, ...]
    price_fen: int | None
    marginal: Level | None
    purchases: tuple[Purchase, ...]
    sold: int
    unsold: int
    revenue_fen: int


def clear(rules: Rules, orders: Iterable[Order]) -> Clearing:
    """Clear the orders; the order in which they are given changes nothing.

    1 what does not take part is dropped, 2 by price, 3 filled down to the marginal level, 4–5 which is shared, 6–7 the price.
    Linear but for sorting the orders by rank, the marginal level by its rule, and the bidders by name.
    """
    ranked = by_rank(orders)
    counted = _counted(rules, ranked)
    given, marginal = _filled(rules, ranked, counted)
    allocations = tuple(map(Allocation, ranked, counted, given, map(_dropped(rules), ranked, counted)))
    price = next((a.order.unit_price_fen for a in reversed(allocations) if a.quantity), None)
    purchases, sold = _purchases(rules, allocations, price), sum(given)
    return Clearing(allocations, price, marginal, purchases, sold, rules.supply - sold, sum(p.amount_fen for p in purchases))


def by_rank(orders: Iterable[Order]) -> list[Order]:
    """The higher price first, then the earlier receipt, then the lower sequence number."""
    ranked = sorted(orders, key=attrgetter("seq"))  # three stable sorts by one key take a third of the time of one by three
    ranked.sort(key=attrgetter("received_at"))
    ranked.sort(key=_PRICE, reverse=True)
    return ranked


def _counted(rules: Rules, ranked: Sequence[Order]) -> list[int]:
    """What of each step counts, 0 where it is dropped. A bidder's limit counts his steps from the highest price down; a dropped one uses
    nothing of it."""
    found, used = [], dict[str, int]()
    for order in ranked:
        quantity = order.quantity if order.unit_price_fen >= rules.reserve_unit_price_fen else 0
        if rules.bidder_max is not None:
            before = used.get(order.bidder, 0)
            if quantity > rules.bidder_max - before:
                quantity = rules.bidder_max - before if rules.cut else 0
            used[order.bidder] = before + quantity
        found.append(quantity)
    return found


def _dropped(rules: Rules) -> Callable[[Order, int], str]:
    """Why a step of which nothing counts does not take part."""

    def reason(order: Order, counted: int) -> str:
        if counted:
            return ""
        return BELOW_RESERVE if order.unit_price_fen < rules.reserve_unit_price_fen else ABOVE_MAX

    return reason


def _filled(rules: Rules, ranked: Sequence[Order], counted: Sequence[int]) -> tuple[list[int], Level | None]:
    """What each step gets, and the level that does not fit completely."""
    given: list[int] = []
    left = rules.supply
    for price, level in groupby(ranked, key=_PRICE):
        quantities = counted[len(given) : len(given) + sum(1 for _ in level)]
        demanded = sum(quantities)
        if demanded > left:
            given += _SHARES[rules.marginal_rule](left, quantities) if left else []
            return given + [0] * (len(ranked) - len(given)), Level(price, left, demanded) if left else None
        given += quantities
        left -= demanded
    return given, None


def _pro_rata(available: int, quantities: Sequence[int]) -> list[int]:
    """In proportion, floored to whole quanta; what is left over goes to the largest fractions, of equal ones to the earlier."""
    demanded = sum(quantities)
    given = [available * quantity // demanded for quantity in quantities]
    by_fraction = sorted(range(len(quantities)), key=lambda i: -(available * quantities[i] % demanded))
    for i in by_fraction[: available - sum(given)]:
        given[i] += 1
    return given


def _by_time(available: int, quantities: Sequence[int]) -> list[int]:
    return _in_turn(available, quantities, range(len(quantities)))


def _by_size(available: int, quantities: Sequence[int]) -> list[int]:
    return _in_turn(available, quantities, sorted(range(len(quantities)), key=lambda i: -quantities[i]))


def _in_turn(available: int, quantities: Sequence[int], turns: Iterable[int]) -> list[int]:
    """Each gets all it asks for while there is some."""
    given = [0] * len(quantities)
    for i in turns:
        given[i] = min(quantities[i], available)
        available -= given[i]
    return given


_SHARES: Mapping[str, Callable[[int, Sequence[int]], list[int]]] = {
    PRO_RATA: _pro_rata, TIME_PRIORITY: _by_time, LARGEST_FIRST: _by_size,
}  # fmt: skip
"""What the steps of the marginal level get of the quanta that are left, which are fewer than they ask for; both by receipt."""


def _purchases(rules: Rules, allocations: Iterable[Allocation], price: int | None) -> tuple[Purchase, ...]:
    quantities, worths = defaultdict[str, int](int), defaultdict[str, int](int)
    for a in allocations:
        if a.quantity and price is not None:
            quantities[a.order.bidder] += a.quantity
            worths[a.order.bidder] += a.quantity * (price if rules.uniform else a.order.unit_price_fen)
    return tuple(Purchase(bidder, quantities[bidder], rules.quantum.fen(worths[bidder])) for bidder in sorted(quantities))
