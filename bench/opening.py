"""Opening a hundred sealed bids of 10 MB, against reading, hashing and AES-GCM of the same bytes on one core."""
from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.world import World, at
from trading_core.adapters.clock import SteppedClock
from trading_core.bootstrap import build
from trading_core.domain.tender.bidding import CLOSING_GRACE, Closing
from trading_core.domain.tender.opening import Opening, openable
from trading_core.services import clockwork, lots
from trading_core.settings import Settings

from . import stage
from .report import Line, seconds

MB = 1_000_000
BLOCK = 1 << 20


def run(quick: bool) -> Iterator[Line]:
    """Opened in a process of its own, twice: with few bids and with all, to see whether memory grows."""
    few, count, size = (3, 6, 1 * MB) if quick else (10, 100, 10 * MB)
    with stage.platform(clock=SteppedClock(at("2026-03-01T09:00"))) as made:
        world = World(made)
        small, large = (_in_its_own_process(world, _closed(world, n, size)) for n in (few, count))
    total = count * size / MB
    rate, bare = total / large["opening"], total / large["reference"]
    growth = large["peak_mib"] - small["peak_mib"]
    yield Line(
        f"opening {count} bids of {size // MB} MB", f"{rate:.0f} MB/s, peak {large['peak_mib']:.0f} MiB, {growth:+.0f} MiB over {few} bids",
        f"{bare:.0f} MB/s reading, SHA-256 and AES-256-GCM on one core", rate / bare, "≥ 0.6 of the rate, flat memory (≤ 16 MiB more)",
        rate / bare >= 0.6 and growth <= 16,
    )  # fmt: skip


def _closed(world: World, count: int, size: int) -> str:
    """A lot after its deadline, with so many sealed bids, its keys of the first stage released."""
    lot = stage.open_for_bids(world) if world.clock.now() < at("2026-03-02T08:30") else world.announce(stage.schedule(
        issue_start=at("2026-03-24T08:30"), issue_end=at("2026-03-31T17:00"), bid_deadline=at("2026-04-20T09:30")))  # fmt: skip
    world.go(world.lot(lot).schedule["issue_start"])
    plan, random = world.bidder(f"示例建设第{count}有限公司"), world.platform.entropy.token_bytes
    for _ in range(count):
        again = replace(plan, number=random(16).hex(), secret=random(32).hex())
        world.submit(lot, again, {}, **world.submission(lot, again, {}, {"投标文件.pdf": random(size)}))
    world.clock.move_to(world.lot(lot).schedule["bid_deadline"] + CLOSING_GRACE)
    clockwork.tick(world.platform)
    world.give(lot, "start_opening", world.agency)
    world.release(lot, "technical", world.agency, world.supervisor)
    return lot


def _in_its_own_process(world: World, lot: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.opening", str(world.platform.settings.data), lot, world.clock.now().isoformat()]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=Path(__file__).parents[1])
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _measure(data: Path, lot_id: str, now: str) -> dict[str, float]:
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    made = build(Settings(data=data), SteppedClock(datetime.fromisoformat(now)))
    with made.look() as unit:
        lot = lots.find(unit, lot_id)
    stage_name = openable(lot)
    sealed = [made.objects.path(e.object) for b in lot.part(Closing).bids for e in b.envelopes if e.name == stage_name]
    reference = seconds(lambda: _reference(sealed))

    os.sched_setaffinity(0, cores)
    taken = seconds(lambda: clockwork.open_released(made))
    with made.look() as unit:
        opened = lots.find(unit, lot_id).part(Opening).bids
    assert len(opened) == len(sealed) and all(b.envelopes[str(stage_name)].ok for b in opened.values())
    status = Path("/proc/self/status").read_text()  # not getrusage: that remembers the peak of the parent
    peak = int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024
    return {"opening": taken, "reference": reference, "peak_mib": peak}


def _reference(paths: list[Path]) -> None:
    cipher, nonce, digest = AESGCM(bytes(32)), bytes(12), hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                digest.update(block)
                cipher.encrypt(nonce, block, None)


if __name__ == "__main__":
    print(json.dumps(_measure(Path(sys.argv[1]), sys.argv[2], sys.argv[3])))
