"""`kill -9` of the real site while it answers: what it acknowledged stands, and the same command again is the same command."""
from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

from tests.conftest import free_port
from tests.resilience.checks import check_everything
from tests.web.frame import account, site, token
from tests.world import World
from trading_core.adapters.clock import SystemClock
from trading_core.adapters.entropy import SystemEntropy
from trading_core.bootstrap import build
from trading_core.services import clockwork
from trading_core.settings import Settings

CLIENTS, BEFORE_KILL = 4, 8


def serve(data: Path, port: int, fonts: str) -> subprocess.Popen[bytes]:
    """``gongxin serve`` once it answers."""
    command = [sys.executable, "-m", "trading_core.cli", "serve", "--data", str(data), "--port", str(port), "--json"]
    given = {**os.environ, "PYTHONWARNINGS": "ignore", "GONGXIN_FONT_DIR": fonts}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=given)
    assert process.stdout is not None and process.stdout.readline().strip() == b"{"
    return process


def test_the_site_is_killed_under_load(tmp_path: Path, fonts: str) -> None:
    data, port = tmp_path / "data", free_port()
    platform = build(Settings(data=data, font_dir=fonts), SystemClock(), SystemEntropy())
    world = World(platform)
    account(platform, world.agency, "agency")
    access = token(site(platform), "agency")
    body = json.dumps({"trade": "engineering", "principal": world.principal.organisation}).encode()

    def create(key: str) -> str:
        headers = {"Authorization": f"Bearer {access}", "Content-Type": "application/json", "Idempotency-Key": key}
        asked = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/lots", body, headers)
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return str(json.load(answer)["lot"])

    told: dict[str, str] = {}
    sent: list[str] = []
    enough = threading.Event()

    def load(client: int) -> None:
        for n in range(1000):
            sent.append(key := f"create-{client}-{n}")
            try:
                told[key] = create(key)
            except OSError:  # the site is gone, in the middle of an answer or before it
                return
            if len(told) >= BEFORE_KILL:
                enough.set()

    process = serve(data, port, fonts)
    clients = [threading.Thread(target=load, args=(n,)) for n in range(CLIENTS)]
    for thread in clients:
        thread.start()
    try:
        assert enough.wait(60)
        assert process.poll() is None, "the site ended by itself"
    finally:
        process.kill()
        process.communicate()
        for thread in clients:
            thread.join()
    assert len(sent) > len(told), "nothing was under way when the site was killed"

    again = serve(data, port, fonts)
    try:
        lots = {key: create(key) for key in sent}
    finally:
        again.terminate()
        again.communicate(timeout=30)
    assert {key: lots[key] for key in told} == told
    assert len(set(lots.values())) == len(sent)
    while not clockwork.sweep(platform).idle:
        pass
    check_everything(platform)
    with platform.look() as unit:
        made = [s.stream.partition("/")[2] for s in unit.store.all_in_log_order() if s.type == "created"]
    assert sorted(made) == sorted(lots.values())
    platform.database.close()
