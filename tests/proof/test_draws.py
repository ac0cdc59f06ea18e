"""Draws: the vectors of the rulebook to the last digit [08 §8.6.1], and the properties that make a draw fair."""

from __future__ import annotations

import hashlib
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_core.domain.draw import (
    Answer,
    Row,
    bid_root,
    combine,
    draw_rows,
    order,
    parameter_index,
    pool_hash,
    row_prefix,
    seed_commit,
    sort_key,
    take,
)

SEED = bytes.fromhex("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff")
EXPERTS = [f"E{i:03d}" for i in range(1, 13)]
PREFIX = "A01-LOT-0001|1|tech-A|"
ORDER = ["E011", "E007", "E003", "E008", "E001", "E005", "E012", "E006", "E010", "E002", "E004", "E009"]
SEEDS = st.binary(min_size=32, max_size=32)
POOLS = st.sets(st.text("ABC0123456789", min_size=1, max_size=4), min_size=1, max_size=30)


# ------------------------------------------------------------------ the rulebook's vectors


def test_expert_vector() -> None:
    assert seed_commit(SEED) == "4773d12e2371bb935b9a0f5439b4a1c3ad3f2414b86980f8418d1cfabdfadfef"
    assert pool_hash(reversed(EXPERTS)) == "d4c8ecf61fb21390729791d086e2d01d326e595dca77b76c42de17819cce4f55"
    assert row_prefix("A01-LOT-0001", 1, "tech-A") == PREFIX
    assert order(SEED, PREFIX, EXPERTS) == ORDER
    assert [sort_key(SEED, PREFIX, e).hex()[:8] for e in ORDER[:3]] == ["34445b47", "383ec450", "5418a5ad"]


def test_seats_of_the_vector() -> None:
    answers = {e: Answer.ACCEPT for e in EXPERTS} | {"E007": Answer.REFUSE, "E008": Answer.NO_ANSWER}
    seats = take(ORDER, 4, answers)
    assert seats.seats == ("E011", "E003", "E001", "E005")
    assert seats.substitutes == ("E012", "E006")
    assert seats.asked == tuple(ORDER[:8])
    assert seats.complete and seats.open == 0


def test_parameter_vector() -> None:
    root = bid_root(hashlib.sha256(name.encode()).hexdigest() for name in ("bid-C", "bid-A", "bid-B"))
    assert root == "4935883bb9829c7873a1cf2dc2ceb91ec241a57bbd78d92409debaf360df70cb"
    opening = "2026-03-23T09:30:00+08:00"
    assert sort_key(SEED, f"A01-LOT-0001|1|{opening}|", root).hex().startswith("c86bc1d0")
    index = parameter_index(SEED, "A01-LOT-0001", 1, opening, root, 5)
    assert index == 3
    assert ["1.0", "1.5", "2.0", "2.5", "3.0"][index] == "2.5"


def test_seed_of_two_owners() -> None:
    one, two = bytes(range(32)), bytes(range(32, 64))
    assert combine([one, two]) == hashlib.sha256(one + two).digest()
    assert combine([two, one]) != combine([one, two])


# ------------------------------------------------------------------ properties


@given(SEEDS, POOLS, st.data())
def test_leaving_one_out_moves_nobody(seed: bytes, pool: set[str], data: st.DataObject) -> None:
    gone = data.draw(st.sampled_from(sorted(pool)))
    assert order(seed, PREFIX, pool - {gone}) == [e for e in order(seed, PREFIX, pool) if e != gone]


@given(SEEDS, POOLS, st.randoms(use_true_random=False))
def test_the_order_of_the_list_does_not_matter(seed: bytes, pool: set[str], shuffler: object) -> None:
    given_list = sorted(pool)
    shuffler.shuffle(given_list)  # type: ignore[attr-defined]
    assert order(seed, PREFIX, given_list) == order(seed, PREFIX, pool)
    assert pool_hash(given_list) == pool_hash(pool)
    assert sorted(order(seed, PREFIX, pool)) == sorted(pool)


def test_every_candidate_is_as_likely_in_every_place() -> None:
    rounds, n = 3000, len(EXPERTS)
    places = [Counter[str]() for _ in range(n)]
    for i in range(rounds):
        for place, expert in enumerate(order(hashlib.sha256(b"%d" % i).digest(), PREFIX, EXPERTS)):
            places[place][expert] += 1
    expected = rounds / n
    for place in places:  # chi-square with 11 degrees of freedom: 0.01 % of fair draws lie above 37.4
        assert sum((place[e] - expected) ** 2 / expected for e in EXPERTS) < 37.4


def test_every_parameter_is_as_likely() -> None:
    drawn = Counter(parameter_index(hashlib.sha256(b"%d" % i).digest(), "L", 1, "t", "r", 5) for i in range(5000))
    assert sum((drawn[k] - 1000) ** 2 / 1000 for k in range(5)) < 23.5  # 4 degrees of freedom, 0.01 %


ANSWERS = st.sampled_from([Answer.ACCEPT, Answer.REFUSE, Answer.NO_ANSWER])


@given(st.lists(ANSWERS, max_size=20), st.integers(1, 5), st.integers(0, 3))
def test_seats_are_the_first_to_accept(given_answers: list[Answer], count: int, substitutes: int) -> None:
    ordered = [f"E{i:02d}" for i in range(len(given_answers))]
    answers = dict(zip(ordered, given_answers, strict=True))
    willing = [e for e in ordered if answers[e] is Answer.ACCEPT]
    seats = take(ordered, count, answers, substitutes)
    assert seats.complete
    assert seats.seats == tuple(willing[:count])
    assert seats.substitutes == tuple(willing[count : count + substitutes])
    assert seats.open == count + substitutes - len(willing[: count + substitutes])


@given(SEEDS, st.data())
def test_it_does_not_matter_who_answers_first(seed: bytes, data: st.DataObject) -> None:
    people = [f"E{i:02d}" for i in range(12)]
    pools = [tuple(sorted(data.draw(st.sets(st.sampled_from(people), min_size=2)))) for _ in range(3)]
    rows = [Row(f"row-{i}", pool, data.draw(st.integers(1, 3)), data.draw(st.integers(0, 2))) for i, pool in enumerate(pools)]
    will = {e: data.draw(ANSWERS) for e in people}

    def finished(pick_last: bool) -> list[tuple[str, ...]]:
        answers: dict[str, Answer] = {}
        while True:
            drawn = draw_rows(seed, "LOT", 1, rows, answers)
            waiting = [e for row in drawn if row.seats for e in row.seats.waiting]
            if not waiting:
                return [(*row.seats.seats, "/", *row.seats.substitutes) for row in drawn if row.seats]
            asked = waiting[-1] if pick_last else waiting[0]
            answers[asked] = will[asked]

    outcome = finished(pick_last=True)
    assert outcome == finished(pick_last=False)
    assert len(outcome) == len(rows)
    seated = [e for row in outcome for e in row if e != "/"]
    assert len(set(seated)) == len(seated)


def test_nobody_gets_a_seat_while_somebody_before_may_still_take_it() -> None:
    seats = take(["A", "B", "C", "D"], 1, {"B": Answer.ACCEPT}, substitutes=1)
    assert (seats.seats, seats.substitutes, seats.waiting, seats.complete) == ((), (), ("A",), False)
    assert take(["A", "B", "C", "D"], 1, {"B": Answer.ACCEPT, "A": Answer.REFUSE}, 1).waiting == ("C",)


def test_the_rarest_row_is_served_first_and_keeps_its_people() -> None:
    wide, rare = Row("a-wide", tuple(EXPERTS), 5, 0), Row("z-rare", ("E011", "E007"), 1, 0)
    answers = {e: Answer.ACCEPT for e in EXPERTS}
    first, second = draw_rows(SEED, "A01-LOT-0001", 1, [wide, rare], answers)
    assert first.row is rare and first.seats is not None and second.seats is not None
    assert len(first.seats.seats) == 1
    assert first.seats.seats[0] in second.order
    assert first.seats.seats[0] not in second.seats.seats
    assert second.seats.seats == tuple(e for e in second.order if e != first.seats.seats[0])[:5]


def test_a_row_waits_for_a_rarer_one_it_shares_people_with() -> None:
    wide, rare, apart = Row("wide", tuple(EXPERTS), 2, 0), Row("rare", ("E011", "E007"), 1, 0), Row("apart", ("X1", "X2", "X3"), 1, 0)
    drawn = draw_rows(SEED, "L", 1, [wide, rare, apart], {})
    assert [d.row.id for d in drawn] == ["rare", "apart", "wide"]
    assert [d.seats is None for d in drawn] == [False, False, True]


@pytest.mark.parametrize("pool", [["E1", "E1"], [""], ["E|1"], ["E1\nE2"]])
def test_a_pool_that_could_be_read_in_two_ways_is_refused(pool: list[str]) -> None:
    with pytest.raises(ValueError):
        pool_hash(pool)
    with pytest.raises(ValueError):
        order(SEED, PREFIX, pool)


def test_seeds_and_digests_of_another_shape_are_refused() -> None:
    for call in (lambda: seed_commit(b"short"), lambda: combine([SEED]), lambda: combine([SEED, b""]), lambda: order(b"", PREFIX, ["E1"])):
        with pytest.raises(ValueError):
            call()
    for digest in ("", "AA" * 32, "0" * 63, "zz" * 32):
        with pytest.raises(ValueError):
            bid_root([digest])
    with pytest.raises(ValueError):
        parameter_index(SEED, "L", 1, "t", "r", 0)
