"""``gongxin serve``: the site, with worker and beat beside it unless a broker hands their work to processes of their own."""
from __future__ import annotations

import argparse
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from ..adapters import broker
from ..adapters.clock import SystemClock
from ..bootstrap import build
from ..demo.sample import PLAYED, fill
from ..platform import Platform
from ..services import witness
from ..settings import Settings
from ..site import web
from ..tasks import embedded
from . import demo
from .shell import OK, Shell
from .surroundings import add_settings, read_settings

NAME = "serve"
WITNESS_SECONDS = 5.0


def add(p: argparse.ArgumentParser, shell: Shell) -> None:
    add_settings(p, shell)
    p.add_argument("--host", help=shell.say("usage.host"))
    p.add_argument("--port", type=int, help=shell.say("usage.port"))
    p.add_argument("--sample", action="store_true", default=None, help=shell.say("usage.sample"))
    p.add_argument("--witness", type=Path, action="append", default=[], metavar="FOLDER", help=shell.say("usage.witness"))


def run(args: argparse.Namespace, shell: Shell) -> int:
    """Serve until SIGINT or SIGTERM."""
    settings = read_settings(args, shell, host=args.host, port=args.port, sample=args.sample)
    if settings.sample:
        _fill(settings, shell)
    platform = build(settings)

    def ready(address: str) -> None:
        shell.line(shell.say("answer.serving", address=address))
        shell.answer({"address": address})
        shell.out.flush()

    try:
        with work(platform), _watched(platform, args.witness):
            web("serve")(platform, settings.host, settings.port, ready)
    finally:
        platform.database.close()
    return OK


def work(platform: Platform) -> AbstractContextManager[object]:
    """Worker and beat of this process, where no others could come by its queue."""
    return embedded(platform) if broker.in_memory(platform.settings.broker) else nullcontext()


def _fill(settings: Settings, shell: Shell) -> None:
    """Sample data of the first trade that has a demonstration; nothing when there are some already."""
    found = demo.scripts()
    if found:
        script, progress = next(iter(found.values()))(), demo.telling(shell, sum(map(len, PLAYED)))
        fill(settings, script, SystemClock().now(), demo.fonts(settings), progress)


@contextmanager
def _watched(platform: Platform, folders: list[Path]) -> Iterator[None]:
    """Witnesses of these folders look at the log every few seconds, for as long as the block runs."""
    stop = threading.Event()
    watching = [witness.open_witness(folder, f"{folder.name}.example/witness", platform.entropy) for folder in folders]
    for w in watching:
        witness.introduce(platform, w.verifier_key)

    def watch() -> None:
        while not stop.wait(WITNESS_SECONDS):
            witness.attend(platform, watching)

    thread = threading.Thread(target=watch, name="witnesses")
    if watching:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        if watching:
            thread.join()
