"""A declaration chooses its stages; the table keeps no row that its trade cannot use."""
from __future__ import annotations

import importlib.util
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

from plugins.engineering.trade import ENGINEERING
from trading_core.domain import engine
from trading_core.domain.errors import Refused
from trading_core.domain.identity import Actor, Role
from trading_core.domain.lifecycle import RESUME, SAME, Lifecycle, composed, row
from trading_core.domain.lot import Lot
from trading_core.domain.trade import Command, Facts, TradeType
from trading_core.domain.workcalendar import WorkCalendar

PACKAGE = Path(__file__).parent / "package" / "reeds" / "__init__.py"
BESIDES_ACTS = {"disclosed", "document_issued", "draw_revealed"}  # what a service or another act's decision writes beside it


@pytest.fixture(scope="module")
def reeds() -> TradeType:
    spec = importlib.util.spec_from_file_location("strange_reeds", PACKAGE)
    assert spec is not None and spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    found = module.REEDS
    assert isinstance(found, TradeType)
    return found


def unused(trade: TradeType) -> set[str]:
    """Events of the table that nothing in the declaration writes or heeds."""
    used = {a.event for a in trade.acts.values()} | set(trade.evolve) | BESIDES_ACTS
    return {t.event for t in trade.lifecycle.transitions} - used


def test_no_row_without_use(reeds: TradeType) -> None:
    assert not unused(ENGINEERING) and not unused(reeds)


def test_no_act_without_row(reeds: TradeType) -> None:
    for trade in (ENGINEERING, reeds):
        assert {a.event for a in trade.acts.values()} <= {t.event for t in trade.lifecycle.transitions}
    assert "send_invitations" in ENGINEERING.acts and "send_invitations" not in reeds.acts


def test_what_was_left_out_is_gone_everywhere(reeds: TradeType) -> None:
    assert not [s for s in reeds.lifecycle.states() if s.startswith("PREQ_")]
    assert {"prequalification_published", "invitations_sent", "complaint_received"}.isdisjoint(
        t.event for t in reeds.lifecycle.transitions
    )
    assert set(reeds.lifecycle.edges()) < set(ENGINEERING.lifecycle.edges())


def test_all_stages_together_lose_nothing() -> None:
    whole = tuple(t for stage in ENGINEERING.stages for t in stage.rows)
    assert {(t.event, t.target) for t in ENGINEERING.lifecycle.transitions} == {(t.event, t.target) for t in whole}


def test_every_state_of_a_stage_shown_exists(reeds: TradeType) -> None:
    for trade in (ENGINEERING, reeds):
        assert frozenset().union(*(s.states for s in trade.milestones)) <= trade.lifecycle.states()


def test_trimming() -> None:
    first = (row("", "begun", "A"), row("A", "held", "H"), row("H", "freed", RESUME))
    second = (row("B", "moved", "C"), row("A B", "noted", SAME))
    table = composed("", first, second)
    assert table.states() == {"", "A", "H"} and not table.allows("B", "noted") and table.allows("A", "noted")
    assert table.trimmed() == table
    assert composed("", first, (row("A", "gone", "B"),), second).states() == {"", "A", "B", "C", "H"}
    assert Lifecycle("", ()).trimmed() == Lifecycle("", ())


def test_a_refusal_cites_the_law_of_its_trade(reeds: TradeType) -> None:
    actor = Actor("p", "org", Role.PRINCIPAL)
    lot = Lot("L1", trade=reeds.code, rules=reeds.version, status="AWARDED", parties={"principal": "org"})
    for trade, article in ((ENGINEERING, "BLR 55"), (reeds, "R-5")):
        with pytest.raises(Refused) as refusal:
            engine.decide(trade, lot, Command("issue_award_letter", actor, {}, datetime(2026, 3, 2, tzinfo=UTC)), Facts(WorkCalendar({})))
        assert [(p.code, p.rule) for p in refusal.value.problems] == [("award.winner_lost", article)]
