"""The Chinese work calendar: the worked examples of 01 §1.4.4 and the properties of counting [T-01 … T-08]."""
from __future__ import annotations

import copy
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

import trading_core
from trading_core.domain.errors import Refused
from trading_core.domain.workcalendar import (
    CST,
    UnknownYear,
    add_months,
    calendar_from,
    closing_day,
    end_of_day,
    local_date,
    start_of_day,
)

DATA: dict[str, Any] = json.loads((Path(trading_core.__file__).parent / "data" / "calendar_cn.json").read_text("utf-8"))
CN = calendar_from(DATA)
DAY = timedelta(days=1)

known_days = st.dates(date(2024, 3, 1), date(2026, 10, 1))  # counting 60 days either way stays within the loaded years
counts = st.integers(0, 40)
spans = st.timedeltas(timedelta(0), timedelta(days=36500)) | st.integers(0, 24 * 36500).map(lambda hours: timedelta(hours=hours))
instants = spans.map(lambda span: datetime(2000, 1, 1, tzinfo=UTC) + span)  # half of them on full hours, so that midnight occurs


def d(text: str) -> date:
    return date.fromisoformat(text)


# ------------------------------------------------------------------ properties

@given(known_days, counts)
def test_end_of_days_is_the_first_workday_at_or_after_the_bare_count(start: date, count: int) -> None:
    end = CN.end_of_days(start, count)
    assert CN.is_workday(end)
    assert not any(CN.is_workday(start + (count + i) * DAY) for i in range((end - start).days - count))


@given(known_days, st.integers(1, 40))
def test_add_workdays_counts_exactly_so_many_and_ends_on_one(start: date, count: int) -> None:
    end = CN.add_workdays(start, count)
    assert CN.is_workday(end)
    assert CN.count_workdays(start + DAY, end) == count


@given(known_days, st.integers(1, 40))
def test_latest_before_workdays_counts_exactly_so_many_and_ends_on_one(deadline: date, count: int) -> None:
    day = CN.latest_before_workdays(deadline, count)
    assert CN.is_workday(day)
    assert CN.count_workdays(day, deadline - DAY) == count


@given(known_days, counts)
def test_counting_forth_and_back_undo_each_other_from_workdays(day: date, count: int) -> None:
    start = CN.workday_from(day)
    assert CN.latest_before_workdays(CN.add_workdays(start, count), count) == start
    assert CN.add_workdays(CN.latest_before_workdays(start, count), count) == start


@given(known_days, known_days, counts)
def test_a_later_start_never_ends_earlier(a: date, b: date, count: int) -> None:
    first, second = sorted((a, b))
    assert CN.end_of_days(first, count) <= CN.end_of_days(second, count)
    assert CN.add_workdays(first, count) <= CN.add_workdays(second, count)


@given(st.dates().filter(lambda day: day.year not in CN.years))
def test_a_year_without_calendar_is_refused_never_guessed(day: date) -> None:
    with pytest.raises(UnknownYear) as refusal:
        CN.is_workday(day)
    assert [(p.code, p.params["year"]) for p in refusal.value.problems] == [("calendar.unknown_year", day.year)]


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.integers(0, 600))
def test_months_end_on_the_corresponding_day_or_the_last_of_the_month(start: date, count: int) -> None:  # T-05
    end = add_months(start, count)
    assert (end.year - start.year) * 12 + end.month - start.month == count
    assert end.day == start.day or (end.day < start.day and (end + DAY).day == 1)


@given(instants)
def test_an_instant_lies_within_its_local_day(instant: datetime) -> None:  # T-04
    day = local_date(instant)
    assert start_of_day(day) <= instant < end_of_day(day)
    assert start_of_day(day) < instant <= end_of_day(day) if closing_day(instant) == day else instant == start_of_day(day)


# ------------------------------------------------------------------ worked examples of 01 §1.4.4

@pytest.mark.parametrize(
    ("start", "count", "raw", "end"),
    [
        ("2025-01-10", 20, "2025-01-30", "2025-02-05"),  # 1
        ("2026-09-15", 20, "2026-10-05", "2026-10-08"),  # 2
        ("2025-09-05", 30, "2025-10-05", "2025-10-09"),  # 3
        ("2026-09-29", 3, "2026-10-02", "2026-10-08"),  # 10
    ],
)
def test_examples_of_calendar_days(start: str, count: int, raw: str, end: str) -> None:
    assert d(start) + timedelta(days=count) == d(raw)
    assert CN.end_of_days(d(start), count) == d(end)


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2026-02-11", 5, "2026-02-25"),  # 4
        ("2026-04-28", 7, "2026-05-11"),  # 5
        ("2026-09-18", 15, "2026-10-15"),  # 6
        ("2025-09-26", 3, "2025-09-30"),  # 7
        ("2026-01-05", 30, "2026-02-14"),  # 8
        ("2025-01-20", 10, "2025-02-08"),  # 9
        ("2026-09-18", 7, "2026-09-29"),  # 17, the answer
        ("2026-09-29", 15, "2026-10-26"),  # 17, the complaint
    ],
)
def test_examples_of_working_days(start: str, count: int, end: str) -> None:
    assert CN.add_workdays(d(start), count) == d(end)


def test_examples_counted_back() -> None:
    assert CN.latest_before(d("2026-05-20"), 15) == d("2026-05-05")  # 11
    assert CN.workday_until(d("2026-05-05")) == d("2026-04-30")  # 11, when staff should act
    assert CN.latest_before(d("2026-05-20"), 10) == d("2026-05-10")  # 12
    assert CN.latest_before_workdays(d("2026-03-23"), 3) == d("2026-03-18")  # 14
    assert CN.latest_before_workdays(d("2026-10-09"), 3) == d("2026-09-29")  # 15
    assert CN.latest_before_workdays(d("2026-02-25"), 2) == d("2026-02-14")  # 16


def test_example_of_counting_between_two_days() -> None:
    assert CN.count_workdays(d("2026-02-03"), d("2026-03-06")) == 20  # 13
    assert CN.count_workdays(d("2026-03-06"), d("2026-02-03")) == 0


def test_months_and_years() -> None:  # T-05, T-03
    assert add_months(d("2024-01-31"), 1) == d("2024-02-29")
    assert add_months(d("2024-02-29"), 12) == d("2025-02-28")
    assert CN.workday_from(add_months(d("2026-03-01"), 2)) == d("2026-05-06")  # 05-01 … 05-05 are off


# ------------------------------------------------------------------ the loaded years

@pytest.mark.parametrize(("year", "days"), [(2024, 251), (2025, 248), (2026, 248)])
def test_checksum_of_each_year(year: int, days: int) -> None:  # 01 §1.4.3
    assert CN.count_workdays(date(year, 1, 1), date(year, 12, 31)) == days == DATA["years"][str(year)]["working_days"]


def test_every_day_agrees_with_an_independent_calendar() -> None:
    day = date(2024, 1, 1)
    while day.year < 2027:
        assert CN.is_workday(day) == chinese_calendar.is_workday(day), day
        day += DAY
    assert sorted(CN.years) == [2024, 2025, 2026]


def test_counting_over_the_last_loaded_year_is_refused() -> None:
    for count in (CN.add_workdays, CN.end_of_days):
        with pytest.raises(UnknownYear):
            count(d("2026-12-25"), 10)
    with pytest.raises(UnknownYear):
        CN.latest_before_workdays(d("2024-01-03"), 5)


def _changed(year: str, **entries: object) -> dict[str, Any]:
    data = copy.deepcopy(DATA)
    data["years"][year].update(entries)
    return data


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        (_changed("2025", working_days=249), ["calendar.checksum"]),
        (_changed("2026", makeup=["01-04", "02-14", "02-28", "05-09", "09-20"]), ["calendar.checksum"]),
        (_changed("2026", makeup=["01-04", "02-14", "02-28", "05-09", "09-20", "10-09"]), ["calendar.contradiction", "calendar.checksum"]),
        (_changed("2024", off=["02-30"]), ["calendar.malformed"]),
        (_changed("2024", off=["05-05/05-01"]), ["calendar.malformed"]),
        (_changed("2024", off=[501]), ["calendar.malformed"]),
        ({"years": {"2027": {"off": []}, "later": {}}}, ["calendar.malformed", "calendar.malformed"]),
        ({"years": {}}, ["calendar.malformed"]),
        ({}, ["calendar.malformed"]),
    ],
)
def test_a_faulty_table_is_refused_with_every_fault(data: dict[str, object], codes: list[str]) -> None:
    with pytest.raises(Refused) as refusal:
        calendar_from(data)
    assert [p.code for p in refusal.value.problems] == codes


# ------------------------------------------------------------------ instants

def test_a_day_ends_at_24_oclock_in_china() -> None:  # T-04
    assert end_of_day(d("2026-03-30")) == datetime(2026, 3, 30, 16, tzinfo=UTC)
    assert end_of_day(d("2026-03-30")) == datetime(2026, 3, 31, tzinfo=CST)
    assert closing_day(end_of_day(d("2026-03-30"))) == d("2026-03-30")
    assert local_date(end_of_day(d("2026-03-30"))) == d("2026-03-31")
    assert local_date(datetime(2026, 3, 29, 16, tzinfo=UTC)) == d("2026-03-30")


def test_what_is_no_day_or_no_instant_is_not_taken_for_one() -> None:
    with pytest.raises(TypeError):
        CN.is_workday(datetime(2026, 3, 30, tzinfo=UTC))
    for reading in (local_date, closing_day):
        with pytest.raises(ValueError):
            reading(datetime(2026, 3, 30, tzinfo=CST).replace(tzinfo=None))
    with pytest.raises(ValueError):
        CN.add_workdays(d("2026-03-30"), -1)
