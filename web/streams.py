"""Server-sent events: the log as it grows, and the live parts of a lot's pages as ready HTML."""
from __future__ import annotations

import asyncio
import io
import json
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from aiohttp import web

from .hub import Hub
from .limits import Buckets, network
from .wsgi import Answer, Bridge

HEARTBEAT_SECONDS = 3
SLOW_SECONDS = 10  # a reader that takes nothing for this long is dropped; it comes back with Last-Event-ID
STREAMS_MAX, STREAMS_PER_ADDRESS = 4_000, 100
OPENED_PER_MINUTE = 600  # by one address: enough for a house full of readers who all come back at once
LONGEST_WAIT = 25
BLOCK = 1 << 16
FRAGMENTS_KEPT = 500
FRESH_SECONDS = 5  # spans of time in words grow old
EVENT_STREAM = {"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
Serve = Callable[[web.Request, web.StreamResponse], Awaitable[web.StreamResponse]]
BEAT = b"event: beat\ndata:\n\n"


def message(index: int, data: str) -> bytes:
    """One event; the id is the log index up to which the reader has seen everything."""
    lines = "".join(f"data: {line}\n" for line in data.splitlines())
    return f"id: {index}\n{lines}\n".encode()


class Streams:
    """The live addresses. One instance per listening process."""

    def __init__(self, hub: Hub, bridge: Bridge, app: object, executor: Executor, headers: dict[str, str]) -> None:
        self._hub, self._bridge, self._app, self._executor, self._headers = hub, bridge, app, executor, headers
        self._open: Counter[str] = Counter()
        self._openings = Buckets(OPENED_PER_MINUTE)
        self._fragments: OrderedDict[tuple[str, int, int], asyncio.Task[tuple[int, str]]] = OrderedDict()

    @property
    def count(self) -> int:
        """How many streams are open."""
        return self._open.total()

    def add_to(self, application: web.Application) -> None:
        """Claim the live addresses in front of everything else."""
        application.router.add_get("/api/v1/log/stream", self.log)
        for prefix in ("", "/en"):
            application.router.add_get(prefix + "/lots/{lot}/stream", self.lot)

    async def log(self, request: web.Request) -> web.StreamResponse:
        return await self._served(request, self._log)

    async def lot(self, request: web.Request) -> web.StreamResponse:
        return await self._served(request, self._lot)

    async def _served(self, request: web.Request, serve: Serve) -> web.StreamResponse:
        """Serve a stream until its reader goes away."""
        with self._counted(request) as refused:
            if refused is not None:
                return refused
            response = web.StreamResponse(headers=self._headers | EVENT_STREAM)
            try:
                return await serve(request, response)
            except ConnectionError:
                return response  # gone, or dropped: it comes back by itself

    async def long_poll(self, request: web.Request) -> web.StreamResponse:
        """For readers without event streams: ``?after=N&wait=S`` answers as soon as there is something after N, at the latest in S
        seconds. Who waits is counted like a reader of streams."""
        asked = request.query["wait"]
        patience = min(int(asked), LONGEST_WAIT) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 0
        with self._counted(request) as refused:
            if refused is not None:
                return refused
            if position(request, self._hub.next) >= self._hub.next:
                await self._hub.grown(patience)
        return await self._bridge(request)

    async def _log(self, request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
        """Every entry of the log after ``Last-Event-ID`` or ``?after=``; without either from now on."""
        first = position(request, self._hub.next)
        await self._begin(request, response)
        while not self._hub.closing:
            entries = await self._hub.since(first)
            if entries:
                await self._send(request, response, b"".join(message(e.index, e.text) for e in entries))
                first = entries[-1].index + 1
            elif not await self._hub.grown(HEARTBEAT_SECONDS):
                await self._send(request, response, BEAT)
        return response

    async def _lot(self, request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
        """The live parts of a lot's pages, at once and again after each of its events."""
        path, stream = request.path.removesuffix("/stream") + "/fragments", "lot/" + request.match_info["lot"]
        seen = self._hub.next - 1
        status, html = await self._rendered(path, seen)
        if status != 200:
            return await self._bridge(request)  # tells in the site's own words why there is nothing to see
        await self._begin(request, response)
        await self._send(request, response, message(seen, html))
        while not self._hub.closing:
            last = self._hub.last_of(stream)
            if last > seen:
                seen = last
                _, html = await self._rendered(path, seen)
                await self._send(request, response, message(seen, html))
            elif not await self._hub.grown(HEARTBEAT_SECONDS):
                await self._send(request, response, BEAT)
        return response

    async def _rendered(self, path: str, index: int) -> tuple[int, str]:
        """The fragments as an anonymous reader gets them, made once for all who watch the same page."""
        loop = asyncio.get_running_loop()
        key = (path, index, int(loop.time() / FRESH_SECONDS))
        if key not in self._fragments:
            self._fragments[key] = asyncio.ensure_future(loop.run_in_executor(self._executor, self._render, path))
            while len(self._fragments) > FRAGMENTS_KEPT:
                self._fragments.popitem(last=False)
        return await asyncio.shield(self._fragments[key])

    def _render(self, path: str) -> tuple[int, str]:
        answer = Answer(self._app, internal_environ(path))  # type: ignore[arg-type]
        try:
            parts = [answer.first]
            while not answer.ended:
                parts.append(answer.block())
            return answer.status, b"".join(parts).decode()
        finally:
            answer.close()

    async def _begin(self, request: web.Request, response: web.StreamResponse) -> None:
        await response.prepare(request)
        await response.write(b"retry: 2000\n\n")

    async def _send(self, request: web.Request, response: web.StreamResponse, data: bytes) -> None:
        """Send in blocks, so that whoever takes something in time is not too slow, however much there is."""
        try:
            for start in range(0, len(data), BLOCK):
                async with asyncio.timeout(SLOW_SECONDS):
                    await response.write(data[start : start + BLOCK])
        except TimeoutError:
            if request.transport is not None:
                request.transport.abort()
            raise ConnectionResetError("reader too slow") from None

    @contextmanager
    def _counted(self, request: web.Request) -> Iterator[web.Response | None]:
        """Counts a reader before anything is done for them; the answer when they must wait, else None."""
        address = network(self._bridge.address(request))
        if self._open[address] >= STREAMS_PER_ADDRESS or self._open.total() >= STREAMS_MAX:
            yield self._refused(503, "service.too_many_streams", 10)
            return
        if wait := self._openings.take(address):
            yield self._refused(429, "request.too_many", wait)
            return
        self._open[address] += 1
        try:
            yield None
        finally:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]

    def _refused(self, status: int, code: str, wait: int) -> web.Response:
        return web.Response(status=status, text=json.dumps({"status": status, "code": code}),
                            headers={**self._headers, "Retry-After": str(wait), "Content-Type": "application/problem+json"})  # fmt: skip


def position(request: web.Request, default: int) -> int:
    """The first index to send: after the one named by ``Last-Event-ID``, else by ``?after=``."""
    asked = request.headers.get("Last-Event-ID") or request.query.get("after") or ""
    return int(asked) + 1 if asked.removeprefix("-").isascii() and asked.removeprefix("-").isdigit() and len(asked) < 16 else default


def internal_environ(path: str) -> dict[str, object]:
    """A GET of our own, by nobody."""
    return {
        "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "fragments", "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(), "wsgi.multithread": True, "wsgi.multiprocess": False,
        "wsgi.run_once": False, "gongxin.internal": True,
    }  # fmt: skip
