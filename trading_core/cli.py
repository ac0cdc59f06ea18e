"""The ``gongxin`` command. What each subcommand does is in its module of `commands`; docs/commands.md tells how to use them."""
from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from typing import Any, NoReturn, TextIO

from .commands import demo, evaluate, periods, rebuild, seal, serve, trustee, verify
from .commands.shell import NOT_SO, USAGE, Shell, UsageError
from .domain.errors import Problem, Refused
from .messages import LANGUAGES, Language

COMMANDS = (serve, demo, verify, evaluate, periods, seal, trustee, rebuild)


FAULTS = (
    (r"the following arguments are required: (?P<names>.+)", "usage.missing"),
    (r"unrecognized arguments: (?P<names>.+)", "usage.unknown"),
    (r"argument (?P<name>[^:]+): invalid choice: (?P<value>.+?) \(choose from (?P<choices>.+)\)", "usage.choice"),
    (r"argument (?P<name>[^:]+): expected .+", "usage.value_missing"),
    (r"argument (?P<name>[^:]+): invalid int value: (?P<value>.+)", "usage.number"),
)
"""How argparse words a fault, and the code of our own text for it."""


class Parser(argparse.ArgumentParser):
    """A parser that speaks the reader's language and leaves the telling of errors to `main`."""

    def __init__(self, prog: str, shell: Shell | None = None, **more: Any) -> None:
        super().__init__(prog, add_help=False, allow_abbrev=False, **more)
        if shell is not None:
            self._optionals.title, self._positionals.title = shell.say("usage.options"), shell.say("usage.positionals")
            self.add_argument("-h", "--help", action="help", help=shell.say("usage.help"))
            # both are read before anything else, so that errors are told the right way too
            self.add_argument("--lang", choices=LANGUAGES, default=argparse.SUPPRESS, help=shell.say("usage.lang"))
            self.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help=shell.say("usage.json"))

    def error(self, message: str) -> NoReturn:
        raise UsageError(told(message, self.prog))


def told(message: str, command: str) -> Problem:
    """What argparse has to say, as a problem with a text in both languages."""
    for pattern, code in FAULTS:
        found = re.fullmatch(pattern, message)
        if found is not None:
            return Problem(code, params={**found.groupdict(), "command": command})
    return Problem("usage.arguments", params={"what": message, "command": command})


def parser(shell: Shell) -> Parser:
    """The whole command line in one language."""
    top = Parser("gongxin", shell=shell, description=shell.say("command.gongxin"))
    below = top.add_subparsers(dest="command", required=True, metavar="COMMAND", help=shell.say("usage.command"), parser_class=Parser)
    for module in COMMANDS:
        title = shell.say(f"command.{module.NAME}")
        one = below.add_parser(module.NAME, shell=shell, help=title, description=title)
        module.add(one, shell)
        one.set_defaults(run=module.run)
    return top


def main(argv: Sequence[str] | None = None, out: TextIO | None = None, err: TextIO | None = None) -> int:
    """Run one command; its exit code."""
    given = list(sys.argv[1:] if argv is None else argv)
    shell = Shell(language=asked_language(given), json="--json" in given, out=out or sys.stdout, err=err or sys.stderr)
    try:
        arguments = parser(shell).parse_args(given)
        code: int = arguments.run(arguments, shell)
        return code
    except Refused as refusal:
        return shell.refused(refusal)
    except SystemExit as leaving:  # help was shown
        return leaving.code if isinstance(leaving.code, int) else USAGE
    except KeyboardInterrupt:
        return NOT_SO
    except BrokenPipeError:
        return NOT_SO


def asked_language(given: Sequence[str]) -> Language:
    """``--lang`` anywhere on the line, Chinese when none is asked for."""
    following = zip(given, [*given[1:], ""], strict=True)
    english = any(word == "--lang=en" or (word, after) == ("--lang", "en") for word, after in following)
    return "en" if english else "zh"


if __name__ == "__main__":
    sys.exit(main())
