"""How intermediaries keep their time: the example of 07 §7.3, and what holds for any services."""
from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_core.domain.evaluation.numbers import Places
from trading_core.domain.evaluation.service_rates import EndedService, on_time_rate, percent, speed_up_rate

PROMISED = date(2026, 3, 27)
FOUR = Places(4, "ROUND_HALF_UP")


def service(limit: int, actual: int, late: int = 0) -> EndedService:
    return EndedService(PROMISED, PROMISED + timedelta(days=late), limit, actual)


def test_the_example() -> None:
    """Limits 20, 10, 15, actual 15, 10, 9: all three in time, and (5 + 0 + 6) / 45 = 24.4444 % faster."""
    services = [service(20, 15, -7), service(10, 10), service(15, 9, -8)]
    assert on_time_rate(services) == 1 and percent(Fraction(1), FOUR) == "100.0000"
    rate = speed_up_rate(services)
    assert rate == Fraction(11, 45) and percent(rate, FOUR) == "24.4444"
    assert percent(rate, Places(2, "ROUND_DOWN")) == "24.44" and percent(rate, Places(0, "ROUND_HALF_UP")) == "24"


def test_the_promised_day_is_in_time_and_the_next_is_not() -> None:
    assert on_time_rate([service(10, 10), service(10, 11, 1)]) == Fraction(1, 2)


def test_an_overrun_counts_against_the_savings() -> None:
    rate = speed_up_rate([service(10, 5, -5), service(10, 20, 10)])
    assert rate == Fraction(-1, 4) and percent(rate, FOUR) == "-25.0000"


def test_nothing_ended_has_no_rate() -> None:
    assert on_time_rate([]) is speed_up_rate([]) is None


@pytest.mark.parametrize(("limit", "actual"), [(0, 1), (-1, 1), (1, -1)])
def test_days_that_cannot_be(limit: int, actual: int) -> None:
    with pytest.raises(ValueError, match="at least one day"):
        service(limit, actual)


services = st.lists(st.builds(service, st.integers(1, 99), st.integers(0, 99), st.integers(-30, 30)), min_size=1, max_size=9)


@given(services, st.randoms(use_true_random=False))
def test_rates_are_shares_and_know_no_order(ended: list[EndedService], chance: Any) -> None:
    on_time, speed_up = on_time_rate(ended), speed_up_rate(ended)
    assert on_time is not None and 0 <= on_time <= 1
    assert speed_up is not None and speed_up <= 1
    assert on_time * len(ended) == len([s for s in ended if s.ended_on <= PROMISED])
    shuffled = list(ended)
    chance.shuffle(shuffled)
    assert (on_time_rate(shuffled), speed_up_rate(shuffled)) == (on_time, speed_up)
    assert on_time_rate(ended * 2) == on_time and speed_up_rate(ended * 3) == speed_up
