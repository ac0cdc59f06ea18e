"""Signing in through the pages, cookies, CSRF, and what other sites cannot do."""
from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.web.frame import PASSWORD, Reader, account, token
from tests.world import World
from trading_core.adapters.clock import SteppedClock
from trading_core.platform import Platform
from web.app import make_app


@pytest.fixture
def world(sqlite_platform: Platform) -> World:
    world = World(sqlite_platform)
    account(world.platform, world.agency, "agent")
    account(world.platform, world.principal, "owner")
    return world


@pytest.fixture
def app(world: World) -> Any:
    return make_app(world.platform)


def test_signing_in_leads_back_and_shows_for_whom_one_acts(app: Any) -> None:
    reader = Reader(app)
    asked = reader.ask("/my")
    assert asked.status_int == 303 and asked.headers["Location"].endswith("/login?next=%2Fmy")
    form = {"login": "agent", "password": PASSWORD, "csrf_token": reader.csrf(), "next": "/my"}
    answer = reader.post("/login", form)
    assert answer.status_int == 303 and answer.headers["Location"].endswith("/my")
    for line in answer.headers.getall("Set-Cookie"):
        assert "HttpOnly" in line and "SameSite=Lax" in line and "path=/" in line.lower() and "secure" not in line.lower()
    page = reader.ask("/my")
    assert "云栖示例招标代理有限公司" in page.text and page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("target", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:1", "", "/x\ny"])
def test_after_signing_in_one_stays_on_this_site(app: Any, target: str) -> None:
    reader = Reader(app)
    form = {"login": "agent", "password": PASSWORD, "csrf_token": reader.csrf(), "next": target}
    assert reader.post("/login", form).headers["Location"] == "http://localhost/my"


def test_a_wrong_password_is_told_without_telling_which_part_was_wrong(app: Any) -> None:
    reader = Reader(app)
    known, unknown = reader.sign_in("agent", "wrong password"), reader.sign_in("nobody", "wrong password")
    assert known.status_int == unknown.status_int == 422
    assert 'role="alert"' in known.text and "wrong password" not in known.text
    assert not reader.ask("/my").text or reader.ask("/my").status_int == 303


def test_a_stranger_who_guesses_keeps_nobody_out(app: Any) -> None:
    def attempt(password: str, address: str) -> int:
        body = json.dumps({"login": "agent", "password": password}).encode()
        return Reader(app).ask("/api/v1/sessions", "POST", {"Content-Type": "application/json"}, body=body, remote_addr=address).status_int

    assert [attempt("wrong", f"2001:db8::{n}") for n in range(12)] == [401] * 11 + [429]  # one network, however many addresses
    assert attempt(PASSWORD, "192.0.2.7") == 201


def test_behind_https_cookies_are_bound_to_host_and_transport(world: World) -> None:
    secure = replace(world.platform, settings=replace(world.platform.settings, base_url="https://ggzy.example"))
    reader = Reader(make_app(secure))
    answer = reader.sign_in("agent")
    names = [line.partition("=")[0] for line in answer.headers.getall("Set-Cookie")]
    assert names and all(n.startswith("__Host-") for n in names)
    assert all("secure" in line.lower() for line in answer.headers.getall("Set-Cookie"))
    assert "max-age=" in answer.headers["Strict-Transport-Security"]


def test_signing_out_ends_the_session_everywhere(app: Any) -> None:
    reader = Reader(app)
    reader.sign_in("agent")
    copied = Reader(app)
    copied.cookies = dict(reader.cookies)
    assert copied.ask("/my").status_int == 200
    answer = reader.post("/logout", {"csrf_token": reader.csrf("/my")})
    assert answer.status_int == 303 and not {"gx", "gx_renew"} & set(reader.cookies)
    assert copied.ask("/my").status_int == 303


def test_a_form_without_the_token_of_its_page_is_refused(app: Any) -> None:
    reader = Reader(app)
    reader.sign_in("agent")
    for form in ({}, {"csrf_token": "0" * 32}):
        answer = reader.post("/logout", form)
        assert answer.status_int == 403 and "request.csrf" in answer.text
    assert reader.ask("/my").status_int == 200
    assert Reader(app).post("/login", {"login": "agent", "password": PASSWORD}).status_int == 403


def test_a_form_sent_from_another_site_is_refused_even_with_its_token(app: Any) -> None:
    reader = Reader(app)
    form = {"login": "agent", "password": PASSWORD, "csrf_token": reader.csrf()}
    assert reader.post("/login", form, **{"Sec-Fetch-Site": "cross-site"}).status_int == 403
    assert reader.post("/login", form, **{"Sec-Fetch-Site": "same-site"}).status_int == 403
    assert reader.post("/login", form, **{"Sec-Fetch-Site": "same-origin"}).status_int == 303


def test_the_api_takes_a_cookie_only_with_the_token(app: Any) -> None:
    reader = Reader(app)
    reader.sign_in("agent")
    body = {"trade": "engineering"}
    assert reader.command("/api/v1/lots", body, "k").status_int == 403
    csrf = reader.csrf("/my")
    assert reader.command("/api/v1/lots", body, "k", **{"X-CSRF-Token": csrf}).status_int == 422  # through: the core asks for a principal
    assert Reader(app, token(app, "agent")).command("/api/v1/lots", body, "k").status_int == 422  # a header needs no token


def test_a_token_in_the_header_counts_alone(app: Any) -> None:
    reader = Reader(app)
    reader.sign_in("agent")
    reader.token = "broken"
    assert reader.ask("/my").status_int == 303
    assert reader.command("/api/v1/lots", {"trade": "engineering"}, "k").status_int == 401


def test_a_session_in_use_renews_itself(app: Any, clock: SteppedClock) -> None:
    reader = Reader(app)
    reader.sign_in("agent")
    first = dict(reader.cookies)
    clock.advance(timedelta(minutes=9))
    assert reader.ask("/my").status_int == 200 and reader.cookies["gx"] == first["gx"]
    clock.advance(timedelta(minutes=3))
    assert reader.ask("/my").status_int == 200 and reader.cookies["gx"] != first["gx"]
    clock.advance(timedelta(minutes=40))  # a form filled in slowly
    assert reader.post("/logout", {"csrf_token": reader.csrf("/my")}).status_int == 303


def test_requests_at_once_with_one_refresh_token_all_go_on(app: Any, clock: SteppedClock) -> None:
    reader = Reader(app)
    reader.sign_in("agent")
    tabs = [Reader(app) for _ in range(3)]
    for tab in tabs:
        tab.cookies = dict(reader.cookies)
    clock.advance(timedelta(minutes=12))
    assert [tab.ask("/my").status_int for tab in tabs] == [200, 200, 200]
    assert len({tab.cookies["gx"] for tab in tabs}) == 1
    assert tabs[0].ask("/my").status_int == 200


def test_a_session_left_alone_ends(app: Any, clock: SteppedClock) -> None:
    reader = Reader(app)
    reader.sign_in("agent")
    clock.advance(timedelta(hours=13))
    assert reader.ask("/my").status_int == 303


def test_drafts_are_seen_by_their_hosts_only(app: Any, world: World) -> None:
    draft = world.create({"principal": world.principal.organisation})
    host, stranger = Reader(app), Reader(app)
    host.sign_in("owner")
    account(world.platform, world.bidder("松涧示例建设集团有限公司").actor, "bidder")
    stranger.sign_in("bidder")
    assert host.ask(f"/lots/{draft}").status_int == 200
    assert stranger.ask(f"/lots/{draft}").status_int == 404
    assert Reader(app, token(app, "bidder")).ask(f"/api/v1/lots/{draft}").status_int == 404
