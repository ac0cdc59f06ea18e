"""The demonstration: one command plays a whole tender, and anyone can check what it leaves."""
from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.export.stage import Finished, run
from trading_core.demo.tender import SCENES


def test_the_summary_says_who_won_and_what_was_left(done: Finished) -> None:
    """The winner offers 26 220 000 yuan in the auction whose prices are used."""
    s = done.summary
    assert (s["result"], s["winner"], s["price_fen"]) == ("ARCHIVED", "云石示例路桥有限公司", 2_622_000_000)
    assert s["log_size"] == s["checkpoint"] > s["events"] > 150
    assert set(s["witnesses"]) == {"supervisor.example/witness", "neighbour-centre.example/witness"}
    assert set(s["files"]) == {str(p.relative_to(done.folder)) for p in done.folder.rglob("*") if p.is_file()} - {"summary.json"}
    assert json.loads((done.folder / "summary.json").read_text("utf-8")) == s


def test_each_scene_is_told_with_its_time(done: Finished) -> None:
    lines = [line for line in done.progress.splitlines() if line.startswith("[")]
    assert [line.partition("/")[0] for line in lines] == [f"[{n}" for n in range(1, len(SCENES) + 1)]
    assert all(" 2026-" in line for line in lines)


def test_the_papers_are_documents(done: Finished) -> None:
    papers = sorted((done.folder / "documents").glob("*.pdf"))
    kinds = {p.stem.split("-")[-1] for p in papers}
    assert {
        "announcement", "clarification", "opening_record", "draw_record", "evaluation_report", "candidates_notice", "objection_answer",
        "award_letter", "result_notice", "contract_summary",
    } <= kinds  # fmt: skip
    for paper in papers:
        assert len(PdfReader(paper).pages) > 0


def test_the_archive_names_every_paper_by_its_hash(done: Finished) -> None:
    """[12 §12.3] Whoever receives the volume can tell each file in it; pieces stand in the order of their numbers."""
    papers = set((done.folder / "documents").glob("*.pdf"))
    (catalogue,) = (p for p in papers if p.stem.endswith("archive_catalogue"))
    text = "".join("".join(page.extract_text() for page in PdfReader(catalogue).pages).split())
    assert [p.name for p in papers - {catalogue} if hashlib.sha256(p.read_bytes()).hexdigest() not in text] == []
    assert text.index("2.9招标") < text.index("2.10招标") < text.index("3.1投标")


@pytest.mark.parametrize("name", ["project.zip", "project-full.zip"])
def test_the_project_file_holds_against_pinned_keys(done: Finished, name: str) -> None:
    code, out, _ = run("verify", str(done.folder / name), "--trust", str(done.folder / "keys.json"), "--json")
    report = json.loads(out)
    outcomes = {c["name"]: c["outcome"] for c in report["checks"]}
    assert code == 0, report["failure"]
    assert outcomes["keys.trusted"] == outcomes["checkpoint.witnesses"] == outcomes["evaluation.scores"] == "holds"
    assert outcomes["draw.parameter"] == outcomes["bids.counted"] == outcomes["bids.stages"] == outcomes["periods.kept"] == "holds"
    assert "fails" not in outcomes.values()


def test_the_full_variant_leaves_nothing_unchecked(done: Finished) -> None:
    _, out, _ = run("verify", str(done.folder / "project-full.zip"), "--trust", str(done.folder / "keys.json"), "--json")
    assert {c["outcome"] for c in json.loads(out)["checks"]} == {"holds"}


def test_any_changed_byte_is_found(done: Finished, tmp_path: Path) -> None:
    """One byte changed in every member, in every header, in the directory and at the end: refused each time, and named."""
    whole = (done.folder / "project.zip").read_bytes()
    with zipfile.ZipFile(done.folder / "project.zip") as file:
        infos = file.infolist()
    places = {0, len(whole) - 1, len(whole) - 22, whole.rindex(b"PK\1\2") + 10, whole.index(b"PK\1\2") + 40}
    for info in infos:
        data = info.header_offset + 30 + len(info.filename)
        places |= {info.header_offset + 6, info.header_offset + 33, data, data + info.file_size // 2, data + info.file_size - 1}
    changed = tmp_path / "changed.zip"
    for at in sorted(places):
        changed.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        code, out, _ = run("verify", str(changed), "--json")
        assert code == 1, f"byte {at}"
        assert json.loads(out)["failure"], f"byte {at}"


def test_receipts_hold_and_the_late_bid_has_its_refusal(done: Finished) -> None:
    folder = done.folder / "receipts"
    trust = str(done.folder / "keys.json")
    for name in ("bidder1.json", "bidder6.json", "decide_award.json", "bidder7-refused.json"):
        code, out, _ = run("verify", str(folder / name), "--trust", trust, "--json")
        report = json.loads(out)
        assert code == 0, (name, report)
        assert {"receipt.signature", "receipt.proofs"} <= {c["name"] for c in report["checks"] if c["outcome"] == "holds"}
    assert json.loads(json.loads((folder / "bidder1.json").read_text())["receipt"])["kind"] == "bid_received"
    refused = json.loads(json.loads((folder / "bidder7-refused.json").read_text())["receipt"])
    assert (refused["kind"], refused["codes"]) == ("bid_refused", ["bid.late"])


def test_a_second_run_takes_the_place_of_the_first_and_of_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    code, out, _ = run("demo", "engineering", "--out", str(tmp_path), "--json")
    assert code == 2
    assert [p["code"] for p in json.loads(out)["problems"]] == ["usage.not_empty"]
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_a_trade_without_demonstration_is_named() -> None:
    code, out, _ = run("demo", "nothing", "--json")
    assert code == 2
    assert json.loads(out)["problems"][0]["params"] == {"trade": "nothing", "known": "engineering, intermediary, land, mining, property"}
