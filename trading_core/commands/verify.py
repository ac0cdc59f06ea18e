"""``gongxin verify FILE``: check what the platform handed out, offline, with code that shares nothing with the server."""
from __future__ import annotations

import argparse
from pathlib import Path

from .. import verify
from ..domain.errors import Problem
from .shell import NOT_SO, OK, Shell, UsageError, core_texts, existing

NAME = "verify"
MARKS = {"holds": "✓", "noted": "!", "not_shown": "–", "fails": "✗"}


def add(p: argparse.ArgumentParser, shell: Shell) -> None:
    p.add_argument("file", type=Path, metavar="FILE", help=shell.say("usage.file"))
    p.add_argument("--trust", type=Path, metavar="KEYS", help=shell.say("usage.trust"))
    p.add_argument("--checkpoint", type=Path, metavar="NOTE", help=shell.say("usage.checkpoint"))


def run(args: argparse.Namespace, shell: Shell) -> int:
    report = check(args.file, args.trust, args.checkpoint)
    for c in report.checks:
        text = shell.say(c.message, **{**c.params, "where": c.where}) if core_texts().has(c.message) else f"{c.name} {c.where}"
        shell.line(f"{MARKS[c.outcome]} {text}  [{c.name}]")
    for key in report.keys:
        shell.line("  " + shell.say("answer.key", kind=shell.say(f"key.{key.role}"), name=key.name, id=key.id))
    counts = {outcome: sum(c.outcome == outcome for c in report.checks) for outcome in MARKS}
    failure = report.failure
    if failure is None:
        on_trust = any(c.name == "file.shows" and c.outcome == "noted" for c in report.checks)
        told = "answer.verified_on_trust" if on_trust else "answer.verified"
        shell.line(shell.say(told, count=counts["holds"], noted=counts["noted"], not_shown=counts["not_shown"]))
    else:
        shell.line(shell.say("answer.not_verified", name=failure.name))
    shell.answer({**report.as_json(), "failure": failure.name if failure else None})
    return OK if report.ok else NOT_SO


def check(file: Path, trust: Path | None, checkpoint: Path | None) -> verify.Report:
    """The report on a file of any kind. Raises `UsageError` when a file cannot be opened or the key file is none."""
    existing(file)
    try:
        keys = verify.read_trust(existing(trust)) if trust else None
    except verify.Malformed as error:
        raise UsageError(Problem("usage.key_file", "trust", {"file": str(trust), "what": str(error)})) from error
    if checkpoint is None:
        return verify.file(file, keys)
    with file.open("rb") as lines:
        return verify.log(lines, existing(checkpoint), keys)
