"""When more than a third of the committee hold that time is short, the host must extend it [01 §1.10, BLR 48]."""
from __future__ import annotations

from datetime import timedelta

import pytest

from tests.tender.committee_table import BEGUN, Table
from tests.tender.course import AGENCY
from trading_core.domain.errors import Forbidden, Refused
from trading_core.domain.events import Event, instant_text
from trading_core.domain.identity import Actor, Role
from trading_core.domain.tender.committee import Committee
from trading_core.domain.tender.evaluation_time import is_short
from web.workbench import DUTIES, View, acts_of

LATER = instant_text(BEGUN + timedelta(days=1))


def codes(refusal: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {p.code for p in refusal.value.problems}


def extend(table: Table, until: str = LATER) -> list[Event]:
    return table.step("extend_evaluation_time", AGENCY, evaluation_until=until, reason="技术方案复杂")


def reported() -> Table:
    """Everybody has signed: only the report is still to be handed in."""
    table = Table(two_stages=False).start().lock_all()
    table.chair("summarise")
    table.sign_all()
    return table


def test_two_of_five_are_more_than_a_third() -> None:
    table = reported()
    table.seat(2, "call_time_short", reason="投标文件卷册多")
    assert not is_short(table.lot)
    with pytest.raises(Refused) as refusal:
        extend(table)
    assert codes(refusal) == {"evaluation_time.not_short"}
    table.seat(4, "call_time_short", reason="需要核对清单")
    assert is_short(table.lot)


def test_no_report_is_given_before_the_host_has_extended() -> None:
    table = reported()
    for seat in (2, 4):
        event, = table.seat(seat, "call_time_short", reason="投标文件卷册多")
    assert (event.public, event.private) == ({"seat": 4}, {"reason": "投标文件卷册多"})
    with pytest.raises(Refused) as refusal:
        table.chair("submit_report")
    assert codes(refusal) == {"evaluation_time.to_extend"}
    with pytest.raises(Refused) as refusal:
        extend(table, instant_text(BEGUN))
    assert codes(refusal) == {"evaluation_time.past"}
    (extended,) = extend(table)
    assert extended.public == {"evaluation_until": LATER, "count": 2, "size": 5, "reason": "技术方案复杂"}
    assert not is_short(table.lot)
    table.chair("submit_report")
    assert table.lot.status == "EVALUATED"


def test_one_member_is_less_than_a_third_and_stops_nothing() -> None:
    table = reported()
    table.seat(2, "call_time_short", reason="r")
    with pytest.raises(Refused) as refusal:
        table.seat(2, "call_time_short", reason="r")
    assert codes(refusal) == {"evaluation_time.called_before"}
    table.chair("submit_report")


def test_who_had_to_leave_counts_no_more() -> None:
    table = Table().start()
    for seat in (2, 4):
        table.seat(seat, "call_time_short", reason="r")
    table.seat(4, "recuse", ground="RC-1", reason="r")
    assert not is_short(table.lot)
    table.sign_in()
    table.seat(4, "call_time_short", reason="r")
    assert is_short(table.lot)


def test_it_may_be_short_again() -> None:
    table = Table().start()
    for _ in range(2):
        for seat in (1, 5):
            table.seat(seat, "call_time_short", reason="r")
        extend(table)
    assert not is_short(table.lot)


def test_only_the_host_extends() -> None:
    table = Table().start()
    for seat in (2, 4):
        table.seat(seat, "call_time_short", reason="r")
    assert len(table.lot.part(Committee).seats) == 5
    with pytest.raises(Forbidden):
        table.chair("extend_evaluation_time", evaluation_until=LATER, reason="r")


def test_the_workbench_asks_the_host_only_when_it_must() -> None:
    table = Table().start()

    def asked() -> tuple[bool, bool]:
        view = View(table.trade, table.lot, AGENCY)
        return "extend_evaluation_time" in {a.name for a in acts_of(view)}, "extend_evaluation_time" in {
            d.act for d in DUTIES if list(d.wanted(view)) and d.only}  # fmt: skip

    table.seat(2, "call_time_short", reason="r")
    assert asked() == (False, False)
    table.seat(4, "call_time_short", reason="r")
    assert asked() == (True, True)
    holder = table.lot.part(Committee).seats[0].holder
    assert "call_time_short" in {a.name for a in acts_of(View(table.trade, table.lot, Actor(holder, "", Role.EXPERT), number=holder))}
