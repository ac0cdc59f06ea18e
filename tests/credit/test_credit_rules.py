"""The pure rules of credit: when a record counts, about whom, and what it may cause."""
from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from credit.domain.lists import LISTS, TRADES, Effect
from credit.domain.matching import Match, Party, listed_code, match
from credit.domain.record import Entry, Record, Subject, covers, effects_json, entry_from, entry_private, entry_public, evolve
from trading_core.domain.events import Recorded
from trading_core.domain.organisation import name_key
from trading_core.domain.uscc import ALPHABET, complete_uscc, compose_uscc, organisation_code
from trading_core.domain.workcalendar import end_of_day, local_date, start_of_day

from .conftest import ban

CST = timezone(timedelta(hours=8))
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

days = st.dates(date(2020, 1, 1), date(2035, 12, 31))
moments = st.integers(0, 15 * 366 * 86_400_000_000).map(lambda us: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(microseconds=us))
bodies = st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=8, max_size=8)
usccs = st.builds(compose_uscc, st.sampled_from(("91530500", "12110000", "92310115")), bodies)
names = st.text(min_size=1, max_size=12).filter(lambda n: name_key(n) != "")
lists = st.sampled_from(sorted(LISTS))


def record(entry: Entry, **more: object) -> Record:
    return replace(Record("c", 1, entry, LONG_AGO, "keeper"), **more)  # type: ignore[arg-type]


# ------------------------------------------------------------------ time [09 §9.4 rule 4]

def test_a_ban_counts_on_its_last_day_and_not_after() -> None:
    """«A ban ending on 2026-03-01 still counts on 2026-03-01 and not on 03-02.»"""
    ending = record(ban(valid_from=date(2025, 3, 2), valid_to=date(2026, 3, 1)))
    assert ending.in_force(datetime(2026, 3, 1, 23, 59, 59, 999999, CST))
    assert not ending.in_force(datetime(2026, 3, 2, tzinfo=CST))
    assert ending.in_force(datetime(2025, 3, 2, tzinfo=CST))
    assert not ending.in_force(datetime(2025, 3, 1, 23, 59, 59, 999999, CST))


@given(first=days, length=st.none() | st.integers(0, 2000), moment=moments)
def test_the_dates_are_china_s_and_both_count(first: date, length: int | None, moment: datetime) -> None:
    last = None if length is None else first + timedelta(days=length)
    inside = start_of_day(first) <= moment and (last is None or moment < end_of_day(last))
    assert record(ban(valid_from=first, valid_to=last)).in_force(moment) == inside == covers(first, last, local_date(moment))


@given(entered=moments, moment=moments)
def test_a_record_counts_from_the_instant_it_was_entered(entered: datetime, moment: datetime) -> None:
    open_ended = ban(valid_from=date(2000, 1, 1), valid_to=None)
    assert record(open_ended, entered_at=entered).in_force(moment) == (moment >= entered)


@given(entered=moments, gone=moments, moment=moments)
def test_a_delisted_record_counts_until_then_and_a_withdrawn_one_never(entered: datetime, gone: datetime, moment: datetime) -> None:
    assume(entered <= gone)
    off = record(ban(valid_from=date(2000, 1, 1), valid_to=None), entered_at=entered, delisted_at=gone)
    assert off.in_force(moment) == (entered <= moment < gone)
    assert not replace(off, delisted_at=None, withdrawn=True).in_force(moment)


# ------------------------------------------------------------------ matching [09 §9.3, §9.10]

@given(uscc=usccs, name=names, asked=names)
def test_the_same_code_is_the_same_whatever_the_name(uscc: str, name: str, asked: str) -> None:
    assert match(Subject(name, uscc), Party(uscc, asked)) is Match.USCC


@given(uscc=usccs)
def test_older_lists_are_matched_by_positions_9_to_17(uscc: str) -> None:
    assert match(Subject("某公司", "", uscc[8:17]), Party(uscc)) is Match.ORGANISATION_CODE
    assert listed_code(Subject("某公司", uscc)) == listed_code(Subject("某公司", "", uscc[8:17])) == uscc[8:17]


def test_a_unit_registered_anew_keeps_its_organisation_code() -> None:
    before = compose_uscc("91530500", "MA8X0001")
    after = complete_uscc("12110000" + organisation_code(before))
    assert before != after and match(Subject("某公司", before), Party(after)) is Match.ORGANISATION_CODE


@given(one=usccs, two=usccs, name=names)
def test_by_name_alone_it_is_never_more_than_possible(one: str, two: str, name: str) -> None:
    assume(one[8:17] != two[8:17])
    assert match(Subject(name, one), Party(two, name)) is Match.NAME
    assert match(Subject(name), Party(two, name)) is Match.NAME
    assert match(Subject(name, one), Party(two)) is None
    assert match(Subject(name, one), Party(two, name + "分公司")) is None


@given(uscc=usccs, place=st.integers(0, 17), other=st.sampled_from(ALPHABET))
def test_a_wrong_character_in_the_inner_code_matches_nobody(uscc: str, place: int, other: str) -> None:
    changed = uscc[:place] + other + uscc[place + 1 :]
    found = match(Subject("", uscc), Party(changed))
    if changed == uscc:
        assert found is Match.USCC
    else:
        assert found is (None if 8 <= place < 17 else Match.ORGANISATION_CODE)


def test_an_erased_subject_matches_nobody() -> None:
    for party in (Party(""), Party("", ""), Party("91530500MA8X00010A"), Party("", "  ")):
        assert match(Subject(""), party) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [("示例建设（集团）有限公司", "示例建设(集团)有限公司"), ("示例 建设　有限公司", "示例建设有限公司"),
     ("ＡＢＣ〔云南〕公司", "abc(云南)公司"), ("甲【乙】公司", "甲［乙］公司")],
)  # fmt: skip
def test_names_are_compared_without_their_dress(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@given(st.text("甲乙丙建设集团ABCabc019()&.-", min_size=1, max_size=20), st.lists(st.booleans(), min_size=20, max_size=20))
def test_width_case_and_blanks_make_no_other_name(name: str, dressed: list[bool]) -> None:
    wide = "".join(
        ("\u3000" + (chr(ord(c) + 0xFEE0) if c.isascii() else c) if dress else c.lower()) for c, dress in zip(name, dressed, strict=False)
    )
    assert name_key(wide) == name_key(name) != name_key(name + "丁")


# ------------------------------------------------------------------ effect [CR-1, CR-4]

@pytest.mark.parametrize(
    ("code", "trade", "effect", "rule"),
    [
        ("tender_ban", "engineering", Effect.REFUSES, "BL 53, 54, 60"),
        ("tender_ban", "procurement", Effect.SHOWN, "CR-4"),
        ("dishonest_executed", "engineering", Effect.SHOWN, "CR-4"),
        ("dishonest_executed", "procurement", Effect.REFUSES, "财库〔2016〕125号"),
        ("tax_violation", "procurement", Effect.REFUSES, "财库〔2016〕125号"),
        ("procurement_bad_record", "procurement", Effect.REFUSES, "GPL 77"),
        ("land_default", "land", Effect.REFUSES, "L-T17"),
        ("abnormal_operation", "engineering", Effect.SHOWN, "CR-4"),
        ("abnormal_operation", "a trade of tomorrow", Effect.SHOWN, "CR-4"),
    ],
)
def test_what_a_list_causes(code: str, trade: str, effect: Effect, rule: str) -> None:
    found = ban(list=code).consequence(trade)
    assert found is not None and (found.effect, found.rule) == (effect, rule)


@pytest.mark.parametrize(("code", "trade"), [("procurement_bad_record", "engineering"), ("land_default", "mining"), ("tender_ban", "land")])
def test_where_a_list_says_nothing(code: str, trade: str) -> None:
    assert ban(list=code).consequence(trade) is None


def test_a_tender_ban_excludes_from_mandatory_projects_only() -> None:
    found = ban().consequence("engineering", mandatory=False)
    assert found is not None and found.effect is Effect.SHOWN


@given(lists, st.sampled_from(TRADES), st.booleans(), st.booleans(), st.lists(st.sampled_from(TRADES), max_size=3))
def test_an_entry_never_causes_more_than_its_list(code: str, trade: str, mandatory: bool, only_shown: bool, scope: list[str]) -> None:
    most = LISTS[code].consequence(trade)
    found = ban(list=code, trades=tuple(scope), only_shown=only_shown).consequence(trade, mandatory)
    if most is None or (scope and trade not in scope):
        assert found is None
    else:
        assert found is not None
        assert found.effect is Effect.SHOWN or (most.effect is Effect.REFUSES and not only_shown and (mandatory or not most.mandatory_only))


def test_every_list_has_a_keeper_an_effect_and_known_trades() -> None:
    for code, known in LISTS.items():
        assert code == known.code and known.name and known.keeper and known.consequences and set(known.consequences) <= set(TRADES)
        assert all(c.rule for c in known.consequences.values())


# ------------------------------------------------------------------ events

@given(lists, days, st.none() | days, st.lists(st.sampled_from(TRADES), unique=True), st.booleans(), names)
def test_an_entry_survives_its_event(code: str, first: date, last: date | None, trades: list[str], shown: bool, name: str) -> None:
    entry = ban(list=code, valid_from=first, valid_to=last, trades=tuple(trades), only_shown=shown, subject=Subject(name, "", "MA8X00011"))
    assert entry_from(entry_public(entry), entry_private(entry)) == entry


def test_the_public_part_names_nobody() -> None:
    entry = ban(7)
    public = str(entry_public(entry))
    assert entry.subject.name not in public and entry.subject.uscc not in public and "澜水罚〔2026〕7号" in public
    assert effects_json(entry)[0] == {"trade": "engineering", "effect": "refuses", "rule": "BL 53, 54, 60", "mandatory_only": True}
    assert entry_from(entry_public(entry), None).subject == Subject("")


def test_a_stream_it_does_not_know_is_a_mistake() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    with pytest.raises(ValueError, match="begin"):
        evolve(None, Recorded("credit/c", 1, "record_withdrawn", {}, None, at))
    with pytest.raises(ValueError, match="know"):
        evolve(record(ban()), Recorded("credit/c", 2, "record_repainted", {}, None, at))
