"""One shape for everything that goes wrong, and nothing in it that should not be."""
from __future__ import annotations

from typing import Any

import pytest
from pyramid.httpexceptions import HTTPBadRequest, HTTPForbidden, HTTPMethodNotAllowed, HTTPNotFound
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tests.web.frame import Reader
from trading_core.domain.errors import Conflict, Forbidden, IllegalTransition, Problem, Refused
from trading_core.platform import Platform
from web.app import configure
from web.errors import RETRY_SECONDS, STATUS, Limited, Told, status_of, told
from web.permissions import Permission

SECRET = "松涧示例建设集团有限公司 9,800,000.00"
CASES: list[tuple[BaseException, int, str]] = [
    (Refused(Problem("period.too_short", "schedule.bid_deadline")), 422, "period.too_short"),
    (Refused(Problem("a.b"), Problem("lot.illegal_transition")), 422, "a.b"),
    (IllegalTransition(Problem("lot.illegal_transition")), 409, "lot.illegal_transition"),
    (Forbidden(Problem("act.not_yours", params={"who": SECRET})), 404, "request.not_found"),
    (Refused(Problem("request.unauthenticated")), 401, "request.unauthenticated"),
    (Refused(Problem("session.ended")), 401, "session.ended"),
    (Refused(Problem("sign_in.too_many", params={"retry_after_seconds": 30})), 429, "sign_in.too_many"),
    (Refused(Problem("command.key_missing")), 400, "command.key_missing"),
    (Refused(Problem("command.key_reused")), 409, "command.key_reused"),
    (Conflict(SECRET), 409, "command.conflict"),
    (Limited(Problem("request.too_many", params={"seconds": 3}), 3), 429, "request.too_many"),
    (Limited(Problem("request.too_large", params={"maximum": 1})), 413, "request.too_large"),
    (HTTPNotFound(SECRET), 404, "request.not_found"),
    (HTTPMethodNotAllowed(SECRET), 405, "request.method"),
    (HTTPBadRequest(SECRET), 400, "request.unreadable"),
    (OperationalError(SECRET, {}, Exception(SECRET)), 503, "service.database_away"),
    (PoolTimeout(SECRET), 503, "service.database_away"),
    (IntegrityError(SECRET, {}, Exception(SECRET)), 500, "service.failed"),
    (ValueError(SECRET), 500, "service.failed"),
    (KeyError(SECRET), 500, "service.failed"),
]


def test_who_is_told_to_come_again_is_told_when() -> None:
    assert told(Refused(Problem("service.clock", params={"seconds": 3600}, rule="T-11"))) == Told(
        503, (Problem("service.clock", params={"seconds": 3600}, rule="T-11"),), RETRY_SECONDS
    )
    assert told(Refused(Problem("sign_in.busy", params={"retry_after_seconds": 2}))).retry_after == 2
    assert told(Refused(Problem("field.required"))).retry_after is None


def test_what_is_forbidden_looks_absent() -> None:
    assert told(HTTPForbidden(SECRET)) == told(HTTPNotFound(SECRET)) == told(Forbidden(Problem("act.not_yours")))


@pytest.mark.parametrize(("error", "status", "code"), CASES, ids=[f"{type(e).__name__}-{c}" for e, _, c in CASES])
def test_each_error_has_its_status_and_code(error: BaseException, status: int, code: str) -> None:
    shown = told(error)
    assert (shown.status, shown.code) == (status, code)


def test_the_table_ends_with_everything_else() -> None:
    assert STATUS[-1] == ("", 422) and status_of("anything.at_all") == 422
    beginnings = [b for b, _ in STATUS]
    assert len(beginnings) == len(set(beginnings))
    for i, later in enumerate(beginnings):  # no line hides behind a shorter one above it
        assert not any(later.startswith(b) and later != b for b in beginnings[:i] if b), later


@pytest.fixture
def broken(sqlite_platform: Platform) -> Any:
    """A site with two addresses that raise whatever was asked for."""
    config = configure(sqlite_platform)

    def view(request: Any) -> Any:
        raise next(e for i, (e, _, _) in enumerate(CASES) if str(i) == request.matchdict["case"])

    for name, path in (("page", "/broken/{case}"), ("api", "/api/v1/broken/{case}")):
        config.add_route(f"broken_{name}", path)
        config.add_view(view, route_name=f"broken_{name}", permission=Permission.PUBLIC)
    return config.make_wsgi_app()


@pytest.mark.parametrize("case", range(len(CASES)))
def test_the_same_content_as_page_and_as_json(broken: Any, case: int, caplog: pytest.LogCaptureFixture) -> None:
    _, status, code = CASES[case]
    reader = Reader(broken)
    answer = reader.ask(f"/api/v1/broken/{case}?lang=en")
    assert answer.status_int == status and answer.content_type == "application/problem+json"
    body = answer.json
    assert set(body) == {"type", "status", "code", "title", "problems", "request"}
    assert (body["status"], body["code"], body["type"]) == (status, code, f"/guide/errors#{code}")
    assert body["request"] == answer.headers["X-Request-Id"] and answer.headers["Cache-Control"] == "no-store"
    assert all(set(p) == {"code", "path", "message", "rule", "params"} for p in body["problems"])
    page = reader.ask(f"/broken/{case}")
    assert page.status_int == status and code in page.text
    assert SECRET not in answer.text + page.text and "Traceback" not in page.text
    for headers in (answer.headers, page.headers):
        assert ("Retry-After" in headers) == (status in (429, 503) or code == "command.conflict")


def test_texts_follow_the_language_asked_for(broken: Any) -> None:
    reader, path = Reader(broken), "/api/v1/broken/12"
    chinese, english = reader.ask(path).json["title"], reader.ask(path, headers={"Accept-Language": "en-GB, zh;q=0.5"}).json["title"]
    assert "公开" in chinese and english.startswith("The address may be wrong")
    assert reader.ask(path + "?lang=zh", headers={"Accept-Language": "en"}).json["title"] == chinese


def test_a_page_says_all_problems_at_once(broken: Any) -> None:
    text = Reader(broken).ask("/broken/1").text
    assert 'role="alert"' in text and text.count("<li>a.b") + text.count("a.b</li>") >= 1


def test_the_database_gone_is_told_without_asking_it_again(sqlite_platform: Platform) -> None:
    reader = Reader(configure(sqlite_platform).make_wsgi_app())
    sqlite_platform.database.close()
    sqlite_platform.settings.data.joinpath("gongxin.db").rename(sqlite_platform.settings.data / "away.db")
    sqlite_platform.settings.data.joinpath("gongxin.db").mkdir()  # a folder cannot be opened as a database
    for path in ("/", "/trades", "/api/v1/log", "/api/v1/lots"):
        answer = reader.ask(path)
        assert answer.status_int == 503 and int(answer.headers["Retry-After"]) > 0, path
    health = reader.ask("/api/v1/health")
    assert health.status_int == 503 and health.json["parts"]["database"]["state"] == "down"
    sqlite_platform.settings.data.joinpath("gongxin.db").rmdir()
    sqlite_platform.settings.data.joinpath("away.db").rename(sqlite_platform.settings.data / "gongxin.db")
    assert reader.ask("/").status_int == 200 and reader.ask("/api/v1/health").status_int == 200
