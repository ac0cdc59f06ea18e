"""Papers of the opening: its record, and how the experts were drawn."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from ...adapters.db.store import Stored
from ...domain.draw import pool_hash, sort_key
from ...domain.events import instant_text
from ...domain.tender.bidding import Closing, of_superseded_document
from ...domain.tender.drawing import seated, substitutes
from ...domain.tender.draws import EXPERTS, PARAMETER, Draws
from ...domain.tender.opening import Opening, several_of_one
from ...domain.tender.payers import Deposits
from ...domain.tender.trustees import THRESHOLD
from .paper import Data, Paper, evaluated_at, organisation


def opening_record(p: Paper) -> Data:
    superseded = of_superseded_document(p.lot)
    several, deposits = several_of_one(p.lot), p.lot.part(Deposits)
    part, received = p.lot.part(Opening), {b.bid: b for b in p.lot.part(Closing).bids}
    bids = []
    for b in sorted(part.bids.values(), key=lambda b: (b.name, b.bid)):
        failed = next((e for e in b.envelopes.values() if not e.ok), None)
        opened = max((e.at for e in b.envelopes.values() if e.at), default=None)
        row: Data = {
            "name": b.name or b.bid,
            "partners": [m.name for m in b.members[1:]],
            "received_at": instant_text(received[b.bid].received_at),
            "check": p.say("paper.sealed"),
            "result": p.say("paper.opened") if failed is None else p.say("paper.not_opened", reason=failed.reason),
        }
        if b.bid in deposits.results:
            doubts = (f"deposit.doubt.{d}" for d in deposits.doubts.get(b.bid, ()))
            row["deposit"] = "；".join(p.say(key) for key in (f"deposit.result.{deposits.results[b.bid]}", *doubts))
        if b.bid in several:
            row["result"] = f"{row['result']}；{p.say('paper.several_of_one')}"
        if b.bid in superseded:
            row["result"] = f"{row['result']}；{p.say('paper.superseded', version=superseded[b.bid])}"
        if opened:
            row["opened_at"] = instant_text(opened)
        if isinstance(b.form.get("price_fen"), int):
            row["price_fen"] = b.form["price_fen"]
        bids.append({**row, **{k: v for k, v in p.form(b.form).items() if k in ("quality", "duration", "leader")}})
    data: Data = {
        "opened_at": instant_text(p.lot.history["opening_started"]),
        "place": p.say("paper.online_hall"),
        "host": p.name("agency") or p.name("principal"),
        "participants": [n for n in (organisation(p, o) for o in part.attended) if n],
        "supervisors": [p.name("supervisor") or "—"],
        "key_holders": [f"{THRESHOLD}/3"],
        "bids": bids,
        "draws": _parameter(p),
        "objections": [{"by": organisation(p, o.organisation), "text": o.text, "answer": o.answer} for o in part.objections],
        "confirmations": [
            {"who": b.name, "status": p.say("paper.confirmed"), "at": instant_text(part.confirmed[b.bid])}
            if b.bid in part.confirmed
            else {"who": b.name, "status": p.say("paper.not_confirmed")}
            for b in part.valid()
        ],
    }
    ceiling = p.lot.terms.get("ceiling_fen")
    return {**data, "ceiling_fen": ceiling} if isinstance(ceiling, int) else data


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
