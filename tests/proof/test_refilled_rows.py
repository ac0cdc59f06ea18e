"""A place whose substitutes are used up is filled from the remaining list of the same sealed order [X-6, BLR 46]."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_core.domain.draw import Answer, DrawnRow, Row, draw_rows
from trading_core.verify import draws

SEED = bytes(range(32))
NUMBERS = [f"E{n:02}" for n in range(1, 15)]
POOLS = st.lists(st.sampled_from(NUMBERS), min_size=2, max_size=14, unique=True)
ROWS = st.lists(st.tuples(POOLS, st.integers(1, 3), st.integers(0, 2)), min_size=1, max_size=3).map(
    lambda found: [Row(f"row-{n}", tuple(pool), min(count, len(pool)), more) for n, (pool, count, more) in enumerate(found)]
)


def drawn(rows: list[Row], answers: Mapping[str, Answer], left: list[str]) -> list[DrawnRow]:
    return draw_rows(SEED, "LOT", 1, rows, answers, left)


def by_the_verifier(rows: list[Row], answers: Mapping[str, Answer], left: list[str]) -> list[draws.Places]:
    told = [draws.Row(r.id, r.count, r.substitutes, sha256("\n".join(sorted(r.candidates)).encode()).hexdigest(), list(r.candidates))
            for r in rows]  # fmt: skip
    return draws.check_experts(draws.Draw("experts", "LOT", 1, "here"), SEED, told, {n: a.value for n, a in answers.items()}, True, left)


@given(rows=ROWS, data=st.data())
def test_server_and_verifier_refill_alike(rows: list[Row], data: st.DataObject) -> None:
    """However people answer and leave: nobody is asked for two rows, what was given stays given, and the verifier finds the same."""
    answers: dict[str, Answer] = {}
    left: list[str] = []
    before: list[DrawnRow] = []
    for _ in range(40):
        now = drawn(rows, answers, left)
        asked = [n for d in now if d.seats for n in d.seats.asked]
        assert len(set(asked)) == len(asked) and set(answers) <= set(asked)
        for earlier, later in zip(before, now, strict=True) if before else ():
            if earlier.seats and later.seats:
                assert later.seats.seats[: len(earlier.seats.seats)] == earlier.seats.seats
                assert later.seats.asked[: len(earlier.seats.asked)] == earlier.seats.asked
        before = now
        waiting = [n for d in now if d.seats for n in d.seats.waiting]
        settled = not waiting and all(d.seats for d in now)
        if settled:
            assert by_the_verifier(rows, answers, left) == [(list(d.seats.seats), list(d.seats.substitutes)) for d in now if d.seats]
        there = [n for d in now if d.seats for n in (*d.seats.seats, *d.seats.substitutes) if n not in left]
        if waiting:
            answers[data.draw(st.sampled_from(waiting))] = data.draw(st.sampled_from(list(Answer)))
        elif there:
            left.append(data.draw(st.sampled_from(there)))
        else:
            break


ONE = Row("tech", tuple(NUMBERS[:6]), 2, 1)


def settled(answers: dict[str, Answer], left: list[str]) -> DrawnRow:
    while waiting := [n for d in drawn([ONE], answers, left) if d.seats for n in d.seats.waiting]:
        answers[waiting[0]] = Answer.ACCEPT
    return drawn([ONE], answers, left)[0]


def test_nobody_is_asked_while_a_substitute_remains() -> None:
    row = settled({}, [])
    assert row.seats is not None and len(row.seats.asked) == 3
    assert drawn([ONE], dict.fromkeys(row.seats.asked, Answer.ACCEPT), [row.seats.seats[0]])[0].seats == row.seats


def test_the_next_of_the_order_replaces_who_leaves_then() -> None:
    answers: dict[str, Answer] = {}
    row = settled(answers, [])
    assert row.seats is not None
    left = list(row.seats.seats)
    again = drawn([ONE], answers, left)[0].seats
    assert again is not None and again.waiting == (row.order[3],)
    answers[row.order[3]] = Answer.REFUSE
    after = settled(answers, left)
    assert after.seats is not None and after.seats.substitutes == (row.order[2], row.order[4]) and not after.seats.open


def test_an_exhausted_list_says_what_is_missing() -> None:
    answers = dict.fromkeys(ONE.candidates, Answer.ACCEPT)
    full = settled(answers, [])
    assert full.seats is not None
    found = drawn([ONE], {**dict.fromkeys(full.order[3:], Answer.REFUSE), **dict.fromkeys(full.order[:3], Answer.ACCEPT)},
                  list(full.order[:2]))[0]  # fmt: skip
    assert found.seats is not None and found.seats.open == 1 and not found.seats.waiting


@pytest.mark.parametrize("left", [[], ["nobody"]])
def test_who_had_no_place_is_replaced_by_nobody(left: list[str]) -> None:
    assert settled({}, left).seats == settled({}, []).seats
