"""The remote scoring desk: the bids beside the sheet, motions, questions, locks, the report. For those who have a seat, and nobody else."""
from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.renderers import render_to_response
from pyramid.response import Response
from pyramid.view import view_config

from trading_core.domain import engine
from trading_core.domain.errors import Problem, Refused
from trading_core.domain.evaluation.rejection import GROUNDS
from trading_core.domain.evaluation.scoring import Item
from trading_core.domain.events import instant_from
from trading_core.domain.lot import Lot
from trading_core.domain.money import yuan_text
from trading_core.domain.stages.announcing import File as StoredFile
from trading_core.domain.tender.committee import MEMBERS
from trading_core.domain.tender.opening import Opening
from trading_core.domain.tender.trustees import stage_names
from trading_core.domain.trade import Command
from trading_core.services import desk_drafts, documents, lots, opening, working

from ..api.body import received_at
from ..contexts import LotOf
from ..desk import Desk, DeskApplication, DeskBid, DeskOf, File, ReviewDesk, desk_of, draft_problems, files_of, invitation, name_of
from ..errors import told
from ..forms import MORE, Form
from ..frame import route
from ..headers import POLICY
from ..i18n import Words
from ..permissions import Permission
from ..rooms import Taken, carry_out, new_key, take
from .acts import confirmation, joined

if TYPE_CHECKING:
    from pyramid.request import Request

ASIDE = ("propose_rejection", "request_clarification", "correct_score", "recuse", "recommend_failure", "refuse_to_sign")
"""Acts with a form of their own beside the bid, shown when asked for: ``?do=``."""
ACTS = frozenset({*ASIDE, "answer_call", "sign_in_seat", "vote_chair", "vote_rejection", "vote_resolution", "finish_review",
                  "lock_application_review", "summarise_application_review", "submit_application_review",
                  "lock_scores", "summarise_technical", "summarise", "sign_report", "submit_report"})  # fmt: skip
STANDS = ("bid", "number")  # what the desk is open at
GIVEN = frozenset({"bid", "item", "number"})  # what a form knows from where it stands
TEXT_SHOWN = 200_000
TYPES = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg"}  # what may be shown in the page
SHOW_PDF = POLICY + "; object-src 'self'; frame-src 'self'"
FRAMED = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'"


@view_config(route_name="desk", renderer="desk_list.jinja2", request_method="GET", permission=Permission.SIGNED_IN)
def desks(request: Request) -> dict[str, Any]:
    """The lots where the reader sits or was asked to."""
    actor = request.identity.actor
    if actor.role not in MEMBERS:
        raise HTTPNotFound
    invited = (invitation(request, LotOf(lot, lots.trade_of(request.unit, lot))) for lot in working.lots_of(request.unit, actor))
    return {"desks": [desk_of(request.unit, context) for context in invited if context is not None]}


@view_config(route_name="desk_lot", renderer="desk.jinja2", request_method="GET", permission=Permission.SIGNED_IN)
def desk(context: DeskOf, request: Request) -> dict[str, Any]:
    done = str(request.GET.get("done", ""))
    return {**seen(context, request), "done": done if done in ACTS or done == "draft" else ""}


@view_config(route_name="desk_fragments", renderer="desk_fragments.jinja2", request_method="GET", permission=Permission.SIGNED_IN)
def fragments(context: DeskOf, request: Request) -> dict[str, Any]:
    """What moves by others' doing: steps, progress, motions."""
    return seen(context, request)


@view_config(route_name="desk_lot", renderer="desk.jinja2", request_method="POST", permission=Permission.SIGNED_IN, require_csrf=True)
def act(context: DeskOf, request: Request) -> dict[str, Any] | Response:
    taken, step = take(context, request, ACTS), str(request.POST.get("step", ""))
    if taken.act.name == "lock_scores":
        return lock(context, request, taken, step)
    if MORE in request.POST or step == "edit":
        return again(context, request, taken, ())
    if taken.act.irrevocable and step != "confirm":
        problems = standing_against(context, request, taken)
        if not problems:
            return render_to_response("act.jinja2", confirmation(context, request, taken.act, taken.form, taken.data, taken.key), request)
    else:
        problems = carry_out(context, request, taken)
    return again(context, request, taken, problems) if problems else done(context, request, taken.act.name)


def standing_against(context: DeskOf, request: Request, taken: Taken) -> tuple[Problem, ...]:
    """Everything for which the act would be refused, so that nobody confirms in vain."""
    command = Command(taken.act.name, request.identity.actor, taken.data, received_at(request))
    if taken.form.problems:
        return joined(taken.form.problems, request, context, command)
    return working.refusals(request.unit, context.lot.id, command)


def done(context: DeskOf, request: Request, what: str) -> Response:
    query = {"done": what} | {name: str(request.POST[name]) for name in STANDS if name in request.POST}
    return HTTPSeeOther(route(request, "desk_lot", {"lot": context.lot.id, "_query": query}))


def again(context: DeskOf, request: Request, taken: Taken, problems: Sequence[Problem]) -> dict[str, Any]:
    """The desk with the form as it was typed and everything that is wrong."""
    if problems:
        request.response.status_int = told(Refused(*problems)).status
    return {**seen(context, request, {taken.act.name: taken.form.with_problems(problems)}, tuple(problems)), "done": ""}


# ------------------------------------------------------------------ the sheet

def lock(context: DeskOf, request: Request, taken: Taken, step: str) -> dict[str, Any] | Response:
    """Keep what is typed; lock it after a page that repeats every figure. Locked points do not change [SC-2]."""
    bid, points, comment = typed(request)
    taken = replace(taken, form=Form(taken.act.fields, taken.form.values), data={"bid": bid, "points": points, "comment": comment})
    if step != "confirm":
        keep(context, request, bid, points, comment)
    if step == "draft":
        return done(context, request, "draft")
    if step == "edit":
        return again(context, request, taken, ())
    if step != "confirm":
        problems = standing_against(context, request, taken)
        if not problems:
            return render_to_response("desk_lock.jinja2", to_lock(context, request, taken), request)
    else:
        problems = carry_out(context, request, taken)
    if problems:
        return again(context, request, taken, problems)
    with request.platform.unit() as unit:
        desk_drafts.drop(unit, context.lot, context.holder, bid)
    return done(context, request, "lock_scores")


def typed(request: Request) -> tuple[str, dict[str, str], str]:
    """Bid, points by item and comment as they stand in the form; what is left empty is not there."""
    points = {k.removeprefix("points."): v.strip() for k, v in request.POST.items() if k.startswith("points.") and isinstance(v, str)}
    comment = str(request.POST.get("comment", "")).replace("\r\n", "\n").strip()
    return str(request.POST.get("bid", "")), {k: v for k, v in points.items() if v}, comment


def keep(context: DeskOf, request: Request, bid: str, points: Mapping[str, str], comment: str) -> desk_drafts.Draft:
    """Save a draft of a sheet that can still be filled in. HTTPNotFound for any other."""
    shown = Desk(request.unit, context)
    mine = next((b for b in shown.bids if b.bid.bid == bid), None)
    if mine is None or mine.locked or mine.rejected or shown.phase not in ("review", "scoring"):
        raise HTTPNotFound
    with request.platform.unit() as unit:
        return desk_drafts.keep(unit, context.lot, context.holder, bid, points, comment)


@view_config(route_name="desk_draft", request_method="POST", renderer="json", permission=Permission.SIGNED_IN, require_csrf=True)
def draft(context: DeskOf, request: Request) -> dict[str, Any]:
    """Saving while somebody types: what is wrong so far, at which field."""
    bid, points, comment = typed(request)
    kept = keep(context, request, bid, points, comment)
    items, words = Desk(request.unit, context).rules.items, request.words
    problems = titled(draft_problems(items, kept.points), items)
    assert kept.saved_at is not None
    return {
        "saved": words("desk.saved_at", at=words.short(kept.saved_at)),
        "problems": {p.path: words.problem(p.code, p.params) for p in problems},
    }


def to_lock(context: DeskOf, request: Request, taken: Taken) -> dict[str, Any]:
    shown = Desk(request.unit, context)
    chosen = shown.bid(str(taken.data["bid"]))
    assert chosen is not None
    lines = shown.sheet(chosen, desk_drafts.Draft(taken.data["points"]))  # type: ignore[arg-type]
    return {"lot": context.lot, "chosen": chosen, "lines": lines, "total": shown.total(lines), "key": taken.key, "data": taken.data}


def titled(problems: Sequence[Problem], items: Sequence[Item]) -> tuple[Problem, ...]:
    """Problems that name an item of the sheet, with its title in place of its id."""
    titles = {i.id: i.title for i in items}
    return tuple(
        replace(p, params={**p.params, "item": titles.get(str(p.params["item"]), p.params["item"])}) if "item" in p.params else p
        for p in problems
    )


# ------------------------------------------------------------------ the page

def seen(
    context: DeskOf, request: Request, forms: Mapping[str, Form] | None = None, problems: tuple[Problem, ...] = ()
) -> dict[str, Any]:
    shown, words, given = desk_of(request.unit, context), request.words, request.params
    if isinstance(shown, ReviewDesk):
        return reviewed(context, request, shown, forms or {}, problems)
    chosen = shown.bid(str(given.get("bid", ""))) if shown.seat is not None else None
    files = in_order(context, files_of(chosen.bid)) if chosen is not None else []
    file = open_file(request, files)
    items = shown.rules.items
    problems = titled(problems, items)
    forms = forms or moved(context, request, shown, chosen)
    own = own_draft(request, shown, chosen, "lock_scores" in (forms or {}))
    sheet = shown.sheet(chosen, own, [p for p in problems if p.path.startswith("points.")]) if chosen is not None and shown.scored else []
    sheet = [replace(s, problems=titled(s.problems, items)) for s in sheet]
    return {
        **frame(context, request, shown, forms or {}, problems), "chosen": chosen, "stands": {"bid": chosen.bid.bid} if chosen else {},
        "files": files, "file": file, "content": shown_text(context, request, file),
        "sheet": sheet, "total": shown.total(sheet) if sheet else ("", ""), "draft": own,
        "yuan": yuan_text, "instant": instant_from, "name_of": lambda bid: name_of(context.lot, bid),
        **told_result(shown, words),
    }  # fmt: skip


def moved(context: DeskOf, request: Request, shown: Desk, chosen: DeskBid | None) -> Mapping[str, Form]:
    """A motion on what was found against a bid, written out for whoever wants to move it: nothing is rejected by itself [02 §2.5]."""
    given, words = request.params, request.words
    if chosen is None or given.get("do") != "propose_rejection":
        return {}
    found = next((d for d in shown.doubts(chosen) if d.problem.code == given.get("doubt")), None)
    if found is None:
        return {}
    evidence = words.problem(found.problem.code, found.problem.params)
    values = {"bid": found.bid, "ground": found.ground, "clause": GROUNDS[found.ground].source, "evidence": evidence}
    return {"propose_rejection": Form(context.trade.acts["propose_rejection"].fields, values)}


def frame(
    context: DeskOf, request: Request, shown: Desk, forms: Mapping[str, Form], problems: tuple[Problem, ...]
) -> dict[str, Any]:  # fmt: skip
    """What the desk shows whatever its committee does."""
    given, allowed = request.params, tuple(a for a in ASIDE if may(context, request, shown, a))
    asked = next(iter(forms), "") or str(given.get("do", ""))
    empty = {n: Form(a.fields, {k: v for k, v in given.items() if k in GIVEN and isinstance(v, str)})
             for n, a in context.trade.acts.items() if n in ACTS}  # fmt: skip
    return {
        "lot": context.lot, "title": context.lot.term_text("title") or context.lot.id, "desk": shown, "forms": {**empty, **forms},
        "problems": problems, "do": asked if asked in allowed else "", "aside": allowed, "given": GIVEN, "key": new_key(request),
    }


def reviewed(
    context: DeskOf, request: Request, shown: ReviewDesk, forms: Mapping[str, Form], problems: tuple[Problem, ...]
) -> dict[str, Any]:  # fmt: skip
    """The desk of who reviews applications."""
    chosen = shown.application(str(request.params.get("number", "")))
    files = [File("", "", f.name, f.sha256, f.size) for f in application_files(request, context, chosen)]
    file = open_file(request, files)
    return {
        **frame(context, request, shown, forms, titled(problems, shown.items)), "chosen": chosen, "files": files, "file": file,
        "stands": {"number": str(chosen.application.number)} if chosen else {}, "content": shown_text(context, request, file),
        "applicants": {a.application.number: a.application.name for a in shown.applications},
    }  # fmt: skip


def application_files(request: Request, context: DeskOf, chosen: DeskApplication | None) -> Sequence[StoredFile]:
    return documents.of_applications(context.lot).get(chosen.application.number, ()) if chosen is not None else ()


def open_file(request: Request, files: Sequence[File]) -> File | None:
    """The file that is asked for, else the first; the page may then show it."""
    file = next((f for f in files if f.sha256 == request.params.get("file")), files[0] if files else None)
    if file is not None and file.kind == "pdf":
        request.response.headers["Content-Security-Policy"] = SHOW_PDF
    return file


def in_order(context: DeskOf, files: Sequence[File]) -> list[File]:
    """A bid's files envelope by envelope, as the document names these."""
    names = stage_names(context.lot)
    return sorted(files, key=lambda f: names.index(f.stage))


def own_draft(request: Request, shown: Desk, chosen: DeskBid | None, posted: bool) -> desk_drafts.Draft:
    """What somebody has written of the sheet: as just sent, or as it was last saved."""
    if posted:
        _, points, comment = typed(request)
        return desk_drafts.Draft(points, comment)
    return shown.draft(chosen.bid.bid) if chosen is not None and not chosen.locked else desk_drafts.Draft()


def told_result(shown: Desk, words: Words) -> dict[str, Any]:
    """What the report is shown by: bids by number, who is recommended, titles of items, figures of notices."""
    titles = {i.id: i.title for i in shown.rules.items}
    return {
        "told_bids": {b["bid"]: b for b in shown.result.get("bids", ())},
        "chosen_ones": {c["bid"] for c in shown.result.get("candidates", ())},
        "item_title": lambda item: titles.get(item, item),
        "notice_figures": lambda notice: {
            k: words("form.comma").join(name_of(shown.lot, b) for b in v) if k == "bids" else name_of(shown.lot, v) if k == "bid" else v
            for k, v in notice.items()
        },
    }


def may(context: DeskOf, request: Request, shown: Desk, name: str) -> bool:
    """Whether a form beside the bid is offered: the core decides when it is sent."""
    act = context.trade.acts.get(name)
    if act is None or shown.seat is None or not engine.possible(context.trade, context.lot, act.event):
        return False
    if request.identity.actor.role not in act.roles:
        return False
    match name:
        case "correct_score":
            return shown.phase == "scoring"
        case "refuse_to_sign":
            return shown.phase == "report" and not shown.signature
        case "recommend_failure":
            return shown.is_chair and shown.phase in ("review", "scoring", "report")
        case "recuse":
            return not isinstance(shown, ReviewDesk) or not shown.submitted
    return shown.phase in ("review", "scoring")


def shown_text(context: DeskOf, request: Request, file: File | None) -> list[str] | None:
    """The lines of a text file to be read beside the sheet; None for what is no readable text."""
    if file is None or file.kind != "text":
        return None
    found = pieces_of(request, context.lot, file)
    if found is None:
        return None
    with closing(found) as pieces:
        raw = beginning(pieces, TEXT_SHOWN)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return [line for line in raw.decode(encoding, errors="strict").splitlines() if line.strip()]
        except UnicodeDecodeError:
            continue
    return None


def pieces_of(request: Request, lot: Lot, file: File) -> Generator[bytes] | None:
    """The bytes of a file of a bid or an application; None when it was never stored."""
    if file.bid:
        return opening.document(request.unit, lot, file.bid, file.stage, file.sha256)
    if documents.application_file(request.unit, lot, file.sha256) is None:
        return None
    documents.sound(request.unit, file.sha256)
    return documents.pieces(request.unit, file.sha256)


def beginning(pieces: Iterable[bytes], size: int) -> bytes:
    """The first bytes of what comes in pieces; no more of it is asked for."""
    raw = bytearray()
    for piece in pieces:
        raw += piece
        if len(raw) >= size:
            break
    return bytes(raw[:size])


# ------------------------------------------------------------------ files

@view_config(route_name="desk_file", request_method="GET", permission=Permission.SIGNED_IN)
def file(context: LotOf, request: Request) -> Response:
    """A file of an opened bid or of an application under review. Shown in the page only as what it may safely be; everything
    else is saved to disk."""
    digest = request.matchdict["sha256"]
    opened, sent = context.lot.part(Opening).bids.values(), documents.application_file(request.unit, context.lot, digest)
    found = next((f for b in opened for f in files_of(b) if f.sha256 == digest), None)
    found = found or (File("", "", sent.name, digest, request.platform.objects.size(digest)) if sent is not None else None)
    pieces = pieces_of(request, context.lot, found) if found is not None else None
    if found is None or pieces is None:
        raise HTTPNotFound
    kind = TYPES.get(found.name.rpartition(".")[2].lower())
    response = Response(content_type=kind or "application/octet-stream")
    response.app_iter = pieces
    response.content_length = found.size
    shown = kind is not None and "save" not in request.GET
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", found.name)
    how = "inline" if shown else "attachment"
    response.content_disposition = f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(found.name)}"
    response.headers["Cache-Control"] = "no-store"
    if shown:
        response.headers["Content-Security-Policy"], response.headers["X-Frame-Options"] = FRAMED, "SAMEORIGIN"
    return response
