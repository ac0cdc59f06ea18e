"""The small world with real accounts, so that its people can use the pages and the API."""
from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from webob import Request, Response

from tests.world import World
from trading_core.adapters.passwords import hash_password
from trading_core.domain.identity import Actor, Role
from trading_core.platform import Platform
from trading_core.services import accounts, sessions
from web.app import make_app

CONSOLE = Actor("", "", Role.OPERATOR)
PASSWORD = "clear water 喆"


class OpenWorld(World):
    """Everybody has an account; `get`, `post` and `call` ask the site as one of them."""

    def __init__(self, platform: Platform) -> None:
        super().__init__(platform)
        self.app = make_app(platform)

    def organisation(self, name: str, role: Role, by: Actor) -> Actor:
        actor = super().organisation(name, role, by)
        with self.platform.unit() as unit:
            code = accounts.issue_activation(unit, CONSOLE, actor.person)
            accounts.activate(unit, code, f"login-{actor.person[:8]}", hash_password(PASSWORD, self.platform.entropy))
        return actor

    def tokens(self, actor: Actor) -> sessions.Tokens:
        return sessions.sign_in(self.platform, f"login-{actor.person[:8]}", PASSWORD)

    # -------------------------------------------------------------- asking

    def ask(self, method: str, path: str, actor: Actor | None = None, body: bytes = b"", **headers: str) -> Response:
        request = Request.blank(path, method=method, headers={k.replace("_", "-"): v for k, v in headers.items()})
        request.body = body
        if actor is not None:
            request.headers["Authorization"] = f"Bearer {self.tokens(actor).access}"
        return request.get_response(self.app)

    def call(self, path: str, actor: Actor | None, data: Mapping[str, Any], **headers: str) -> Response:
        return self.ask("POST", path, actor, json.dumps(data).encode(), content_type="application/json", **headers)
