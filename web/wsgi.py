"""From an aiohttp request to a WSGI application and back: the body spooled within its limit, the application on its own threads."""
from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from datetime import datetime
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from aiohttp import web

from .limits import body_max

Environ = dict[str, Any]
App = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
SPOOL = 1 << 20  # bodies above this wait on disk, not in memory
IDLE_SECONDS = 30  # a sender silent for longer is given up
BLOCK = 1 << 18  # smaller parts of an answer are sent together


class TooLarge(Exception):
    """The body is larger than this address takes."""


class Bridge:
    """Serves every request with the WSGI application, on the threads of `executor`. `now` is asked when the last byte has come: waiting
    for a thread never makes a bid late.

    proxies: peers whose ``X-Forwarded-For`` is believed; from anybody else the header is dropped. secure: whether readers come by
    https, so that addresses and cookies are made for it.
    """

    def __init__(
        self, app: App, executor: Executor, now: Callable[[], datetime], proxies: frozenset[str] = frozenset(), secure: bool = False
    ) -> None:
        self._app, self._executor, self._now, self._proxies = app, executor, now, proxies
        self._scheme = "https" if secure else "http"

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        with tempfile.SpooledTemporaryFile(SPOOL) as body:
            environ = self.environ(request, body)
            try:
                size = await self._spool(request, body)
            except TooLarge:
                # the application tells it in its own words: it sees the size, not the body
                size = (request.content_length or 0) or body_max(request.path) + 1
                body.seek(0)
                body.truncate()
            except (TimeoutError, ConnectionError, web.RequestPayloadError):
                return given_up()
            environ["CONTENT_LENGTH"], environ["gongxin.received_at"] = str(size), self._now()
            return await self._run(request, environ)

    async def _spool(self, request: web.Request, body: IO[bytes]) -> int:
        """Take in the body. Raises `TooLarge` as soon as it is known."""
        limit, size, loop = body_max(request.path), 0, asyncio.get_running_loop()
        if (request.content_length or 0) > limit:
            raise TooLarge
        if request.can_read_body:
            async with asyncio.timeout(IDLE_SECONDS) as patience:
                async for block in request.content.iter_any():
                    patience.reschedule(loop.time() + IDLE_SECONDS)
                    size += len(block)
                    if size > limit:
                        raise TooLarge
                    body.write(block)
            body.seek(0)
        return size

    async def _run(self, request: web.Request, environ: Environ) -> web.StreamResponse:
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self._executor, Answer, self._app, environ)
        try:
            response = web.StreamResponse(status=answer.status, reason=answer.reason, headers=answer.headers)
            if "Content-Length" in response.headers:
                response.content_length = int(response.headers["Content-Length"])
            elif answer.status not in (204, 304):
                response.enable_chunked_encoding()
            if answer.status == 413:
                response.force_close()  # the rest of the body is not read
            await response.prepare(request)
            block = answer.first
            while block:
                await response.write(block)
                block = b"" if answer.ended else await loop.run_in_executor(self._executor, answer.block)
            await response.write_eof()
            return response
        except ConnectionError:
            return response  # whoever asked is gone
        finally:
            await loop.run_in_executor(self._executor, answer.close)

    def environ(self, request: web.Request, body: IO[bytes]) -> Environ:
        """The WSGI environment [PEP 3333] of a request."""
        raw_path, _, query = request.raw_path.partition("?")
        environ: Environ = {
            "REQUEST_METHOD": request.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(raw_path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": request.url.host or "localhost",
            "SERVER_PORT": str(request.url.port or 80),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": self.address(request),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": self._scheme,
            "wsgi.input": body,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in ((n.decode("latin-1"), v.decode("latin-1")) for n, v in request.raw_headers):
            if "_" in name or name.lower() in ("x-forwarded-for", "content-length", "transfer-encoding"):
                continue  # a name with an underscore could pass for another one in this environment
            key = name.upper().replace("-", "_")
            key = key if key == "CONTENT_TYPE" else f"HTTP_{key}"
            environ[key] = f"{environ[key]},{value}" if key in environ else value
        return environ

    def address(self, request: web.Request) -> str:
        """Who really asks: the peer, or what a trusted proxy says its peer was."""
        peer = request.remote or ""
        forwarded = request.headers.get("X-Forwarded-For", "")
        return forwarded.rpartition(",")[2].strip() if forwarded and peer in self._proxies else peer


def given_up() -> web.Response:
    """For a sender who fell silent in the middle of a body."""
    response = web.Response(status=408)
    response.force_close()
    return response


class Answer:
    """One run of the application: status, headers, and its body block by block. Made and read on the executor's threads."""

    def __init__(self, app: App, environ: Environ) -> None:
        self._start: tuple[str, list[tuple[str, str]]] | None = None
        self.ended, self.status, self.reason = False, 0, ""
        self._body = app(environ, self._start_response)
        self._blocks = iter(self._body)
        self.first = self.block()
        assert self._start is not None, "the application started no answer"
        status, self.headers = self._start
        self.status, self.reason = int(status[:3]), status[4:]

    def _start_response(self, status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Callable[[bytes], None]:
        self._start = status, headers
        return lambda _: None

    def block(self) -> bytes:
        """The next part of the body, at least `BLOCK` bytes while there is more; empty at the end."""
        parts, size = [], 0
        for part in self._blocks:
            parts.append(part)
            size += len(part)
            if size >= BLOCK:
                break
        else:
            self.ended = True
        return b"".join(parts)

    def close(self) -> None:
        close = getattr(self._body, "close", None)
        if close is not None:
            close()
