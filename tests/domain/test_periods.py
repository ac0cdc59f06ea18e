"""Statutory periods: the rules T-01 … T-15, the worked examples of 01 §1.4.4 and 02 §2.3, amendments of 01 §1.5."""
from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import trading_core
from trading_core.domain.deadlines import due_dates, excluding, plan, shift
from trading_core.domain.periods import Bound, Direction, Finding, Period, Unit, blocking, check, deadline_after_amendment, reach
from trading_core.domain.workcalendar import CST, UnknownYear, calendar_from, closing_day, end_of_day, start_of_day
from trading_core.messages import LANGUAGES, read

PACKAGE = Path(trading_core.__file__).parent
CN = calendar_from(json.loads((PACKAGE / "data" / "calendar_cn.json").read_text("utf-8")))
TEXTS = read([PACKAGE / "messages"])
DAY = timedelta(days=1)

known_days = st.dates(date(2024, 3, 1), date(2026, 10, 1))
units: tuple[Unit, ...] = ("days", "workdays", "hours")
bounds: tuple[Bound, ...] = ("at_least", "at_most")
directions: tuple[Direction, ...] = ("forward", "backward")
clock_times = st.integers(0, 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


def d(text: str) -> date:
    return date.fromisoformat(text)


def at(day: str, clock: str = "09:30") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=CST).astimezone(UTC)


def period(
    id: str = "X", start: str = "a", end: str = "b", count: int = 3, unit: Unit = "days", bound: Bound = "at_least",
    direction: Direction = "forward", source: str = "某法第1条", verified: bool = True, **more: Any,
) -> Period:  # fmt: skip
    return Period(id, start, end, count, unit, bound, direction, source, verified, **more)


def one(p: Period, start: datetime, end: datetime, **reasons: str) -> Finding:
    (finding,) = check([p], {p.start: start, p.end: end}, {}, CN, reasons)
    return finding


E_T01 = period("E-T01", "issue_start", "issue_end", 5, source="实施条例第16条")
E_T02 = period(
    "E-T02", "issue_end", "application_deadline", 5, source="实施条例第17条", applies={"qualification": "pre"}, start_closes=True
)
E_T03 = period("E-T03", "issue_start", "bid_deadline", 20, source="招标投标法第24条", applies={"mandatory": True})
E_T04 = period("E-T04", "bid_deadline", "last_clarification", 15, direction="backward", source="招标投标法第23条")
E_T07 = period("E-T07", "bid_deadline", "objection_cutoff", 10, direction="backward", source="实施条例第22条")
E_T11 = period("E-T11", "publicity_start", "publicity_end", 3, source="实施条例第54条")
E_T18 = period("E-T18", "letter", "contract", 30, bound="at_most", source="招标投标法第46条")
A_03 = period("A-03", "response_deadline", "clarification", 3, "workdays", direction="backward")
P_T30 = period("P-T30", "review", "draw", 2, "workdays", "at_most", "backward")
M_07 = period("M-07", "notice", "listing_start", 20, "workdays", count_first_day=True)


# ------------------------------------------------------------------ properties

@given(known_days, st.integers(0, 40), st.integers(-5, 60), clock_times, clock_times)
def test_a_minimum_is_kept_exactly_from_end_of_days_on(start: date, count: int, length: int, a: timedelta, b: timedelta) -> None:
    """T-09: difference >= X and an end on a working day, together, are end_of_days."""
    end, minute = start + length * DAY, timedelta(minutes=1)
    finding = one(period(count=count), start_of_day(start) + min(a, DAY - minute), start_of_day(end) + max(b, minute))
    assert (finding.kind == "ok") == (end >= CN.end_of_days(start, count) and CN.is_workday(end))
    assert finding.actual == length
    assert finding.limit is not None
    assert finding.limit.day == CN.end_of_days(start, count)


@given(known_days, st.integers(0, 40), st.integers(-5, 60), st.sampled_from(units[:2]), clock_times, st.booleans())
def test_a_repaired_schedule_is_lawful(start: date, count: int, length: int, unit: Unit, clock: timedelta, backward: bool) -> None:
    """The instant behind the repair button passes, and nothing nearer to the planned one would."""
    p = period(count=count, unit=unit, direction="backward" if backward else "forward")
    begin, end = start_of_day(start) + timedelta(hours=9), start_of_day(start + (-length if backward else length) * DAY) + clock
    finding = one(p, begin, end)
    if finding.kind == "ok":
        assert finding.problem is None
        assert finding.repair is None
        return
    assert finding.kind == "blocked"
    assert finding.repair is not None
    assert one(p, begin, finding.repair).kind == "ok"
    assert (finding.repair - end) % DAY == timedelta(0)
    step = -DAY if backward else DAY
    steps = (finding.repair - end) // step
    assert steps > 0
    assert all(one(p, begin, end + i * step).kind == "blocked" for i in range(steps))


@given(known_days, st.integers(0, 40), st.sampled_from(units), st.sampled_from(directions), clock_times)
def test_an_upper_limit_never_blocks(start: date, count: int, unit: Unit, direction: Direction, clock: timedelta) -> None:  # T-15
    p = period(count=count, unit=unit, bound="at_most", direction=direction)
    begin = start_of_day(start) + clock
    limit = reach(p, begin, CN).at
    beyond = timedelta(microseconds=-1 if direction == "backward" else 1)
    assert one(p, begin, limit).kind == "ok"
    assert one(p, begin, limit + beyond).kind == "late"
    assert one(p, begin, limit - beyond).kind == "ok"


@given(known_days, st.integers(1, 60), st.integers(1, 20), st.sampled_from(units[:2]))
def test_an_amended_deadline_is_the_first_workday_that_keeps_the_minimum(published: date, left: int, count: int, unit: Unit) -> None:
    minimum = period(start="deadline", end="clarification", count=count, unit=unit, direction="backward")
    deadline = published + left * DAY

    def kept(day: date) -> bool:
        return one(minimum, end_of_day(day), end_of_day(published)).kind == "ok"

    assert deadline_after_amendment(published, deadline, False, minimum, CN) is None
    new = deadline_after_amendment(published, deadline, True, minimum, CN)
    if kept(deadline):
        assert new is None
        return
    assert new is not None
    assert new > deadline
    assert CN.is_workday(new)
    assert kept(new)
    assert not any(kept(deadline + i * DAY) and CN.is_workday(deadline + i * DAY) for i in range((new - deadline).days))


ENGINEERING = (E_T01, E_T02, E_T03, E_T04, E_T07, E_T11, E_T18)


@given(known_days, st.booleans(), st.sampled_from(["pre", "post"]))
def test_a_plan_passes_the_check_and_no_day_of_it_could_be_earlier(start: date, mandatory: bool, qualification: str) -> None:
    facts = {"mandatory": mandatory, "qualification": qualification}
    lines = [line for line in plan(ENGINEERING, {"issue_start": start}, facts, CN) if line.reach]
    schedule = {"issue_start": start_of_day(start) + timedelta(hours=9)}
    schedule |= {line.period.end: line.reach.at for line in lines if line.reach and line.period.is_minimum}
    assert {f.kind for f in check(ENGINEERING, schedule, facts, CN)} == {"ok"}
    for name in schedule.keys() - {"issue_start"}:
        earlier = {**schedule, name: schedule[name] - DAY}
        assert "blocked" in {f.kind for f in check(ENGINEERING, earlier, facts, CN)}


@given(
    st.dictionaries(st.sampled_from("abcd"), st.builds(lambda day, clock: start_of_day(day) + clock, known_days, clock_times)),
    st.timedeltas(timedelta(0), timedelta(days=90)),
    st.sets(st.sampled_from("abcde")),
)
def test_a_suspension_moves_the_named_points_by_its_span_and_no_other(
    schedule: dict[str, datetime], frozen: timedelta, names: set[str]
) -> None:  # T-12
    after = shift(schedule, frozen, names)
    assert after.keys() == schedule.keys()
    assert all(after[n] - schedule[n] == (frozen if n in names else timedelta(0)) for n in schedule)


# ------------------------------------------------------------------ worked examples of 01 §1.4.4, through periods

@pytest.mark.parametrize(
    ("p", "start", "raw", "day"),
    [
        (E_T03, "2025-01-10", "2025-01-30", "2025-02-05"),  # 1
        (E_T03, "2026-09-15", "2026-10-05", "2026-10-08"),  # 2
        (E_T18, "2025-09-05", "2025-10-05", "2025-10-09"),  # 3
        (period(count=5, unit="workdays"), "2026-02-11", "2026-02-25", "2026-02-25"),  # 4
        (period(count=7, unit="workdays"), "2026-04-28", "2026-05-11", "2026-05-11"),  # 5
        (period(count=15, unit="workdays"), "2026-09-18", "2026-10-15", "2026-10-15"),  # 6
        (period(count=3, unit="workdays"), "2025-09-26", "2025-09-30", "2025-09-30"),  # 7
        (period(count=30, unit="workdays", bound="at_most"), "2026-01-05", "2026-02-14", "2026-02-14"),  # 8
        (period(count=10, unit="workdays"), "2025-01-20", "2025-02-08", "2025-02-08"),  # 9
        (E_T11, "2026-09-29", "2026-10-02", "2026-10-08"),  # 10
        (E_T04, "2026-05-20", "2026-05-05", "2026-05-05"),  # 11
        (E_T07, "2026-05-20", "2026-05-10", "2026-05-10"),  # 12
        (M_07, "2026-02-03", "2026-03-06", "2026-03-06"),  # 13
        (A_03, "2026-03-23", "2026-03-18", "2026-03-18"),  # 14
        (A_03, "2026-10-09", "2026-09-29", "2026-09-29"),  # 15
        (P_T30, "2026-02-25", "2026-02-14", "2026-02-14"),  # 16
    ],
)
def test_worked_examples(p: Period, start: str, raw: str, day: str) -> None:
    found = reach(p, at(start), CN)
    assert (found.start, found.raw, found.day) == (d(start), d(raw), d(day))
    finding = one(p, at(start), at(raw))
    if raw == day or p.bound == "at_most":
        assert finding.kind == "ok"
    else:  # examples 1, 2, 10: the raw date is the hard minimum, the working-day test comes on top [T-09]
        assert finding.problem is not None
        assert (finding.kind, finding.problem.code, finding.repair) == ("blocked", "period.ends_on_rest_day", at(day))


def test_example_17_complaint_runs_from_the_end_of_the_answer_period() -> None:
    answer = period("P-T22", "challenge", "answer", 7, "workdays", "at_most")
    complaint = period("P-T23", "answer_end", "complaint", 15, "workdays", "at_most", start_closes=True)
    answered = reach(answer, at("2026-09-18"), CN)
    assert answered.day == d("2026-09-29")
    assert reach(complaint, answered.at, CN).day == d("2026-10-26")


def test_example_13_counts_the_first_day_and_length_agrees() -> None:  # T-10
    assert one(M_07, at("2026-02-03"), at("2026-03-06")).actual == 20
    assert one(M_07, at("2026-02-03"), at("2026-03-05")).kind == "blocked"
    assert one(replace(M_07, count_first_day=False), at("2026-02-03"), at("2026-03-06")).actual == 19
    days = period(count=20, count_first_day=True)
    assert one(days, at("2026-03-03"), at("2026-03-22")).actual == 20


def test_length_counted_back_leaves_out_the_deadline() -> None:  # T-08
    late = one(A_03, at("2026-03-23"), at("2026-03-19"))
    assert (late.kind, late.actual) == ("blocked", 2)
    assert one(E_T04, at("2026-05-20"), at("2026-05-06")).actual == 14


def test_example_11_says_when_staff_should_act() -> None:  # T-08
    (due,) = due_dates([E_T04], {"bid_deadline": at("2026-05-20")}, {}, CN)
    assert due.at == end_of_day(d("2026-05-05"))
    assert [key for key, _ in due.said] == ["period.counted.days_before", "period.counted.rest_day"]
    assert due.said[1][1]["staff_day"] == "2026-04-30"


def test_example_16_a_draw_too_early_warns() -> None:
    assert one(P_T30, at("2026-02-25"), at("2026-02-14", "00:01")).kind == "ok"
    finding = one(P_T30, at("2026-02-25"), at("2026-02-13", "23:59"))
    assert finding.problem is not None
    assert (finding.kind, finding.problem.code) == ("late", "period.too_early_workdays")
    assert finding.problem.params["lawful"] == "2026-02-14"


# ------------------------------------------------------------------ the schedule of 02 §2.3

def test_the_schedule_example_of_engineering() -> None:
    lines = plan((E_T01, E_T03, E_T04, E_T07), {"issue_start": d("2026-03-02")}, {"mandatory": True}, CN)
    found = {line.period.end: (line.reach.raw.isoformat(), line.reach.day.isoformat()) for line in lines if line.reach}
    assert found == {
        "issue_end": ("2026-03-07", "2026-03-09"),
        "bid_deadline": ("2026-03-22", "2026-03-23"),
        "objection_cutoff": ("2026-03-13", "2026-03-13"),
        "last_clarification": ("2026-03-08", "2026-03-08"),
    }
    assert [line.period.end for line in lines] == ["last_clarification", "issue_end", "objection_cutoff", "bid_deadline"]


def test_of_two_minimums_for_one_point_the_later_binds_a_plan() -> None:
    for periods in ((E_T01, E_T03, replace(E_T02, end="bid_deadline")), (replace(E_T02, end="bid_deadline"), E_T03, E_T01)):
        short, long = (plan(periods, {"issue_start": d("2026-03-02")}, {"mandatory": m}, CN)[-1] for m in (False, True))
        assert (short.period.id, short.at) == ("E-T02", end_of_day(d("2026-03-16")))
        assert (long.period.id, long.at) == ("E-T03", end_of_day(d("2026-03-23")))


def test_the_minimum_is_met_on_a_sunday_but_the_schedule_is_not() -> None:
    sunday = one(E_T03, at("2026-03-02"), at("2026-03-22"))
    assert sunday.problem is not None
    assert (sunday.kind, sunday.actual, sunday.problem.code) == ("blocked", 20, "period.ends_on_rest_day")
    assert sunday.problem.path == "schedule.bid_deadline"
    assert sunday.repair == at("2026-03-23")
    kept = one(E_T03, at("2026-03-02"), at("2026-03-22"), **{"E-T03": "会场只在周日可用"})
    assert (kept.kind, kept.reason, kept.problem) == ("ok", "会场只在周日可用", None)
    saturday = one(E_T03, at("2026-03-02"), at("2026-03-21"), **{"E-T03": "会场只在周日可用"})
    assert saturday.problem is not None
    assert (saturday.kind, saturday.actual, saturday.problem.code) == ("blocked", 19, "period.too_short")


def test_a_short_preparation_says_figures_article_and_repair() -> None:
    finding = one(E_T03, at("2026-03-26", "09:00"), at("2026-04-14", "09:30"))
    assert finding.problem is not None
    assert finding.problem.rule == "E-T03"
    assert finding.problem.params == {
        "period": "E-T03", "start": "2026-03-26", "end": "2026-04-14", "actual": 19, "count": 20, "lawful": "2026-04-15",
        "source": "招标投标法第24条",
    }  # fmt: skip
    assert finding.repair == at("2026-04-15", "09:30")
    assert blocking([finding, Finding(E_T01, "ok")]) == (finding.problem,)


def test_a_voluntary_tender_has_no_twenty_days_but_silence_does_not_dispense_with_them() -> None:
    schedule = {"issue_start": at("2026-03-02"), "bid_deadline": at("2026-03-10")}
    assert check([E_T03], schedule, {"mandatory": False}, CN) == ()
    assert [f.kind for f in check([E_T03], schedule, {}, CN)] == ["blocked"]
    assert check([E_T03], {"issue_start": at("2026-03-02")}, {}, CN) == ()


# ------------------------------------------------------------------ where a day ends

def test_24_oclock_belongs_to_the_day_that_ends() -> None:  # T-04
    friday = at("2026-03-27", "10:00")
    assert one(E_T11, friday, end_of_day(d("2026-03-30"))).kind == "ok"
    assert one(E_T11, friday, end_of_day(d("2026-03-29"))).kind == "blocked"  # its instant lies on 03-30, its last day is 03-29
    assert one(E_T11, friday, end_of_day(d("2026-03-29"))).repair == end_of_day(d("2026-03-30"))


def test_a_span_that_ended_at_24_oclock_counts_from_its_last_day() -> None:
    issue_end = end_of_day(d("2026-03-09"))
    assert reach(E_T02, issue_end, CN).start == d("2026-03-09")
    assert reach(replace(E_T02, start_closes=False), issue_end, CN).start == d("2026-03-10")
    assert reach(E_T03, at("2026-03-02", "00:00"), CN).start == d("2026-03-02")


def test_hours_run_from_the_moment_itself() -> None:  # T-02
    p = period(count=24, unit="hours")
    assert one(p, at("2026-03-27", "10:00"), at("2026-03-28", "10:00")).kind == "ok"  # a Saturday: hours do not roll
    short = one(p, at("2026-03-27", "10:00"), at("2026-03-28", "09:59"))
    assert short.problem is not None
    assert (short.actual, short.problem.code, short.repair) == (23, "period.too_short_hours", at("2026-03-28", "10:00"))
    before = period(count=48, unit="hours", direction="backward")
    assert one(before, at("2026-03-27"), at("2026-03-25")).kind == "ok"
    assert one(before, at("2026-03-27"), at("2026-03-25", "09:31")).kind == "blocked"


# ------------------------------------------------------------------ clocks

def test_a_clock_says_how_it_was_counted() -> None:
    (due,) = due_dates([E_T11], {"publicity_start": at("2026-03-25")}, {}, CN)
    assert due.at == end_of_day(d("2026-03-30"))
    assert [TEXTS.say(key, "zh", **figures) for key, figures in due.said] == [
        "自 2026-03-25 的次日起算 3 日，至 2026-03-28。",
        "2026-03-28 为休息日，顺延至 2026-03-30。",
    ]


def test_clocks_come_earliest_first_and_those_that_cannot_be_counted_last() -> None:
    known = {"letter": at("2026-12-20"), "bid_deadline": at("2026-12-24"), "publicity_start": at("2026-12-01")}
    found = due_dates([E_T18, E_T11, E_T07], known, {}, CN)
    assert [due.period.id for due in found] == ["E-T11", "E-T07", "E-T18"]
    assert found[-1].at is None
    assert found[-1].problem is not None
    assert found[-1].problem.params == {"year": 2027}


def test_time_that_does_not_count_lengthens_a_period() -> None:  # T-13
    complaint = period("E-T14", "known", "complaint", 10, bound="at_most")
    longer = excluding(complaint, [(d("2026-03-10"), d("2026-03-12")), (d("2026-03-12"), d("2026-03-13"))], CN)
    assert reach(longer, at("2026-03-09"), CN).day == d("2026-03-23")
    decision = period("E-T16", "accepted", "decision", 30, "workdays", "at_most")
    assert excluding(decision, [(d("2026-02-13"), d("2026-02-24"))], CN).count == 33  # 02-13, the make-up Saturday, 02-24
    with pytest.raises(ValueError):
        excluding(period(unit="hours"), [], CN)


# ------------------------------------------------------------------ years without a calendar

def test_an_unknown_year_blocks_lower_limits_and_only_warns_for_upper_ones() -> None:
    lower = one(E_T03, at("2026-12-15"), at("2027-01-08"))
    upper = one(E_T18, at("2026-12-15"), at("2027-01-20"))
    for finding, kind in ((lower, "blocked"), (upper, "late")):
        assert finding.problem is not None
        assert (finding.kind, finding.problem.code, finding.problem.params) == (kind, "calendar.unknown_year", {"year": 2027})
    assert lower.problem is not None
    assert lower.problem.path == "schedule.bid_deadline"


def test_what_is_certain_without_a_calendar_is_said() -> None:
    assert one(E_T18, at("2026-12-15"), at("2027-01-14")).kind == "ok"
    assert one(E_T07, at("2027-02-15"), at("2027-02-05")).kind == "ok"


def test_a_plan_into_an_unknown_year_is_refused_but_its_due_days_are_not() -> None:
    with pytest.raises(UnknownYear):
        plan([E_T03], {"issue_start": d("2026-12-20")}, {}, CN)
    (contract,) = plan([E_T18], {"letter": d("2026-12-20")}, {}, CN)
    assert contract.reach is None


# ------------------------------------------------------------------ amendments, the table of 01 §1.5

@pytest.mark.parametrize(
    ("minimum", "published", "deadline", "affects", "new"),
    [
        (E_T04, "2026-03-10", "2026-03-23", False, None),
        (E_T04, "2026-03-08", "2026-03-23", True, None),
        (E_T04, "2026-03-09", "2026-03-23", True, "2026-03-24"),
        (E_T04, "2026-03-20", "2026-03-23", True, "2026-04-07"),  # raw 04-04 lies in the holiday to 04-06
        (replace(E_T04, count=3), "2026-03-20", "2026-03-23", False, None),
        (replace(E_T04, count=3), "2026-03-20", "2026-03-22", True, "2026-03-23"),
        (A_03, "2026-03-18", "2026-03-23", True, None),
        (A_03, "2026-03-19", "2026-03-23", True, "2026-03-24"),
        (A_03, "2026-03-22", "2026-03-23", True, "2026-03-26"),  # published on a Sunday: counting back must reach past it
        (replace(E_T04, count=5), "2026-04-28", "2026-05-02", True, "2026-05-06"),
    ],
)
def test_the_decision_on_an_amendment(minimum: Period, published: str, deadline: str, affects: bool, new: str | None) -> None:
    assert deadline_after_amendment(d(published), d(deadline), affects, minimum, CN) == (d(new) if new else None)


def test_only_a_minimum_before_a_deadline_decides_on_an_amendment() -> None:
    for wrong in (E_T03, P_T30, period(unit="hours", direction="backward")):
        with pytest.raises(ValueError):
            deadline_after_amendment(d("2026-03-20"), d("2026-03-23"), True, wrong, CN)


# ------------------------------------------------------------------ texts, and declarations that make no sense

def test_every_finding_and_every_count_is_told_in_both_languages() -> None:
    told = set()
    for unit, bound, direction in product(units, bounds, directions):
        p = period(unit=unit, bound=bound, direction=direction)
        for hours in range(-14 * 24, 14 * 24, 24):
            finding = one(p, at("2026-03-20"), at("2026-03-20") + timedelta(hours=hours))
            if finding.problem:
                told.add(finding.problem.code)
                key = f"problem.{finding.problem.code}"
                texts = {TEXTS.say(key, language, **finding.problem.params) for language in LANGUAGES}
                assert len(texts) == 2
                assert finding.problem.code == "period.ends_on_rest_day" or all(str(finding.problem.params["lawful"]) in t for t in texts)
        for variant in [p] if direction == "backward" or unit == "hours" else [p, replace(p, count_first_day=True)]:
            (due,) = due_dates([variant], {"a": at("2026-03-25")}, {}, CN)
            assert len({TEXTS.say(key, language, **figures) for key, figures in due.said for language in LANGUAGES}) == 2 * len(due.said)
    assert told == {f"period.{c}{u}" for c in ("too_short", "too_early", "overdue") for u in ("", "_workdays", "_hours")} | {
        "period.ends_on_rest_day"
    }
    for code, params in (
        ("unknown_year", {"year": 2027}), ("malformed", {}), ("contradiction", {"day": "2026-10-09"}),
        ("checksum", {"year": 2026, "stated": 248, "counted": 247}),
    ):  # fmt: skip
        zh, en = TEXTS.say(f"problem.calendar.{code}", "zh", **params), TEXTS.say(f"problem.calendar.{code}", "en", **params)
        assert zh != en
        assert all(str(figure) in zh and str(figure) in en for figure in params.values())


def test_a_declaration_that_cannot_be_counted_is_refused() -> None:
    for wrong in ({"count": -1}, {"count": 0, "count_first_day": True}, {"direction": "backward", "count_first_day": True},
                  {"unit": "hours", "count_first_day": True}):  # fmt: skip
        with pytest.raises(ValueError):
            period(**wrong)


def test_periods_in_a_circle_are_found() -> None:
    with pytest.raises(ValueError, match="circle"):
        plan([period("1", "a", "b"), period("2", "b", "c"), period("3", "c", "b")], {"a": d("2026-03-02")}, {}, CN)


def test_a_suspension_never_shortens() -> None:
    with pytest.raises(ValueError):
        shift({"a": at("2026-03-02")}, timedelta(seconds=-1), ["a"])
    moved = shift({"publicity_end": end_of_day(d("2026-03-30"))}, timedelta(days=2), ["publicity_end"])
    assert closing_day(moved["publicity_end"]) == d("2026-04-01")
