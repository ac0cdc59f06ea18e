"""Witnesses over the API: introduced by the operator, handing in their lines as whoever they are."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from tests.web.frame import Reader
from tests.web.test_registry_api import Town, codes
from trading_core.adapters.entropy import SeededEntropy
from trading_core.domain.identity import Role
from trading_core.platform import Platform
from trading_core.services import log, witness
from trading_core.services.witness import Cosignature, PlatformLog, RemoteLog, Witness, open_witness
from web.serve import Site


@pytest.fixture
def town(sqlite_platform: Platform) -> Town:
    made = Town(sqlite_platform)
    log.move(sqlite_platform)
    log.sign(sqlite_platform, force=True)
    return made


class OverTheAir:
    """The log as a witness elsewhere reaches it, handing its line in over the site's API."""

    def __init__(self, town: Town) -> None:
        self.near, self.site, self.given = PlatformLog(town.platform), Reader(town.app), list[Any]()

    def trust(self) -> str:
        return self.site.ask("/api/v1/keys").text

    def checkpoint(self) -> str:
        return self.site.ask("/api/v1/checkpoints/latest").text

    def consistency(self, first: int, second: int) -> list[bytes]:
        return [bytes.fromhex(h) for h in self.site.ask(f"/api/v1/checkpoints/{first}...{second}").json["proof"]]

    def hand_in(self, size: int, verifier_key: str, line: str) -> None:
        self.given.append(self.site.command(f"/api/v1/checkpoints/{size}/cosignatures", {"key": verifier_key, "line": line}))


def watcher(folder: Path, name: str = "watch.example") -> Witness:
    return open_witness(folder / name, name, SeededEntropy(name.encode()))


def look(town: Town, seen: Witness) -> tuple[OverTheAir, Cosignature]:
    air = OverTheAir(town)
    found = seen.attend(air, town.platform.clock.now())
    assert found is not None
    return air, found


def test_a_witness_is_introduced_and_cosigns(town: Town, tmp_path: Path) -> None:
    seen = watcher(tmp_path)
    assert json.loads(Reader(town.app).ask("/api/v1/keys").text)["witnesses"] == []
    made = town.order(Role.OPERATOR, "witnesses", {"key": seen.verifier_key})
    assert made.status_int == 201 and made.json == {"witnesses": [seen.verifier_key], "threshold": 1}
    keys = Reader(town.app).ask("/api/v1/keys").json
    assert keys["witnesses"] == [seen.verifier_key] and keys["threshold"] == 1
    air, found = look(town, seen)
    assert [a.status_int for a in air.given] == [201] and air.given[0].json["witnesses"] == ["watch.example"]
    again = Reader(town.app).command(f"/api/v1/checkpoints/{found.size}/cosignatures", {"key": seen.verifier_key, "line": found.line})
    assert again.status_int == 201 and again.json["witnesses"] == ["watch.example"]  # twice the same is once
    assert found.line in Reader(town.app).ask(f"/api/v1/checkpoints/{found.size}").text
    assert "watch.example" in Reader(town.app).ask(f"/checkpoints/{found.size}").text


def test_a_witness_on_another_machine_reaches_the_site(town: Town, tmp_path: Path) -> None:
    seen = watcher(tmp_path)
    town.order(Role.OPERATOR, "witnesses", {"key": seen.verifier_key})
    served = Site(town.platform, "127.0.0.1", 0).start()
    try:
        far = RemoteLog(f"http://127.0.0.1:{served.port}", witness.trust_text(town.platform))
        found = seen.attend(far, town.platform.clock.now())
        assert found is not None and log_witnesses(town, found.size) == ["watch.example"]
        assert seen.attend(far, town.platform.clock.now()) is None
    finally:
        served.close()


def test_a_stranger_and_a_bad_line_are_refused(town: Town, tmp_path: Path) -> None:
    seen = watcher(tmp_path)
    air, found = look(town, seen)
    assert codes(air.given[0]) == {("key", "witness.unknown")}
    town.order(Role.OPERATOR, "witnesses", {"key": seen.verifier_key})
    site, path = Reader(town.app), f"/api/v1/checkpoints/{found.size}/cosignatures"
    twice, other = f"{found.line}\n{found.line}", found.line[:-4] + "AAA="
    for line in ("", "—", found.line + "\n", twice, other, "\u2014 watch.example ====", "x" * 501):
        assert site.command(path, {"key": seen.verifier_key, "line": line}).status_int == 422, line
    assert site.command("/api/v1/checkpoints/999999/cosignatures", {"key": seen.verifier_key, "line": found.line}).status_int in (404, 422)
    assert site.command(path, {"key": seen.verifier_key, "line": found.line, "more": 1}).status_int == 422
    assert site.ask(path, "POST", {"Content-Type": "text/plain"}, body=b"x").status_int == 415
    assert log_witnesses(town, found.size) == []


def log_witnesses(town: Town, size: int) -> list[str]:
    with town.platform.look() as unit:
        return list(log.checkpoint(unit, size).witnesses)


def test_only_real_keys_with_names_of_their_own_are_introduced(town: Town, tmp_path: Path) -> None:
    seen, double = watcher(tmp_path), open_witness(tmp_path / "double", "watch.example", SeededEntropy(b"double"))
    for key in ("", "x", "a+b+c", town.platform.keys.log.name, seen.verifier_key.replace("watch", "wa\ntch")):
        assert town.order(Role.OPERATOR, "witnesses", {"key": key}).status_int == 422
    log_key = json.loads(witness.trust_text(town.platform))["log"]
    assert codes(town.order(Role.OPERATOR, "witnesses", {"key": log_key})) == {("key", "witness.not_a_key")}
    for _ in range(2):
        assert town.order(Role.OPERATOR, "witnesses", {"key": seen.verifier_key}).status_int == 201
    assert codes(town.order(Role.OPERATOR, "witnesses", {"key": double.verifier_key})) == {("key", "witness.name_taken")}
    assert witness.known(town.platform) == [seen.verifier_key]


def test_a_browser_cannot_be_made_to_hand_in(town: Town) -> None:
    browser = Reader(town.app)
    browser.sign_in("login-operator")
    assert browser.command("/api/v1/witnesses", {"key": "x"}, "k").status_int == 403
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert Reader(town.app).command("/api/v1/checkpoints/1/cosignatures", {"key": "x", "line": "y"}, **elsewhere).status_int == 403


def test_the_certificate_root_is_given_to_everybody(town: Town) -> None:
    answer = Reader(town.app).ask("/certificates/root.pem")
    assert answer.status_int == 200 and "attachment" in answer.headers["Content-Disposition"]
    root = x509.load_pem_x509_certificate(answer.body)
    assert root.issuer == root.subject and b"PRIVATE" not in answer.body


