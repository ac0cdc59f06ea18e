"""The running site on a real port: streams, long polls, limits at the wire, a clean end."""
from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests import served
from tests.web.frame import Reader
from tests.world import TERMS, World, at
from trading_core import tasks
from trading_core.domain.events import Event
from trading_core.domain.identity import ANYONE
from trading_core.platform import Platform
from trading_core.services import log
from web import serve, streams, wsgi
from web.serve import Site

PATIENCE = 20


@pytest.fixture
def world(sqlite_platform: Platform) -> World:
    return World(sqlite_platform)


@pytest.fixture
def running(world: World) -> Iterator[Site]:
    log.move(world.platform)
    site = Site(world.platform, "127.0.0.1", 0, proxies=frozenset({"127.0.0.1"})).start()
    yield site
    site.close()


class Stream:
    """A reader of server-sent events."""

    def __init__(self, site: Site, path: str, **headers: str) -> None:
        self.connection = http.client.HTTPConnection(site.host, site.port, timeout=PATIENCE)
        self.connection.request("GET", path, headers=headers)
        self.answer = self.connection.getresponse()

    def next(self) -> dict[str, str]:
        """The next event, its lines of data joined."""
        found: dict[str, str] = {}
        while line := self.answer.readline().decode().rstrip("\n"):
            name, _, value = line.partition(": ")
            name = name.rstrip(":")
            found[name] = f"{found[name]}\n{value}" if name in found else value
        return found

    def said(self, count: int) -> list[dict[str, str]]:
        """The next so many events that carry an id."""
        found: list[dict[str, str]] = []
        while len(found) < count:
            event = self.next()
            if "id" in event:
                found.append(event)
        return found

    def at(self, index: int) -> dict[str, str]:
        """The event of this log index. The page may be told again of what it already showed; it is never told of less."""
        while True:
            event = self.said(1)[0]
            assert int(event["id"]) <= index
            if int(event["id"]) == index:
                return event

    def close(self) -> None:
        self.answer.close()
        self.connection.close()


@pytest.fixture
def stream(running: Site) -> Iterator[Callable[..., Stream]]:
    """Opens streams, and closes them all at the end."""
    opened: list[Stream] = []

    def opens(path: str, **headers: str) -> Stream:
        opened.append(Stream(running, path, **headers))
        return opened[-1]

    yield opens
    for one in opened:
        one.close()


def size(world: World) -> int:
    with world.platform.look() as unit:
        return log.log_size(unit)


def note(platform: Platform, name: str, count: int = 1, text: str = "") -> None:
    """Something small for the log, from whatever thread."""
    for i in range(count):
        with platform.unit() as unit:
            unit.store.append(f"note/{name}-{i}", 0, [Event("noted", {"text": text})], unit.now)


Opens = Callable[..., Stream]


def test_the_stream_goes_on_where_the_reader_was(world: World, stream: Opens) -> None:
    first = stream("/api/v1/log/stream?after=-1")
    assert first.answer.status == 200 and first.answer.headers["Content-Type"].startswith("text/event-stream")
    assert first.answer.headers["Content-Security-Policy"] and first.answer.headers["Server"] == "gongxin"
    assert [int(e["id"]) for e in first.said(size(world))] == list(range(size(world)))
    first.close()
    again = stream("/api/v1/log/stream", **{"Last-Event-ID": "4"})
    world.announce(TERMS)
    log.move(world.platform)
    seen = again.said(size(world) - 5)
    assert [int(e["id"]) for e in seen] == list(range(5, size(world)))
    assert all(json.loads(e["data"])["index"] == int(e["id"]) for e in seen)


def test_events_of_many_writers_arrive_once_each_and_in_order(world: World, stream: Opens) -> None:
    start, readers = size(world), [stream("/api/v1/log/stream") for _ in range(20)]
    for reader in readers:
        reader.next()  # the stream is open
    writers = [threading.Thread(target=note, args=(world.platform, f"w{i}", 10)) for i in range(8)]
    for thread in writers:
        thread.start()
    while any(t.is_alive() for t in writers):
        log.move(world.platform)
    log.move(world.platform)
    expected = list(range(start, start + 80))
    assert size(world) == start + 80
    for reader in readers:
        assert [int(e["id"]) for e in reader.said(80)] == expected


def test_silence_is_broken_by_a_heartbeat(stream: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT_SECONDS", 0.1)
    reader = stream("/api/v1/log/stream")
    assert reader.next() == {"retry": "2000"}
    assert reader.next()["event"] == "beat"


@pytest.mark.parametrize(("prefix", "word"), [("", "投标"), ("/en", "Bidding")])
def test_a_lots_page_is_kept_up_to_date(world: World, stream: Opens, prefix: str, word: str) -> None:
    lot = world.announce(TERMS)
    world.go(at("2026-03-05T10:00"))
    reader = stream(f"{prefix}/lots/{lot}/stream")
    html = reader.said(1)[0]["data"]
    assert re.findall(r'<(?:span|ol|section)[^>]* id="([a-z]+)"', html) == ["state", "stages", "clock", "ledger"] and word in html
    world.give(lot, "ask", ANYONE, text="能否延期？")
    log.move(world.platform)
    event = reader.at(size(world) - 1)
    assert "能否延期？" in event["data"]


def test_there_is_no_stream_of_what_is_not_public(world: World, stream: Opens) -> None:
    draft = world.create({"principal": world.principal.organisation})
    assert [stream(f"/lots/{lot}/stream").answer.status for lot in (draft, "A01-0000-NOTHING0")] == [404, 404]


def test_a_reader_who_stops_reading_is_dropped_and_delays_nobody(
    world: World, running: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "SLOW_SECONDS", 0.3)
    monkeypatch.setattr(streams, "HEARTBEAT_SECONDS", 0.1)
    ask = b"GET /api/v1/log/stream?after=-1 HTTP/1.1\r\nHost: x\r\n\r\n"
    stuck = socket.create_connection((running.host, running.port), timeout=PATIENCE)
    stuck.sendall(ask)
    note(world.platform, "long", 200, "长" * 30_000)  # 18 MB: more than the buffers between them hold
    log.move(world.platform)
    with socket.create_connection((running.host, running.port), timeout=PATIENCE) as reader:
        reader.sendall(ask)
        count, tail = 0, b""
        while count < size(world):
            block = reader.recv(1 << 20)
            assert block, "the reader who reads was dropped"
            count += (tail + block).count(b"\nid: ")
            tail = block[-4:]
    while running.streams and running.streams.count:
        time.sleep(0.05)
    received = b""
    with stuck, suppress(ConnectionResetError):
        while block := stuck.recv(1 << 20):
            received += block
    assert received.count(b"\nid: ") < size(world)  # cut off: it would go on from its last id


def test_one_address_holds_so_many_streams_and_no_more(stream: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "STREAMS_PER_ADDRESS", 2)
    assert [stream("/api/v1/log/stream").answer.status for _ in range(2)] == [200, 200]
    third = stream("/api/v1/log/stream").answer
    assert third.status == 503 and third.headers["Retry-After"] and "too_many_streams" in third.read().decode()
    # the test's own address is a trusted proxy, so it may speak for others
    assert stream("/api/v1/log/stream", **{"X-Forwarded-For": "203.0.113.9"}).answer.status == 200


def test_who_waits_for_an_answer_holds_a_stream(world: World, stream: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "STREAMS_PER_ADDRESS", 1)
    assert stream("/api/v1/log/stream").answer.status == 200
    assert stream(f"/api/v1/log?after={size(world) - 1}&wait=20").answer.status == 503
    assert stream("/api/v1/log?after=-1").answer.status == 200  # who does not wait is not counted


def test_streams_of_nothing_use_up_their_readers_share(stream: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = list[str]()
    monkeypatch.setattr(streams.Streams, "_render", lambda _, path: drawn.append(path) or (404, ""))
    monkeypatch.setattr(streams.Buckets, "take", lambda _, key, cost=1: 7)
    refused = stream("/lots/A01-0000-NOTHING0/stream").answer
    assert (refused.status, refused.headers["Retry-After"], drawn) == (429, "7", [])


def test_a_long_poll_answers_as_soon_as_there_is_something(world: World, stream: Opens) -> None:
    end = size(world) - 1
    assert json.loads(stream(f"/api/v1/log?after={end}&wait=0").answer.read())["entries"] == []
    answers: list[bytes] = []
    waiting = threading.Thread(target=lambda: answers.append(stream(f"/api/v1/log?after={end}&wait=20").answer.read()))
    waiting.start()
    note(world.platform, "now")
    log.move(world.platform)
    waiting.join(PATIENCE)
    assert json.loads(answers[0])["entries"][0]["index"] == end + 1


# ------------------------------------------------------------------ at the wire

def raw(site: Site, *parts: bytes) -> bytes:
    """What comes back on a connection over which these bytes are sent."""
    with socket.create_connection((site.host, site.port), timeout=PATIENCE) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):  # refused before it was all sent
            for part in parts:
                connection.sendall(part)
        answer = b""
        with suppress(ConnectionResetError):
            while block := connection.recv(1 << 16):
                answer += block
        return answer


def test_several_requests_on_one_connection(running: Site) -> None:
    connection = http.client.HTTPConnection(running.host, running.port, timeout=PATIENCE)
    for path, status in (("/time", 200), ("/nothing", 404), ("/static/live.js", 200), ("/login?next=%2Fmy", 200)):
        connection.request("GET", path)
        answer = connection.getresponse()
        assert answer.status == status and answer.read()
    connection.request("HEAD", "/")
    answer = connection.getresponse()
    assert answer.status == 200 and answer.read() == b"" and int(answer.headers["Content-Length"]) > 1000
    connection.request("GET", "/my")
    answer = connection.getresponse()
    assert answer.status == 303 and answer.headers["Location"].endswith(f"127.0.0.1:{running.port}/login?next=%2Fmy")
    connection.close()


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_body_beyond_the_limit_is_not_taken_in(running: Site, framing: str) -> None:
    head = b"POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    if framing == "length":
        answer = raw(running, head + b"Content-Length: 5000000\r\n\r\n")
    else:
        chunk = b"%x\r\n" % (1 << 20) + b" " * (1 << 20) + b"\r\n"
        answer = raw(running, head + b"Transfer-Encoding: chunked\r\n\r\n", chunk, chunk, chunk)
    assert answer.startswith(b"HTTP/1.1 413") and b"request.too_large" in answer


def test_a_sender_who_falls_silent_is_given_up(running: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wsgi, "IDLE_SECONDS", 0.2)
    head = b"POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    assert raw(running, head).startswith(b"HTTP/1.1 408")


def test_readers_who_leave_early_leave_no_trace(running: Site, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(5):
        with socket.create_connection((running.host, running.port), timeout=PATIENCE) as connection:
            connection.sendall(b"GET /guide/errors HTTP/1.1\r\nHost: x\r\n\r\n")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # reset, not a polite end
    assert raw(running, b"GET /time HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").startswith(b"HTTP/1.1 200")
    assert not caplog.records


def test_headers_cannot_be_smuggled_into_the_environment(running: Site) -> None:
    answer = raw(running, b"GET /my HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAUTHORIZATION_: x\r\nX_Forwarded_For: 1.2.3.4\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 303")
    for broken in (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"NONSENSE\r\n\r\n"):
        assert b" 400 " in raw(running, broken).split(b"\r\n")[0] + b" "


def test_chinese_in_addresses_and_queries(world: World, running: Site) -> None:
    lot = world.announce(TERMS)
    log.move(world.platform)
    answer = raw(running, b"GET /trades?q=%E9%BE%99%E6%B3%89 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert lot.encode() in answer
    for broken in (b"/%E9%BE%99%ff", b"/trades?q=%ff", b"/api/v1/log?after=%ff", b"/en/%ff"):
        assert raw(running, b"GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % broken).startswith(b"HTTP/1.1 400"), broken
    latin = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: mode=\xff\xfe; a=\xe9\r\nX-A: \xff\r\n\r\n"
    assert raw(running, latin).startswith(b"HTTP/1.1 200")


def test_a_large_document_comes_whole_over_the_wire(world: World, running: Site) -> None:
    data = bytes(range(256)) * 20_000
    name = world.document(data)
    lot = world.announce({**TERMS, "tender_documents": [{"name": "大文件.zip", "sha256": name, "size": len(data)}]})
    connection = http.client.HTTPConnection(running.host, running.port, timeout=PATIENCE)
    connection.request("GET", f"/lots/{lot}/documents/{name}")
    assert connection.getresponse().read() == data
    connection.close()


def test_what_the_network_serves_is_what_the_application_makes(running: Site) -> None:
    from web.app import make_app

    inside = Reader(make_app(running.platform)).ask("/guide").text
    connection = http.client.HTTPConnection(running.host, running.port, timeout=PATIENCE)
    connection.request("GET", "/guide")
    assert connection.getresponse().read().decode() == inside
    connection.close()


# ------------------------------------------------------------------ the end

PROGRAM = """
import sys
from pathlib import Path
from trading_core.bootstrap import build
from trading_core.settings import Settings
from web.serve import serve
serve(build(Settings(data=Path(sys.argv[1]), font_dir=sys.argv[2])), "127.0.0.1", 0, lambda address: print(address, flush=True))
print("closed", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_while_streams_are_open(tmp_path: Path, fonts: str, number: signal.Signals) -> None:
    program = [sys.executable, "-W", "ignore", "-c", PROGRAM, str(tmp_path / "data"), fonts]
    process = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    assert process.stdout is not None
    port = int(process.stdout.readline().rstrip().rpartition(":")[2])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", "/api/v1/log/stream")
    stream = connection.getresponse()
    assert stream.readline()
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (0, "closed\n", "")
    assert stream.read() == b"\n"  # ended, not cut off
    connection.close()


HANGING = """
import sys, threading
from pathlib import Path
from trading_core.bootstrap import build
from trading_core.settings import Settings
from web import serve
serve.END_SECONDS = 1
def work_without_end():
    threading.Event().wait()
threading.Thread(target=work_without_end).start()
serve.serve(build(Settings(data=Path(sys.argv[1]), font_dir=sys.argv[2])), "127.0.0.1", 0, lambda address: print(address, flush=True))
"""


def test_a_process_that_cannot_end_says_where_it_hangs(tmp_path: Path, fonts: str) -> None:
    program = [sys.executable, "-W", "ignore", "-c", HANGING, str(tmp_path / "data"), fonts]
    process = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    assert process.stdout is not None and process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1 and "work_without_end" in err


STAYING = """
import faulthandler, sys
from pathlib import Path
from trading_core.bootstrap import build
from trading_core.settings import Settings
from web import serve
cancel = faulthandler.cancel_dump_traceback_later
faulthandler.cancel_dump_traceback_later = lambda: print("left alone", cancel())
serve.serve(build(Settings(data=Path(sys.argv[1]), font_dir=sys.argv[2])), "127.0.0.1", 0, lambda address: print(address, flush=True))
"""


def test_who_goes_on_after_a_clean_end_is_left_alone(tmp_path: Path, fonts: str) -> None:
    program = [sys.executable, "-W", "ignore", "-c", STAYING, str(tmp_path / "data"), fonts]
    process = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    assert process.stdout is not None and process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (0, "left alone None\n", "")


def test_a_process_has_time_for_all_that_it_waits_for() -> None:
    requests, worker_and_beat = 2 * serve.STOP_SECONDS, 2 * tasks.END_SECONDS
    assert requests + worker_and_beat < serve.END_SECONDS < served.END_SECONDS


def test_a_port_in_use_is_an_error_not_a_silence(running: Site) -> None:
    with pytest.raises(OSError, match="address already in use"):
        Site(running.platform, running.host, running.port).start()
    assert not [t for t in threading.enumerate() if t.name == "site" and not t.is_alive()]
