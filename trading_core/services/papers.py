"""Papers: acts that yield documents are followed by a reader; printing and signing happen outside any transaction.

A paper is data and a template: printed again it reads the same. What is issued is an event with the hash of the signed file, so a
paper in somebody's hand can be checked against the record.
"""
from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping

import sqlalchemy as sa

from ..adapters.db.papers import paper_job
from ..adapters.db.store import Stored
from ..adapters.pdf.source import digest
from ..domain.errors import Conflict, Problem, Refused
from ..domain.events import Event, instant_text
from ..domain.identity import Actor, Role
from ..domain.lot import Lot
from ..domain.stages.announcing import Announcement
from ..domain.tender.prequalifying import Prequalification
from ..domain.trade import Command, TradeType
from ..platform import Platform, Unit
from . import lots, paper_data
from .paper_data.prequalifying import addressees

log = logging.getLogger(__name__)
TRIES = 5

STOPS = frozenset({"suspended", "resumed"})
"""A lot stops and goes on by whatever hold comes first and goes last: the notice belongs to that, not to an act."""

CHANGES = frozenset({"clarified", "prequalification_issuing_started", "issuing_started"})
"""Acts that are told in a paper only when they change the document or a deadline."""

CONFIDENTIAL: Mapping[str, frozenset[Role]] = {
    "evaluation_report": frozenset({Role.PRINCIPAL, Role.AGENCY, Role.SUPERVISOR}),
    "review_report": frozenset({Role.PRINCIPAL, Role.AGENCY, Role.SUPERVISOR}),
    "draw_record": frozenset({Role.SUPERVISOR}),
    "invitation": frozenset({Role.PRINCIPAL, Role.AGENCY, Role.SUPERVISOR}),
    "prequalification_result": frozenset({Role.PRINCIPAL, Role.AGENCY, Role.SUPERVISOR}),
    "archive_catalogue": frozenset({Role.PRINCIPAL, Role.AGENCY, Role.CENTRE, Role.SUPERVISOR}),
}
"""Papers that are not for everybody, and the roles of the lot's parties that may read them [01 §1.3]. All others are public."""


def may_read(lot: Lot, kind: str, actor: Actor | None, part: int = 0) -> bool:
    """Whether somebody (None: anybody) may read a paper of this kind on this lot. part: number of its addressee, who may always."""
    roles = CONFIDENTIAL.get(kind)
    if roles is None or actor is None:
        return roles is None
    if kind == "invitation" and any(i.organisation == actor.organisation for i in lot.part(Announcement).invitees):
        return True  # one paper for all: how many were invited is as secret as who
    own = any(a.number == part and a.organisation == actor.organisation for a in lot.part(Prequalification).applications)
    return own or (actor.role in roles and lot.parties.get(actor.role.value) == actor.organisation)


def follow(unit: Unit, stored: Stored) -> None:
    """Reader of the log: note which papers an act yields."""
    if not stored.stream.startswith("lot/") or stored.type == "document_issued":
        return
    lot = lots.find(unit, stored.stream.partition("/")[2])
    addressed = addressees(stored.recorded().private or {})
    for kind in {*kinds_of(lots.trade_of(unit, lot), stored), *(["prequalification_result"] if addressed else [])}:
        for part in addressed if kind == "prequalification_result" else (0,):
            job = {"stream": stored.stream, "version": stored.version, "kind": kind, "part": part}
            unit.connection.execute(sa.insert(paper_job), job)


def changes(stored: Stored) -> bool:
    """Whether an act of `CHANGES` changed the document, or moved a deadline."""
    public = stored.recorded().public
    return bool(public.get("affects_preparation") or public.get("moves"))


def kinds_issued(unit: Unit, trade: TradeType, lot: Lot, command: Command) -> frozenset[str]:
    """Kinds of paper that the lot's record names."""
    return frozenset(str(s.recorded().public["kind"]) for s in unit.store.read(f"lot/{lot.id}") if s.type == "document_issued")


def kinds_of(trade: TradeType, stored: Stored) -> list[str]:
    """Kinds of paper that an event yields by its trade type's declaration."""
    if stored.type in STOPS:
        return ["notice"]
    if stored.type in CHANGES and not changes(stored):
        return []
    return sorted({kind for act in trade.acts.values() if act.event == stored.type for kind in act.documents})


def find(unit: Unit, number: str) -> Stored | None:
    """The record of an issued paper by the number printed on it, None when nothing of that number was ever issued."""
    lot_id = "-".join(number.split("-")[:3])
    issued = (s for s in unit.store.read(f"lot/{lot_id}") if s.type == "document_issued")
    return next((s for s in issued if s.recorded().public["number"] == number), None)


def issue_waiting(platform: Platform) -> int:
    """Print, sign and issue every waiting paper. Returns how many. One that cannot be printed is logged and stays for later."""
    with platform.look() as unit:
        jobs = unit.connection.execute(sa.select(paper_job).order_by(*paper_job.primary_key)).all()
    issued = 0
    for job in jobs:
        try:
            issue(platform, job.stream, job.version, job.kind, job.part)
            issued += 1
        except Conflict:
            continue  # its lot is busy; it is tried again
        except Exception as fault:  # whatever stands in the way of one paper, the others are printed
            codes = ", ".join(f"{p.path}: {p.code}" for p in fault.problems) if isinstance(fault, Refused) else _where(fault)
            if job.failed != codes:
                log.error("paper %s of %s/%s cannot be printed: %s", job.kind, job.stream, job.version, codes)
                _note_failure(platform, job.stream, job.version, job.kind, job.part, codes)
    return issued


def _where(fault: Exception) -> str:
    """A mistake of ours by its kind and place. Its own text may hold what the paper says, and not every paper is for everybody."""
    place = traceback.extract_tb(fault.__traceback__)[-1]
    return f"{type(fault).__name__} in {place.name}, line {place.lineno}"


def issue(platform: Platform, stream: str, version: int, kind: str, part: int = 0) -> None:
    """Make one paper and record it. Raises `Refused` when its data do not suffice."""
    with platform.look() as unit:
        source = unit.store.read(stream, version - 1)[0]
        lot, trade = _as_of(unit, stream, version)
        number = f"{lot.id}-{version:04d}-{kind}" + (f"-{part}" if part else "")
        made = paper_data.of(unit, trade, lot, source, kind, number, part)
    form = paper_data.printed(trade, kind)
    data = platform.printing.fitted(form, made)
    signed = sealed(platform, platform.printing.render(form, data), kind)
    name = platform.objects.put(signed)
    said = {
        "kind": kind, "number": number, "sha256": name, "size": len(signed), "of_version": version, "name": f"{number}.pdf",
        "digest": digest(form, data), "issued_at": instant_text(source.at), **({"part": part} if part else {}),
    }  # fmt: skip
    for _ in range(TRIES):
        try:
            with platform.unit() as unit:
                where = _job(stream, version, kind, part)
                if unit.connection.execute(sa.delete(paper_job).where(*where)).rowcount:
                    unit.store.append(stream, unit.store.version(stream), [Event("document_issued", said)], unit.now)
                return
        except Conflict:
            continue
    raise Conflict(stream)


def on_demand(platform: Platform, kind: str, data: Mapping[str, object], title: str) -> bytes:
    """A paper that its reader asks for and that nobody else may know of: printed, sealed for the centre, kept nowhere.

    Raises `Refused` (``service.not_printed``) when it cannot be printed. What is logged then says nothing of the paper.
    """
    try:
        return sealed(platform, platform.printing.render(kind, platform.printing.fitted(kind, data)), title, Role.CENTRE)
    except Exception as fault:  # whatever it was may name what the paper says
        log.error("a paper cannot be printed on demand: %s", _where(fault))
    raise Refused(Problem("service.not_printed"))


def sealed(platform: Platform, pdf: bytes, kind: str, role: Role = Role.PRINCIPAL) -> bytes:
    """The paper with a seal: that of a plugin (an e-seal device) when one answers, otherwise the site's own. role: for whom."""
    reason = platform.catalogue.say(f"document.title.{kind}") if platform.catalogue.has(f"document.title.{kind}") else kind
    answer: bytes | None = platform.plugins.hook.gongxin_sign_pdf(platform=platform, pdf=pdf, role=role.value, reason=reason)
    return answer if answer is not None else platform.printing.seal(pdf, reason)


def _as_of(unit: Unit, stream: str, version: int) -> tuple[Lot, TradeType]:
    """The lot as it was right after that event: a paper says what held when its act was done."""
    return lots.as_of(unit, stream.partition("/")[2], version)


def _job(stream: str, version: int, kind: str, part: int) -> tuple[sa.ColumnElement[bool], ...]:
    c = paper_job.c
    return c.stream == stream, c.version == version, c.kind == kind, c.part == part


def _note_failure(platform: Platform, stream: str, version: int, kind: str, part: int, codes: str) -> None:
    where = _job(stream, version, kind, part)
    with platform.unit() as unit:
        unit.connection.execute(sa.update(paper_job).where(*where).values(failed=codes))
