"""Any act of a lot as a form: what is asked, what it means when it cannot be undone, the receipt. Drawn from the act's declaration."""
from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config

from trading_core.adapters.crypto.manifest import Identity
from trading_core.domain import engine
from trading_core.domain.errors import Forbidden, IllegalTransition, Problem, Refused, refuse_if
from trading_core.domain.events import instant_from
from trading_core.domain.fields import Field
from trading_core.domain.lot import Lot
from trading_core.domain.money import daxie
from trading_core.domain.stages.award import award_of
from trading_core.domain.stages.delegating import Delegated
from trading_core.domain.tender.opening import Opening
from trading_core.domain.tender.prequalifying import Application, Prequalification
from trading_core.domain.trade import Act, Command
from trading_core.services import attempts, commands, documents, lots, organisations, seats, working

from .. import workbench
from ..api.body import received_at
from ..api.commands import give
from ..contexts import LotOf
from ..desk import reviews_alone
from ..errors import told
from ..forms import MORE, Form, posted
from ..frame import choice, route
from ..i18n import Words
from ..lot_page import checkpoint_size, line
from ..models import Fact, Line
from ..permissions import Permission
from ..workbench import View

if TYPE_CHECKING:
    from pyramid.request import Request
    from pyramid.response import Response

    from trading_core.domain.events import Json

PAGES: Mapping[str, str] = {
    "submit_bid": "my_bid", "withdraw_bid": "my_bid", "register_trustee_key": "my_keys", "rehearse_trustee_key": "my_keys",
    "release_key": "my_keys", "commit_draw": "my_draws", "hand_in_part": "my_draws",
    "create_attempt": "my_attempt",
}  # fmt: skip
"""Acts that need the giver's own computer have pages of their own."""
LOOKS = (2, 4, 8, 16)  # seconds after which a receipt looks for its place in the log again
INDENT = "\u3000"
FILE_NAMES = ("name", "sha256", "size")
BOOKKEEPING = frozenset({"csrf_token", "key", "step", MORE})


@view_config(route_name="my_act", renderer="act.jinja2", request_method="GET", permission=Permission.SIGNED_IN)
def ask(context: LotOf, request: Request) -> dict[str, Any] | Response:
    """The empty form; values in the query fill fields of the same name, so that a task leads to a form half done."""
    if "receipt" in request.GET:
        return given_before(context, request)
    act = act_of(context, request)
    if act.name in PAGES and act.name in context.trade.acts:
        return HTTPSeeOther(route(request, PAGES[act.name], {"lot": context.lot.id}))
    asked = {f.name: str(request.GET[f.name]) for f in act.fields if f.name in request.GET}
    form = Form(act.fields, {**own_values(request, context.lot, act), **asked})
    return page(context, request, act, form, request.platform.entropy.token_bytes(16).hex())


@view_config(route_name="my_act", renderer="act.jinja2", request_method="POST", permission=Permission.SIGNED_IN, require_csrf=True)
def answer(context: LotOf, request: Request) -> dict[str, Any] | Response:
    """Check everything at once; an act that cannot be undone is confirmed on a page of its own first."""
    act, step = act_of(context, request), str(request.POST.get("step", ""))
    form, data = posted(act.fields, with_files(request, act.fields))
    key = str(request.POST.get("key", ""))[:200]
    if MORE in request.POST or step == "edit":
        return page(context, request, act, Form(form.fields, form.values, (), form.spare), key)
    command = Command(act.name, request.identity.actor, data, received_at(request))
    if form.problems:
        return refused(context, request, act, form.with_problems(joined(form.problems, request, context, command)), key)
    if act.irrevocable and step != "confirm":
        found = working.refusals(request.unit, context.lot.id, command)
        if found:
            return refused(context, request, act, form.with_problems(found), key)
        return confirmation(context, request, act, form, data, key)
    try:
        receipt = give(request.platform, context.lot.id, command, key, request.remote_addr or "")
    except Forbidden:
        raise
    except Refused as refusal:
        return refused(context, request, act, form.with_problems(refusal.problems), key)
    return done(context, request, act, receipt, key)


def given_before(context: LotOf, request: Request) -> dict[str, Any]:
    """The receipt of an act that the reader has given, by the key they gave it under. To anybody else it is not there."""
    act, key = context.trade.acts.get(request.matchdict["act"]), request.GET["receipt"]
    answer = commands.answered(request.unit, request.identity.actor, key)
    if act is None or answer is None or json.loads(str(answer.get("receipt", "{}"))).get("lot") != context.lot.id:
        raise HTTPNotFound
    looked = request.GET.get("looked", "")
    return done(context, request, act, answer, key, int(looked) if re.fullmatch("[0-9]", looked) else len(LOOKS))


def act_of(context: LotOf, request: Request) -> Act:
    """The act named in the address, if the reader has a part in the lot, their role may give it and the lot's state knows it."""
    act = context.trade.acts.get(request.matchdict["act"])
    actor = request.identity.actor
    if act is None or actor.role not in act.roles:
        raise HTTPNotFound
    lots.check_part(request.unit, context.lot, actor, act.name)
    if not engine.possible(context.trade, context.lot, act.event):
        refusal = IllegalTransition(Problem("lot.illegal_transition", params={"state": context.lot.status, "event": act.event}))
        if request.method == "POST":
            attempts.record(request.platform, context.lot.id, actor, refusal, request.remote_addr or "")
        raise refusal
    return act


def joined(problems: Sequence[Problem], request: Request, context: LotOf, command: Command) -> tuple[Problem, ...]:
    """What the form could not read, and what the core says of the rest, without saying of one field twice."""
    wrong = {p.path for p in problems}
    return (*problems, *(p for p in working.refusals(request.unit, context.lot.id, command) if p.path not in wrong))


# ------------------------------------------------------------------ pages

def page(context: LotOf, request: Request, act: Act, form: Form, key: str) -> dict[str, Any]:
    sorts, lacking = sorted_files(act.fields), {}
    if sorts:  # which kinds are still lacking is for the core to say
        settled = {f.name: f.choices[0] for f in act.fields if f.kind == "choice" and f.required}  # what is not chosen yet hides nothing
        data = settled | posted(act.fields, form.values)[1]
        found = working.refusals(request.unit, context.lot.id, Command(act.name, request.identity.actor, data, request.unit.now))
        lacking = {name: [k for k in kinds if any(p.path == f"{name}.{k}" for p in found)] for name, kinds in sorts.items()}
    return {**seen(context, request, act), "step": "form", "form": form, "key": key, "file_lists": file_lists(act.fields), "sorts": sorts,
            "lacking": lacking, "bidders": bidders(context.lot, request.words), "applications": applications(context, act),
            "numbered": numbered(context, request, act)}  # fmt: skip


def applications(context: LotOf, act: Act) -> Sequence[Application]:
    """What the tenderer decides on where it reviews the applications itself [BLR 18]."""
    own = act.name == "decide_prequalification" and reviews_alone(context)
    return context.lot.part(Prequalification).applications if own else ()


def numbered(context: LotOf, request: Request, act: Act) -> dict[str, str]:
    """Questions, objections or complaints that the act can be about: number to what was said."""
    unit, actor, words = request.unit, request.identity.actor, request.words
    home = organisations.find_organisation(unit, actor.organisation)
    view = View(context.trade, context.lot, actor, home.uscc if home else "", seats.number_of(unit, actor))
    return {n: item.note or choice(words, "about", item.about) for n, item in workbench.numbered(view, act.name).items()}


def bidders(lot: Lot, words: Words) -> dict[str, str]:
    """Bids by number as people call them: the candidates by rank once there are any, before that whoever was opened."""
    ranked = award_of(lot).remaining()
    named = {c.bid: words("act_page.candidate", rank=c.rank, name=c.bidder, price=words.money(c.price_fen)) for c in ranked}
    return named or {b.bid: b.name for b in lot.part(Opening).bids.values() if b.name}


def refused(context: LotOf, request: Request, act: Act, form: Form, key: str) -> dict[str, Any]:
    shown = told(Refused(*form.problems))
    request.response.status_int = shown.status
    if shown.retry_after is not None:
        request.response.headers["Retry-After"] = str(shown.retry_after)
    return page(context, request, act, form, key)


def confirmation(context: LotOf, request: Request, act: Act, form: Form, data: Json, key: str) -> dict[str, Any]:
    """Object, amount in figures and words, consequence; the values travel on as they were typed."""
    words = request.words
    consequence, named = f"consequence.{act.name}", bidders(context.lot, words)
    told_data = {k: named.get(str(v), v) if k == "bid" else v for k, v in data.items()}
    values = {k: v for k, v in form.values.items() if k not in BOOKKEEPING}
    return {
        **seen(context, request, act), "step": "confirm", "form": form, "key": key,
        "stated": list(stated(act.fields, told_data, words, act.name)), "values": values,
        "consequence": words(consequence if words.catalogue.has(consequence) else "act.irrevocable"),
    }  # fmt: skip


def done(context: LotOf, request: Request, act: Act, receipt: Mapping[str, Any], key: str, looked: int = 0) -> dict[str, Any]:
    """The receipt: every event that came of it, each with its mark, and the signed text to keep. While an event has no place in the log
    yet the page asks again by itself, a few times and ever more slowly; then it leaves that to the reader."""
    body = json.loads(str(receipt["receipt"]))
    raw = json.dumps(receipt, ensure_ascii=False, indent=1).encode()
    lines = list(receipt_lines(request, body))
    again = {"lot": context.lot.id, "act": act.name, "_query": {"receipt": key, "looked": str(looked + 1)}}
    waits = any(line.index is None for line in lines)
    if waits and looked < len(LOOKS):
        request.response.headers["Refresh"] = f"{LOOKS[looked]}; url={route(request, 'my_act', again)}"
    return {
        **seen(context, request, act), "step": "done", "receipt": body, "lines": lines,
        "again": route(request, "my_act", {**again, "_query": {"receipt": key}}) if waits and looked >= len(LOOKS) else "", "waits": waits,
        "at": instant_from(str(body["server_time"])), "file": "data:application/json;base64," + base64.b64encode(raw).decode(),
    }  # fmt: skip


def seen(context: LotOf, request: Request, act: Act) -> dict[str, Any]:
    title = context.lot.term_text("title") or context.lot.id
    trail = [(request.words("frame.my"), route(request, "my", {})), (title, route(request, "lot", {"lot": context.lot.id})),
             (request.words.name("act", act.name), "")]  # fmt: skip
    return {"act": act, "lot": context.lot, "title": title, "trail": trail}


def receipt_lines(request: Request, body: Mapping[str, Any]) -> Iterator[Line]:
    """The events of a receipt as lines of the record."""
    with request.platform.look() as unit:
        covered = checkpoint_size(unit)
        for entry in body["events"]:
            stored = unit.store.read(str(entry["stream"]), int(entry["version"]) - 1)[0]
            yield line(stored, unit.store.log_index(stored.stream, stored.version), covered, request.words)


# ------------------------------------------------------------------ values

def stated(fields: Sequence[Field], data: Json, words: Words, act: str = "") -> Iterator[Fact]:
    """What is about to be said, field by field; a field may have a title of its own in an act."""
    for f in fields:
        if f.name in data and not f.secret:
            own = f"label.{act}.{f.name}"
            yield Fact(words(own) if words.catalogue.has(own) else words.name("field", f.name), *stated_value(f, data[f.name], words))


def stated_value(f: Field, value: object, words: Words) -> tuple[str, str]:
    match f.kind, value:
        case "money", int():
            return words.money(value), daxie(value)
        case "boolean", bool():
            return words("form.yes" if value else "form.no"), ""
        case "choice", str():
            return choice(words, f.name, value), ""
        case "instant", str():
            return words.when(instant_from(value), True), ""
        case "list", [*items]:
            shown = (joint(f.fields, item, words) if isinstance(item, Mapping) else choice(words, f.name, str(item)) for item in items)
            return ("\n" if f.fields else words("form.comma")).join(shown), ""
        case "object", Mapping():
            return "\n".join(branches(f.fields, value, words)), ""
        case "map", Mapping():
            return "\n".join(f"{words.name('field', k)}{words('form.colon')}{choice(words, k, str(v))}" for k, v in value.items()), ""
    return str(value), ""


FINGERPRINTS = ("hash", "file")


def branches(fields: Sequence[Field], data: Json, words: Words) -> Iterator[str]:
    """An object, one value a line; what belongs to one of its own objects or lists stands below it, set in."""
    for fact in stated([f for f in fields if f.kind not in FINGERPRINTS], data, words):
        first, *more = fact.value.split("\n")
        below = [first, *more] if more else []
        yield fact.label + words("form.colon") + ("" if below else first)
        yield from (INDENT + line for line in below)


def joint(fields: Sequence[Field], data: Json, words: Words) -> str:
    """Several values in one line: an object, or a row of a list. Fingerprints are left out, they are shown with the file."""
    facts = stated([f for f in fields if f.kind not in FINGERPRINTS], data, words)
    return words("form.comma").join(f"{fact.label}{words('form.colon')}{fact.value.replace(chr(10), ' / ')}" for fact in facts)


def own_values(request: Request, lot: Lot, act: Act) -> dict[str, str]:
    """What the page knows by itself: what is delegated now; a salt, and the commitment of who acts under it, neither kept here."""
    names = {f.name for f in act.fields}
    if act.event == "acts_delegated":
        return {"acts": "\n".join(lot.part(Delegated).acts)}
    if not {"salt", "objector_commitment"} <= names:
        return {}
    organisation = organisations.known(request.unit, request.identity.actor.organisation)
    salt = request.platform.entropy.token_bytes(32)
    return {"salt": salt.hex(), "objector_commitment": Identity(organisation.uscc, organisation.name, salt).commitment()}


# ------------------------------------------------------------------ files

def file_lists(fields: Sequence[Field]) -> frozenset[str]:
    """Fields that hold a list of stored files: they are chosen, not typed."""
    return frozenset(f.name for f in fields if f.kind == "list" and tuple(g.name for g in f.fields) == FILE_NAMES)


def sorted_files(fields: Sequence[Field]) -> dict[str, tuple[str, ...]]:
    """Lists of files that each belong to a kind, with the kinds: one place to choose a file for each."""
    lists = (f for f in fields if f.kind == "list" and f.fields and f.fields[0].kind == "choice")
    return {f.name: f.fields[0].choices for f in lists if tuple(g.name for g in f.fields[1:]) == FILE_NAMES}


@dataclass(frozen=True)
class Kept:
    """A file that has just been stored."""

    name: str
    sha256: str
    size: int


def with_files(request: Request, fields: Sequence[Field]) -> dict[str, Any]:
    """The posted values with every chosen file stored and written in as a row of its list. Files named by a removal box are left out."""
    post = {k: v for k, v in request.POST.items() if not k.endswith((".upload", ".remove")) and ".upload." not in k}
    for f in fields:
        if f.kind == "file" and hasattr(post.get(f.name), "file"):
            post[f.name] = keep(request, post[f.name]).sha256
        elif f.kind == "list" and f.choices:  # ticked boxes, all under one name
            post[f.name] = "\n".join(v for v in request.POST.getall(f.name) if isinstance(v, str))
    sorts = {f.name: f.fields[0].name for f in fields if f.name in sorted_files(fields)}
    for name in (*file_lists(fields), *sorts):
        removed = set(request.POST.getall(f"{name}.remove"))
        post = {k: v for k, v in post.items() if not (k.startswith(name + ".") and k.split(".")[1] in removed)}
        row = 1 + max((int(k.split(".")[1]) for k in post if k.startswith(name + ".") and k.split(".")[1].isdigit()), default=-1)
        for sent, upload in request.POST.items():
            if sent.startswith(f"{name}.upload") and hasattr(upload, "file"):
                kept = keep(request, upload)
                post |= {f"{name}.{row}.{sorts[name]}": sent.removeprefix(f"{name}.upload.")} if name in sorts else {}
                post |= {f"{name}.{row}.name": kept.name, f"{name}.{row}.sha256": kept.sha256, f"{name}.{row}.size": str(kept.size)}
                row += 1
    return post


def keep(request: Request, upload: Any) -> Kept:
    """Store a file that came with the form."""
    uploads = request.platform.uploads
    refuse_if(uploads.room(request.content_length or 0))
    with request.platform.objects.writing() as growing:
        while block := upload.file.read(1 << 20):
            growing.write(block)
        name = str(upload.filename).replace("\\", "/").rpartition("/")[2]
        kept = Kept(name, uploads.loose.keep(growing), growing.size)
    with request.platform.unit() as unit:
        documents.sent_in(unit, request.identity.actor, kept.sha256)
    return kept
