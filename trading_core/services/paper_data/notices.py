"""What happens to a lot as a whole: it stops, goes on, or ends."""
from __future__ import annotations

from ...domain.events import instant_text
from .paper import Data, Paper, contacts

NOTICE_FORMS = {"suspended": "suspension", "resumed": "resumption", "failed": "failure"}


def notice(p: Paper) -> Data:
    reason = str(p.public.get("explanation") or p.public.get("reason") or p.say(f"event.{p.source.type}"))
    return {
        "form": NOTICE_FORMS.get(p.source.type, "termination"),
        "reason": reason,
        "basis": str(p.public.get("basis") or p.public.get("reason") or "—"),
        "effective_at": instant_text(p.source.at),
        "effects": [],
        "times": [],
        "contacts": contacts(p),
    }
