"""Papers of the prequalification: its announcement, and the result for each applicant [12 §12.6, BLR 15–19]."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from ...domain.tender.prequalifying import Prequalification
from .paper import Data, Paper, contacts, how_to_object, instant, supervisor


def prequalification_announcement(p: Paper) -> Data:
    data: Data = {
        "fund_source": p.term("fund_source"),
        "scope": p.term("scope"),
        "location": p.term("place"),
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
        return {**data, "reason": str(result["reason"])}
    if p.source.type == "failed":  # passed, but too few did: there is no tender to take part in
        return {**data, "remarks": p.say("paper.failure.F-08")}
    return {**data, "issue_end": instant(p, "issue_end"), "bid_deadline": instant(p, "bid_deadline"), "obtaining": p.say("paper.download")}
