"""Separation of duties as a matrix: who may do what when, for every role, act and state of the engineering declaration [01 §1.2].

The table beside this file is written out, so that whoever changes a declaration sees whom it lets do more, and has to say so. A line: act,
roles, states; ``~`` before a state says that the act may also happen while the lot is suspended from it.
"""
from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from plugins.engineering.trade import ENGINEERING
from trading_core.domain import engine
from trading_core.domain.errors import Forbidden, IllegalTransition, Refused
from trading_core.domain.identity import Actor, Role
from trading_core.domain.lot import Lot
from trading_core.domain.trade import Command

TABLE = Path(__file__).with_name("separation.txt")
NOW = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
STATES = sorted(ENGINEERING.lifecycle.states() - {"SUSPENDED"})
LEAVES = sorted(ENGINEERING.lifecycle.sources("suspended"))


def admitted(role: Role, act: str, status: str, resume_to: str = "") -> bool:
    """Whether the engine lets the role begin the act; what its form says is another matter."""
    lot = Lot("L", "engineering", "2026", status=status, resume_to=resume_to, suspended_at=NOW if resume_to else None)
    try:
        engine.admitted(ENGINEERING, lot, Command(act, Actor("p", "o", role), {}, NOW))
    except (Forbidden, IllegalTransition):
        return False
    except Refused:
        return True
    return True


def line(act: str) -> str:
    times = [*((s, "") for s in STATES), *(("SUSPENDED", s) for s in LEAVES)]
    roles = sorted(r.value for r in Role if any(admitted(r, act, *when) for when in times))
    plain = {s for s in STATES if any(admitted(r, act, s) for r in Role)}
    held = {s for s in LEAVES if any(admitted(r, act, "SUSPENDED", s) for r in Role)}
    states = [*(("~" if s in held else "") + (s or "-") for s in sorted(plain)), *(f"~only:{s}" for s in sorted(held - plain))]
    return f"{act} | {' '.join(roles)} | {' '.join(states)}"


def test_the_matrix_is_the_one_written_out() -> None:
    assert TABLE.read_text("utf-8").splitlines() == [line(act) for act in sorted(ENGINEERING.acts)]


@pytest.mark.parametrize("act", sorted(ENGINEERING.acts))
def test_role_and_state_decide_apart(act: str) -> None:
    """No role may do in some states what another may do in others: then it would be two acts."""
    for status, resume_to in [*((s, "") for s in STATES), *(("SUSPENDED", s) for s in LEAVES)]:
        able = {r for r in Role if admitted(r, act, status, resume_to)}
        assert able in (set(), set(ENGINEERING.acts[act].roles)), (status, resume_to)


@pytest.mark.parametrize("one, other", [
    (Role.EXPERT, Role.BIDDER), (Role.EXPERT, Role.AGENCY), (Role.EXPERT, Role.SUPERVISOR), (Role.BIDDER, Role.PRINCIPAL),
    (Role.BIDDER, Role.AGENCY), (Role.BIDDER, Role.SUPERVISOR), (Role.SUPERVISOR, Role.AGENCY), (Role.CENTRE, Role.BIDDER),
])  # fmt: skip
def test_nobody_judges_their_own_case(one: Role, other: Role) -> None:
    """Beside what trustees and drawing parties do alike, supervisors and hosts share two acts: each ends its own hold, either may find
    that a tender has failed. A principal's representatives may sit with the experts [BL 37]."""
    shared = {a.name for a in ENGINEERING.acts.values() if {one, other} <= a.roles}
    alike = {"register_trustee_key", "rehearse_trustee_key", "release_key", "commit_draw", "hand_in_part"}
    assert shared - alike <= ({"resume", "declare_failed"} if {one, other} == {Role.SUPERVISOR, Role.AGENCY} else set())
