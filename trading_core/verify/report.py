"""What a check found: a list of checks that ends at the first thing that does not hold."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["holds", "noted", "not_shown", "fails"]
Params = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    name: stable, listed in docs/formats.md §8; its text is `message` with `figures`.
    outcome: holds; noted (worth knowing, no breach); not_shown (the file does not tell enough); fails. where: the place in the
    file. params: figures for the texts: what was compared, of a failure what was ``expected`` and ``found``.
    """

    name: str
    outcome: Outcome
    where: str = ""
    params: Params = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return self.outcome != "fails"

    @property
    def figures(self) -> Params:
        """Everything the check's text can name."""
        return {"where": self.where, **self.params}

    @property
    def message(self) -> str:
        """Key of the text for this check in the message catalogue."""
        return {"holds": "check.", "noted": "noted.", "not_shown": "not_shown.", "fails": "broken."}[self.outcome] + self.name


@dataclass(frozen=True, slots=True)
class KeySeen:
    """A key that signatures were checked with; ids are for comparing with published ones."""

    role: str
    name: str
    id: str


@dataclass(frozen=True, slots=True)
class Report:
    """All checks of one file, in order. kind: project, receipt, checkpoint, draw or log. about: what the file says it is."""

    kind: str
    checks: tuple[Check, ...]
    keys: tuple[KeySeen, ...] = ()
    about: Params = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return bool(self.checks) and all(c.ok for c in self.checks)

    @property
    def failure(self) -> Check | None:
        """The first thing that does not hold, None when everything does."""
        return next((c for c in self.checks if not c.ok), None)

    def as_json(self) -> dict[str, object]:
        """The report as a JSON value, for machines."""
        return {
            "kind": self.kind,
            "ok": self.ok,
            "about": dict(self.about),
            "keys": [{"role": k.role, "name": k.name, "id": k.id} for k in self.keys],
            "checks": [{"name": c.name, "outcome": c.outcome, "where": c.where, "params": dict(c.params)} for c in self.checks],
        }


class Broken(Exception):
    """Something does not hold."""

    def __init__(self, name: str, where: str, expected: object = "", found: object = "") -> None:
        self.check = Check(name, "fails", where, {"expected": str(expected), "found": str(found)})
        super().__init__(f"{name} at {where}: expected {expected}, found {found}")


class Malformed(ValueError):
    """Something is not written as docs/formats.md tells. where: the place, what: the rule it breaks."""

    def __init__(self, where: str, what: str) -> None:
        self.where, self.what = where, what
        super().__init__(f"{where}: {what}")


Step = Callable[[], Iterator[Check]]


def run(steps: Mapping[str, Step]) -> tuple[Check, ...]:
    """The checks of all steps in order, up to the first that fails. Keys name the check to blame for what cannot even be read."""
    done: list[Check] = []
    for name, step in steps.items():
        try:
            done.extend(step())
        except Broken as broken:
            done.append(broken.check)
        except Malformed as malformed:
            done.append(Check(name, "fails", malformed.where, {"expected": malformed.what, "found": ""}))
        except (ArithmeticError, LookupError, TypeError, ValueError, RecursionError) as error:
            # what nobody thought of is a failure too, and never a crash
            done.append(Check(name, "fails", "", {"expected": "what can be computed", "found": f"{type(error).__name__}: {error}"[:200]}))
        if done and not done[-1].ok:
            break
    return tuple(done)
