"""A platform's JSON API over HTTP, with nothing but the standard library."""
from __future__ import annotations

import hashlib
import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from ..adapters.entropy import Entropy
from ..domain.errors import Problem, Refused

TIMEOUT_S = 120
TRIES, PATIENCE_S = 6, 30
EVENTS_PAGE = 500
AGAIN = "request.unauthenticated", "session.ended", "token.expired", "request.not_found"
"""Answers to a session that may have run out; what is not for everybody then looks absent."""


class Answered(Refused):
    """The platform refused. status: of HTTP; messages: its own texts, one for each problem; receipt: its signed proof of the refusal,
    where one is due; retry_after: seconds to wait, where asking again later may help."""

    def __init__(self, status: int, told: Mapping[str, Any], retry_after: int) -> None:
        super().__init__(*(Problem(p["code"], p["path"], p["params"], p["rule"]) for p in told["problems"]))
        self.status, self.messages = status, tuple(str(p["message"]) for p in told["problems"])
        self.receipt: Mapping[str, object] | None = told.get("receipt")
        self.retry_after = retry_after


class Remote:
    """One caller of a platform. Signed in, it signs in again by itself when its session has run out."""

    def __init__(self, url: str, entropy: Entropy, headers: Mapping[str, str] | None = None) -> None:
        """headers: sent with every request, such as what a proxy in front would add."""
        self.url, self._entropy, self._headers = url.rstrip("/"), entropy, dict(headers or {})
        self._token, self._credentials = "", dict[str, str]()

    def sign_in(self, login: str, password: str, role: str = "") -> dict[str, Any]:
        """Sign in for what follows. Raises `Refused`."""
        self._credentials = {"login": login, "password": password, **({"role": role} if role else {})}
        return self._enter()

    def _enter(self) -> dict[str, Any]:
        self._token = ""
        answer = self._once("POST", "/api/v1/sessions", self._body(self._credentials), {"Content-Type": "application/json"})
        self._token = answer["access"]
        return answer

    # -------------------------------------------------------------- reading

    def get(self, path: str, **query: object) -> dict[str, Any]:
        """What an address answers. Raises `Refused`."""
        return self._ask("GET", f"{path}?{urlencode(query)}" if query else path)

    def text(self, path: str) -> str:
        """What an address answers that is no JSON, such as a checkpoint."""
        return self._patiently("GET", path, None, {}).decode()

    def lot(self, lot: str) -> dict[str, Any]:
        return self.get(f"/api/v1/lots/{quote(lot)}")

    def events(self, lot: str) -> list[dict[str, Any]]:
        """All public events of a lot, their public parts read."""
        found: list[dict[str, Any]] = []
        while True:
            page = self.get(f"/api/v1/lots/{quote(lot)}/events", after=len(found))["events"]
            found += [{**e, "public": json.loads(e["public"])} for e in page]
            if len(page) < EVENTS_PAGE:
                return found

    # -------------------------------------------------------------- commands

    def post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """Give a command, once however often the line breaks meanwhile. Raises `Refused`, with the platform's reasons."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": self._entropy.token_bytes(16).hex()}
        return self._ask("POST", path, self._body(body), headers)

    def act(self, lot: str, act: str, **data: object) -> dict[str, Any]:
        """Carry out an act on a lot; its signed receipt."""
        return self.post(f"/api/v1/lots/{quote(lot)}/acts/{act}", data)

    def upload(self, path: Path) -> str:
        """Send a file in pieces, each with its hash; the name under which it is stored."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            state = self.post("/api/v1/uploads", {"size": path.stat().st_size, "sha256": digest})
            place = f"/api/v1/uploads/{state['upload']}"
            file.seek(0)
            for index in range(state["pieces"]):
                piece = file.read(state["piece_size"])
                headers = {"Content-Type": "application/octet-stream", "X-Piece-SHA256": hashlib.sha256(piece).hexdigest()}
                self._ask("PUT", f"{place}/pieces/{index}", piece, headers)
        return str(self._ask("POST", f"{place}/finish", b"", {})["object"])

    # -------------------------------------------------------------- HTTP

    def _ask(self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        try:
            return self._once(method, path, body, headers or {})
        except Answered as refusal:
            if not self._credentials or not any(p.code in AGAIN for p in refusal.problems):
                raise
        self._enter()
        return self._once(method, path, body, headers or {})

    def _patiently(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> bytes:
        """Ask; where the platform asks for patience, wait as long as it says and ask again."""
        for remaining in reversed(range(TRIES)):
            try:
                return self._raw(method, path, body, headers)
            except Answered as refusal:
                if not remaining or refusal.status != HTTPStatus.TOO_MANY_REQUESTS or refusal.retry_after > PATIENCE_S:
                    raise
                time.sleep(refusal.retry_after)
        raise AssertionError("unreachable")

    def _once(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> dict[str, Any]:
        raw = self._patiently(method, path, body, headers)
        try:
            answer = json.loads(raw)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise Refused(Problem("remote.answer", params={"url": self.url, "status": 200}))
        return answer

    def _raw(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> bytes:
        request = urllib.request.Request(self.url + path, body, {**self._headers, **headers}, method=method)
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
                data: bytes = response.read()
            return data
        except urllib.error.HTTPError as error:
            with error:
                raise self._refusal(error.code, error.read(), error.headers.get("Retry-After") or "") from None
        except (OSError, HTTPException) as error:
            raise Refused(Problem("remote.unreachable", "url", {"url": self.url, "what": str(error)})) from error

    def _refusal(self, status: int, raw: bytes, retry_after: str) -> Refused:
        try:
            return Answered(status, json.loads(raw), int(retry_after) if retry_after.isdigit() else 0)
        except (ValueError, KeyError, TypeError):
            return Refused(Problem("remote.answer", params={"url": self.url, "status": status}))

    @staticmethod
    def _body(data: Mapping[str, object]) -> bytes:
        return json.dumps(data, ensure_ascii=False).encode()
