"""What every command has: the language, where answers go, and how errors are told. Exit codes: 0 ok, 1 not so or refused, 2 usage."""
from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, TextIO

from .. import messages, plugins
from ..domain.errors import Problem, Refused
from ..domain.events import instant_from
from ..domain.money import yuan_text
from ..domain.workcalendar import CST
from ..messages import LANGUAGES, Catalogue, Language

OK, NOT_SO, USAGE = 0, 1, 2
CORE = Path(str(files("trading_core") / "messages"))
NAMED = {"role": "role", "state": "state", "act": "act", "event": "event", "trustee": "party"}


class UsageError(Refused):
    """The command was not well formed, or names something that is not there: exit code 2."""


@cache
def core_texts() -> Catalogue:
    """The core's texts: all that checking a file offline needs, whatever plugins are or are not installed."""
    return messages.read([CORE])


@cache
def all_texts() -> Catalogue:
    """The core's and every installed plugin's texts."""
    return messages.read([CORE, *(f for f in plugins.load().hook.gongxin_messages() if f)])


def catalogue(key: str) -> Catalogue:
    """Where the text of a key stands: the core's texts when they have it."""
    return core_texts() if core_texts().has(key) else all_texts()


@dataclass
class Shell:
    """Where a command runs. json: answer for programs, on one channel; else text for people."""

    language: Language = "zh"
    json: bool = False
    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def say(self, key: str, **params: object) -> str:
        return catalogue(key).say(key, self.language, **{k: figure(self.language, k, v) for k, v in params.items()})

    def line(self, text: str) -> None:
        """A line for people; nothing when programs are listening."""
        if not self.json:
            print(text, file=self.out)

    def progress(self, text: str) -> None:
        """How far a long job is, beside the answer."""
        print(text, file=self.err, flush=True)

    def answer(self, value: object) -> None:
        """The answer for programs."""
        if self.json:
            print(json.dumps(value, ensure_ascii=False, indent=2, default=str), file=self.out)

    def refused(self, refusal: Refused) -> int:
        """Tell every problem, in the reader's language or, for programs, in both. Returns the exit code."""
        if self.json:
            self.answer({"ok": False, "problems": [problem_form(p) for p in refusal.problems]})
        else:
            print(self.say("answer.refused"), file=self.err)
            told = getattr(refusal, "messages", ())
            for n, p in enumerate(refusal.problems):
                where = f"{p.path}: " if p.path else ""
                rule = f" [{p.rule}]" if p.rule else ""
                text = problem_text(p, self.language)
                print(f"  {where}{told[n] if told and text == p.code else text}{rule}", file=self.err)
        return USAGE if isinstance(refusal, UsageError) else NOT_SO

    def secret(self, name: str, prompt: str) -> str:
        """A secret from the environment, else asked for without showing it. Never an argument: those are seen by everybody."""
        given = self.environ.get(name)
        return given if given is not None else getpass.getpass(self.say(prompt))


def problem_text(problem: Problem, language: Language) -> str:
    """A problem's text with its figures; an untitled code is shown as itself."""
    key = f"problem.{problem.code}"
    texts = catalogue(key)
    if not texts.has(key):
        return problem.code
    return texts.say(key, language, **{k: figure(language, k, v) for k, v in problem.params.items()})


def problem_form(problem: Problem) -> dict[str, Any]:
    """A problem for programs, its text in both languages."""
    told: dict[str, str] = {language: problem_text(problem, language) for language in LANGUAGES}
    return {"code": problem.code, "path": problem.path, "params": dict(problem.params), "rule": problem.rule, **told}


def figure(language: Language, name: str, value: object) -> object:
    """A figure as people read it: money in yuan, instants in China time, names by their titles."""
    if value is None:
        return "—"
    if name.endswith("_fen") and isinstance(value, int):
        return f"{yuan_text(value)} 元" if language == "zh" else f"CNY {yuan_text(value)}"
    if not isinstance(value, str):
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
    key = f"{NAMED[name]}.{value}" if name in NAMED else ""
    if key and catalogue(key).has(key):
        return catalogue(key).say(key, language)
    return clock_text(value) if value.endswith("Z") and "T" in value else value


def clock_text(text: str) -> str:
    """An instant in China time, to the second; to the microsecond where that matters. Other texts as they are."""
    try:
        moment = instant_from(text).astimezone(CST)
    except ValueError:
        return text
    return moment.strftime("%Y-%m-%d %H:%M:%S" + (".%f" if moment.microsecond else ""))


# ------------------------------------------------------------------ reading what was named on the command line

def existing(path: Path) -> Path:
    """A file that can be opened. Raises `UsageError`."""
    try:
        path.open("rb").close()
    except OSError as error:
        raise UsageError(Problem("usage.file", params={"file": str(path), "what": error.strerror or str(error)})) from error
    return path


def read_text(path: Path) -> str:
    try:
        return existing(path).read_text("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(Problem("usage.file", params={"file": str(path), "what": "UTF-8"})) from error


def read_json(path: Path) -> Any:
    """A JSON file without fractions. Raises `UsageError`."""
    try:
        return json.loads(read_text(path), parse_float=_no_fraction, parse_constant=_no_fraction, object_pairs_hook=_once_each)
    except (ValueError, RecursionError) as error:
        raise UsageError(Problem("usage.json", params={"file": str(path), "what": str(error)[:200]})) from error


def _no_fraction(text: str) -> object:
    raise ValueError(f"{text} is not an integer")


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def pairs(given: Iterable[str] | None) -> list[tuple[str, str]]:
    """``name=value`` of repeated options. Raises `UsageError`."""
    found = []
    for text in given or ():
        name, sign, value = text.partition("=")
        if not sign or not name or not value:
            raise UsageError(Problem("usage.pair", params={"value": text}))
        found.append((name, value))
    return found


def new_file(path: Path) -> Path:
    """A place for a file that must not be overwritten. Raises `UsageError`."""
    if path.exists():
        raise UsageError(Problem("usage.exists", params={"file": str(path)}))
    return path
