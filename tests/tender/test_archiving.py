"""The archive volume: nothing missing, nothing invented, kept long enough [12 §12.2, §12.3]."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.engineering.archive import ARCHIVE, CATALOGUE
from plugins.engineering.trade import ENGINEERING
from tests.tender.course import CENTRE, PRINCIPAL, Course, at, bidding_lot, evaluated_lot
from trading_core.adapters.pdf.kinds import KINDS
from trading_core.domain.errors import Refused
from trading_core.domain.stages.archiving import Archive, retention
from trading_core.domain.volume import MISSING, PRESENT, Volume

NUMBERS = tuple(piece.number for piece in CATALOGUE)
completeness = ARCHIVE.completeness
ISSUED = ("announcement", "opening_record", "evaluation_report", "candidates_notice", "award_letter", "result_notice", "contract_summary")
CONTRACT_OF_AGENCY = {"piece": "1.3", "name": "委托代理合同.pdf", "sha256": "3" * 64, "size": 100}


def contracted(**terms: object) -> Course:
    course = Course(evaluated_lot(**terms))
    course.publish(at("2026-03-25T10:00"))
    course.give("decide_award", PRINCIPAL, at("2026-03-31T09:00"), bid="b1")
    course.give("issue_award_letter", PRINCIPAL, at("2026-03-31T10:00"))
    course.give("publish_result", PRINCIPAL, at("2026-03-31T11:00"))
    course.give("check_deposits", CENTRE, at("2026-03-31T12:00"))
    course.contract(at("2026-04-20T10:00"))
    course.facts["documents"] = ISSUED
    return course


def test_the_catalogue_has_35_pieces() -> None:
    """[12 §12.3] completeness = … / 35."""
    assert len(CATALOGUE) == len(set(NUMBERS)) == 35


def test_a_complete_volume_is_archived() -> None:
    """Performance records follow as a supplement: the volume does not wait for the works [12 §12.8 rule 8]."""
    course = contracted()
    event = course.give("archive", CENTRE, at("2026-05-06T10:00"), retention="30", pieces=[CONTRACT_OF_AGENCY])[0]
    assert (course.lot.status, course.lot.part(Archive).outcome) == ("ARCHIVED", "CONTRACTED")
    pieces = event.public["pieces"]
    assert isinstance(pieces, dict) and MISSING not in pieces.values() and len(pieces) == 35
    assert {n: r for n, r in pieces.items() if r != PRESENT} == {
        "2.2": "post_qualification", "2.3": "open_tender", "2.5": "post_qualification", "2.6": "no_site_visit", "2.7": "unchanged",
        **{f"2.{n}": "post_qualification" for n in range(8, 14)}, "5.2": "no_clarification", "5.3": "remote", "5.4": "remote",
        "7.1": "nothing_irregular", "7.3": "no_objection", "7.4": "no_objection", "7.5": "no_complaint", "7.6": "no_supervision",
    }  # fmt: skip
    course.give("supplement_archive", CENTRE, at("2027-05-06T10:00"), pieces=[{**CONTRACT_OF_AGENCY, "piece": "6.3"}], reason="验收")
    assert course.lot.part(Archive).supplements == 1


@pytest.mark.parametrize(
    ("absent", "piece"), [("opening_record", "4.1"), ("evaluation_report", "5.5"), ("award_letter", "6.2"), ("announcement", "2.1")]
)
def test_a_missing_piece_refuses_the_volume(absent: str, piece: str) -> None:
    course = contracted()
    course.facts["documents"] = [kind for kind in ISSUED if kind != absent]
    with pytest.raises(Refused) as refusal:
        course.give("archive", CENTRE, at("2026-05-06T10:00"), retention="30", pieces=[CONTRACT_OF_AGENCY])
    assert [(p.code, p.params["piece"]) for p in refusal.value.problems] == [("archive.piece_missing", piece)]


def test_all_missing_pieces_are_named_at_once() -> None:
    course = contracted(venue="澜明区公共资源交易中心", site_visit="3 月 6 日 9:00，北岸泵站门前集合")
    course.facts["documents"] = ()
    with pytest.raises(Refused) as refusal:
        course.give("archive", CENTRE, at("2026-05-06T10:00"), retention="30")
    assert [p.params["piece"] for p in refusal.value.problems] == ["1.3", "2.1", "2.6", "4.1", "5.3", "5.4", "5.5", "6.2"]


class Asked(dict[str, object]):
    """Answers, and remembers what it was asked for."""

    def __init__(self, asked: set[str], answers: Mapping[str, object]) -> None:
        super().__init__(answers)
        self.asked = asked

    def get(self, key: str, default: object = None) -> object:  # type: ignore[override]
        self.asked.add(key)
        return super().get(key, default)

    def __contains__(self, key: object) -> bool:
        self.asked.add(str(key))
        return super().__contains__(key)


def test_whatever_a_piece_rests_on_can_be_given() -> None:
    """A term of the notice's form, an event that some act gives, a paper that is printed: no piece waits for what nobody can state."""
    terms, events, papers = set[str](), set[str](), set[str]()
    known = {f.name for f in ENGINEERING.form}
    given = {t.event for t in ENGINEERING.lifecycle.transitions}
    for invited, pre, happened in product((False, True), repeat=3):
        ways = {"tender_way": "invited" if invited else "open", "qualification_way": "pre" if pre else "post"}
        history = dict.fromkeys(given, at("2026-04-01T00:00")) if happened else {}
        lot = replace(evaluated_lot(), terms=Asked(terms, ways), history=Asked(events, history))
        volume = Volume(lot, Asked(papers, {}), ())
        for piece in CATALOGUE:
            piece.there(volume), piece.idle(volume), tuple(piece.files(lot))
    assert {"site_visit", "venue", "deposit_fen"} <= terms and {"amended", "evaluation_started"} <= events and "announcement" in papers
    assert (terms - known, events - given, papers - set(KINDS)) == (set(), set(), set())


def test_an_open_objection_keeps_the_volume_open() -> None:
    course = contracted()
    course.object_result(at("2026-04-21T10:00"))
    given = {"retention": "10", "pieces": [CONTRACT_OF_AGENCY]}
    with pytest.raises(Refused) as refusal:
        course.give("archive", CENTRE, at("2026-05-06T10:00"), **given)
    assert [p.params["piece"] for p in refusal.value.problems] == ["7.4"]
    course.answer(1, at("2026-05-06T11:00"))
    course.give("archive", CENTRE, at("2026-05-06T12:00"), **given)


def test_a_failed_attempt_is_archived_too() -> None:
    """[12 §12.8 rule 1] What never happened does not apply."""
    course = Course(bidding_lot())
    course.give("terminate", PRINCIPAL, at("2026-03-10T10:00"), reason="r", legal_basis="F-06")
    course.facts["documents"] = ("announcement",)
    event = course.give("archive", CENTRE, at("2026-05-06T10:00"), retention="10", pieces=[CONTRACT_OF_AGENCY])[0]
    assert course.lot.part(Archive).outcome == "TERMINATED"
    pieces = event.public["pieces"]
    assert isinstance(pieces, dict)
    assert (pieces["3.1"], pieces["4.1"], pieces["5.5"], pieces["6.3"], pieces["7.1"]) == (
        "no_bids", "not_opened", "not_evaluated", "no_contract", PRESENT)  # fmt: skip


def test_names_of_files_are_not_public() -> None:
    """[12 §12.8 rule 2]"""
    course = contracted()
    event = course.give("archive", CENTRE, at("2026-05-06T10:00"), retention="30", pieces=[CONTRACT_OF_AGENCY])[0]
    assert "委托代理合同" not in repr(event.public)


@pytest.mark.parametrize(
    ("ended", "kind", "until"),
    [
        (date(2026, 4, 20), "30", date(2057, 1, 1)),
        (date(2026, 4, 20), "10", date(2041, 4, 20)),  # 15 years of tender files are longer than the class
        (date(2028, 2, 29), "10", date(2043, 2, 28)),
        (date(2026, 4, 20), "permanent", None),
    ],
)
def test_retention_is_the_longest_that_applies(ended: date, kind: str, until: date | None) -> None:
    """[12 §12.2] classes count from 1 January after the year of the end."""
    assert retention(ended, kind, ARCHIVE.years) == until


EVENTS = ("amended", "clarified", "opening_finished", "evaluation_started", "report_submitted", "contract_signed", "deposits_checked")


@given(documents=st.sets(st.sampled_from(ISSUED)), attached=st.sets(st.sampled_from(NUMBERS)), events=st.sets(st.sampled_from(EVENTS)))
def test_every_piece_has_exactly_one_verdict_and_attaching_never_hurts(
    documents: set[str], attached: set[str], events: set[str]
) -> None:
    lot = replace(evaluated_lot(), history=dict.fromkeys(events, at("2026-04-01T00:00")))
    without, with_files = completeness(Volume(lot, documents, ())), completeness(Volume(lot, documents, attached))
    assert list(without) == list(NUMBERS)
    assert all(with_files[n] == (PRESENT if n in attached else without[n]) for n in NUMBERS)


def test_a_committee_that_only_reviewed_applications_evaluated_nothing() -> None:
    """[12 §12.2, 4.2] Its experts were drawn too, before a bid was made."""
    lot = replace(bidding_lot("FAILED"), history={"published": at("2026-03-01T09:00"), "experts_drawn": at("2026-03-01T10:00")})
    pieces = completeness(Volume(lot, frozenset(), frozenset()))
    assert pieces["4.2"] == "no_committee"
    evaluated = replace(lot, history={**lot.history, "evaluation_started": at("2026-03-24T09:00")})
    assert completeness(Volume(evaluated, frozenset(), frozenset()))["4.2"] == PRESENT
