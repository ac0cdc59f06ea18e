"""Programs that ask a site over connections that stay open: bidders with their tokens."""
from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from trading_core.domain.identity import Actor
from trading_core.platform import Platform
from trading_core.services import persons, sessions
from web.serve import Site

PATIENCE = 20


@dataclass(frozen=True)
class Told:
    """An answer: status, headers by lower-case name, and what its JSON says."""

    status: int
    headers: Mapping[str, str]
    json: dict[str, Any]

    @property
    def code(self) -> str:
        """Of a refusal; empty for everything else."""
        return str(self.json.get("code", ""))


def token(platform: Platform, actor: Actor) -> str:
    """An access token for somebody, as after signing in."""
    with platform.unit() as unit:
        person = persons.find_person(unit, actor.person)
        assert person is not None
        return sessions.begin(unit, person, actor.role).access


@dataclass
class Client:
    """One connection. Headers of a question come before its own."""

    site: Site
    headers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection(self.site.host, self.site.port, timeout=PATIENCE)

    def send(self, path: str, body: bytes, **headers: str) -> None:
        given = {"Content-Type": "application/json", **self.headers, **{k.replace("_", "-"): v for k, v in headers.items()}}
        self.connection.request("POST", path, body, {k: v for k, v in given.items() if v})

    def answer(self) -> Told:
        found = self.connection.getresponse()
        return Told(found.status, {k.lower(): v for k, v in found.getheaders()}, json.loads(found.read()))

    def ask(self, path: str, body: bytes, **headers: str) -> Told:
        self.send(path, body, **headers)
        return self.answer()

    def close(self) -> None:
        with suppress(OSError):
            self.connection.close()


def act_path(lot: str, act: str) -> str:
    return f"/api/v1/lots/{lot}/acts/{act}"
