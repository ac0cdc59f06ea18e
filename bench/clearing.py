"""Clearing a hundred thousand sealed bids for one divisible quantity, against sorting them once."""
from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from trading_core.domain.clearing.quantities import Quantum
from trading_core.domain.clearing.rules import LARGEST_FRACTION, PRO_RATA, UNIFORM, Rules
from trading_core.domain.clearing.sealed import Clearing, Order, clear

from .report import Line, median, seconds

RUNS = 5


def run(quick: bool) -> Iterator[Line]:
    """A tenth of the bids at the marginal level, a limit that some bidders pass, one price for all."""
    count = 1_000 if quick else 100_000
    orders = _orders(count)
    rules = Rules("t", Quantum(Fraction(1, 1000)), count * 1250, 300_000, True, 100_000, True, UNIFORM, PRO_RATA, LARGEST_FRACTION)
    reference, taken, results = [], [], list[Clearing]()
    for _ in range(1 if quick else RUNS):
        reference.append(seconds(lambda: sorted(orders, key=lambda o: (-o.unit_price_fen, o.received_at, o.seq))))
        taken.append(seconds(lambda: results.append(clear(rules, orders))))
    assert all(r == results[0] and r.sold == rules.supply and r.marginal is not None for r in results)
    ratio = median(taken) / median(reference)
    yield Line(
        f"divisible clearing of {count:,} bids", f"{median(taken):.2f} s, {count / median(taken):,.0f} bids/s",
        f"{median(reference):.2f} s sorting the same bids by price, receipt and number", ratio, "< 1 s", median(taken) < 1,
    )  # fmt: skip


def _orders(count: int) -> list[Order]:
    """Bids at ten prices, several steps for most bidders, about 2.5 t each: twice the supply."""
    chance, opened = random.Random(1), datetime(2026, 5, 6, 1, tzinfo=UTC)
    return [
        Order(f"bidder-{chance.randrange(count // 4)}", chance.randrange(1, 5_000), 300_000 + 10_000 * chance.randrange(10),
              opened + timedelta(seconds=chance.randrange(3_600)), seq)
        for seq in range(count)
    ]  # fmt: skip
