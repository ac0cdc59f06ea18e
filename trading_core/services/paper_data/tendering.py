"""Papers up to the deadline: announcement, invitation, clarification."""
from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from ...domain.tender.announcing import Announcement
from .paper import Data, Paper, contacts, instant, supervisor


def tender(p: Paper) -> Data:
    data: Data = {
        "fund_source": p.term("fund_source"),
        "scope": p.term("scope"),
        "location": p.term("place"),
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
        "contacts": contacts(p),
    }
