"""Nobody asks for more than their share, and the memory of who asked stays small."""
from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web.frame import Reader
from trading_core.platform import Platform
from web.app import make_app
from web.limits import BODY_MAX, Buckets, body_max, network


@given(st.integers(1, 600), st.lists(st.floats(0, 30), min_size=1, max_size=200))
def test_a_bucket_never_gives_more_than_its_rate(per_minute: int, pauses: list[float]) -> None:
    """In any span of time: at most a full bucket and what has dripped in since."""
    now = [0.0]
    buckets = Buckets(per_minute, lambda: now[0])
    taken: list[float] = []
    for pause in pauses:
        now[0] += pause
        if buckets.take("a") == 0:
            taken.append(now[0])
    for i, start in enumerate(taken):
        for j, end in enumerate(taken[i:], 1):
            assert j <= per_minute + (end - start) * per_minute / 60 + 1e-6


@given(st.integers(1, 600), st.integers(0, 50))
def test_waiting_as_long_as_told_is_enough(per_minute: int, greed: int) -> None:
    now = [0.0]
    buckets = Buckets(per_minute, lambda: now[0])
    for _ in range(per_minute + greed):
        wait = buckets.take("a")
    wait = buckets.take("a")
    assert wait > 0
    now[0] += wait
    assert buckets.take("a") == 0


@given(st.lists(st.integers(0, 10_000), max_size=500))
def test_memory_is_bounded_and_keys_do_not_share(keys: list[int]) -> None:
    buckets = Buckets(1, lambda: 0.0, kept=50)
    for key in keys:
        buckets.take(str(key))
    assert len(buckets) <= 50
    assert Buckets(1, lambda: 0.0).take("a") == 0


def test_the_first_line_that_fits_counts() -> None:
    assert body_max("/login") == 1 << 20 and body_max("/api/v1/lots") == 2 << 20
    assert body_max("/api/v1/uploads/x/0") > 8 << 20 and BODY_MAX[-1][0] == ""


@given(st.integers(1, 600), st.lists(st.integers(1, 1000), min_size=1, max_size=50))
def test_what_costs_more_takes_more(per_minute: int, costs: list[int]) -> None:
    buckets, given_out = Buckets(per_minute, lambda: 0.0), 0
    for cost in costs:
        fits = given_out + min(cost, per_minute) <= per_minute
        assert (buckets.take("a", cost) == 0) == fits
        given_out += min(cost, per_minute) if fits else 0


def test_one_customers_addresses_are_one_origin() -> None:
    assert network("2001:db8::1") == network("2001:db8:0:0:ffff::2") != network("2001:db8:0:1::1")
    assert network("192.0.2.7") == network("::ffff:192.0.2.7") != network("192.0.2.8")
    assert network("") == "" and network("fragments") == "fragments"


@pytest.fixture
def slow(sqlite_platform: Platform) -> Reader:
    """A site that lets an address give three commands a minute."""
    return Reader(make_app(replace(sqlite_platform, settings=replace(sqlite_platform.settings, rate_per_minute=3))))


def test_too_many_commands_are_told_when_to_come_back(slow: Reader) -> None:
    statuses = [slow.command("/api/v1/sessions/refresh", {"refresh": "x"}).status_int for _ in range(4)]
    assert statuses == [401, 401, 401, 429]
    answer = slow.command("/api/v1/sessions/refresh", {"refresh": "x"})
    assert 0 < int(answer.headers["Retry-After"]) <= 20 and answer.json["code"] == "request.too_many"
    assert slow.ask("/").status_int == 200  # reading has its own measure
    other = slow.ask("/api/v1/sessions/refresh", "POST", {"Content-Type": "application/json"}, body=b"{}", remote_addr="10.0.0.9")
    assert other.status_int == 422


def test_an_invented_forwarding_header_changes_nothing(slow: Reader) -> None:
    statuses = [
        slow.command("/api/v1/sessions/refresh", {"refresh": "x"}, **{"X-Forwarded-For": f"10.0.0.{i}"}).status_int for i in range(4)
    ]
    assert statuses[-1] == 429


def test_a_body_too_large_is_refused_unread(slow: Reader) -> None:
    answer = slow.ask("/api/v1/sessions", "POST", {"Content-Type": "application/json"}, body=b" " * (2 << 20) + b"{}")
    assert answer.status_int == 413 and answer.json["problems"][0]["params"]["maximum"] == 2 << 20
