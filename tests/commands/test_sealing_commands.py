"""Bidders and trustees at their own machines: ``gongxin seal`` and ``gongxin trustee`` against a real site."""
from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.request import Request

import pytest

from plugins.engineering.demo import tender
from tests.export.stage import run
from tests.tender.committee_table import rules
from trading_core.demo.cast import Member
from trading_core.demo.perform import perform
from trading_core.demo.play import Play
from trading_core.demo.theatre import moment, open_theatre
from trading_core.domain.tender.opening import Opening
from trading_core.settings import Settings

PASSPHRASE = "correct horse battery"
TRUSTEES = {"host": "agency", "centre": "centre", "supervisor": "supervisor"}


@pytest.fixture
def play(tmp_path: Path, fonts: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Play]:
    """A published lot whose trustees have made no keys yet, and whose formula has nothing to draw."""
    monkeypatch.setenv("GONGXIN_PASSPHRASE", PASSPHRASE)
    script = replace(tender(), terms={**tender().terms, "envelopes": [{"name": "bid", "opens": "at_opening"}], "evaluation": rules()})
    settings = Settings(data=tmp_path / "data", font_dir=fonts)
    with open_theatre(settings, moment(script.start, "08:00"), (), tmp_path, lambda *_: None) as theatre:
        made = perform(theatre, script, tmp_path, ("register", "draft"))
        theatre.wait(timedelta(hours=1))
        made.act(made.principal, "publish")
        theatre.settle()
        yield made


def as_(member: Member, play: Play, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("GONGXIN_PASSWORD", member.password)
    return ["--url", play.theatre.url, "--login", member.login]


def keys(play: Play, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for trustee, role in TRUSTEES.items():
        file = str(folder / f"{trustee}.key")
        assert run("trustee", "new", file, "--trustee", trustee)[0] == 0
        code, out, err = run("trustee", "register", file, play.lot, *as_(play.company.members[role], play, monkeypatch), "--json")
        assert (code, json.loads(out)["stages"]) == (0, ["bid"]), err


def seal(play: Play, n: int, folder: Path, monkeypatch: pytest.MonkeyPatch, *more: str, name: str = "") -> tuple[int, str, str]:
    member, offer = play.company.bidders[n], play.script.offers[n]
    form, letter = folder / "form.json", folder / "投标函.txt"
    form.write_text(json.dumps({"price_fen": offer.price_fen, **offer.letter}))
    letter.write_text("投标函\n")
    return run(
        "seal", play.lot, *as_(member, play, monkeypatch), "--name", name or offer.bidder,
        "--uscc", play.company.cast.codes[member.actor.organisation], "--form", f"bid={form}", "--file", f"bid={letter}", *more,
    )  # fmt: skip


def test_keys_bids_and_opening_from_the_command_line(play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent, send = list[Request](), urllib.request.urlopen
    monkeypatch.setattr(urllib.request, "urlopen", lambda request, **more: (sent.append(request), send(request, **more))[1])
    keys(play, tmp_path, monkeypatch)
    play.theatre.go(play.state().schedule["issue_start"])
    for n in range(3):
        code, out, err = seal(play, n, tmp_path, monkeypatch, "--receipt", str(tmp_path / f"bid{n}.json"), "--json")
        assert code == 0, err
    kept = tmp_path / "bid0.json"
    assert kept.stat().st_mode & 0o077 == 0
    assert json.loads(kept.read_text())["format"] == "gongxin-bid-v1"
    mine = next(r for r in sent if r.full_url.endswith("/acts/submit_bid"))
    assert json.loads(kept.read_text())["bid"] not in str(mine.header_items())  # a command numbered after its bid ties it to its giver
    code, out, _ = seal(play, 0, tmp_path, monkeypatch, "--receipt", str(tmp_path / "bid0b.json"), "--replaces", str(kept))
    assert code == 0 and out.startswith("已递交")
    play.theatre.clock.move_to(play.state().schedule["bid_deadline"])
    code, out, err = seal(play, 3, tmp_path, monkeypatch, "--receipt", str(tmp_path / "late.json"))
    assert code == 1 and "未递交" in out and "逾期" in err
    assert json.loads(json.loads((tmp_path / "late.json").read_text())["receipt"])["kind"] == "bid_refused"
    play.theatre.wait(timedelta(seconds=3))
    play.act(play.agency, "start_opening")
    for trustee in ("host", "supervisor"):
        member = play.company.members[TRUSTEES[trustee]]
        code, _, err = run("trustee", "release", str(tmp_path / f"{trustee}.key"), play.lot, "bid", *as_(member, play, monkeypatch))
        assert code == 0, err
    play.theatre.settle()
    assert {b.form["price_fen"] for b in play.state().part(Opening).valid()} == {o.price_fen for o in play.script.offers[:3]}


def test_what_is_wrong_is_told_before_anything_is_sent(play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    receipt = tmp_path / "receipt.json"
    play.theatre.go(play.state().schedule["issue_start"])
    code, _, err = seal(play, 0, tmp_path, monkeypatch, "--receipt", str(receipt))
    assert code == 1 and "三方密钥尚未全部登记和演练" in err and not receipt.exists()
    keys(play, tmp_path, monkeypatch)
    code, out, _ = seal(play, 0, tmp_path, monkeypatch, "--receipt", str(receipt), "--json", name="另一家公司")
    assert (code, [p["code"] for p in json.loads(out)["problems"]]) == (1, ["bid.other_identity"])
    code, out, _ = seal(play, 0, tmp_path, monkeypatch, "--receipt", str(receipt), "--form", "price=nothing", "--json")
    assert (code, [p["code"] for p in json.loads(out)["problems"]]) == (2, ["usage.file"])
    receipt.write_text("mine")
    code, out, _ = seal(play, 0, tmp_path, monkeypatch, "--receipt", str(receipt), "--json")
    assert (code, [p["code"] for p in json.loads(out)["problems"]]) == (2, ["usage.exists"])
    assert receipt.read_text() == "mine"


def test_a_wrong_password_passphrase_or_address_is_refused(play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = str(tmp_path / "host.key")
    assert run("trustee", "new", file, "--trustee", "host")[0] == 0
    options = as_(play.agency, play, monkeypatch)
    monkeypatch.setenv("GONGXIN_PASSWORD", "wrong")
    code, out, _ = run("trustee", "register", file, play.lot, *options, "--json")
    assert (code, [p["code"] for p in json.loads(out)["problems"]]) == (1, ["sign_in.refused"])
    monkeypatch.setenv("GONGXIN_PASSPHRASE", "another passphrase")
    code, out, _ = run("trustee", "register", file, play.lot, *options, "--json")
    assert (code, [p["code"] for p in json.loads(out)["problems"]]) == (1, ["sealing.passphrase_wrong"])
    code, out, _ = run("seal", play.lot, "--url", "http://127.0.0.1:1", "--login", "x", "--name", "x", "--uscc", "x",
                       "--receipt", str(tmp_path / "r"), "--json")  # fmt: skip
    assert (code, [p["code"] for p in json.loads(out)["problems"]]) == (1, ["remote.unreachable"])
    assert run("trustee", "new", file, "--trustee", "host", "--json")[0] == 2
