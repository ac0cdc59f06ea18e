"""Acts outside a lot's procedure: keeping the register, money, lists, witnesses. One declaration gives address, form and description.

An `OfficeAct` names its address below ``/api/v1`` with what it is about in braces, its fields, and the service that carries it out.
Who may do it for whom is decided by the service; `roles` only says for whom the act exists at all.
"""
from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as member
from typing import Any

from trading_core.domain.errors import Forbidden, Problem, Refused
from trading_core.domain.events import Json
from trading_core.domain.fields import Field, check
from trading_core.domain.identity import Actor, Role
from trading_core.platform import Platform, Unit

from .api.commands import carried_out

BASE = "/api/v1/"
SHAPES: Mapping[str, str] = {
    "organisation": "[0-9a-f]{32}", "person": "[0-9a-f]{32}", "delegation": "[0-9a-f]{32}", "lot": "[0-9A-Za-z-]{1,40}",
    "number": "[0-9]{1,6}",
}  # fmt: skip
"""What the names in addresses look like. Anything else is absent."""

Subjects = Mapping[str, str]
Do = Callable[[Unit, Actor, Subjects, Mapping[str, Any]], Json]
Narrow = Callable[[Unit, Actor, Subjects], Sequence[Role]]


@dataclass(frozen=True, slots=True)
class OfficeAct:
    """name: its title is the message ``act.<name>``. room: route of the page it belongs to. answer: schema of what it answers.

    file: the field whose text reaches the service exactly as it was sent; on the page it is chosen as a file. after: what is told beyond
    the kept answer, asked anew each time, for data that must not lie in the table of commands. choices: of the field ``role``, for a
    form. irrevocable: the page asks to confirm.
    """

    name: str
    address: str
    roles: frozenset[Role]
    do: Do
    fields: tuple[Field, ...] = ()
    room: str = "registry"
    answer: str = "Done"
    rule: str = ""
    file: str = ""
    irrevocable: bool = False
    after: Do | None = None
    choices: Narrow | None = member(default=None)

    @property
    def subjects(self) -> tuple[str, ...]:
        """What it is about, in the order of its address."""
        return tuple(re.findall(r"\{([a-z]+)\}", self.address))

    @property
    def path(self) -> str:
        """Its address as the API describes it."""
        return BASE + self.address

    @property
    def route(self) -> str:
        return route_name(self.address)

    def concerns(self, given: Mapping[str, str]) -> Subjects:
        """The subjects among given values. Raises `Forbidden` when one is missing or is none."""
        found = {name: str(given.get(name, "")) for name in self.subjects}
        if not all(re.fullmatch(SHAPES[name], value) for name, value in found.items()):
            raise Forbidden(Problem("request.not_found"))
        return found


def route_name(address: str) -> str:
    """Acts and readers of one address share its route."""
    return "api_" + re.sub(r"[^a-z]+", "_", address).strip("_")


def pattern(address: str) -> str:
    """An address as a route."""
    return BASE + re.sub(r"\{([a-z]+)\}", lambda m: f"{{{m[1]}:{SHAPES[m[1]]}}}", address)


def require_role(act: OfficeAct, actor: Actor) -> None:
    """Raise `Forbidden` when the act does not exist for the actor's role."""
    if actor.role not in act.roles:
        raise Forbidden(Problem("permission.denied", params={"permission": act.name}))


def checked(act: OfficeAct, data: Mapping[str, object]) -> dict[str, object]:
    """The data by the act's fields. A file's text is looked at by its own reader, which tells every fault of every line."""
    text = data.get(act.file) if act.file else None
    if not isinstance(text, str) or not text:
        return check(act.fields, data)
    return check(act.fields, {**data, act.file: "-"}) | {act.file: text}


def carry_out(
    platform: Platform, act: OfficeAct, actor: Actor, about: Subjects, data: Mapping[str, object], key: str, address: str
) -> dict[str, Any]:
    """Do it once, however often it is sent. Raises `Refused` with every reason, `Forbidden`, `Conflict`."""
    require_role(act, actor)
    clean = checked(act, data)
    said: Json = {"office": act.name, "about": dict(about), "body": clean}
    answer = carried_out(platform, actor, key, said, lambda unit: act.do(unit, actor, about, clean), about.get("lot", ""), address)
    if act.after is None:
        return answer
    with platform.look() as unit:
        return {**answer, **act.after(unit, actor, about, clean)}


def file_text(raw: bytes, path: str) -> str:
    """The text of a chosen file. Raises `Refused` when it is not UTF-8: guessing would turn names into others."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(Problem("file.not_utf8", path, {"position": error.start})) from error
