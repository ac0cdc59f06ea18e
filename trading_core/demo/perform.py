"""A script played scene by scene: every act is given over HTTP by the side that may give it."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path

from .cast import Cast
from .play import Company, Play
from .script import Script
from .theatre import Theatre

Scenes = Mapping[str, Callable[[Play], None]]


def scenes(script: Script) -> Scenes:
    """The scenes of its course in their order; their titles are the messages ``demo.scene.<name>``."""
    found: Scenes = import_module(f".{script.course}", __package__).SCENES
    return found


def perform(theatre: Theatre, script: Script, folder: Path, names: Sequence[str] = (), company: Company | None = None) -> Play:
    """Play these scenes of a script, all without any named. folder: for the players' own files. company: of an earlier play on the same
    platform."""
    play, course = Play(theatre, script, folder, company or Company(Cast(theatre.platform, theatre.url))), scenes(script)
    for name in names or course:
        theatre.progress(name, theatre.clock.now())
        course[name](play)
        theatre.settle()
    return play
