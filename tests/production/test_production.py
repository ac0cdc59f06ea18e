"""The set-up of docs/operations.md for real: PostgreSQL, Redis, two web processes, a worker, a beat. It plays the demonstration."""
from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

import pytest
import sqlalchemy as sa

from plugins.engineering.demo import tender
from tests.conftest import free_port
from tests.resilience.checks import check_everything
from tests.resilience.player import durable
from trading_core import settings
from trading_core.adapters.db.lots import lot_table
from trading_core.adapters.db.papers import paper_job
from trading_core.bootstrap import build
from trading_core.demo import outcome
from trading_core.demo.perform import perform
from trading_core.demo.theatre import Theatre, moment
from trading_core.domain.lot import Lot
from trading_core.domain.tender.opening import openable, to_open
from trading_core.platform import Platform
from trading_core.services import log, lots, readers, witness
from trading_core.settings import Settings

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "operations.md").read_text("utf-8")
BIN = Path(sys.executable).parent
START_SECONDS, PATIENCE_SECONDS = 60, 60


def block(name: str) -> list[str]:
    """The lines of a block of the document."""
    found = re.search(rf"^```sh {name}\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert found, f"docs/operations.md has no block {name}"
    return found[1].splitlines()


class FileClock:
    """The clock that all processes of the test read."""

    def __init__(self, path: Path, start: datetime) -> None:
        self._path = path
        self.move_to(start)

    def now(self) -> datetime:
        return datetime.fromisoformat(self._path.read_text())

    def error(self) -> timedelta:
        return timedelta(0)

    def move_to(self, moment: datetime) -> None:
        durable(self._path, moment.astimezone(UTC).isoformat())


class Production(Theatre):
    """The running set-up as the demonstration sees it: it moves the clock and waits until the worker has done what is due."""

    def settle(self) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while not quiet(self.platform):
            assert time.monotonic() < end, "the worker does not catch up"
            time.sleep(0.1)
        self.checkpoints += sorted({c.size for c in witness.attend(self.platform, self.witnesses)})


def quiet(platform: Platform) -> bool:
    """Whether nothing is due, openable, on its way into the log, unread or unprinted."""
    with platform.look() as unit:
        if lots.due(unit, 1) or log.waiting(unit) or any(lag.behind for lag in readers.lags(unit, list(platform.readers))):
            return False
        if unit.connection.execute(sa.select(paper_job)).first():
            return False
        running = sa.select(lot_table.c.id).where(lot_table.c.status.in_(("OPENING", "EVALUATING")))
        return not any(_closed(lots.find(unit, r.id)) for r in unit.connection.execute(running))


def _closed(lot: Lot) -> bool:
    """Whether bids wait whose keys are released."""
    stage = openable(lot)
    return stage is not None and bool(to_open(lot, stage))


@contextmanager
def process(command: list[str], environment: Mapping[str, str], output: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process of the set-up; told to end in order afterwards."""
    with output.open("wb") as file:
        started = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=file, stderr=subprocess.STDOUT)
        try:
            yield started
        finally:
            started.send_signal(signal.SIGTERM)
            try:
                started.wait(60)
            finally:
                started.kill()
                started.wait()
    assert started.returncode == 0, output.read_text()


class Balancer(socketserver.ThreadingTCPServer):
    """What stands in front of the web processes: one connection to this one, the next to the other."""

    daemon_threads = allow_reuse_address = True

    def __init__(self, ports: list[int]) -> None:
        self._ports, self.used = cycle(ports), set[int]()
        super().__init__(("127.0.0.1", 0), Passing)

    def next_port(self) -> int:
        port = next(self._ports)
        self.used.add(port)
        return port


class Passing(socketserver.BaseRequestHandler):
    server: Balancer

    def handle(self) -> None:
        with socket.create_connection(("127.0.0.1", self.server.next_port())) as behind:
            back = threading.Thread(target=_pass_on, args=(behind, self.request), daemon=True)
            back.start()
            _pass_on(self.request, behind)
            back.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(1 << 16):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


def adapted(line: str, data: Path, ports: dict[str, int]) -> list[str]:
    """A command of the document with its folder and ports replaced by the test's, run from this environment."""
    program, *arguments = shlex.split(line)
    for n, argument in enumerate(arguments):
        if argument == "--port":
            arguments[n + 1] = str(ports.setdefault(arguments[n + 1], free_port()))
    return [str(BIN / program), *(a.replace("/srv/gongxin", str(data)) for a in arguments)]


def environment_of(found: Mapping[str, str], clock: Path) -> dict[str, str]:
    path = os.pathsep.join(map(str, (Path(__file__).parent / "shim", ROOT)))
    kept = {k: v for k, v in os.environ.items() if not k.startswith(settings.PREFIX)}
    return {**kept, **found, "TEST_CLOCK": str(clock), "PYTHONPATH": path}


def wait_for(what: str, ready: Callable[[], bool]) -> None:
    end = time.monotonic() + START_SECONDS
    while not ready():
        assert time.monotonic() < end, f"{what} does not answer"
        time.sleep(0.1)


def healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_the_settings_of_the_document_exist() -> None:
    named = {line.partition("=")[0].removeprefix(settings.PREFIX).lower() for line in block("settings")}
    assert named <= {f.name for f in fields(Settings)}
    assert {"data", "database", "broker", "base_url", "origin"} <= named


def test_the_set_up_of_the_document_plays_a_tender(database_of: str, redis: str, tmp_path: Path, fonts: str) -> None:
    script, clock_file, data = tender(), tmp_path / "clock", tmp_path / "data"
    clock = FileClock(clock_file, moment(script.start, "08:00"))
    given = dict(line.split("=", 1) for line in block("settings"))
    given |= {"GONGXIN_DATA": str(data), "GONGXIN_DATABASE": database_of, "GONGXIN_BROKER": redis, "GONGXIN_FONT_DIR": fonts,
              "GONGXIN_BASE_URL": "http://127.0.0.1:6543", "GONGXIN_RATE_PER_MINUTE": "1000000",
              "GONGXIN_OUTAGE_SECONDS": "0"}  # fmt: skip
    # the clock leaps here, which is no outage
    environment, ports = environment_of(given, clock_file), dict[str, int]()
    for line in block("once"):
        subprocess.run(adapted(line, data, ports), cwd=ROOT, env=environment, check=True, capture_output=True)
    with ExitStack() as stack:
        started = [
            stack.enter_context(process(adapted(line, data, ports), environment, tmp_path / f"output-{n}"))
            for n, line in enumerate(block("processes"))
        ]
        for port in ports.values():
            wait_for(f"port {port}", lambda port=port: healthy(port))  # type: ignore[misc]
        front = stack.enter_context(Balancer(list(ports.values())))
        threading.Thread(target=front.serve_forever, daemon=True).start()
        stack.callback(front.shutdown)
        platform = build(settings.read(environ=given), clock)
        stack.callback(platform.database.close)
        play(platform, clock, script, f"http://127.0.0.1:{front.server_address[1]}", tmp_path)
        assert front.used == set(ports.values()) and len(ports) == 2
        assert all(p.poll() is None for p in started), "a process ended by itself"
        check_everything(platform)
    verified = subprocess.run([str(BIN / "gongxin"), "verify", str(tmp_path / "out" / "project.zip")], capture_output=True, text=True)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def play(platform: Platform, clock: FileClock, script: object, url: str, folder: Path) -> None:
    (folder / "players").mkdir()
    watching = [witness.open_witness(folder / "witness", "supervisor.example/witness", platform.entropy)]
    witness.introduce(platform, watching[0].verifier_key)
    theatre = Production(platform, clock, url, watching)  # type: ignore[arg-type]
    played = perform(theatre, script, folder / "players")  # type: ignore[arg-type]
    (folder / "out").mkdir()
    found = outcome.write(played, folder / "out")
    assert found.result == "ARCHIVED" and found.winner


@pytest.mark.parametrize("name", ["settings", "once", "processes"])
def test_the_document_has_its_blocks(name: str) -> None:
    assert block(name)
