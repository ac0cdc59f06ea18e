"""Credit on both databases: bans entered and withdrawn, lists taken over, asking without a trace, evidence, replay."""
from __future__ import annotations

import hashlib
import json
import logging
import threading
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from credit import tables
from credit.domain.matching import Party
from credit.domain.record import Document, Subject
from credit.services import checking, importing, records
from credit.services.importing import Imported
from trading_core.domain.errors import Conflict, Forbidden, Refused
from trading_core.domain.identity import Actor, Role
from trading_core.domain.leaves import canonical
from trading_core.domain.uscc import complete_uscc
from trading_core.hookspecs import CreditFinding
from trading_core.services import replay

from .conftest import HASH, OPERATOR, Office, as_csv, ban, code, line

SOURCE = "https://list.example/enforcement"


def take_over(office: Office, *lines: dict[str, str], name: str = "dishonest_executed") -> Imported:
    with office.platform.unit() as unit:
        return importing.import_list(unit, office.centre, name, as_csv(*lines), SOURCE, unit.now)


def codes(refusal: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [p.code for p in refusal.value.problems]


# ------------------------------------------------------------------ bans

def test_a_ban_published_at_t_refuses_a_second_later(office: Office) -> None:
    assert office.ask(code(1)) == []
    with office.platform.unit() as unit:
        records.enter(unit, office.supervisor, ban(1))
    office.clock.advance(timedelta(seconds=1))
    expected = CreditFinding(
        "取消投标资格", "澜水罚〔2026〕1号", "澜明区水务局", date(2026, 3, 1), date(2027, 2, 28), True, "BL 53, 54, 60"
    )
    assert office.ask(code(1)) == [expected]
    assert office.ask(code(2)) == []
    office.clock.move_to(datetime(2027, 2, 28, 15, 59, 59, 999999, UTC))  # the last microsecond of the last day in China
    assert office.ask(code(1)) == [expected]
    office.clock.move_to(datetime(2027, 2, 28, 16, 0, tzinfo=UTC))
    assert office.ask(code(1)) == []


def test_what_was_asked_about_an_earlier_instant_is_not_changed_by_a_later_ban(office: Office) -> None:
    earlier = office.clock.now()
    office.clock.advance(timedelta(microseconds=1))
    with office.platform.unit() as unit:
        records.enter(unit, office.supervisor, ban(1))
    with office.platform.look() as unit:
        assert checking.findings(unit, [Party(code(1))], "engineering", earlier) == ()
        assert len(checking.findings(unit, [Party(code(1))], "engineering", office.clock.now())) == 1


def test_the_event_tells_the_decision_and_keeps_the_name_apart(office: Office) -> None:
    with office.platform.unit() as unit:
        case = records.enter(unit, office.supervisor, ban(1))
        (stored,) = unit.store.read(f"credit/{case}")
    assert code(1) not in stored.public and "示例建设1" not in stored.public
    recorded = stored.recorded()
    assert recorded.public["document"] == {
        "number": "澜水罚〔2026〕1号", "body": "澜明区水务局", "date": "2026-02-20", "basis": "招标投标法第五十三条", "sha256": HASH,
    }  # fmt: skip
    assert recorded.public["by"] == {"role": "supervisor", "organisation": office.supervisor.organisation}
    assert recorded.private == {
        "by_person": "", "subject": {"name": "示例建设1有限公司", "uscc": code(1), "organisation_code": ""},
    }  # fmt: skip


def test_only_supervisors_enter_and_only_with_a_document(office: Office) -> None:
    for who in (office.centre, OPERATOR, Actor("p", "o", Role.BIDDER), Actor("", "", Role.SUPERVISOR)):
        with pytest.raises(Forbidden), office.platform.unit() as unit:
            records.enter(unit, who, ban(1))
    with pytest.raises(Refused) as refusal, office.platform.unit() as unit:
        records.enter(unit, office.supervisor, ban(1, document=Document("", "", date(2026, 1, 1), ""), valid_to=None))
    assert codes(refusal) == ["credit.document"] * 3 + ["credit.document_file", "credit.end_missing"]
    with pytest.raises(ValueError, match="copy"), office.platform.unit() as unit:
        records.enter(unit, office.supervisor, ban(1, snapshot=HASH))
    assert office.ask(code(1)) == []


def test_a_withdrawn_record_never_counted(office: Office) -> None:
    with office.platform.unit() as unit:
        case = records.enter(unit, office.supervisor, ban(1))
    at = office.clock.now()
    office.clock.advance(timedelta(days=1))
    with pytest.raises(Refused) as refusal, office.platform.unit() as unit:
        records.withdraw(unit, office.other, case, "澜建撤〔2026〕1号", HASH, "决定被撤销")
    assert codes(refusal) == ["credit.other_keeper"]
    with pytest.raises(Refused) as refusal, office.platform.unit() as unit:
        records.withdraw(unit, office.supervisor, case, "", "x", " ")
    assert codes(refusal) == ["credit.document", "credit.document_file", "credit.reason"]
    with office.platform.unit() as unit:
        records.withdraw(unit, office.supervisor, case, "澜水撤〔2026〕1号", HASH, "决定被撤销")
    assert office.ask(code(1)) == []
    with office.platform.look() as unit:
        assert checking.findings(unit, [Party(code(1))], "engineering", at) == ()
    with pytest.raises(Refused) as refusal, office.platform.unit() as unit:
        records.withdraw(unit, office.supervisor, case, "澜水撤〔2026〕1号", HASH, "决定被撤销")
    assert codes(refusal) == ["credit.withdrawn_before"]
    for who, what in ((office.supervisor, "0" * 32), (office.centre, case)):
        with pytest.raises(Forbidden), office.platform.unit() as unit:
            records.withdraw(unit, who, what, "澜水撤〔2026〕1号", HASH, "决定被撤销")


# ------------------------------------------------------------------ matching through the tables

def test_code_first_then_organisation_code_then_a_possible_name(office: Office) -> None:
    moved = complete_uscc("12110000" + code(4)[8:17])
    with office.platform.unit() as unit:
        records.enter(unit, office.supervisor, ban(1))
        records.enter(unit, office.supervisor, ban(2, subject=Subject("旧名单单位", "", code(2)[8:17])))
        records.enter(unit, office.supervisor, ban(3, subject=Subject("示例（集团） 公司")))
        records.enter(unit, office.supervisor, ban(4))
    asked = [Party(code(1).lower()), Party(code(2)), Party(code(3), "示例(集团)公司"), Party(moved), Party(code(5), "无名公司")]
    with office.platform.look() as unit:
        found = checking.findings(unit, asked, "engineering", unit.now)
    assert [(f.party.uscc, f.match.value, f.refuses) for f in found] == [
        (code(1), "uscc", True), (code(2), "organisation_code", True), (code(3), "name", False), (moved, "organisation_code", True),
    ]  # fmt: skip


def test_the_hook_asks_by_the_registered_name_too_and_only_shows_it(office: Office) -> None:
    office.organisation(33, "示例（集团）公司", Role.BIDDER)
    with office.platform.unit() as unit:
        records.enter(unit, office.supervisor, ban(3, subject=Subject("示例(集团)公司")))
    (found,) = office.ask(code(33))
    assert not found.refuses and found.ban == "澜水罚〔2026〕3号"
    assert office.ask(code(34)) == []


def test_every_member_of_a_consortium_is_asked_about(office: Office) -> None:
    with office.platform.unit() as unit:
        records.enter(unit, office.supervisor, ban(2))
        consortium = [Party(code(n)) for n in (1, 2, 3)]
        assert [f.party.uscc for f in checking.findings(unit, consortium, "engineering", unit.now) if f.refuses] == [code(2)]


def test_outside_mandatory_projects_a_ban_is_shown(office: Office) -> None:
    with office.platform.unit() as unit:
        records.enter(unit, office.supervisor, ban(1))
        assert not any(f.refuses for f in checking.findings(unit, [Party(code(1))], "engineering", unit.now, mandatory=False))
        assert checking.findings(unit, [Party(code(1))], "land", unit.now) == ()


# ------------------------------------------------------------------ lists

def test_a_list_is_brought_up_to_each_new_copy(office: Office) -> None:
    assert take_over(office, line(1), line(2), line(3)) == Imported(checked(line(1), line(2), line(3)), 3, 0, 0, 0)
    assert [f.ban for f in office.ask(code(2), "procurement") if f.refuses] == ["（2026）示执2号"]
    assert [f.refuses for f in office.ask(code(2))] == [False]  # in engineering the document decides
    office.clock.advance(timedelta(days=1))
    changed = line(1, valid_to="2026-03-01")
    assert take_over(office, changed, line(3)) == Imported(checked(changed, line(3)), 0, 1, 1, 1)
    assert [office.ask(code(n), "procurement") != [] for n in (1, 2, 3)] == [False, False, True]
    office.clock.advance(timedelta(days=1))
    assert take_over(office, line(2), line(3)) == Imported(checked(line(2), line(3)), 0, 1, 1, 1)
    assert [office.ask(code(n), "procurement") != [] for n in (1, 2, 3)] == [False, True, True]
    assert take_over(office) == Imported(checked(), 0, 0, 2, 0)
    assert take_over(office) == Imported(checked(), 0, 0, 0, 0)


def checked(*lines: dict[str, str]) -> str:
    return hashlib.sha256(as_csv(*lines).encode()).hexdigest()


def test_a_listing_that_comes_back_counts_from_then(office: Office) -> None:
    take_over(office, line(1))
    office.clock.advance(timedelta(days=1))
    take_over(office)
    off = office.clock.now()
    office.clock.advance(timedelta(days=1))
    take_over(office, line(1))
    with office.platform.look() as unit:
        assert checking.findings(unit, [Party(code(1))], "procurement", off) == ()
        assert checking.findings(unit, [Party(code(1))], "procurement", unit.now)


def test_a_copy_leaves_alone_what_supervisors_entered(office: Office) -> None:
    with office.platform.unit() as unit:
        records.enter(unit, office.supervisor, ban(1))
    assert take_over(office, line(2, valid_to="2027-01-01"), name="tender_ban").entered == 1
    assert take_over(office, name="tender_ban").delisted == 1
    assert [f.refuses for f in office.ask(code(1))] == [True] and office.ask(code(2)) == []


def test_a_listing_is_withdrawn_by_its_keeper_not_here(office: Office) -> None:
    with office.platform.unit() as unit:
        importing.import_list(unit, office.supervisor, "dishonest_executed", as_csv(line(1)), SOURCE, unit.now)
        (record,) = tables.about(unit.store, [Party(code(1))])
    with pytest.raises(Refused) as refusal, office.platform.unit() as unit:
        records.withdraw(unit, office.supervisor, record.case, "澜水撤〔2026〕1号", HASH, "决定被撤销")
    assert codes(refusal) == ["credit.kept_elsewhere"]


def test_a_list_is_taken_over_wholly_or_not_at_all(office: Office) -> None:
    take_over(office, line(1))
    with pytest.raises(Refused) as refusal:
        take_over(office, line(2), line(3, basis=""))
    assert [(p.path, p.code) for p in refusal.value.problems] == [("row.3.basis", "credit.document")]
    assert office.ask(code(1), "procurement") and not office.ask(code(2), "procurement")


def test_the_frame_of_a_copy(office: Office) -> None:
    take_over(office, line(1))
    now = office.clock.now()
    with pytest.raises(Refused) as refusal, office.platform.unit() as unit:
        importing.import_list(unit, office.centre, "gossip", "", "", now + timedelta(seconds=1))
    assert codes(refusal) == ["credit.unknown_list", "credit_list.source", "credit_list.taken_in_future"]
    with pytest.raises(Refused) as refusal, office.platform.unit() as unit:
        importing.import_list(unit, office.centre, "dishonest_executed", as_csv(), SOURCE, now - timedelta(seconds=1))
    assert codes(refusal) == ["credit_list.older_copy"]
    with pytest.raises(Forbidden), office.platform.unit() as unit:
        importing.import_list(unit, Actor("p", "o", Role.BIDDER), "dishonest_executed", as_csv(), SOURCE, now)


def test_two_copies_at_once_do_not_mix(office: Office) -> None:
    """Whichever is the last to be taken over is in force as a whole; who came too late hears that he must look again."""
    copies = {checked(line(n), line(n + 1)): (line(n), line(n + 1)) for n in (10, 20, 30, 40)}
    outcomes: list[str] = []
    barrier = threading.Barrier(len(copies))

    def run(lines: tuple[dict[str, str], ...]) -> None:
        barrier.wait()
        try:
            take_over(office, *lines)
            outcomes.append("done")
        except Conflict:
            outcomes.append("conflict")

    threads = [threading.Thread(target=run, args=(lines,)) for lines in copies.values()]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    with office.platform.look() as unit:
        copy = tables.copy_of(unit.store, "dishonest_executed")
        listed = {r.entry.subject.uscc for r in tables.imported(unit.store, "dishonest_executed").values() if r.delisted_at is None}
    assert copy is not None and listed == {row["uscc"] for row in copies[copy.sha256]}
    assert len(outcomes) == 4 and outcomes.count("done") == copy.version


def test_nobody_can_guess_from_the_log_whom_a_listing_names(office: Office) -> None:
    """The case of a listing is keyed: hashing a guessed code does not give it."""
    take_over(office, line(1))
    key = "\0".join(("credit case", "dishonest_executed", "（2026）示执1号", code(1)))
    with office.platform.look() as unit:
        (record,) = tables.about(unit.store, [Party(code(1))])
        text = "".join(s.public for s in unit.store.read(f"credit/{record.case}"))
    assert record.case != hashlib.sha256(key.encode()).hexdigest()[:32] and code(1) not in text and "示例建设1" not in text


# ------------------------------------------------------------------ no trace, evidence, replay

def everything(office: Office) -> dict[str, list[tuple[object, ...]]]:
    with office.platform.look() as unit:
        names = sa.inspect(unit.connection).get_table_names()
        return {n: sorted((tuple(r) for r in unit.connection.execute(sa.text(f'select * from "{n}"'))), key=repr) for n in names}


def test_asking_leaves_no_trace(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.organisation(7, "投标人甲公司", Role.BIDDER)
    with office.platform.unit() as unit:
        records.enter(unit, office.supervisor, ban(1))
    before = everything(office)
    files = {p: p.read_bytes() for p in office.platform.settings.data.rglob("*") if p.is_file() and "gongxin.db" not in p.name}
    caplog.set_level(logging.DEBUG)
    for n in (1, 7, 8):
        office.ask(code(n))
    assert everything(office) == before
    assert files == {p: p.read_bytes() for p in office.platform.settings.data.rglob("*") if p.is_file() and "gongxin.db" not in p.name}
    assert not any(code(n) in caplog.text for n in (1, 7, 8)) and "投标人甲公司" not in caplog.text


def test_the_evidence_names_lists_their_content_and_findings(office: Office) -> None:
    take_over(office, line(1), line(2))
    with office.platform.unit() as unit:
        case = records.enter(unit, office.supervisor, ban(1))
    with office.platform.look() as unit:
        evidence = checking.credit_check(unit, [Party(code(1), "示例建设1有限公司"), Party(code(9))], "engineering", unit.now)
        clear = checking.credit_check(unit, [Party(code(9))], "engineering", unit.now)
        shown = checking.credit_check(unit, [Party(code(2))], "engineering", unit.now)
    assert json.loads(canonical(evidence)) == evidence
    assert (evidence["result"], shown["result"], clear["result"]) == ("refuses", "shown", "clear")
    assert evidence["format"] == "gongxin-credit-check-v1" and evidence["query_time"] == "2026-03-01T01:00:00.000000Z"
    assert evidence["parties"] == [{"uscc": code(1), "name": "示例建设1有限公司"}, {"uscc": code(9), "name": ""}]
    by_list = {entry["list"]: entry for entry in evidence["lists"]}  # type: ignore[attr-defined]
    assert set(by_list) == {"tender_ban", "dishonest_executed", "tax_violation", "seriously_dishonest", "abnormal_operation",
                            "safety_violation", "wage_arrears"}  # fmt: skip
    sha = checked(line(1), line(2))
    assert by_list["dishonest_executed"] == {
        "list": "dishonest_executed", "name": "失信被执行人", "source": SOURCE, "taken_at": "2026-03-01T01:00:00.000000Z",
        "imported_sha256": sha, "snapshot": hashlib.sha256(f"{sha}\n".encode()).hexdigest(),
    }  # fmt: skip
    assert by_list["tender_ban"]["snapshot"] == hashlib.sha256(f"-\n{case}@1\n".encode()).hexdigest()
    first, second = evidence["findings"]  # type: ignore[misc]
    assert first == {
        "uscc": code(1), "list": "tender_ban", "case": case, "version": 1, "match": "uscc", "effect": "refuses", "rule": "BL 53, 54, 60",
        "ban": "澜水罚〔2026〕1号", "body": "澜明区水务局", "valid_from": "2026-03-01", "valid_to": "2027-02-28",
    }  # fmt: skip
    assert (second["list"], second["effect"], second["valid_to"]) == ("dishonest_executed", "shown", None)


def test_the_content_hash_moves_with_every_change(office: Office) -> None:
    def now() -> object:
        with office.platform.look() as unit:
            evidence = checking.credit_check(unit, [], "engineering", unit.now)
        return next(e["snapshot"] for e in evidence["lists"] if e["list"] == "tender_ban")  # type: ignore[attr-defined]

    seen = [now()]
    with office.platform.unit() as unit:
        case = records.enter(unit, office.supervisor, ban(1))
    seen.append(now())
    with office.platform.unit() as unit:
        records.withdraw(unit, office.supervisor, case, "澜水撤〔2026〕1号", HASH, "决定被撤销")
    seen.append(now())
    take_over(office, name="tender_ban")
    seen.append(now())
    assert len(set(seen)) == 4 and now() == seen[-1]


def test_a_replay_gives_the_same_tables(office: Office) -> None:
    take_over(office, line(1), line(2))
    office.clock.advance(timedelta(days=1))
    take_over(office, line(2, valid_to="2026-09-01"), line(3))
    with office.platform.unit() as unit:
        case = records.enter(unit, office.supervisor, ban(1))
        records.enter(unit, office.supervisor, ban(2))
    with office.platform.unit() as unit:
        records.withdraw(unit, office.supervisor, case, "澜水撤〔2026〕1号", HASH, "决定被撤销")
    with office.platform.look() as unit:
        kept = (tables.record_table, tables.list_table)
        assert [unit.connection.scalar(sa.select(sa.func.count()).select_from(t)) for t in kept] == [5, 1]
    assert replay.replay(office.platform) == []
