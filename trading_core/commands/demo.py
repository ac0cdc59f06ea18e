"""``gongxin demo [TRADE]``: play a whole trade through the real API, and leave everything that can be checked."""
from __future__ import annotations

import argparse
import importlib.util
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from .. import plugins
from ..adapters.pdf.fonts import open_fonts
from ..demo import outcome
from ..demo.perform import perform, scenes
from ..demo.script import Script
from ..demo.theatre import Progress, moment, open_theatre
from ..domain.errors import Problem
from ..domain.money import yuan_text
from ..domain.workcalendar import CST
from ..settings import Settings
from .shell import OK, Shell, UsageError
from .surroundings import add_settings, read_settings

NAME = "demo"
WITNESSES = ("supervisor.example/witness", "neighbour-centre.example/witness")
OPENS = "08:00"


def add(p: argparse.ArgumentParser, shell: Shell) -> None:
    p.add_argument("trade", nargs="?", default="engineering", metavar="TRADE", help=shell.say("usage.trade"))
    p.add_argument("--out", type=Path, default=Path("demo"), metavar="FOLDER", help=shell.say("usage.out"))
    add_settings(p, shell)


def run(args: argparse.Namespace, shell: Shell) -> int:
    known = scripts()
    if args.trade not in known:
        raise UsageError(Problem("usage.no_demo", "trade", {"trade": args.trade, "known": ", ".join(sorted(known)) or "—"}))
    if not outcome.ready(args.out):
        raise UsageError(Problem("usage.not_empty", "out", {"folder": str(args.out)}))
    began = time.perf_counter()
    script = known[args.trade]()
    found = play(script, read_settings(args, shell), args.out, telling(shell, len(scenes(script))))
    summary = {**asdict(found), "seconds": round(time.perf_counter() - began, 1)}
    (args.out / outcome.SUMMARY).write_text(json.dumps(summary, ensure_ascii=False, indent=1), "utf-8")
    price = f"{yuan_text(found.price_fen)} 元" if shell.language == "zh" else f"CNY {yuan_text(found.price_fen)}"
    shell.line(shell.say("demo.done", lot=found.lot, winner=found.winner, price=price, out=str(args.out)))
    shell.answer(summary)
    return OK


def play(script: Script, settings: Settings, out: Path, progress: Progress) -> outcome.Outcome:
    """Play a script on a platform of its own, which is gone afterwards; what remains lies in `out`."""
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="gongxin-demo-") as name:
        folder = Path(name)
        own = replace(settings, data=folder / "data", database="", broker="memory://", sample=False, font_dir=fonts(settings))
        with open_theatre(own, moment(script.start, OPENS), WITNESSES, folder, progress) as theatre:
            return outcome.write(perform(theatre, script, folder), out)


def fonts(settings: Settings) -> str:
    """The fonts of the installation: made once, which takes a while, and kept in its data folder."""
    return str(open_fonts(settings.data, settings.font_dir).folder)


def scripts() -> Mapping[str, Callable[[], Script]]:
    """Demonstrations by trade: of every installed plugin that is a package with a module ``demo`` and, in it, ``SCRIPTS``."""
    found: dict[str, Callable[[], Script]] = {}
    for plugin in plugins.load().get_plugins():
        name = getattr(plugin, "__name__", "")
        if hasattr(plugin, "__path__") and importlib.util.find_spec(f"{name}.demo") is not None:
            found |= import_module(f"{name}.demo").SCRIPTS
    return found


def telling(shell: Shell, count: int) -> Progress:
    """A line for each scene, beside the answer."""
    number = 0

    def tell(scene: str, now: datetime) -> None:
        nonlocal number
        number += 1
        when, title = now.astimezone(CST).strftime("%Y-%m-%d %H:%M"), shell.say(f"demo.scene.{scene}")
        shell.progress(shell.say("demo.step", number=number, count=count, when=when, title=title))

    return tell
