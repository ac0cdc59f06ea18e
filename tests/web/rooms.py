"""Visitors of the live rooms: browsers without a script, signed in or not."""
from __future__ import annotations

import html
import re
from collections.abc import Mapping
from urllib.parse import urlencode

from webob import Response

from tests.web.workbench_world import CONSOLE, PASSWORD, OpenWorld
from trading_core.adapters.passwords import hash_password
from trading_core.domain.identity import Actor
from trading_core.services import accounts

PRICES = {
    "松涧示例建设集团有限公司": 980_000_000, "云石示例路桥有限公司": 950_000_000, "青屿示例水利工程有限公司": 1_000_000_000,
    "白鹭示例建筑有限公司": 1_020_000_000, "赤水示例市政有限公司": 1_060_000_000,
}  # fmt: skip
ROWS = ({"row": "water", "specialty": "A08", "count": 3}, {"row": "cost", "specialty": "C02", "count": 2})


def hidden(page: Response) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
    return {name: html.unescape(value) for name, value in found}


def account(world: OpenWorld, actor: Actor) -> None:
    """Give somebody of the pool an account."""
    with world.platform.unit() as unit:
        code = accounts.issue_activation(unit, CONSOLE, actor.person)
        accounts.activate(unit, code, f"login-{actor.person[:8]}", hash_password(PASSWORD, world.platform.entropy))


class Visitor:
    """Keeps cookies; anonymous without an actor."""

    def __init__(self, world: OpenWorld, actor: Actor | None = None) -> None:
        self.world, self.cookies = world, dict[str, str]()
        if actor is not None:
            self.cookies["gx"] = world.tokens(actor).access

    def _asked(self, method: str, path: str, **more: object) -> Response:
        cookies = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        answer = self.world.ask(method, path, Cookie=cookies, **more)  # type: ignore[arg-type]
        assert answer.body is not None  # read to its end, as a server does
        for header in answer.headers.getall("Set-Cookie"):
            name, _, rest = header.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return answer

    def get(self, path: str) -> Response:
        return self._asked("GET", path)

    def post(self, path: str, values: Mapping[str, str]) -> Response:
        kind = "application/x-www-form-urlencoded"
        return self._asked("POST", path.partition("?")[0], body=urlencode(values).encode(), content_type=kind)

    def form(self, path: str, act: str) -> dict[str, str]:
        """The hidden fields of the form of one act."""
        page = self.get(path).text
        forms = re.findall(r"<form.*?</form>", page, re.S)
        mine = next(f for f in forms if f'name="act" value="{act}"' in f)
        return {n: html.unescape(v) for n, v in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', mine)}

    def act(self, path: str, act: str, **values: str) -> Response:
        return self.post(path, {**self.form(path, act), **values})
