"""A site without a network: requests straight into the WSGI application, a browser's cookies kept."""
from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from webob import Request, Response

from trading_core.adapters.passwords import hash_password
from trading_core.domain.identity import Actor, Role
from trading_core.platform import Platform
from trading_core.services import accounts
from web.app import make_app

PASSWORD = "clear water 喆"
CONSOLE = Actor("", "", Role.OPERATOR)


class Reader:
    """A browser, or with `token` a program: keeps its cookies between requests."""

    def __init__(self, app: Any, token: str | None = None) -> None:
        self.app, self.token = app, token
        self.cookies: dict[str, str] = {}

    def ask(self, path: str, method: str = "GET", headers: Mapping[str, str] | None = None, **more: Any) -> Response:
        request = Request.blank(path, method=method, **more)
        request.headers.update({"Authorization": f"Bearer {self.token}"} if self.token else {})
        request.headers.update(headers or {})
        if self.cookies:
            request.headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        response = request.get_response(self.app)
        assert response.body is not None  # read to its end, as a server does
        for line in response.headers.getall("Set-Cookie"):
            name, _, rest = line.partition("=")
            value = rest.partition(";")[0]
            if value and "Max-Age=0" not in line:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return response

    def post(self, path: str, form: Mapping[str, str], **headers: str) -> Response:
        """A form sent from the page where its CSRF token stands."""
        return self.ask(path, "POST", headers, POST=dict(form))

    def command(self, path: str, body: object, key: str = "", **headers: str) -> Response:
        given = {"Content-Type": "application/json", **({"Idempotency-Key": key} if key else {}), **headers}
        return self.ask(path, "POST", given, body=json.dumps(body, ensure_ascii=False).encode())

    def csrf(self, path: str = "/login") -> str:
        found = re.search(r'name="csrf_token" value="([0-9a-f]+)"', self.ask(path).text)
        assert found, path
        return found[1]

    def sign_in(self, login: str, password: str = PASSWORD) -> Response:
        return self.post("/login", {"login": login, "password": password, "csrf_token": self.csrf()})


def account(platform: Platform, person: Actor, login: str) -> None:
    """Open an account for somebody of the world."""
    with platform.unit() as unit:
        code = accounts.issue_activation(unit, CONSOLE, person.person)
        accounts.activate(unit, code, login, hash_password(PASSWORD, platform.entropy))


def token(app: Any, login: str) -> str:
    """An access token for the API."""
    answer = Reader(app).command("/api/v1/sessions", {"login": login, "password": PASSWORD})
    assert answer.status_int == 201, answer.text
    return str(answer.json["access"])


def site(platform: Platform) -> Any:
    return make_app(platform)
