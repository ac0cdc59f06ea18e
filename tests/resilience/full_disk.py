"""A platform on a disk that fills up: run as a program, because the disk or the limit is its own.

    python -m tests.resilience.full_disk FOLDER [--limit]

FOLDER is on a disk of a few MiB that gets filled; with --limit no file may grow any more instead.
"""
from __future__ import annotations

import errno
import hashlib
import json
import os
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlalchemy.exc import OperationalError

from tests.resilience.checks import check_log, check_receipts
from tests.world import TERMS, World, at
from trading_core.adapters.clock import SteppedClock
from trading_core.bootstrap import build
from trading_core.domain.errors import Refused
from trading_core.domain.trade import Command
from trading_core.services import clockwork, log
from trading_core.services.replay import replay
from trading_core.settings import Settings
from web.api.commands import give

FULL = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}
Full = Callable[[Path], AbstractContextManager[None]]


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Not one byte is left."""
    stuffing = folder / "stuffing"
    with stuffing.open("wb", buffering=0) as file:
        for block in (1 << 16, 1 << 9, 1):
            try:
                while True:
                    file.write(b"x" * block)
            except OSError as error:
                assert error.errno in FULL
    try:
        yield
    finally:
        stuffing.unlink()


@contextmanager
def limited(folder: Path) -> Iterator[None]:
    """No file of this process grows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def refused_by_the_disk(act: Callable[[], object]) -> None:
    """It must fail as a full disk does, and not otherwise."""
    try:
        act()
    except OperationalError:
        return
    except OSError as error:
        assert error.errno in FULL, error
        return
    except Refused as refusal:
        assert [p.code for p in refusal.problems] == ["service.no_room"]
        return
    raise AssertionError("a full disk took it")


def main(folder: Path, full: Full) -> dict[str, object]:
    platform = build(Settings(data=folder / "data", disk_reserve_mib=0), SteppedClock(at("2026-03-01T09:00")))
    world = World(platform)
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    early, other = world.bidder("松涧示例建设集团有限公司"), world.bidder("云石示例路桥有限公司")
    kept = give(platform, lot, Command("submit_bid", early.actor, world.submission(lot, early, {}), world.clock.now()), "early", "")
    meant = world.submission(lot, other, {})
    piece = os.urandom(300_000)
    digest = hashlib.sha256(piece).hexdigest()
    upload = platform.uploads.begin(len(piece), digest, "bidder").number

    def bid() -> object:
        return give(platform, lot, Command("submit_bid", other.actor, meant, world.clock.now()), "other", "")

    def ask() -> object:
        return world.give(lot, "ask", other.actor, text="第 3 页？" * 500)

    with full(folder):
        refused_by_the_disk(bid)
        refused_by_the_disk(ask)
        refused_by_the_disk(lambda: platform.uploads.piece(upload, 0, digest, piece))
        refused_by_the_disk(lambda: platform.objects.put(piece))
        with platform.look() as unit:
            assert unit.store.version(f"sealed/{other.number}") == 0
        assert platform.uploads.state(upload).arrived == {}
        assert not platform.objects.has(digest)
    assert not list((folder / "data" / "objects" / "tmp").iterdir()), "half an object is left"
    answer = bid()
    assert bid() == answer
    ask()
    platform.uploads.piece(upload, 0, digest, piece)
    assert platform.uploads.finish(upload) == digest
    world.clock.move_to(at("2026-03-09T17:00"))
    clockwork.tick(platform)
    log.move(platform)
    with platform.look() as unit:
        check_log(unit)
        receipts = check_receipts(unit, [kept, answer])  # type: ignore[list-item]
    return {"receipts": receipts, "differences": len(replay(platform))}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), limited if "--limit" in sys.argv else filled)))
