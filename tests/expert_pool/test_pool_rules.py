"""The pure rules of the pool: codes of specialties, recusal, who may be drawn."""
from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expert_pool.domain.expert import Absence, Expert, State, Tie, TieKind
from expert_pool.domain.lifecycle import LIFECYCLE, MAY_END, REASONS
from expert_pool.domain.pool import BUSY, NOT_ACTIVE, ORDER, left_out_by, sort_out
from expert_pool.domain.recusal import RULES, ProjectFacts, grounds
from expert_pool.domain.specialty import is_code
from trading_core.domain.uscc import complete_uscc, compose_uscc

DAY = date(2026, 3, 23)
CODES = tuple(compose_uscc("91530500", f"MA5T{n:04}") for n in range(6))
BIDDER, HOST, DEPARTMENT = CODES[:3]
FACTS = ProjectFacts(DAY, hosts=frozenset({HOST}), departments=frozenset({DEPARTMENT}), bidders=frozenset({BIDDER}))

codes = st.builds(
    lambda letter, pairs: letter + "".join(f"{p:02}" for p in pairs), st.sampled_from("ABC"), st.lists(st.integers(0, 2), max_size=3)
)
days = st.dates(date(2018, 1, 1), date(2030, 12, 31))
ties = st.builds(
    lambda kind, uscc, since, length: Tie(kind, uscc, since, None if length is None else since + timedelta(days=length)),
    st.sampled_from(TieKind), st.sampled_from(CODES), days, st.none() | st.integers(0, 2000),
)  # fmt: skip
experts = st.builds(
    lambda n, held, bound, punished: Expert(f"E{n:03}", "bidding", tuple(held), "p", tuple(bound), punished),
    st.integers(1, 30), st.lists(codes, min_size=1, max_size=3), st.lists(ties, max_size=4), st.sampled_from(((), ("〔2020〕7号",))),
)  # fmt: skip


def expert(*bound: Tie, **more: object) -> Expert:
    return replace(Expert("E001", "bidding", ("A0801",), "p", tuple(bound)), **more)  # type: ignore[arg-type]


def ids(*bound: Tie, **more: object) -> list[str]:
    return list(grounds(expert(*bound, **more), FACTS))


# ------------------------------------------------------------------ specialties [08 §8.3]

@pytest.mark.parametrize("text", ["A", "A08", "A0801", "A080101", "C99"])
def test_codes_of_the_standard(text: str) -> None:
    assert is_code(text)


@pytest.mark.parametrize("text", ["", "a08", "A8", "A080", "08", "AA08", "A08010101", "A08\n", "A０８", "A08 ", "A0%"])
def test_what_is_no_code(text: str) -> None:
    assert not is_code(text)


@pytest.mark.parametrize(
    ("tie", "expected"),
    [
        (Tie(TieKind.EMPLOYER, BIDDER, date(2020, 1, 1)), ["RC-1"]),
        (Tie(TieKind.OFFICE, BIDDER, date(2020, 1, 1)), ["RC-2"]),
        (Tie(TieKind.CONTROL, BIDDER, date(2020, 1, 1)), ["RC-3"]),
        (Tie(TieKind.RELATIVE_HEADS, BIDDER, date(2020, 1, 1)), ["RC-4"]),
        (Tie(TieKind.EMPLOYER, DEPARTMENT, date(2020, 1, 1)), ["RC-5"]),
        (Tie(TieKind.HOLDING, BIDDER, date(2020, 1, 1)), ["RC-6"]),
        (Tie(TieKind.INTEREST, BIDDER, date(2020, 1, 1)), ["RC-6"]),
        (Tie(TieKind.RELATIVE_WORKS, BIDDER, date(2020, 1, 1)), ["RC-9"]),
        (Tie(TieKind.EMPLOYER, HOST, date(2020, 1, 1)), ["RC-9"]),
        (Tie(TieKind.RELATIVE_WORKS, HOST, date(2020, 1, 1)), ["RC-9"]),
        (Tie(TieKind.EMPLOYER, CODES[5], date(2020, 1, 1)), []),
    ],
)
def test_each_tie_hits_its_rule(tie: Tie, expected: list[str]) -> None:
    assert ids(tie) == expected


def test_punished_before_recuses_everywhere() -> None:
    assert ids(punished=("〔2019〕12号",)) == ["RC-7"]
    assert list(grounds(expert(punished=("〔2019〕12号",)), ProjectFacts(DAY))) == ["RC-7"]


@pytest.mark.parametrize(
    ("until", "hit"), [(date(2023, 3, 22), False), (date(2023, 3, 23), True), (date(2026, 3, 22), True), (None, True)]
)
@pytest.mark.parametrize(("kind", "rule"), [(TieKind.EMPLOYER, "RC-1"), (TieKind.OFFICE, "RC-2"), (TieKind.CONTROL, "RC-3")])
def test_three_years_are_counted_to_the_day(kind: TieKind, rule: str, until: date | None, hit: bool) -> None:
    assert ids(Tie(kind, BIDDER, date(2010, 1, 1), until)) == ([rule] if hit else [])


@pytest.mark.parametrize("kind", [TieKind.RELATIVE_HEADS, TieKind.HOLDING, TieKind.INTEREST, TieKind.RELATIVE_WORKS])
def test_shares_and_relatives_count_while_they_last(kind: TieKind) -> None:
    assert ids(Tie(kind, BIDDER, date(2010, 1, 1), DAY - timedelta(days=1))) == []
    assert len(ids(Tie(kind, BIDDER, date(2010, 1, 1), DAY))) == 1


def test_staff_of_a_department_is_present_staff() -> None:
    assert ids(Tie(TieKind.EMPLOYER, DEPARTMENT, date(2010, 1, 1), DAY - timedelta(days=1))) == []


def test_units_are_compared_by_their_organisation_code() -> None:
    """A unit that moved to another department of registration is still the same unit [09 §9.10]."""
    moved = complete_uscc("12110000" + BIDDER[8:17])
    assert moved != BIDDER and ids(Tie(TieKind.EMPLOYER, moved, date(2020, 1, 1))) == ["RC-1"]


@given(somebody=experts, facts_day=days)
def test_more_units_never_excuse_fewer(somebody: Expert, facts_day: date) -> None:
    """After the opening, with all bidders known, the grounds only grow."""
    before = ProjectFacts(facts_day, hosts=frozenset({HOST}))
    after = replace(before, bidders=frozenset(CODES), departments=frozenset({DEPARTMENT}))
    assert set(grounds(somebody, before)) <= set(grounds(somebody, after))


def test_rules_have_names_sources_and_an_order() -> None:
    assert [r.id for r in RULES] == [f"RC-{n}" for n in (1, 2, 3, 4, 5, 6, 7, 9)]
    assert all(r.source and r.hits.__doc__ and r.hits.__doc__.startswith(r.id + ":") for r in RULES)
    assert list(ORDER) == [NOT_ACTIVE, BUSY, *(r.id for r in RULES)]


# ------------------------------------------------------------------ who may be drawn [08 §8.6.1]

@given(found=st.lists(experts, max_size=20, unique_by=lambda e: e.number), busy=st.sets(st.integers(1, 30)))
def test_pool_and_counts_add_up(found: list[Expert], busy: set[int]) -> None:
    facts = replace(FACTS, busy=frozenset(f"E{n:03}" for n in busy))
    drawable, counts = sort_out(found, facts)
    assert len(drawable) + sum(n for _, n in counts) == len(found)
    assert [e.number for e in drawable] == sorted(e.number for e in drawable)
    assert all(not left_out_by(e, facts) and e.number not in facts.busy and not list(grounds(e, facts)) for e in drawable)
    assert [rule for rule, _ in counts] == [rule for rule in ORDER if rule in dict(counts)]


def test_everybody_is_counted_once_under_the_first_rule() -> None:
    away = (Absence(State.PAUSED, DAY, None, "centre"),)
    employed = Tie(TieKind.EMPLOYER, BIDDER, date(2020, 1, 1))
    found = [
        expert(employed, number="E001", absences=away),
        expert(employed, number="E002"),
        expert(employed, number="E003"),
        expert(employed, number="E004", punished=("x",)),
        expert(number="E005"),
    ]
    drawable, counts = sort_out(found, replace(FACTS, busy=frozenset({"E002"})))
    assert [e.number for e in drawable] == ["E005"]
    assert counts == ((NOT_ACTIVE, 1), (BUSY, 1), ("RC-1", 2))


# ------------------------------------------------------------------ standing [08 §8.1]

@given(since=days, length=st.integers(0, 400), asked=days)
def test_an_absence_counts_from_its_first_to_its_last_day(since: date, length: int, asked: date) -> None:
    until = since + timedelta(days=length)
    away = expert(absences=(Absence(State.SUSPENDED, since, until, "supervisor"),))
    assert away.state_on(asked) is (State.SUSPENDED if since <= asked <= until else State.ACTIVE)


def test_the_graver_state_shows_and_removal_stays() -> None:
    both = expert(absences=(Absence(State.PAUSED, DAY, None, "expert"), Absence(State.SUSPENDED, DAY, DAY, "supervisor")))
    assert both.state_on(DAY) is State.SUSPENDED and both.state_on(DAY + timedelta(days=1)) is State.PAUSED
    assert replace(both, removed=True).state_on(DAY + timedelta(days=999)) is State.REMOVED
    assert replace(both, person="").state_on(DAY - timedelta(days=1)) is State.REMOVED


def test_the_table_reaches_every_state_and_removal_is_the_end() -> None:
    assert LIFECYCLE.states() == {"", *State}
    assert {target for _, _, target in LIFECYCLE.edges()} == set(State)
    assert not [event for source, event, _ in LIFECYCLE.edges() if source == State.REMOVED]
    assert set(REASONS) == {event for _, event, _ in LIFECYCLE.edges()}
    assert set(MAY_END) == {role.value for role in REASONS["expert_resumed"]}


def test_the_present_employer_is_the_latest_one() -> None:
    many = expert(
        Tie(TieKind.EMPLOYER, CODES[0], date(2010, 1, 1), date(2019, 1, 1)),
        Tie(TieKind.EMPLOYER, CODES[1], date(2015, 1, 1)),
        Tie(TieKind.EMPLOYER, CODES[2], date(2019, 1, 2)),
        Tie(TieKind.HOLDING, CODES[3], date(2024, 1, 1)),
    )
    assert many.employer_on(DAY) == CODES[2] and many.employer_on(date(2012, 1, 1)) == CODES[0]
    assert expert().employer_on(DAY) == ""


def test_what_is_shown_of_an_expert_names_nobody() -> None:
    somebody = expert(Tie(TieKind.EMPLOYER, CODES[0], date(2010, 1, 1)), person="person-id-1", punished=("〔2019〕12号",))
    assert CODES[0] not in repr(somebody) and "person-id-1" not in repr(somebody) and "12号" not in repr(somebody)
