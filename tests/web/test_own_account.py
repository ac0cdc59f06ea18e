"""One's own account by page and by program: password, second factor, sessions; and signing in with a certificate."""
from __future__ import annotations

import base64
import html
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from jsonschema import Draft202012Validator
from playwright.sync_api import Browser, Page

from plugins import test_ca
from tests.web.conftest import Serve
from tests.web.frame import PASSWORD, Reader, account
from tests.web.test_frame_browser import window
from tests.world import World
from trading_core import bootstrap
from trading_core.adapters.clock import SteppedClock
from trading_core.adapters.entropy import SeededEntropy
from trading_core.settings import Settings
from web.app import make_app
from web.serve import Site

NEW = "another 喆 phrase"


@dataclass
class Place:
    """A site whose settings name the test authority, with the agency's account."""

    world: World
    app: Any

    def program(self, totp: str = "") -> Reader:
        answer = self.enter(PASSWORD, totp)
        assert answer.status_int == 201, answer.text
        return Reader(self.app, str(answer.json["access"]))

    def enter(self, password: str, totp: str = "") -> Any:
        body = {"login": "agency", "password": password, **({"totp": totp} if totp else {})}
        return Reader(self.app).command("/api/v1/sessions", body)

    def code(self, secret: str) -> str:
        """The next code of the authenticator: one that was not used."""
        self.world.clock.advance(timedelta(seconds=30))
        return pyotp.TOTP(secret).at(self.world.clock.now())

    def described(self, method: str, path: str, answer: Any) -> dict[str, Any]:
        """The answer, which is what the description says."""
        doc = Reader(self.app).ask("/api/v1/openapi.json").json
        content = doc["paths"][path][method]["responses"][str(answer.status_int)]["content"]["application/json"]
        Draft202012Validator({**content["schema"], "components": doc["components"]}).validate(answer.json)
        return dict(answer.json)


@pytest.fixture
def place(tmp_path: Path, clock: SteppedClock, fonts: str) -> Iterator[Place]:
    platform = bootstrap.build(Settings(data=tmp_path / "data", font_dir=fonts, plugins=("plugins.test_ca",)), clock, SeededEntropy(b"own"))
    world = World(platform)
    account(platform, world.agency, "agency")
    yield Place(world, make_app(platform))
    platform.database.close()


def codes(answer: Any) -> list[str]:
    return [p["code"] for p in answer.json["problems"]]


def put(reader: Reader, path: str, body: dict[str, str]) -> Any:
    return reader.ask(path, "PUT", {"Content-Type": "application/json"}, body=json.dumps(body).encode())


# ------------------------------------------------------------------ by program

def test_a_program_changes_the_password(place: Place) -> None:
    mine, path = place.program(), "/api/v1/account/password"
    wrong = put(mine, path, {"password": "not mine at all", "new_password": NEW})
    assert (wrong.status_int, codes(wrong)) == (422, ["account.password_wrong"])
    assert codes(put(mine, path, {"password": PASSWORD, "new_password": "short"})) == ["password.length"]
    place.described("put", path, put(mine, path, {"password": PASSWORD, "new_password": NEW}))
    assert mine.ask("/api/v1/account").status_int == 401  # every session ended
    assert place.enter(PASSWORD).status_int == 401 and place.enter(NEW).status_int == 201


def test_a_program_switches_the_second_factor_on_and_off(place: Place) -> None:
    mine, base = place.program(), "/api/v1/account/second-factor"
    factor = place.described("post", base, mine.command(base, {}))
    assert factor["uri"].startswith("otpauth://totp/") and factor["secret"] in factor["uri"]
    assert codes(mine.command(f"{base}/confirmation", {"totp": "000000"})) == ["sign_in.code_wrong"]
    assert place.enter(PASSWORD).status_int == 201  # what is only offered counts for nothing
    place.described("post", f"{base}/confirmation", mine.command(f"{base}/confirmation", {"totp": place.code(factor["secret"])}))
    assert place.described("get", "/api/v1/account", mine.ask("/api/v1/account"))["second_factor"] is True
    assert codes(mine.command(base, {})) == ["second_factor.already_on"]
    assert codes(place.enter(PASSWORD)) == ["sign_in.code_needed"]
    assert place.enter(PASSWORD, place.code(factor["secret"])).status_int == 201
    code = place.code(factor["secret"])
    assert codes(mine.command(f"{base}/removal", {"password": "not mine at all", "totp": code})) == ["account.password_wrong"]
    removed = mine.command(f"{base}/removal", {"password": PASSWORD, "totp": code})
    assert place.described("post", f"{base}/removal", removed) == {"second_factor": False}
    assert place.enter(PASSWORD).status_int == 201


def test_a_program_signs_out_everywhere(place: Place) -> None:
    first, second = place.program(), place.program()
    assert [s["role"] for s in place.described("get", "/api/v1/account", second.ask("/api/v1/account"))["sessions"]] == ["agency"] * 2
    place.described("delete", "/api/v1/account/sessions", second.ask("/api/v1/account/sessions", "DELETE"))
    assert first.ask("/api/v1/account").status_int == second.ask("/api/v1/account").status_int == 401


@pytest.mark.parametrize(("method", "path"), [
    ("GET", "/api/v1/account"), ("PUT", "/api/v1/account/password"), ("DELETE", "/api/v1/account/sessions"), ("GET", "/api/v1/notes"),
    ("POST", "/api/v1/account/second-factor"), ("POST", "/api/v1/account/second-factor/confirmation"),
    ("POST", "/api/v1/account/second-factor/removal"),
])  # fmt: skip
def test_nobody_has_no_account(place: Place, method: str, path: str) -> None:
    assert Reader(place.app).ask(path, method).status_int == 401


def test_a_program_signs_in_with_a_certificate(place: Place) -> None:
    card, reader = test_ca.issue_certificate(place.world.platform, place.world.agency.person), Reader(place.app)
    asked = reader.command("/api/v1/challenges", {})
    challenge = place.described("post", "/api/v1/challenges", asked)["challenge"]
    signature = base64.b64encode(card.sign(challenge.encode())).decode()
    body = {"certificate": card.certificate_pem.decode(), "challenge": challenge, "signature": signature}
    path = "/api/v1/sessions/certificate"
    assert codes(reader.command(path, {**body, "signature": "%%"})) == ["sign_in.signature_base64"]
    other = base64.b64encode(card.sign(b"another text")).decode()
    assert codes(reader.command(path, {**body, "signature": other})) == ["sign_in.certificate"]
    tokens = place.described("post", path, reader.command(path, body))
    assert Reader(place.app, tokens["access"]).ask("/api/v1/account").json["person"] == place.world.agency.person
    again = reader.command(path, body)
    assert (again.status_int, codes(again)) == (401, ["sign_in.challenge"])


# ------------------------------------------------------------------ by page

def send(reader: Reader, step: str, **form: str) -> Any:
    return reader.post("/my/account", {"step": step, "csrf_token": reader.csrf("/my/account"), **form})


@pytest.fixture
def reader(place: Place) -> Reader:
    found = Reader(place.app)
    assert found.sign_in("agency").status_int == 303
    return found


def test_the_page_changes_the_password(place: Place, reader: Reader) -> None:
    wrong = send(reader, "password", password="", new_password=NEW, password_again="other")
    assert wrong.status_int == 422 and "两次输入的密码不一致" in wrong.text and 'id="password-password-e"' in wrong.text
    assert "现在的密码不正确" in send(reader, "password", password="not mine at all", new_password=NEW, password_again=NEW).text
    done = send(reader, "password", password=PASSWORD, new_password=NEW, password_again=NEW)
    assert done.status_int == 303 and reader.ask("/my/account").headers["Location"].endswith("/login?next=%2Fmy%2Faccount")
    assert reader.sign_in("agency", NEW).status_int == 303


def test_the_page_switches_the_second_factor_on_and_off(place: Place, reader: Reader) -> None:
    assert send(reader, "offer").status_int == 303
    shown = reader.ask("/my/account")
    secret = re.search(r'id="secret">([A-Z2-7]+)<', shown.text)
    assert secret and "<svg" in shown.text and shown.headers["Cache-Control"] == "no-store"
    assert send(reader, "confirm", totp="000000").status_int == 422
    assert send(reader, "confirm", totp=place.code(secret[1])).status_int == 303
    assert secret[1] not in reader.ask("/my/account").text  # shown no more once it counts
    assert send(reader, "remove", password="not mine at all", totp=place.code(secret[1])).status_int == 422
    assert send(reader, "remove", password=PASSWORD, totp=place.code(secret[1])).status_int == 303
    assert place.enter(PASSWORD).status_int == 201


def test_the_page_signs_out_everywhere(place: Place, reader: Reader) -> None:
    program = place.program()
    assert reader.ask("/my/account").text.count("data-l=\"登录时间\"") == 2
    assert send(reader, "sign_out").status_int == 303 and program.ask("/api/v1/account").status_int == 401
    assert reader.ask("/my/account").status_int == 303
    assert send_unknown(place) == 400


def send_unknown(place: Place) -> int:
    found = Reader(place.app)
    found.sign_in("agency")
    return int(send(found, "else").status_int)


def signed_by_shell(page: str, folder: Path) -> str:
    """What the command on the page prints, run as it stands in the folder of the key."""
    found = re.search(r'id="command">(.+?)</code>', page, re.DOTALL)
    assert found
    return subprocess.run(["sh", "-c", html.unescape(found[1])], cwd=folder, check=True, capture_output=True, text=True).stdout


def test_the_page_signs_in_with_a_signature_made_by_its_command(place: Place, tmp_path: Path) -> None:
    card, stranger = test_ca.issue_certificate(place.world.platform, place.world.agency.person), Reader(place.app)
    (tmp_path / "key.pem").write_bytes(card.key_pem)
    assert "/login/certificate" in stranger.ask("/login").text
    page = stranger.ask("/login/certificate?next=/my/account")
    form = {name: html.unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text)}
    form["challenge"] = form["challenge"].replace("\n", "\r\n")  # as browsers send it
    empty = stranger.post("/login/certificate", form)
    assert empty.status_int == 422 and 'id="f-signature-e"' in empty.text
    form |= {"certificate": card.certificate_pem.decode(), "signature": signed_by_shell(empty.text, tmp_path)}
    done = stranger.post("/login/certificate", form)
    assert (done.status_int, done.headers["Location"]) == (303, "http://localhost/my/account"), done.text
    spent = stranger.post("/login/certificate", {**form, "csrf_token": stranger.csrf("/login/certificate")})
    assert spent.status_int == 422 and form["challenge"].split()[3] not in spent.text  # a fresh text is offered


def test_without_an_authority_the_page_is_not_there(world_app: Any) -> None:
    stranger = Reader(world_app)
    assert "/login/certificate" not in stranger.ask("/login").text and stranger.ask("/login/certificate").status_int == 404


@pytest.fixture
def world_app(sqlite_platform: Any) -> Any:
    return make_app(sqlite_platform)


def test_the_test_authority_writes_certificate_and_key(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGXIN_DATA", str(place.world.platform.settings.data))
    test_ca.main(place.world.agency.person, tmp_path / "card")
    assert (tmp_path / "card" / "key.pem").stat().st_mode & 0o077 == 0
    assert b"BEGIN CERTIFICATE" in (tmp_path / "card" / "certificate.pem").read_bytes()


# ------------------------------------------------------------------ in a browser

@pytest.fixture
def site(place: Place, serve: Serve) -> Site:
    return serve(place.world.platform)


def barriers(page: Page, path: str) -> None:
    for width, mode in ((1280, "plain"), (360, "plain"), (360, "elder"), (1280, "contrast")):
        page.set_viewport_size({"width": width, "height": 740})
        page.goto(path + f"?mode={mode}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} {width} {mode}"
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


def test_the_pages_have_no_barriers_and_need_no_script(browser: Browser, place: Place, site: Site) -> None:
    base, faults = f"http://127.0.0.1:{site.port}", list[str]()
    page = window(browser, faults)
    for path in ("/login/certificate", "/en/login/certificate"):
        barriers(page, base + path)
    still = window(browser, faults, java_script_enabled=False)
    for one in (still, page):
        one.goto(f"{base}/login?next=/my/account")
        one.fill("#f-login", "agency")
        one.fill("#f-password", PASSWORD)
        one.click("form[aria-label=登录] button")
        one.wait_for_url("**/my/account")
    still.click("form[aria-label=启用动态口令] button")
    still.wait_for_selector("#secret")
    for path in ("/my/account", "/en/my/account"):
        barriers(page, base + path)
    still.fill("#confirm-totp", place.code(still.text_content("#secret") or ""))
    still.click("form[aria-label=确认启用] button")
    still.wait_for_selector("form[aria-label=停用动态口令]")
    barriers(page, f"{base}/my/account")
    assert faults == []
