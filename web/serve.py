"""The running site: one public port, one event loop, the pages on threads beside it.

The loop owns every connection. Live streams and halls stay on it and cost no thread; everything else goes through the bridge to the WSGI
application on a pool of threads. Several processes may listen on one port (`reuse_port`); nothing is shared between them but the
database.
"""
from __future__ import annotations

import asyncio
import faulthandler
import logging
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

from aiohttp import web
from aiohttp.http import HttpProcessingError
from aiohttp.log import server_logger

from trading_core.platform import Platform
from trading_core.services import log, outages, serving

from . import headers
from .app import make_app
from .hub import Hub, read_entries
from .live import Live
from .streams import Streams
from .wsgi import Bridge

logger = logging.getLogger(__name__)

THREADS = 8  # a page is computed, not waited for: more threads than this only queue at the interpreter
HUB_THREADS = 2  # readers of the log never wait behind a slow page
STOP_SECONDS = 5  # twice: for a request to end by itself, then to end once cancelled
END_SECONDS = 45  # more than all that a process waits for in order: requests, then worker and beat
KEPT_SECONDS = 60
LINGER_SECONDS = 2  # for a sender who goes on after a refusal, so that the answer still reaches them
READ_BUFFER = 1 << 20
BACKLOG = 1024


def _is_readable(record: logging.LogRecord) -> bool:
    """Whether a record is not about a request that nobody could read: it would quote it, and there may be secrets in it."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


server_logger.addFilter(_is_readable)


class Site:
    """One listening process. `run` serves on the calling thread's event loop, `start` and `stop` on a thread of its own."""

    def __init__(
        self, platform: Platform, host: str, port: int, proxies: frozenset[str] = frozenset(), reuse_port: bool = False
    ) -> None:
        self.platform, self.host, self.port = platform, host, port
        self._proxies, self._reuse_port = proxies, reuse_port
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None
        self.streams: Streams | None = None

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Serve until `stop` is called or the process ends around it. `ready` is called once the port, then the real one, is open."""
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        with ThreadPoolExecutor(THREADS, "page") as pages, ThreadPoolExecutor(HUB_THREADS, "log") as readers:
            hub = Hub(partial(read_entries, self.platform), await self._loop.run_in_executor(readers, self._log_size), readers)
            self.platform.after_commit.append(hub.committed)
            runner = web.AppRunner(
                self._gateway(hub, pages), access_log=None, read_bufsize=READ_BUFFER, shutdown_timeout=STOP_SECONDS,
                keepalive_timeout=KEPT_SECONDS, lingering_time=LINGER_SECONDS,
            )  # fmt: skip
            await runner.setup()
            following, stopping = asyncio.create_task(hub.follow()), asyncio.create_task(self._stop.wait())
            try:
                listening = web.TCPSite(runner, self.host, self.port, backlog=BACKLOG, reuse_port=self._reuse_port or None)
                await listening.start()
                self.port = runner.addresses[0][1]
                ready()
                await asyncio.wait((stopping, following), return_when=asyncio.FIRST_COMPLETED)
            finally:
                stopping.cancel()
                self.platform.after_commit.remove(hub.committed)
                hub.close()
                await runner.cleanup()
                self.live.close()
                await following

    def _log_size(self) -> int:
        with self.platform.look() as unit:
            return log.log_size(unit)

    def _gateway(self, hub: Hub, pages: ThreadPoolExecutor) -> web.Application:
        secure = self.platform.settings.base_url.startswith("https:")
        app = make_app(self.platform)
        bridge = Bridge(app, pages, self.platform.clock.now, self._proxies, secure)
        application = web.Application()
        self.streams = streams = Streams(hub, bridge, app, pages, headers.fixed(secure))
        streams.add_to(application)
        self.live = Live(self.platform, bridge, app.registry, headers.fixed(secure))
        self.live.add_to(application)

        async def everything_else(request: web.Request) -> web.StreamResponse:
            if request.path == "/api/v1/log" and request.query.get("wait"):
                return await streams.long_poll(request)
            return await bridge(request)

        application.router.add_route("*", "/{path:.*}", everything_else)
        application.on_response_prepare.append(_unsigned)
        return application

    def stop(self) -> None:
        """End `run`; from any thread, any number of times."""
        if self._loop is not None and self._stop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop.set)

    def start(self) -> Site:
        """Serve on a thread of its own; returns when the port is open. Raises what kept it from opening."""
        opened = threading.Event()

        def serve() -> None:
            try:
                asyncio.run(self.run(opened.set))
            except BaseException as error:
                self._failure = error
            finally:
                opened.set()

        self._thread = threading.Thread(target=serve, name="site")
        self._thread.start()
        opened.wait()
        if self._failure is not None:
            raise self._failure
        return self

    def close(self) -> None:
        """Stop what `start` began and wait for its end."""
        self.stop()
        if self._thread is not None:
            self._thread.join()

    @property
    def address(self) -> str:
        return f"http://{self.host}:{self.port}"


async def _unsigned(request: web.BaseRequest, response: web.StreamResponse) -> None:
    """Which software answers is nobody's business."""
    response.headers["Server"] = "gongxin"


def serve(platform: Platform, host: str, port: int, ready: Callable[[str], None] = lambda _: None, **options: object) -> None:
    """Serve until SIGTERM or SIGINT; returns when everything is closed. `ready` is told the address once the port is open.

    The process must end within `END_SECONDS` of the signal: one that hangs says on stderr where its threads are and ends then, with
    code 1. Nothing acknowledged is lost by that, while a service manager would wait without knowing why. Once no other thread is left
    that could hang, the caller may go on for as long as it likes.
    """
    site = Site(platform, host, port, **options)  # type: ignore[arg-type]

    def stop() -> None:
        faulthandler.dump_traceback_later(END_SECONDS, exit=True)
        site.stop()

    async def main() -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
        await site.run(lambda: ready(site.address))

    with answering(platform):
        asyncio.run(main())
    if threading.enumerate() == [threading.current_thread()]:
        faulthandler.cancel_dump_traceback_later()


@contextmanager
def answering(platform: Platform) -> Iterator[None]:
    """Say every few seconds that the site answers, for as long as the block runs; before it begins, an outage is given back."""
    over, pause = threading.Event(), serving.silence(platform.settings) / serving.BEATS

    def say() -> None:
        try:
            outages.beat(platform)
        except Exception:  # the database may be away: then this is an outage that the next one that gets through will find
            logger.exception("the site could not say that it answers")

    def go_on() -> None:
        while not over.wait(pause.total_seconds()):
            say()

    say()
    thread = threading.Thread(target=go_on, name="answering")
    if pause:
        thread.start()
    try:
        yield
    finally:
        over.set()
        if pause:
            thread.join()
