"""Papers from the candidates to the contract, and the answer to an objection."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, cast

from ...domain.deadlines import due_dates
from ...domain.events import instant_from, instant_text
from ...domain.stages.announcing import period_facts
from ...domain.stages.award import Award
from ...domain.stages.candidates import Candidate
from ...domain.stages.consortium import stated
from ...domain.stages.remedies import Objections
from ...domain.tender.bidding import Closing
from ...domain.workcalendar import local_date
from .paper import LETTER, Data, Paper, how_to_object, supervisor


def candidates_notice(p: Paper) -> Data:
    rows = []
    for c in cast("Sequence[Mapping[str, Any]]", p.public["candidates"]):
        rows.append(
            {
                "rank": c["rank"],
                "name": c["bidder"],
                "price_fen": c["price_fen"],
                **({"score": c["total"]} if c["total"] else {}),
                **p.letter(c["form"], *LETTER),
                "members": list(c.get("members", ())),
            }
        )
    return {
        "candidates": rows,
        "evaluation_summary": str(p.public["evaluation_summary"]),
        "rejected": [],
        "period_start": instant_text(p.source.at),
        "period_end": str(p.public["publicity_end"]),
        "objection": how_to_object(p),
        "supervisor": supervisor(p),
    }


def award_letter(p: Paper) -> Data:
    winner = p.lot.part(Award).standing
    assert winner is not None
    due = str(p.public.get("contract_due") or instant_text(p.source.at + timedelta(days=30)))
    return {
        "winner": winner.bidder,
        "winner_uscc": winner.uscc,
        "bid_at": instant_text(next(b.received_at for b in p.lot.part(Closing).bids if b.bid == winner.bid)),
        "scope": p.term("scope"),
        "price_fen": winner.price_fen,
        "contract_due": local_date(instant_from(due) - timedelta(microseconds=1)).isoformat(),
        **p.letter(winner.form, "quality", "duration", "leader", "certificate"),
        "members": stated(winner.members),
    }


def result_notice(p: Paper) -> Data:
    """The letter to all who lost, of the act that tells the winner [BL 45, PB-05]; else the publication for everybody."""
    winner = p.lot.part(Award).standing
    assert winner is not None
    said = p.letter(winner.form, "quality", "duration", "leader")
    if p.source.type == "award_letter_issued":
        losers = cast("Sequence[Mapping[str, str]]", p.public["losers"])
        said["addressee"] = "、".join(sorted(b["bidder"] for b in losers)) or p.say("paper.losers")
    return {
        "form": "letter" if "addressee" in said else "public",
        "winner": winner.bidder,
        "winner_uscc": winner.uscc,
        "members": stated(winner.members),
        "price_fen": winner.price_fen,
        "objection": how_to_object(p),
        "supervisor": supervisor(p),
        **said,
    }


def objection_answer(p: Paper) -> Data:
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
        "supervisor": supervisor(p),
    }


def contract_summary(p: Paper) -> Data:
    winner = p.lot.part(Award).standing
    assert winner is not None
    return {
        "contract_number": str(p.public["contract_number"]),
        "amount_fen": p.public["price_fen"],
        "award_fen": winner.price_fen,
        "parties": [
            {"role": p.say("paper.employer"), "name": p.name("principal")},
            *_contractors(p, winner),
        ],
        "signed_on": local_date(p.source.at).isoformat(),
        "terms": [{"name": p.say(f"field.{f.name}"), "value": str(p.public[f.name])} for f in p.trade.contract if f.name in p.public],
    }


def _contractors(p: Paper, winner: Candidate) -> list[Data]:
    """The members of a consortium are liable together, so all of them are parties [B-14]."""
    if not winner.members:
        return [{"role": p.say("paper.contractor"), "name": winner.bidder, "uscc": winner.uscc}]
    roles = [p.say("paper.contractor_leading"), *[p.say("paper.contractor_partner")] * (len(winner.members) - 1)]
    return [{"role": role, "name": m.name, "uscc": m.uscc} for role, m in zip(roles, winner.members, strict=True)]
