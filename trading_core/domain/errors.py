"""What can be wrong with a command, told so that a person can mend it.

A rule never raises at the first fault: it collects every `Problem` and raises one `Refused`. The texts live in the message
catalogues under ``problem.<code>``; here is only the code, where the fault lies, the figures and the rule it rests on.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault.

    code: stable, dotted, listed in docs/errors.md (``period.too_short``). path: the field at fault (``schedule.bid_deadline``),
    empty for the whole. params: figures for the text, JSON values only, never a secret. rule: id in the rulebook (``E-T03``).
    """

    code: str
    path: str = ""
    params: Mapping[str, object] = field(default_factory=dict)
    rule: str = ""


class Refused(Exception):
    """A command that may not be carried out. Nothing has changed. Carries every problem found, never none."""

    def __init__(self, *problems: Problem) -> None:
        if not problems:
            raise ValueError("a refusal names at least one problem")
        self.problems = problems
        super().__init__("; ".join(f"{p.path}: {p.code}" if p.path else p.code for p in problems))


class IllegalTransition(Refused):
    """An act in a state of the lot that does not know it [01 §1.2.1]."""


class Forbidden(Refused):
    """The person may not do this. To the outside it looks like absence."""


class Conflict(Exception):
    """Somebody else appended to the stream first. The unit of work is void: read again and decide again."""


def refuse_if(problems: Iterable[Problem]) -> None:
    """Raise one `Refused` with all problems, or return when there is none."""
    found = tuple(problems)
    if found:
        raise Refused(*found)
