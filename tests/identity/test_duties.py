"""Separation of duties: the whole table, and what it is for."""
from __future__ import annotations

from itertools import combinations, permutations

import pytest

from trading_core.domain.duties import PERSON, check_duties, check_kinds, conflicts
from trading_core.domain.identity import Role
from trading_core.domain.person import HOLDABLE

P, A, B, E, S, C, O = (Role(r) for r in ("principal", "agency", "bidder", "expert", "supervisor", "centre", "operator"))  # noqa: E741
ALLOWED = {frozenset(p) for p in ((P, A), (P, B), (P, E), (A, E), (B, E))}  # what one lot excludes is excluded at the lot [B-15, RC-1]


@pytest.mark.parametrize(("held", "wanted"), list(permutations(sorted(HOLDABLE), 2)))
def test_every_pair_of_roles(held: Role, wanted: Role) -> None:
    problems = check_duties([held], wanted)
    assert bool(problems) == (frozenset({held, wanted}) not in ALLOWED)
    assert all(p.code == "duty.incompatible" and p.rule for p in problems)
    assert all(p.params == {"role": wanted.value, "held": held.value} for p in problems)


def test_each_pair_stands_in_the_table_once() -> None:
    pairs = [frozenset({row.first, row.second}) for row in PERSON]
    assert len(pairs) == len(set(pairs)) == len(list(combinations(HOLDABLE, 2))) - len(ALLOWED)


def test_every_conflict_is_told_at_once() -> None:
    assert {p.params["held"] for p in check_duties([P, B], C)} == {"principal", "bidder"}


def test_nobody_is_two_trustees_who_could_open_together() -> None:
    """Two of three trustees open a stage; host, centre and supervisor hold one key each."""
    for first, second in [(h, t) for h in (P, A) for t in (C, S)] + [(C, S)]:
        assert conflicts(PERSON, [first], second)


def test_an_organisation_is_not_two_trustees_and_no_trustee_bids() -> None:
    for first, second in [(C, S), (C, A), (S, A), (C, B), (S, B)]:
        assert [p.code for p in check_kinds([first, second])] == ["organisation.kinds_incompatible"]
    for kinds in ([P, A, B], [P, S], [P, C]):
        assert check_kinds(kinds) == ()
