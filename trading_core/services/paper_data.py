"""What each kind of paper says, taken from the lot as it was right after the act [12 §12.6]."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

from ..adapters.db.store import Stored
from ..domain.deadlines import due_dates
from ..domain.draw import pool_hash, sort_key
from ..domain.events import instant_from, instant_text
from ..domain.lot import Lot
from ..domain.tender.announcing import Announcement, period_facts
from ..domain.tender.archiving import PRESENT
from ..domain.tender.assessment import Evaluation, case_of
from ..domain.tender.awarding import Award
from ..domain.tender.bidding import Closing
from ..domain.tender.committee import Committee
from ..domain.tender.drawing import EXPERTS, PARAMETER, Draws, seated, substitutes
from ..domain.tender.opening import Opening
from ..domain.tender.remedies import Objections
from ..domain.tender.trustees import THRESHOLD
from ..domain.trade import TradeType
from ..domain.workcalendar import local_date
from ..platform import Unit
from . import organisations

Data = dict[str, Any]
SCORE_COLUMNS = 6
Make = Callable[["Paper"], Data]


class Paper:
    """What a paper is made from: the lot, its trade type, the event that it tells of."""

    def __init__(self, unit: Unit, trade: TradeType, lot: Lot, source: Stored) -> None:
        self.unit, self.trade, self.lot, self.source = unit, trade, lot, source
        recorded = source.recorded()
        self.public, self.private = recorded.public, recorded.private or {}

    def name(self, role: str) -> str:
        """Name of the party in a role, empty when there is none."""
        party = self.lot.parties.get(role)
        found = organisations.find_organisation(self.unit, party) if party else None
        return found.name if found else ""

    def say(self, key: str, **params: object) -> str:
        return self.unit.platform.catalogue.say(key, "zh", **params)

    def term(self, name: str, default: str = "—") -> str:
        return self.lot.term_text(name) or default

    def form(self, form: Mapping[str, object]) -> Data:
        """Duration, quality and leader as a bid states them."""
        found: Data = {}
        if form.get("duration_days") is not None:
            found["duration"] = self.say("paper.days", count=form["duration_days"])
        for name, key in (("quality", "quality"), ("project_leader", "leader"), ("project_leader_certificate", "certificate")):
            if form.get(name):
                found[key] = str(form[name])
        return found


def of(unit: Unit, trade: TradeType, lot: Lot, source: Stored, kind: str, number: str) -> Data:
    """The data of one paper, as docs/formats-documents.md describes its kind. KeyError for a kind nobody makes."""
    paper = Paper(unit, trade, lot, source)
    return {**_common(paper, number), **MAKERS[kind](paper)}


def _common(p: Paper, number: str) -> Data:
    common: Data = {
        "number": number,
        "project_name": p.term("title"),
        "lot_name": p.term("title"),
        "lot_code": p.lot.id,
        "issuer": p.name("principal") or p.unit.platform.settings.region,
        "issued_at": instant_text(p.source.at),
        "rules": [p.trade.version],
    }
    if p.name("agency"):
        common["agency"] = p.name("agency")
    if p.lot.terms.get("investment_project_code"):
        common["project_code"] = p.term("investment_project_code")
    index = p.unit.store.log_index(p.source.stream, p.source.version)
    return {**common, "log_index": index} if index is not None else common


def _contacts(p: Paper) -> list[Data]:
    contact = cast("Mapping[str, str]", p.lot.terms.get("contact") or {})
    found = [{"role": p.say("paper.principal"), "name": p.name("principal")}]
    if contact:
        found.append(
            {
                "role": p.say("paper.agency" if p.name("agency") else "paper.contact"),
                "name": contact.get("name", "—"),
                **{k: contact[k] for k in ("person", "phone", "address") if contact.get(k)},
            }
        )
    return found


def _supervisor(p: Paper) -> Data:
    found: Data = {"name": p.name("supervisor") or "—"}
    return {**found, "phone": p.term("supervisor_contact")} if p.lot.terms.get("supervisor_contact") else found


def _objection(p: Paper) -> Data:
    contact = cast("Mapping[str, str]", p.lot.terms.get("contact") or {})
    base = p.unit.platform.settings.base_url
    return {
        "channel": str(p.public.get("how_to_object") or f"{base}/lots/{p.lot.id}/objections"),
        **{k: contact[k] for k in ("person", "phone") if contact.get(k)},
    }


def _at(p: Paper, name: str) -> str:
    return instant_text(p.lot.schedule[name])


def _tender(p: Paper) -> Data:
    data: Data = {
        "fund_source": p.term("fund_source"),
        "scope": p.term("scope"),
        "location": p.term("place"),
        "qualification_way": p.term("qualification_way", "post"),
        "qualifications": p.term("qualification").splitlines(),
        "consortium_allowed": bool(p.lot.terms.get("consortium")),
        "issue_start": _at(p, "issue_start"),
        "issue_end": _at(p, "issue_end"),
        "obtaining": p.say("paper.download"),
        "bid_deadline": _at(p, "bid_deadline"),
        "submission": p.say("paper.submission"),
        "opening_place": p.say("paper.online_hall"),
        "contacts": _contacts(p),
        "supervisor": _supervisor(p),
        "deposit_forms": [p.say("paper.guarantee"), p.say("paper.transfer")],
        "media": [p.unit.platform.settings.base_url],
        "duration": p.say("paper.days", count=p.term("duration_days")),
        "quality": p.term("quality"),
        "evaluation_method": p.say(f"method.{cast('Mapping[str, str]', p.lot.terms['evaluation'])['method']}"),
    }
    for name in ("estimate_fen", "ceiling_fen", "deposit_fen"):
        if isinstance(p.lot.terms.get(name), int):
            data[name] = p.lot.terms[name]
    return {**data, "approval": p.term("approval_number")} if p.lot.terms.get("approval_number") else data


def _invitation(p: Paper) -> Data:
    return {"invitee": p.say("paper.invitees"), "chosen_how": p.term("qualification"), "reply_by": _at(p, "issue_end"), **_tender(p)}


def _clarification(p: Paper) -> Data:
    versions = p.lot.part(Announcement).versions
    now = versions[-1]
    return {
        "form": "amendment",
        "version_old": max(1, now.number - 1),
        "version_new": now.number,
        "text": now.note,
        "changes": [
            {"subject": p.say(f"field.{k}"), "before": str((now.before or {}).get(k) or "—"), "after": str(v)}
            for k, v in (now.changes or {}).items()
        ],
        "answers": [{"question": q.text, "answer": q.answer} for q in p.lot.part(Announcement).questions if q.answer],
        "affects_preparation": now.affects,
        "deadline_old": str(p.public["deadline_before"]),
        "deadline_new": str(p.public["deadline"]),
        "files": [{"name": f.name, "size": f.size, "sha256": f.sha256} for f in now.files],
        "contacts": _contacts(p),
    }


NOTICE_FORMS = {"suspended": "suspension", "resumed": "resumption", "failed": "failure"}


def _notice(p: Paper) -> Data:
    reason = str(p.public.get("explanation") or p.public.get("reason") or p.say(f"event.{p.source.type}"))
    return {
        "form": NOTICE_FORMS.get(p.source.type, "termination"),
        "reason": reason,
        "basis": str(p.public.get("basis") or p.public.get("reason") or "—"),
        "effective_at": instant_text(p.source.at),
        "effects": [],
        "times": [],
        "contacts": _contacts(p),
    }


def _opening_record(p: Paper) -> Data:
    part, received = p.lot.part(Opening), {b.bid: b for b in p.lot.part(Closing).bids}
    bids = []
    for b in sorted(part.bids.values(), key=lambda b: (b.name, b.bid)):
        failed = next((e for e in b.envelopes.values() if not e.ok), None)
        opened = max((e.at for e in b.envelopes.values() if e.at), default=None)
        row: Data = {
            "name": b.name or b.bid,
            "received_at": instant_text(received[b.bid].received_at),
            "check": p.say("paper.sealed"),
            "result": p.say("paper.opened") if failed is None else p.say("paper.not_opened", reason=failed.reason),
        }
        if opened:
            row["opened_at"] = instant_text(opened)
        if isinstance(b.form.get("price_fen"), int):
            row["price_fen"] = b.form["price_fen"]
        bids.append({**row, **{k: v for k, v in p.form(b.form).items() if k in ("quality", "duration", "leader")}})
    data: Data = {
        "opened_at": instant_text(p.lot.history["opening_started"]),
        "place": p.say("paper.online_hall"),
        "host": p.name("agency") or p.name("principal"),
        "participants": [n for n in (_organisation(p, o) for o in part.attended) if n],
        "supervisors": [p.name("supervisor") or "—"],
        "key_holders": [f"{THRESHOLD}/3"],
        "bids": bids,
        "draws": _parameter(p),
        "objections": [{"by": _organisation(p, o.organisation), "text": o.text, "answer": o.answer} for o in part.objections],
        "confirmations": [
            {"who": b.name, "status": p.say("paper.confirmed" if b.bid in part.confirmed else "paper.not_confirmed")} for b in part.valid()
        ],
    }
    ceiling = p.lot.terms.get("ceiling_fen")
    return {**data, "ceiling_fen": ceiling} if isinstance(ceiling, int) else data


def _organisation(p: Paper, subject: str) -> str:
    found = organisations.find_organisation(p.unit, subject)
    return found.name if found else ""


def _parameter(p: Paper) -> list[Data]:
    draw = p.lot.part(Draws).of(PARAMETER)
    if draw is None or not draw.value:
        return []
    event = next(s for s in p.unit.store.read(p.source.stream) if s.type == "parameter_drawn").recorded()
    return [
        {
            "name": "K",
            "candidates": list(cast("Sequence[str]", event.public["candidates"])),
            "value": draw.value,
            "commit": next(iter(draw.commitments.values())),
            "seed": draw.seed.hex(),
            "bid_root": str(event.public["bid_root"]),
        }
    ]


def _draw_record(p: Paper) -> Data:
    draw = p.lot.part(Draws).by_name[EXPERTS]
    orders = next(s for s in p.unit.store.read(p.source.stream) if s.type == "experts_drawn").recorded()
    frozen = next(s for s in p.unit.store.read(p.source.stream) if s.type == "draw_pool_frozen").recorded()
    excluded = {str(r["row"]): r["excluded"] for r in cast("Sequence[Mapping[str, Any]]", frozen.public["rows"])}
    by_row = cast("Mapping[str, Sequence[str]]", cast("Mapping[str, object]", orders.private)["orders"])
    seats, spare = seated(p.lot), substitutes(p.lot)
    rows = []
    for r in draw.rows:
        prefix = f"{p.lot.id}|{p.lot.attempt}|{r.id}|"
        order = []
        for place, number in enumerate(by_row[r.id], 1):
            line: Data = {"place": place, "number": number, "key": sort_key(draw.seed, prefix, number).hex()[:16]}
            if number in draw.answers:
                line["answer"] = p.say(f"answer.{draw.answers[number]}")
                order.append(
                    {
                        **line,
                        **(
                            {"seat": p.say("paper.seated")}
                            if number in seats
                            else {"seat": p.say("paper.spare")}
                            if number in spare
                            else {}
                        ),
                    }
                )
        rows.append(
            {
                "row": r.id,
                "specialty": r.specialty,
                "count": r.count,
                "eligible": len(r.candidates),
                "excluded": [{"reason": e["rule"], "count": e["count"]} for e in excluded[r.id]],
                "list_hash": pool_hash(r.candidates),
                "commit": str(orders.public["seed_commitment"]),
                "seed": draw.seed.hex(),
                "order": order,
            }
        )
    return {
        "drawn_at": instant_text(orders.at),
        "evaluation_at": instant_text(p.source.at),
        "place": p.say("paper.remote"),
        "operator": p.name("centre") or "—",
        "parts": [{"owner": p.say(f"party.{party}"), "commit": c} for party, c in draw.commitments.items()],
        "rows": rows,
    }


def _report(p: Paper) -> Data:
    part, opening, committee = p.lot.part(Evaluation), p.lot.part(Opening), p.lot.part(Committee)
    result, case = part.result, case_of(p.lot)
    names = {b.bid: b.name for b in opening.bids.values()}
    rejected: dict[str, list[str]] = {}
    for m in result["rejections"]:
        if m["decision"] == "rejected":
            rejected.setdefault(m["bid"], []).append(m["ground"])
    data: Data = {
        "opened_at": instant_text(p.lot.history["opening_started"]),
        "started_at": instant_text(p.lot.history["evaluation_started"]),
        "ended_at": instant_text(p.source.at),
        "place": p.say("paper.remote"),
        "method": p.say(f"method.{result['method']}"),
        "standards": p.say("paper.standards"),
        "matters": p.say("paper.none"),
        "committee": [
            {"name": p.say("seat.name", number=s.number), "role": p.say("seat.chair" if s.number == committee.chair else f"seat.{s.kind}")}
            for s in committee.seats
        ],
        "bids": [
            {
                "name": names[b["id"]],
                "price_fen": b.get("price_fen"),  # sealed for ever when the technical review rejected the bid
                "conforming": b["id"] not in rejected,
                "grounds": rejected.get(b["id"], []),
            }
            for b in case["bids"]
        ],
        "score_items": [],
        "scores": [],
        "clarifications": [{"bidder": names[c.bid], "question": c.text, "answer": c.answer or "—"} for c in part.clarifications],
        "candidates": [
            {"rank": c.rank, "name": c.bidder, "price_fen": c.price_fen, **({"score": c.total} if c.total else {})} for c in part.candidates
        ],
        "dissents": [],
        "signatures": [{"name": p.say("seat.name", number=n), **_signed_at(p, n)} for n in committee.numbers],
    }
    ceiling = p.lot.terms.get("ceiling_fen")
    if isinstance(ceiling, int):
        data["ceiling_fen"] = ceiling
    return {**data, **_scores(p, result, names)}


def _signed_at(p: Paper, seat: int) -> Data:
    """When a member signed this report; nothing for one who refused."""
    signed = [s.at for s in p.unit.store.read(p.source.stream) if s.type == "report_signed" and s.recorded().public["seat"] == seat]
    return {"at": instant_text(signed[-1])} if signed else {}


def _scores(p: Paper, result: Mapping[str, Any], names: Mapping[str, str]) -> Data:
    """The table of scores, price first, in the order of the ranking; nothing where the method gives none."""
    price, by_bid = result.get("price"), {b["bid"]: b for b in result["bids"]}
    if not price:
        return {}
    items = cast("Sequence[Mapping[str, str]]", cast("Mapping[str, Any]", p.lot.terms["evaluation"])["items"])
    groups = sorted({i["group"] for i in items})
    by_item = len(items) < SCORE_COLUMNS  # a sheet with more items than a page has columns is told by its groups
    rows = []
    for place in result["ranking"]:
        b = by_bid[place["bid"]]
        points = {i["item"]: i["score"] for i in b["items"]}
        told = [points[i["id"]] for i in items] if by_item else [b["groups"][g] for g in groups]
        row: Data = {"name": names[b["bid"]], "points": [b["price"]["score"], *told], "total": b["total"], "rank": place["rank"]}
        rows.append({**row, **({"tie": True} if place.get("tie_group") else {})})
    columns = [{"name": p.say("paper.price_score"), "full": str(price["params"]["full_score"])}]
    if by_item:
        columns += [{"name": i["title"], "full": i["points_max"]} for i in items]
    else:
        full = {g: sum(Decimal(i["points_max"]) for i in items if i["group"] == g) for g in groups}
        columns += [{"name": p.say(f"choice.group.{g}"), "full": str(full[g])} for g in groups]
    found: Data = {"scores": rows, "score_items": columns}
    if "benchmark" in price:
        words = p.unit.platform.catalogue
        params = [
            {"name": p.say(f"field.{k}") if words.has(f"field.{k}") else k,
             "value": p.say(f"choice.{k}.{v}") if words.has(f"choice.{k}.{v}") else str(v)}
            for k, v in price["params"].items()
        ]  # fmt: skip
        title = p.say(f"formula.{price['formula']}") if p.unit.platform.catalogue.has(f"formula.{price['formula']}") else price["formula"]
        found["formula"] = {"id": price["formula"], "title": title, "benchmark": price["benchmark"]["value"], "params": params}
    return found


def _candidates(p: Paper) -> Data:
    rows = []
    for c in cast("Sequence[Mapping[str, Any]]", p.public["candidates"]):
        rows.append(
            {
                "rank": c["rank"],
                "name": c["bidder"],
                "price_fen": c["price_fen"],
                **({"score": c["total"]} if c["total"] else {}),
                **p.form(c["form"]),
            }
        )
    return {
        "candidates": rows,
        "evaluation_summary": str(p.public["evaluation_summary"]),
        "rejected": [],
        "period_start": instant_text(p.source.at),
        "period_end": str(p.public["publicity_end"]),
        "objection": _objection(p),
        "supervisor": _supervisor(p),
    }


def _letter(p: Paper) -> Data:
    winner = p.lot.part(Award).standing
    assert winner is not None
    due = str(p.public.get("contract_due") or instant_text(p.source.at + timedelta(days=30)))
    return {
        "winner": winner.bidder,
        "winner_uscc": winner.uscc,
        "bid_at": _at(p, "bid_deadline"),
        "scope": p.term("scope"),
        "price_fen": winner.price_fen,
        "contract_due": local_date(instant_from(due) - timedelta(microseconds=1)).isoformat(),
        **p.form(winner.form),
    }


def _result(p: Paper) -> Data:
    winner = p.lot.part(Award).standing
    assert winner is not None
    said = {k: v for k, v in p.form(winner.form).items() if k != "certificate"}
    return {
        "form": "public",
        "winner": winner.bidder,
        "winner_uscc": winner.uscc,
        "price_fen": winner.price_fen,
        "objection": _objection(p),
        "supervisor": _supervisor(p),
        **said,
    }


def _objection_answer(p: Paper) -> Data:
    number = p.public["number"]
    raised = next(o for o in p.lot.part(Objections).raised if o.number == number)
    dues = due_dates(p.trade.periods, {"fact_known": p.source.at}, period_facts(p.lot.terms), p.unit.platform.calendar)
    until = next((d.at for d in dues if d.period.end == "complaint_filed"), None)
    complaint = p.say("paper.complaint_until", day=local_date(until).isoformat()) if until else p.say("paper.complaint")
    return {
        "objector": p.say("paper.objector"),
        "objection_number": str(number),
        "received_at": instant_text(raised.at),
        "subject": raised.text[:180],
        "claims": [{"claim": raised.text, "finding": str(p.public["answer"])}],
        "conclusion": str(p.public["answer"]),
        "complaint": complaint,
        "supervisor": _supervisor(p),
    }


def _contract(p: Paper) -> Data:
    winner = p.lot.part(Award).standing
    assert winner is not None
    return {
        "contract_number": str(p.public["contract_number"]),
        "amount_fen": p.public["price_fen"],
        "award_fen": winner.price_fen,
        "parties": [
            {"role": p.say("paper.employer"), "name": p.name("principal")},
            {"role": p.say("paper.contractor"), "name": winner.bidder, "uscc": winner.uscc},
        ],
        "term": p.say("paper.days", count=p.public["duration_days"]),
        "signed_on": local_date(p.source.at).isoformat(),
        "quality": str(p.public["quality"]),
        "leader": str(p.public["project_leader"]),
        "terms": [],
    }


def _catalogue(p: Paper) -> Data:
    """The volume's pieces in their order, each present or with the reason why it does not apply."""
    pieces = []
    for number, found in cast("Mapping[str, str]", p.public["pieces"]).items():
        title, stage = p.say(f"choice.piece.{number}").removeprefix(f"{number} "), p.say(f"paper.archive_stage.{number[0]}")
        line: Data = {"number": number, "title": title, "stage": stage}
        pieces.append(line if found == PRESENT else {**line, "absent": p.say(f"archive.idle.{found}")})
    return {
        "archive_number": p.lot.id,
        "retention": p.say(f"paper.retention.{p.public['retention']}"),
        "completed_on": str(p.public["retention_from"]),
        "pieces": pieces,
        "checks": [],
    }


MAKERS: Mapping[str, Make] = {
    "announcement": _tender,
    "invitation": _invitation,
    "clarification": _clarification,
    "notice": _notice,
    "opening_record": _opening_record,
    "draw_record": _draw_record,
    "evaluation_report": _report,
    "candidates_notice": _candidates,
    "award_letter": _letter,
    "result_notice": _result,
    "objection_answer": _objection_answer,
    "contract_summary": _contract,
    "archive_catalogue": _catalogue,
}
