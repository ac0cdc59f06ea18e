"""Open contracting data: a lot's public events as an OCDS 1.1 release package that any open-data tool reads (docs/commands.md §OCDS).

Only what is public of the events is told. Amounts are yuan with exact decimals, taken from fen; nothing is rounded and nothing guessed.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

import msgspec

from ..domain.errors import Forbidden, Problem
from ..domain.events import Recorded, instant_from
from ..domain.stages.consortium import parties, read
from ..domain.workcalendar import CST
from ..platform import Unit
from . import organisations
from .ocds_story import Doc, Story, gather

PREFIX = "ocds-gongxin"
"""Until a registered prefix is set: unique per publisher by the rules of the standard."""
SCHEME = "CN-USCC"
EXTENSIONS = ("https://raw.githubusercontent.com/open-contracting-extensions/ocds_bid_extension/v1.1.5/extension.json",)
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
CATEGORIES = {"works": "works", "goods": "goods"}
PAPERS = {  # papers that are for everybody, by the standard's kind of document
    "announcement": "tenderNotice", "prequalification_announcement": "tenderNotice", "clarification": "clarifications",
    "opening_record": "bidders",
    "candidates_notice": "evaluationReports", "award_letter": "awardNotice", "result_notice": "awardNotice",
    "contract_summary": "contractNotice",
}  # fmt: skip
IN_AWARD, IN_CONTRACT = frozenset({"award_letter", "result_notice", "candidates_notice"}), frozenset({"contract_summary"})

_encode = msgspec.json.Encoder(decimal_format="number", order="deterministic").encode


def package(unit: Unit, lot_id: str, prefix: str = PREFIX) -> bytes:
    """The release package of a published lot as JSON text. Raises `Forbidden` for a lot that is not public."""
    platform = unit.platform
    release_ = release(unit, lot_id, prefix)
    uri = f"{platform.settings.base_url}/api/v1/lots/{lot_id}/ocds"
    return _encode({
        "uri": uri, "version": "1.1", "extensions": list(EXTENSIONS), "publishedDate": release_["date"], "license": LICENCE,
        "publisher": {"name": platform.catalogue.say("ocds.publisher", region=platform.settings.region)}, "releases": [release_],
    })  # fmt: skip


def release(unit: Unit, lot_id: str, prefix: str = PREFIX, version: int | None = None) -> Doc:
    """The release of a lot as it stands, or stood right after an event of its stream."""
    record = [s for s in unit.store.read(f"lot/{lot_id}") if version is None or s.version <= version]
    story = gather(lot_id, record)
    if story is None or story.notice is None:
        raise Forbidden(Problem("lot.unknown", params={"lot": lot_id}))
    known = {role: _party(unit, organisation) for role, organisation in story.parties.items()}
    buyer = known.get("principal")
    return cast("Doc", _pruned({
        "ocid": f"{prefix}-{lot_id}",
        "id": f"{lot_id}-{story.last.version}",
        "date": _date(story.last),
        "tag": list(_tags(story)),
        "initiationType": "tender",
        "language": "zh",
        "parties": list(_parties(story, known)),
        "buyer": _named(buyer) if buyer else None,
        "planning": {"budget": {"amount": _value(story.terms.get("estimate_fen")), "description": story.terms.get("fund_source"),
                                "projectID": story.terms.get("investment_project_code")}},
        "tender": _tender(unit, story, known),
        "bids": {"details": list(_bids(story))},
        "awards": list(_awards(unit, story)),
        "contracts": list(_contracts(unit, story)),
    }))  # fmt: skip


# ------------------------------------------------------------------ the parts of a release

def _tags(story: Story) -> Iterator[str]:
    yield "planning"
    yield "tenderCancellation" if story.ended in ("terminated", "invalidated") else "tender"
    if story.amendments:
        yield "tenderAmendment"
    if story.awards:
        yield "award" if story.winner else "awardCancellation"
    if story.contract is not None:
        yield "contract"
    if story.over is not None:
        yield "contractTermination"


def _party(unit: Unit, organisation: str) -> Doc | None:
    found = organisations.find_organisation(unit, organisation)
    return {"name": found.name, "uscc": found.uscc} if found else None


def _parties(story: Story, known: Mapping[str, Doc | None]) -> Iterator[Doc]:
    """Each organisation once, with all its roles. Bidders stand here only once their bids are open."""
    managing = "agency" if known.get("agency") else "principal"
    roles: dict[str, tuple[str, list[str]]] = {}
    for part, role in (("principal", "buyer"), (managing, "procuringEntity"), ("supervisor", "reviewBody")):
        party = known.get(part)
        if party is not None:
            roles.setdefault(party["uscc"], (party["name"], []))[1].append(role)
    for bid in story.bids.values():
        for uscc, name in _together(bid):
            roles.setdefault(uscc, (name, []))[1].append("tenderer")
    if story.winner is not None:
        for uscc, name in _together(story.winner.public, "bidder"):
            roles.setdefault(uscc, (name, []))[1].append("supplier")
    for uscc, (name, held) in roles.items():
        identifier = {"scheme": SCHEME, "id": uscc, "legalName": name}
        yield {"id": f"{SCHEME}-{uscc}", "name": name, "identifier": identifier, "roles": sorted(set(held))}


def _tender(unit: Unit, story: Story, known: Mapping[str, Doc | None]) -> Doc:
    t, s, trade = story.terms, story.schedule, unit.platform.trades[story.trade]
    manager = known.get("agency") or known.get("principal")
    comprehensive = (t.get("evaluation") or {}).get("method") == "comprehensive"
    return {
        "id": story.lot,
        "title": t.get("title"),
        "description": t.get("scope"),
        "status": _status(story),
        "procuringEntity": _named(manager) if manager else None,
        "value": _value(t.get(trade.amount) or t.get(trade.deposit.base_term)),
        "procurementMethod": "selective" if t.get("tender_way") == "invited" else "open",
        "procurementMethodDetails": _way(unit, t),
        "mainProcurementCategory": CATEGORIES.get(str(t.get("object_kind")), "services"),
        "awardCriteria": "ratedCriteria" if comprehensive else "priceOnly",
        "submissionMethod": ["electronicSubmission"],
        "submissionMethodDetails": f"{unit.platform.settings.base_url}/lots/{story.lot}",
        "eligibilityCriteria": t.get("qualification"),
        "tenderPeriod": _period(s.get("issue_start") or s.get("registration_start"), s.get(trade.deadline)),
        "hasEnquiries": story.questions > 0,
        "contractPeriod": {"durationInDays": t["duration_days"]} if t.get("duration_days") else None,
        "numberOfTenderers": len(story.bids) or None,
        "tenderers": list({p["id"]: p for b in story.bids.values() for p in _bidders(b)}.values()),
        "documents": [*_tender_files(unit, story), *_papers(unit, story, lambda kind: kind not in IN_AWARD | IN_CONTRACT)],
        "amendments": [
            {"id": str(n), "date": _date(r), "description": r.public["answer" if r.type == "clarified" else "note"]}
            for n, r in enumerate(story.amendments, 1)
        ],
    }  # fmt: skip


def _way(unit: Unit, terms: Mapping[str, object]) -> str | None:
    key = f"choice.tender_way.{terms.get('tender_way', 'open')}"
    return unit.platform.catalogue.say(key) if unit.platform.catalogue.has(key) else None


def _status(story: Story) -> str:
    if story.ended:
        return "unsuccessful" if story.ended == "failed" else "cancelled"
    return "complete" if story.awards else "active"


def _bids(story: Story) -> Iterator[Doc]:
    for number, bid in story.bids.items():
        yield {
            "id": number, "date": _local(story.received[number]) if number in story.received else None,
            "status": _bid_status(story, number), "tenderers": _bidders(bid),
            "value": _value(bid["form"].get("price_fen")),
        }  # fmt: skip


def _bid_status(story: Story, number: str) -> str:
    """Valid and disqualified only once the committee's word on the bid is public; until then it is pending."""
    bid = story.bids[number]
    if not bid["ok"]:
        return "disqualified" if bid["fault"] == "bidder" else "withdrawn"
    if number in story.judged:
        return "disqualified" if story.judged[number] == "rejected" else "valid"
    candidates = cast("Doc", story.publicity.public)["candidates"] if story.publicity is not None else ()
    return "valid" if any(c["bid"] == number for c in candidates) else "pending"


def _awards(unit: Unit, story: Story) -> Iterator[Doc]:
    for n, r in enumerate(story.awards, 1):
        p = cast("Doc", r.public)
        lost = p["bid"] in story.lost or story.ended == "invalidated"
        yield {
            "id": f"{story.lot}-award-{n}", "title": story.terms.get("title"), "date": _date(r), "value": _value(p["price_fen"]),
            "status": "cancelled" if lost else "active" if p["bid"] in story.letters else "pending",
            "suppliers": _bidders(p, "bidder"), "relatedBid": p["bid"],
            "documents": list(_papers(unit, story, lambda kind: kind in IN_AWARD)) if n == len(story.awards) else [],
        }  # fmt: skip


def _contracts(unit: Unit, story: Story) -> Iterator[Doc]:
    if story.contract is None:
        return
    p = cast("Doc", story.contract.public)
    yield {
        "id": str(p["contract_number"]), "awardID": f"{story.lot}-award-{len(story.awards)}", "title": story.terms.get("title"),
        "status": "active" if story.over is None else "terminated", "dateSigned": _date(story.contract), "value": _value(p["price_fen"]),
        "period": {"durationInDays": p.get("duration_days")}, "documents": list(_papers(unit, story, lambda kind: kind in IN_CONTRACT)),
    }  # fmt: skip


# ------------------------------------------------------------------ documents

def _papers(unit: Unit, story: Story, wanted: Any) -> Iterator[Doc]:
    for r in story.papers:
        kind = str(r.public["kind"])
        if kind in PAPERS and wanted(kind):
            yield _document(unit, story, str(r.public["number"]), PAPERS[kind], str(r.public["name"]), str(r.public["sha256"]), _date(r))


def _tender_files(unit: Unit, story: Story) -> Iterator[Doc]:
    given = [(story.notice, story.terms.get("tender_documents"))] if story.notice else []
    given += [(r, r.public.get("files")) for r in story.amendments]
    for version, (r, files) in enumerate(given, 1):
        for n, f in enumerate(cast("Sequence[Mapping[str, str]]", files or ()), 1):
            yield _document(unit, story, f"{story.lot}-v{version}-{n}", "biddingDocuments", f["name"], f["sha256"], _date(r))


def _document(unit: Unit, story: Story, number: str, kind: str, title: str, sha256: str, date: str) -> Doc:
    url = f"{unit.platform.settings.base_url}/lots/{story.lot}/documents/{sha256}"
    pdf = "application/pdf" if title.lower().endswith(".pdf") else None
    return {"id": number, "documentType": kind, "title": title, "url": url, "datePublished": date, "format": pdf, "language": "zh",
            "hash": {"algorithm": "sha256", "value": sha256}}  # fmt: skip


# ------------------------------------------------------------------ small parts

def _named(party: Mapping[str, Any]) -> Doc:
    return {"id": f"{SCHEME}-{party['uscc']}", "name": party["name"]}


def _bidders(said: Mapping[str, Any], name: str = "name") -> list[Doc]:
    """Everybody who bids under one code, each an organisation of its own as the standard asks of a consortium."""
    return [_named({"uscc": uscc, "name": called}) for uscc, called in _together(said, name)]


def _together(said: Mapping[str, Any], name: str = "name") -> list[tuple[str, str]]:
    return parties(str(said["uscc"]), str(said[name]), read(said.get("members"))) if said.get("uscc") else []


def _value(fen: object) -> Doc | None:
    """Yuan with at most two decimals, exactly."""
    if isinstance(fen, bool) or not isinstance(fen, int):
        return None
    yuan = Decimal(fen) / 100
    return {"amount": int(yuan) if yuan == yuan.to_integral_value() else yuan, "currency": "CNY"}


def _period(start: str | None, end: str | None) -> Doc | None:
    return {"startDate": _local(start), "endDate": _local(end)} if start and end else None


def _date(r: Recorded) -> str:
    return r.at.astimezone(CST).isoformat(timespec="seconds")


def _local(text: str) -> str:
    return instant_from(text).astimezone(CST).isoformat(timespec="seconds")


def _pruned(value: Any) -> Any:
    """Without what is empty: the standard publishes no nulls."""
    if isinstance(value, dict):
        kept = {k: _pruned(v) for k, v in value.items()}
        return {k: v for k, v in kept.items() if v not in (None, "", [], {})}
    return [_pruned(v) for v in value] if isinstance(value, list) else value
