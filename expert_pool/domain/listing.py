"""A list of experts as CSV, as the provincial pool hands it over (docs/formats-lists.md): read strictly, every fault at once."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from trading_core.domain.csvtable import Table
from trading_core.domain.errors import Problem
from trading_core.domain.person import PersonalData, check_personal_data
from trading_core.domain.uscc import normalise

from .admission import TIES_MAX, check_expert, check_tie
from .expert import Expert, Tie, TieKind

TABLE = Table((
    "number", "pool", "name", "phone", "id_type", "id_number", "specialties", "employer_uscc", "employer_name", "employed_since",
    "ties", "punished", "remote",
), rows_max=2000, characters_max=2_000_000, rows_min=1)  # fmt: skip
YES_NO = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list: who it is, and the record without the account's id. row: its line in the file, from 1."""

    row: int
    data: PersonalData = field(repr=False)
    expert: Expert

    @property
    def identity(self) -> tuple[str, str]:
        return self.data.id_type, self.data.id_number


def read_list(text: str, today: date) -> tuple[list[Listed], list[Problem]]:
    """The good lines of a list, in its order, and every problem of the others, its path being ``row.<line>.<column>``.

    Raises `Refused` when the file as a whole cannot be read as a list.
    """
    rows, problems = TABLE.read(text)
    listed: list[Listed] = []
    for row in rows:
        problems += _read_row(row.line, row.cells, today, listed)
    return listed, [*problems, *_twice(listed)]


def _read_row(n: int, row: Mapping[str, str], today: date, listed: list[Listed]) -> list[Problem]:
    """The problems of a row; a row without any is added to `listed`."""
    found: list[Problem] = []
    ties = [*_employer(row, today, found), *_ties(row["ties"], today, found)]
    if row["remote"] not in YES_NO:
        found.append(Problem("expert_list.yes_or_no", "remote"))
    expert = Expert(
        number=row["number"],
        pool=row["pool"],
        specialties=tuple(row["specialties"].split()),
        person="",
        punished=tuple(p for p in map(str.strip, row["punished"].split(";")) if p),
        remote=YES_NO.get(row["remote"], False),
    )
    data = PersonalData(row["name"], row["phone"], row["id_number"].upper(), row["id_type"])
    found += [*check_personal_data(data, today), *check_expert(expert, today)]
    if len(ties) > TIES_MAX:
        found.append(Problem("expert.too_many_ties", "ties", {"maximum": TIES_MAX}))
    if not found:
        listed.append(Listed(n, data, replace(expert, ties=tuple(ties))))
    return [Problem(p.code, f"row.{n}.{p.path}", p.params, p.rule) for p in found]


def _employer(row: Mapping[str, str], today: date, found: list[Problem]) -> Iterator[Tie]:
    """The present employer; all three cells are empty for somebody retired or independent."""
    cells = (row["employer_uscc"], row["employer_name"], row["employed_since"])
    if not any(cells):
        return
    if not all(cells):
        found.append(Problem("expert_list.employer_incomplete", "employer_uscc"))
        return
    try:
        tie = Tie(TieKind.EMPLOYER, normalise(cells[0]), _day(cells[2]), None, cells[1])
    except ValueError:
        found.append(Problem("expert_list.date", "employed_since"))
        return
    found += check_tie(tie, "employer_uscc", today)
    yield tie


def _ties(cell: str, today: date, found: list[Problem]) -> Iterator[Tie]:
    """``kind:code:since:until`` separated by blanks, until empty while it lasts."""
    for i, text in enumerate(cell.split(), 1):
        try:
            kind, code, since, until = text.split(":")
            tie = Tie(TieKind(kind), normalise(code), _day(since), _day(until) if until else None)
        except ValueError:
            kinds = ", ".join(k.value for k in TieKind)
            found.append(Problem("expert_list.tie", f"ties.{i}", {"position": i, "kinds": kinds}))
            continue
        found += check_tie(tie, f"ties.{i}", today)
        yield tie


def _day(text: str) -> date:
    """The date written ``2026-03-01``. ValueError for any other form: 20260301 is a date for Python, not for a reader."""
    day = date.fromisoformat(text)
    if day.isoformat() != text:
        raise ValueError("not in the form 2026-03-01")
    return day


def _twice(listed: Sequence[Listed]) -> Iterator[Problem]:
    """A number stands once in a list, a person once for each pool and always under the same name."""
    numbers: dict[str, int] = {}
    members: dict[tuple[str, str, str], int] = {}
    people: dict[tuple[str, str], Listed] = {}
    for entry in listed:
        number, member = entry.expert.number, (entry.expert.pool, *entry.identity)
        if number in numbers:
            yield Problem("expert_list.number_twice", f"row.{entry.row}.number", {"first": numbers[number]})
        if member in members:
            yield Problem("expert_list.person_twice", f"row.{entry.row}.id_number", {"first": members[member]})
        if people.get(entry.identity, entry).data.name != entry.data.name:
            yield Problem("expert.other_name", f"row.{entry.row}.name")
        numbers.setdefault(number, entry.row)
        members.setdefault(member, entry.row)
        people.setdefault(entry.identity, entry)
