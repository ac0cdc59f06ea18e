"""Any act outside a lot's procedure as a form: filled in, confirmed where it cannot be undone, answered. Drawn from its declaration."""
from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config

from trading_core.domain.errors import Forbidden, Problem, Refused
from trading_core.domain.fields import Field
from trading_core.domain.identity import Role
from trading_core.services import accounts, lots, organisations, persons

from ..contexts import LotOf
from ..errors import told
from ..forms import Form, posted
from ..frame import route
from ..models import Fact
from ..office import OfficeAct, Subjects, carry_out, checked, file_text, require_role
from ..offices import ACTS
from ..permissions import Permission
from .acts import stated

if TYPE_CHECKING:
    from pyramid.request import Request
    from pyramid.response import Response

    from trading_core.domain.events import Json

ROW = re.compile(r"row\.([0-9]+)(?:\.(.+))?\Z")
FAULTS_SHOWN = 200
PAGE = "office_act.jinja2"
BOOKKEEPING = frozenset({"csrf_token", "key", "step"})
OPENING = (Field("activation_code", maximum=80), Field("login", maximum=60), Field("password", maximum=200, secret=True),
           Field("password_again", maximum=200, secret=True))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line of a file."""

    line: int
    column: str
    text: str
    rule: str


@view_config(route_name="my_office", renderer=PAGE, request_method="GET", permission=Permission.SIGNED_IN)
def ask(request: Request) -> dict[str, Any]:
    """The empty form; what it is about stands in the query."""
    return first(request, *named(request, request.GET))


@view_config(route_name="my_office", renderer=PAGE, request_method="POST", permission=Permission.SIGNED_IN, require_csrf=True)
def answer(request: Request) -> dict[str, Any]:
    return sent(request, *named(request, request.POST))


@view_config(route_name="my_attempt", renderer=PAGE, request_method="GET", permission=Permission.SIGNED_IN)
def ask_anew(context: LotOf, request: Request) -> dict[str, Any]:
    """Tendering anew has an address at its lot, as every duty has."""
    return first(request, *anew(context, request))


@view_config(route_name="my_attempt", renderer=PAGE, request_method="POST", permission=Permission.SIGNED_IN, require_csrf=True)
def answer_anew(context: LotOf, request: Request) -> dict[str, Any]:
    return sent(request, *anew(context, request))


def anew(context: LotOf, request: Request) -> tuple[OfficeAct, Subjects]:
    act = ACTS["tender_anew"]
    require_role(act, request.identity.actor)
    return act, {"lot": context.lot.id}


def named(request: Request, given: Mapping[str, str]) -> tuple[OfficeAct, Subjects]:
    """The act of the address and what it is about; for whose role it does not exist it is not there."""
    act = ACTS.get(request.matchdict["act"])
    if act is None:
        raise HTTPNotFound
    require_role(act, request.identity.actor)
    return act, act.concerns(given)


def first(request: Request, act: OfficeAct, about: Subjects) -> dict[str, Any]:
    form = Form.of(shown_fields(request, act, about), known_values(request, act, about))
    return page(request, act, about, form, request.platform.entropy.token_bytes(16).hex())


def sent(request: Request, act: OfficeAct, about: Subjects) -> dict[str, Any]:
    """Check everything at once; what cannot be undone is confirmed on a page of its own first."""
    fields, key, step = shown_fields(request, act, about), str(request.POST.get("key", ""))[:200], str(request.POST.get("step", ""))
    form, data, problems = read(request, act, fields)
    if step == "edit":
        return page(request, act, about, Form(form.fields, form.values), key)
    try:
        if problems or (act.irrevocable and step != "confirm"):
            wrong = {p.path for p in problems}
            clean = _checked(act, data)
            problems += [p for p in clean if p.path not in wrong]
        if problems:
            return refused(request, act, about, form.with_problems(problems), key)
        if act.irrevocable and step != "confirm":
            return confirmation(request, act, about, form, data, key)
        done = carry_out(request.platform, act, request.identity.actor, about, data, key, request.remote_addr or "")
    except Forbidden:
        raise
    except Refused as refusal:
        return refused(request, act, about, form.with_problems(refusal.problems), key)
    return finished(request, act, about, done)


def _checked(act: OfficeAct, data: Mapping[str, object]) -> tuple[Problem, ...]:
    try:
        checked(act, data)
    except Refused as refusal:
        return refusal.problems
    return ()


def read(request: Request, act: OfficeAct, fields: tuple[Field, ...]) -> tuple[Form, dict[str, object], list[Problem]]:
    """What was sent: a chosen file as its text, ticked boxes as a list."""
    post = {k: v for k, v in request.POST.items() if not hasattr(v, "file")}
    problems: list[Problem] = []
    for f in fields:
        if f.kind == "list":
            post[f.name] = "\n".join(v for v in request.POST.getall(f.name) if isinstance(v, str))
    form, data = posted(fields, post)
    upload = request.POST.get(act.file) if act.file else None
    if hasattr(upload, "file"):
        try:
            data[act.file] = file_text(upload.file.read(), act.file)
        except Refused as refusal:
            problems += refusal.problems
            data[act.file] = "-"
    return form, data, [*form.problems, *problems]


def shown_fields(request: Request, act: OfficeAct, about: Subjects) -> tuple[Field, ...]:
    """The act's fields as the form asks for them: a file is chosen, and only roles that can be named are offered."""
    found = []
    for f in act.fields:
        if f.name == act.file:
            f = Field(f.name, "file", f.required)
        elif f.name == "role" and act.choices is not None:
            offered = act.choices(request.unit, request.identity.actor, about)
            f = replace(f, choices=tuple(Role(r).value for r in offered))
        elif f.name == "kinds":
            offered = organisations.kinds_to_register(request.identity.actor)
            f = replace(f, choices=tuple(c for c in f.choices if c in offered))
        found.append(f)
    return tuple(found)


def known_values(request: Request, act: OfficeAct, about: Subjects) -> dict[str, object]:
    """What a change starts from."""
    if act.name != "change_organisation":
        return {}
    now = organisations.seen(request.unit, request.identity.actor, about["organisation"])
    return {"name": now.name, "kinds": sorted(now.kinds)}


# ------------------------------------------------------------------ pages

def page(request: Request, act: OfficeAct, about: Subjects, form: Form, key: str) -> dict[str, Any]:
    lines = [fault for p in form.problems if (fault := fault_of(request, p)) is not None]
    form = form.with_problems([p for p in form.problems if not ROW.match(p.path)])
    return {**seen(request, act, about), "step": "form", "form": form, "key": key, "faults": lines[:FAULTS_SHOWN],
            "fault_count": len(lines)}  # fmt: skip


def fault_of(request: Request, p: Problem) -> Fault | None:
    """A fault of a file: the line as an editor counts it, the column as the file heads it. None for a problem of the form."""
    match = ROW.match(p.path)
    return Fault(int(match[1]), match[2] or "", request.words.problem(p.code, p.params), p.rule) if match else None


def refused(request: Request, act: OfficeAct, about: Subjects, form: Form, key: str) -> dict[str, Any]:
    request.response.status_int = told(Refused(*form.problems)).status
    return page(request, act, about, form, key)


def confirmation(request: Request, act: OfficeAct, about: Subjects, form: Form, data: Json, key: str) -> dict[str, Any]:
    words, consequence = request.words, f"consequence.{act.name}"
    return {
        **seen(request, act, about), "step": "confirm", "form": form, "key": key, "stated": list(stated(act.fields, data, words)),
        "values": {k: v for k, v in form.values.items() if k not in {*BOOKKEEPING, *about}},
        "consequence": words(consequence if words.catalogue.has(consequence) else "act.irrevocable"),
    }  # fmt: skip


def finished(request: Request, act: OfficeAct, about: Subjects, done: Mapping[str, Any]) -> dict[str, Any]:
    request.response.cache_control = "no-store"
    words = request.words
    told_of = [Fact(words.name("office.answer", k), _shown(request, k, v)) for k, v in done.items() if k not in about]
    return {**seen(request, act, about), "step": "done", "facts": told_of, "onward": onward(request, act, {**about, **done})}


def _shown(request: Request, name: str, value: object) -> str:
    if name == "id_type":
        return str(request.words.name("choice.id_type", str(value)))
    return "\n".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def seen(request: Request, act: OfficeAct, about: Subjects) -> dict[str, Any]:
    back = home_of(request, act, about)
    trail = [(request.words("frame.my"), route(request, "my", {})), back, (request.words.name("act", act.name), "")]
    return {"act": act, "about": about, "objects": list(objects(request, about)), "back": back[1],
            "trail": trail[:1] + trail[2:] if act.room == "my" else trail}  # fmt: skip


def home_of(request: Request, act: OfficeAct, about: Subjects) -> tuple[str, str]:
    """The page from which one came, with its title."""
    words = request.words
    if act.room == "my":
        return words("frame.my"), route(request, "my", {})
    if act.room == "treasury":
        return words("treasury.title"), route(request, "treasury_lot", {"lot": about["lot"]})
    if "organisation" in about:
        return words("registry.organisation"), route(request, "registry_organisation", {"organisation": about["organisation"]})
    if "person" in about and persons.find_person(request.unit, about["person"]) and act.name != "erase_person":
        return words("registry.person"), route(request, "registry_person", {"person": about["person"]})
    if request.identity.actor.role not in organisations.KEEPERS:
        own = request.identity.actor.organisation
        return words("registry.organisation"), route(request, "registry_organisation", {"organisation": own})
    return words("registry.title"), route(request, "registry", {})


def objects(request: Request, about: Subjects) -> list[Fact]:
    """What the act is about, as far as the reader may know of it."""
    unit, actor, words, found = request.unit, request.identity.actor, request.words, []
    if "organisation" in about:
        home = organisations.seen(unit, actor, about["organisation"])
        found.append(Fact(words("registry.organisation"), home.name, home.uscc))
    if "person" in about:
        subject = persons.find_person(unit, about["person"])
        own = persons.colleagues(unit, actor) if subject and subject.organisation == actor.organisation else {}
        found.append(Fact(words("registry.person"), own.get(about["person"], ""), about["person"]))
    if "lot" in about:
        lot = lots.find(unit, about["lot"])
        found.append(Fact(words("workbench.lot"), lot.term_text("title") or lot.id, lot.id))
    if "number" in about:
        found.append(Fact(words("treasury.number"), about["number"]))
    return found


def onward(request: Request, act: OfficeAct, known: Mapping[str, Any]) -> tuple[str, str]:
    """The one thing that usually comes next."""
    words = request.words
    if act.name == "register_organisation":
        return words("registry.to_organisation"), route(request, "registry_organisation", {"organisation": known["organisation"]})
    if act.name == "register_person":
        return words("registry.to_person"), route(request, "registry_person", {"person": known["person"]})
    if act.name == "tender_anew":
        return words("registry.to_draft"), route(request, "my_notice", {"_query": {"lot": known["lot"]}})
    return home_of(request, act, known)


# ------------------------------------------------------------------ opening one's account

@view_config(route_name="activation", renderer="activation.jinja2", request_method="GET", permission=Permission.PUBLIC)
def ask_code(request: Request) -> dict[str, Any]:
    return {"form": Form(OPENING, {})}


@view_config(route_name="activation", renderer="activation.jinja2", request_method="POST", permission=Permission.PUBLIC, require_csrf=True)
def open_account(request: Request) -> dict[str, Any] | Response:
    """With the code that one was handed; afterwards one signs in."""
    post = {f.name: str(request.POST.get(f.name, "")) for f in OPENING}
    form = Form(OPENING, {k: v for k, v in post.items() if k in ("activation_code", "login")})
    try:
        same = post["password"] == post["password_again"]
        problems = [Problem("field.required", n) for n in ("activation_code", "login", "password") if not post[n].strip()]
        if problems or not same:
            raise Refused(*problems, *([] if same else [Problem("account.password_differs", "password_again")]))
        accounts.open_account(request.platform, post["activation_code"], post["login"], post["password"])
    except Refused as refusal:
        request.response.status_int = told(refusal).status
        return {"form": form.with_problems(refusal.problems)}
    return HTTPSeeOther(route(request, "login", {}))
