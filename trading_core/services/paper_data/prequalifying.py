"""Papers of the prequalification: its announcement, and the result for each applicant [12 §12.6, BLR 15–19]."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from ...domain.events import instant_text
from ...domain.tender.committee import Committee
from ...domain.tender.prequalification_review import ApplicationReview, rules_of
from ...domain.tender.prequalifying import Prequalification
from .evaluating import signed_at
from .paper import Data, Paper, contacts, evaluated_at, how_to_object, instant, supervisor, visit_and_venue


def prequalification_announcement(p: Paper) -> Data:
    data: Data = {
        "fund_source": p.term("fund_source"),
        "scope": p.term("scope"),
        "location": p.term("place"),
        **visit_and_venue(p),
        "duration": p.say("paper.days", count=p.term("duration_days")),
        "quality": p.term("quality"),
        "qualifications": p.term("qualification").splitlines(),
        "consortium_allowed": bool(p.lot.terms.get("consortium")),
        "issue_start": instant(p, "prequalification_issue_start"),
        "issue_end": instant(p, "prequalification_issue_end"),
        "obtaining": p.say("paper.download"),
        "application_deadline": instant(p, "application_deadline"),
        "submission": p.say("paper.application"),
        "result": p.say("paper.prequalification_result"),
        "media": [p.unit.platform.settings.base_url],
        "contacts": contacts(p),
        "supervisor": supervisor(p),
    }
    if isinstance(p.lot.terms.get("estimate_fen"), int):
        data["estimate_fen"] = p.lot.terms["estimate_fen"]
    return {**data, "approval": p.term("approval_number")} if p.lot.terms.get("approval_number") else data


def addressees(private: Mapping[str, object]) -> Sequence[int]:
    """Numbers of the applications on which an event decides: each gets a notice of its own, also when the attempt fails [E-I2]."""
    return [cast("int", r["number"]) for r in cast("Sequence[Mapping[str, object]]", private.get("results", ()))]


def prequalification_result(p: Paper) -> Data:
    """The result for one applicant. What is printed could be guessed but for the check code, and the digest of the paper is public: the
    code keeps it from telling who applied [BL 22]."""
    results = {r["number"]: r for r in cast("Sequence[Mapping[str, Any]]", p.private["results"])}
    result = results[p.part]
    applicant = next(a for a in p.lot.part(Prequalification).applications if a.number == p.part)
    code = p.unit.store.vault.blind(f"{p.source.stream}/{p.source.version}/{p.part}").hex()[:32]
    data: Data = {
        "form": "passed" if result["passed"] else "failed",
        "applicant": applicant.name,
        "applicant_uscc": applicant.uscc,
        "application_number": str(p.part),
        "check_code": code,
        "objection": how_to_object(p),
        "supervisor": supervisor(p),
    }
    if not result["passed"]:
        return {**data, "reason": _reason(p, result)}
    if p.source.type == "failed":  # passed, but too few did: there is no tender to take part in
        return {**data, "remarks": p.say("paper.failure.F-08")}
    return {**data, "issue_end": instant(p, "issue_end"), "bid_deadline": instant(p, "bid_deadline"), "obtaining": p.say("paper.download")}


def _reason(p: Paper, result: Mapping[str, Any]) -> str:
    """What was found against an applicant; of one who meets the conditions but came too late in the order, its points and place."""
    if result["reason"]:
        return str(result["reason"])
    return p.say("paper.beyond_limit", points=result["points"], place=result["place"], limit=result["limit"])


def review_report(p: Paper) -> Data:
    """What the committee that reviewed the applications found, with its votes. Members are called by their seats [BL 37]."""
    part, committee, rules = p.lot.part(ApplicationReview), p.lot.part(Committee), rules_of(p.lot.terms)
    names = {a.number: a.name for a in p.lot.part(Prequalification).applications}
    lines = [
        {"number": r["number"], "name": names[r["number"]], "passed": r["passed"], "votes": f"{r['for']} : {r['against']}",
         **({"points": r["points"], "place": r["place"]} if "place" in r else {}), **({"reason": r["reason"]} if r["reason"] else {})}
        for r in part.result
    ]  # fmt: skip
    data: Data = {
        "started_at": instant_text(p.lot.history["application_review_started"]),
        "ended_at": instant_text(p.source.at),
        "place": evaluated_at(p),
        "method": p.say(f"choice.{rules['method']}"),
        "committee": [
            {"name": p.say("seat.name", number=s.number), "role": p.say("seat.chair" if s.number == committee.chair else f"seat.{s.kind}")}
            for s in committee.seats
        ],
        "applications": lines,
        "dissents": list(_dissents(p)),
        "signatures": [{"name": p.say("seat.name", number=n), **signed_at(p, n)} for n in committee.numbers],
    }
    return {**data, "limit": rules["limit"]} if any("place" in r for r in part.result) else data


def _dissents(p: Paper) -> Iterator[Data]:
    """Written opinions of members who do not agree with the last result [BLR 53]."""
    events = [s for s in p.unit.store.read(p.source.stream) if s.version < p.source.version]
    last = max(s.version for s in events if s.type == "application_review_summarised")
    for s in events:
        if s.version > last and s.type in ("report_signed", "report_refused"):
            r = s.recorded()
            said = (r.private or {}).get("opinion") or (r.private or {}).get("reason")
            if said:
                yield {"member": p.say("seat.name", number=r.public["seat"]), "opinion": str(said)}
