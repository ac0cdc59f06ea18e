"""Where a command finds its platform: the settings."""
from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from .. import settings
from ..domain.errors import Problem
from ..settings import Settings, SettingsError
from .shell import Shell, UsageError, existing


def add_settings(p: argparse.ArgumentParser, shell: Shell) -> None:
    """The options by which a command finds its platform."""
    p.add_argument("--config", type=Path, metavar="FILE", help=shell.say("usage.config"))
    p.add_argument("--data", type=Path, metavar="FOLDER", help=shell.say("usage.data"))


def read_settings(args: argparse.Namespace, shell: Shell, **changes: object) -> Settings:
    """Settings from file, environment and options, the later the stronger. Raises `UsageError`."""
    try:
        found = settings.read(existing(args.config) if args.config else None, shell.environ)
    except (SettingsError, ValueError) as error:
        raise UsageError(Problem("usage.settings", "config", {"what": str(error)})) from error
    given = {"data": args.data, **changes}
    return replace(found, **{name: value for name, value in given.items() if value is not None})
