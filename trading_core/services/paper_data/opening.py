"""Papers of the opening: its record, and how the experts were drawn."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from ...adapters.db.store import Stored
from ...domain.draw import pool_hash, sort_key
from ...domain.events import instant_text
from ...domain.stages.draws import EXPERTS, PARAMETER, Draws
from ...domain.stages.remedies import Objections
from ...domain.tender.bidding import Closing, of_superseded_document
from ...domain.tender.expert_drawing import seated, substitutes
from ...domain.tender.opening import OpenedBid, Opening, later_stages, several_of_one, stages_at_opening
from ...domain.tender.payers import Deposits
from ...domain.tender.reading import SECOND, read_bids
from ...domain.tender.trustees import THRESHOLD
from .paper import Data, Paper, evaluated_at, organisation


def opening_record(p: Paper) -> Data:
    """Of the opening, or of the second one, which reads out what waited for the technical result."""
    second, part = p.source.type == SECOND, p.lot.part(Opening)
    stages = later_stages(p.lot) if second else stages_at_opening(p.lot)
    since = max(part.stages[s] for s in stages) if second else p.lot.history["opening_started"]
    moments = [e.at for b in part.bids.values() for s, e in b.envelopes.items() if s in stages and e.at]
    data: Data = {
        "stage": "、".join(p.envelope(s) for s in stages),
        "opened_at": instant_text(min(moments, default=since) if second else since),
        "place": p.say("paper.online_hall"),
        "host": p.name("agency") or p.name("principal"),
        "participants": [n for n in (organisation(p, o) for o in part.attended) if n],
        "supervisors": [p.name("supervisor") or "—"],
        "key_holders": [f"{THRESHOLD}/3"],
        "bids": _opened(p, sorted(part.bids.values(), key=lambda b: (b.name, b.bid)), stages),
        "draws": [] if second else _parameter(p),
        "objections": [
            {"by": organisation(p, o.organisation), "text": o.text, "answer": o.answer}
            for o in p.lot.part(Objections).on_the_spot if o.at >= since
        ],
        "confirmations": [
            {"who": b.name, "status": p.say("paper.confirmed"), "at": instant_text(part.confirmed[b.bid])}
            if b.bid in part.confirmed and part.confirmed[b.bid] >= since
            else {"who": b.name, "status": p.say("paper.not_confirmed")}
            for b in read_bids(p.lot, stages[-1])
        ],
    }
    ceiling = p.lot.terms.get("ceiling_fen")
    return {**data, "ceiling_fen": ceiling} if isinstance(ceiling, int) else data


def _opened(p: Paper, bids: Sequence[OpenedBid], stages: Sequence[str]) -> list[Data]:
    """What was read out of each bid when these stages were opened."""
    several, superseded, deposits = several_of_one(p.lot), of_superseded_document(p.lot), p.lot.part(Deposits)
    received, rows = {b.bid: b.received_at for b in p.lot.part(Closing).bids}, []
    for b in bids:
        read = [b.envelopes[s] for s in stages if s in b.envelopes]
        failed = next((e.reason for e in read if not e.ok), None)
        results = [p.say("paper.kept_sealed") if not read else _result(p, failed)]
        results += [p.say("paper.several_of_one")] if b.bid in several else []
        results += [p.say("paper.superseded", version=superseded[b.bid])] if b.bid in superseded else []
        row: Data = {
            "name": b.name or b.bid,
            "partners": [m.name for m in b.members[1:]],
            "received_at": instant_text(received[b.bid]),
            "check": p.say("paper.sealed"),
            "result": "；".join(results),
        }
        if opened := [e.at for e in read if e.at]:
            row["opened_at"] = instant_text(max(opened))
        if b.bid in deposits.results:
            doubts = (f"deposit.doubt.{d}" for d in deposits.doubts.get(b.bid, ()))
            row["deposit"] = "；".join(p.say(key) for key in (f"deposit.result.{deposits.results[b.bid]}", *doubts))
        if isinstance(b.form.get("price_fen"), int):
            row["price_fen"] = b.form["price_fen"]
        rows.append({**row, **p.letter(b.form, "quality", "duration", "leader")})
    return rows


def _result(p: Paper, failed: str | None) -> str:
    return p.say("paper.opened") if failed is None else p.say("paper.not_opened", reason=failed)


def _parameter(p: Paper) -> list[Data]:
    draw = p.lot.part(Draws).of(PARAMETER)
    if draw is None or not draw.value:
        return []
    event = next(s for s in p.unit.store.read(p.source.stream) if s.type == "parameter_drawn").recorded()
    result: Data = {"name": "K", "candidates": list(cast("Sequence[str]", event.public["candidates"])), "value": draw.value}
    return [
        {
            **result,
            "parts": [
                {"owner": p.say(f"party.{party}"), "commit": commit, **({"part": draw.parts[party]} if party in draw.parts else {})}
                for party, commit in draw.commitments.items()
            ],
            "seed": draw.seed.hex(),
            "bid_root": str(event.public["bid_root"]),
        }
    ]


def draw_record(p: Paper) -> Data:
    draw = p.lot.part(Draws).by_name[EXPERTS]
    before = [s for s in p.unit.store.read(p.source.stream) if s.version <= p.source.version]  # a new committee is drawn again
    orders, frozen = ([s for s in before if s.type == kind][-1].recorded() for kind in ("experts_drawn", "draw_pool_frozen"))
    excluded = {str(r["row"]): r["excluded"] for r in cast("Sequence[Mapping[str, Any]]", frozen.public["rows"])}
    by_row = cast("Mapping[str, Sequence[str]]", cast("Mapping[str, object]", orders.private)["orders"])
    seats, spare = seated(p.lot), substitutes(p.lot)
    answered = _answered(before)
    rows = []
    for r in draw.rows:
        prefix = f"{p.lot.id}|{p.lot.attempt}|{r.id}|"
        order = []
        for place, number in enumerate(by_row[r.id], 1):
            line: Data = {"place": place, "number": number, "key": sort_key(draw.seed, prefix, number).hex()[:16]}
            if number in draw.answers:
                line |= {"answer": p.say(f"answer.{draw.answers[number]}"), "answered_at": instant_text(answered[number])}
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
        "place": evaluated_at(p),
        "operator": p.name("centre") or "—",
        "parts": [{"owner": p.say(f"party.{party}"), "commit": c} for party, c in draw.commitments.items()],
        "rows": rows,
    }


def _answered(events: Sequence[Stored]) -> dict[str, datetime]:
    """When each expert answered the call, by number; the last answer counts, for a later draw may call somebody again."""
    said = [(s.recorded().private or {}, s.at) for s in events if s.type == "expert_answered"]
    return {str(private["expert"]): at for private, at in said}
