"""Reading a list of experts: strict, every fault at once, with its line."""
from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from expert_pool.domain.expert import Tie, TieKind, evolve, registration
from expert_pool.domain.listing import TABLE, Listed, read_list
from expert_pool.sample import SPECIALTIES, sample_list
from trading_core.adapters.entropy import SeededEntropy
from trading_core.domain.errors import Problem, Refused
from trading_core.domain.events import Recorded

from .conftest import as_csv, code, line

TODAY = date(2026, 3, 1)


def problems(text: str) -> list[Problem]:
    try:
        return read_list(text, TODAY)[1]
    except Refused as refused:
        return list(refused.problems)


def entries(text: str) -> list[Listed]:
    listed, found = read_list(text, TODAY)
    assert not found
    return listed


def faults(*lines: dict[str, str]) -> list[tuple[str, str]]:
    return [(p.path, p.code) for p in problems(as_csv(*lines))]


def test_a_line_becomes_a_record() -> None:
    ties = f"office:{code(7)}:2020-01-01: employer:{code(8).lower()}:2010-01-01:2015-06-30"
    text = as_csv(line(1, specialties="A080101 B03", ties=ties, punished="〔2019〕12号; 〔2020〕3号", remote="yes"))
    (entry,) = entries("\ufeff" + text.replace("\n", "\r\n"))
    record = entry.expert
    assert (entry.row, record.number, record.pool, record.remote) == (2, "E001", "bidding", True)
    assert record.specialties == ("A080101", "B03") and record.punished == ("〔2019〕12号", "〔2020〕3号")
    assert record.ties == (
        Tie(TieKind.EMPLOYER, code(1), date(2015, 7, 1), None, "示例单位1"),
        Tie(TieKind.OFFICE, code(7), date(2020, 1, 1)),
        Tie(TieKind.EMPLOYER, code(8), date(2010, 1, 1), date(2015, 6, 30)),
    )
    assert (entry.data.name, entry.data.id_type, entry.data.id_number) == ("专家1", "other", "TEST-0001")


def test_somebody_retired_has_no_employer() -> None:
    (entry,) = entries(as_csv(line(1, employer_uscc="", employer_name="", employed_since="")))
    assert entry.expert.ties == ()


def test_every_fault_of_every_line_is_told_at_once() -> None:
    found = faults(
        line(1, number="e|1", pool="both", remote="maybe"),
        line(2, id_type="resident", id_number="530502198506151230", specialties="A8 A8"),
        line(3, employer_uscc="91530500MA7X00030A", employed_since="2026-02-30"),
        line(4, employer_name=""),
        line(5, ties=f"friend:{code(1)}:2020-01-01: office:{code(1)}:2027-01-01: office:{code(1)}:2020-01-01:2019-01-01", phone="x"),
        line(6),
        line(7, number="E006", id_number="TEST-0006", name="另一人"),
    )
    assert found == [
        ("row.2.remote", "expert_list.yes_or_no"), ("row.2.number", "expert.number"), ("row.2.pool", "expert.pool"),
        ("row.3.id_number", "resident_number.check_character"), ("row.3.specialties", "expert.specialty_twice"),
        ("row.3.specialties", "expert.specialty_form"), ("row.3.specialties", "expert.specialty_form"),
        ("row.4.employed_since", "expert_list.date"),
        ("row.5.employer_uscc", "expert_list.employer_incomplete"),
        ("row.6.ties.1", "expert_list.tie"), ("row.6.ties.2", "expert.tie_in_future"), ("row.6.ties.3", "expert.tie_runs_backwards"),
        ("row.6.phone", "person.phone"),
        ("row.8.number", "expert_list.number_twice"), ("row.8.id_number", "expert_list.person_twice"), ("row.8.name", "expert.other_name"),
    ]  # fmt: skip


def test_a_wrong_code_of_a_unit_is_named_by_its_place() -> None:
    assert faults(line(1, employer_uscc=code(1)[:-1] + "?")) == [("row.2.employer_uscc", "uscc.character")]


def test_the_frame_of_the_file() -> None:
    good = as_csv(line(1))
    assert [p.code for p in problems("")] == ["table.header"]
    assert [p.code for p in problems(good.replace("number", "no", 1))] == ["table.header"]
    assert [p.code for p in problems(",".join(TABLE.columns) + "\n")] == ["table.row_count"]
    assert [(p.path, p.code) for p in problems(good + '"open')] == [("row.3", "table.not_csv")]
    assert [(p.path, p.code) for p in problems(good + "a,b\n")] == [("row.3", "table.row_length")]
    assert [p.code for p in problems(good + "x" * 2_000_001)] == ["table.too_large"]
    assert [p.code for p in problems(good + good.splitlines()[1].join(["", "\n"]) * TABLE.rows_max)] == ["table.row_count"]


def test_lines_are_counted_as_in_the_file() -> None:
    """A quoted cell that spans two lines moves those after it; empty lines count too."""
    text = as_csv(line(1, employer_name="甲\n乙"), line(2, remote="?")).replace("\n\"E002", "\n\n\"E002")
    assert [(p.path, p.code) for p in problems(text)] == [
        ("row.2.employer_uscc", "expert.tie_name"), ("row.5.remote", "expert_list.yes_or_no"),
    ]  # fmt: skip


def test_a_person_may_be_in_both_pools() -> None:
    both = entries(as_csv(line(1), line(1, number="P001", pool="procurement")))
    assert [e.expert.pool for e in both] == ["bidding", "procurement"] and both[0].identity == both[1].identity


SECRET = "绝密姓名"


@given(st.sampled_from(sorted(TABLE.columns)), st.text(max_size=30))
def test_no_cell_breaks_the_reader_and_no_problem_repeats_a_person(column: str, cell: str) -> None:
    """Whatever stands in one cell: a record comes out, or problems with their line."""
    listed, found = read_list(as_csv(line(1, **{"name": SECRET, "id_number": "TEST-SECRET", column: cell})), TODAY)
    assert len(listed) + bool(found) == 1
    for p in found:
        told = f"{p.params}{p.path}"
        assert p.path.startswith("row.") and SECRET not in told and "SECRET" not in told and code(1) not in told


@given(seed=st.binary(min_size=4, max_size=4), count=st.integers(1, 60))
def test_a_sample_list_is_always_good_and_the_same_for_the_same_entropy(seed: bytes, count: int) -> None:
    text = sample_list(SeededEntropy(seed), TODAY, count)
    assert text == sample_list(SeededEntropy(seed), TODAY, count)
    listed = entries(text)
    assert [e.expert.number for e in listed] == [f"E{n:03}" for n in range(1, count + 1)]
    for entry in listed:
        assert set(entry.expert.specialties) <= set(SPECIALTIES) and entry.expert.employer_on(TODAY)


def test_a_record_survives_its_event() -> None:
    (entry,) = entries(as_csv(line(1, ties=f"holding:{code(2)}:2020-01-01:2024-01-01", punished="〔2019〕12号", remote="yes")))
    public, private = registration(entry.expert)
    assert set(public) == {"number", "pool", "specialties", "state"}
    recorded = Recorded("expert/E001", 1, "expert_registered", public, {**private, "person": "p"}, datetime(2026, 3, 1, tzinfo=UTC))
    after = evolve(None, recorded)
    assert after.ties == entry.expert.ties and after.punished == entry.expert.punished and after.person == "p" and after.remote
