"""`kill -9` of the real site while it answers: what it acknowledged stands, and the same command again is the same command."""
from __future__ import annotations

import json
import signal
import threading
import urllib.request
from pathlib import Path

from tests.resilience.checks import check_everything
from tests.served import serving
from tests.web.frame import account, site, token
from tests.world import World
from trading_core.adapters.clock import SystemClock
from trading_core.adapters.entropy import SystemEntropy
from trading_core.bootstrap import build
from trading_core.services import clockwork
from trading_core.settings import Settings

CLIENTS, BEFORE_KILL = 4, 8


def test_the_site_is_killed_under_load(tmp_path: Path, fonts: str) -> None:
    data = tmp_path / "data"
    platform = build(Settings(data=data, font_dir=fonts), SystemClock(), SystemEntropy())
    world = World(platform)
    account(platform, world.agency, "agency")
    access = token(site(platform), "agency")
    body = json.dumps({"trade": "engineering", "principal": world.principal.organisation}).encode()

    def create(address: str, key: str) -> str:
        headers = {"Authorization": f"Bearer {access}", "Content-Type": "application/json", "Idempotency-Key": key}
        asked = urllib.request.Request(f"{address}/api/v1/lots", body, headers)
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return str(json.load(answer)["lot"])

    told: dict[str, str] = {}
    sent: list[str] = []
    enough = threading.Event()

    def load(address: str, client: int) -> None:
        for n in range(1000):
            sent.append(key := f"create-{client}-{n}")
            try:
                told[key] = create(address, key)
            except OSError:  # the site is gone, in the middle of an answer or before it
                return
            if len(told) >= BEFORE_KILL:
                enough.set()

    with serving(data, end=signal.SIGKILL, GONGXIN_FONT_DIR=fonts) as running:
        clients = [threading.Thread(target=load, args=(running.address, n)) for n in range(CLIENTS)]
        for thread in clients:
            thread.start()
        assert enough.wait(60)
        assert running.process.poll() is None, "the site ended by itself"
    for thread in clients:
        thread.join()
    assert len(sent) > len(told), "nothing was under way when the site was killed"

    with serving(data, GONGXIN_FONT_DIR=fonts) as running:
        lots = {key: create(running.address, key) for key in sent}
    assert {key: lots[key] for key in told} == told
    assert len(set(lots.values())) == len(sent)
    while not clockwork.sweep(platform).idle:
        pass
    check_everything(platform)
    with platform.look() as unit:
        made = [s.stream.partition("/")[2] for s in unit.store.all_in_log_order() if s.type == "created"]
    assert sorted(made) == sorted(lots.values())
    platform.database.close()
