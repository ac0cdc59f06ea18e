"""Papers up to the deadline: announcement, invitation, clarification."""
from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from ...domain.events import instant_from
from ...domain.periods import clock_text
from ...domain.stages.announcing import Announcement
from .paper import Data, Paper, contacts, instant, supervisor, visit_and_venue


def tender(p: Paper) -> Data:
    data: Data = {
        "fund_source": p.term("fund_source"),
        "scope": p.term("scope"),
        "location": p.term("place"),
        **visit_and_venue(p),
        "qualification_way": p.term("qualification_way", "post"),
        "qualifications": p.term("qualification").splitlines(),
        "consortium_allowed": bool(p.lot.terms.get("consortium")),
        "issue_start": instant(p, "issue_start"),
        "issue_end": instant(p, "issue_end"),
        "obtaining": p.say("paper.download"),
        "bid_deadline": instant(p, "bid_deadline"),
        "submission": p.say("paper.submission"),
        "opening_place": p.say("paper.online_hall"),
        "contacts": contacts(p),
        "supervisor": supervisor(p),
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


def invitation(p: Paper) -> Data:
    return {"invitee": p.say("paper.invitees"), "chosen_how": p.term("qualification"), "reply_by": instant(p, "issue_end"), **tender(p)}


def clarification(p: Paper) -> Data:
    """What an amendment, an answer or a late start has changed."""
    part = p.lot.part(Announcement)
    return {
        **(_started(p, part) if "moves" in p.public else _changed(p, part)),
        "answers": [{"question": q.text, "answer": q.answer} for q in part.questions if q.answer],
        "contacts": contacts(p),
    }


def _changed(p: Paper, part: Announcement) -> Data:
    now = part.versions[-1]
    return {
        "form": "clarification" if now.answers else "amendment",
        "version_old": max(1, now.number - 1),
        "version_new": now.number,
        "text": now.note,
        "changes": [
            {"subject": p.say(f"field.{k}"), "before": str((now.before or {}).get(k) or "—"), "after": str(v)}
            for k, v in (now.changes or {}).items()
        ],
        "affects_preparation": now.affects,
        "deadline_old": str(p.public["deadline_before"]),
        "deadline_new": str(p.public["deadline"]),
        "files": [{"name": f.name, "size": f.size, "sha256": f.sha256} for f in now.files],
    }


def _started(p: Paper, part: Announcement) -> Data:
    moves, number = cast("Mapping[str, Mapping[str, str]]", p.public["moves"]), max(1, part.current)
    name = "bid_deadline" if p.source.type == "issuing_started" else "application_deadline"
    deadline = moves.get(name) or dict.fromkeys(("before", "after"), instant(p, name))
    moved = {p.say(f"field.{k}"): {side: clock_text(instant_from(at)) for side, at in m.items()} for k, m in moves.items() if k != name}
    return {
        "form": "correction", "version_old": number, "version_new": number, "text": p.say("paper.late_start"),
        "changes": [{"subject": subject, **m} for subject, m in moved.items()],
        "affects_preparation": False, "deadline_old": deadline["before"], "deadline_new": deadline["after"], "files": [],
    }  # fmt: skip
