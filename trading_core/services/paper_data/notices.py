"""What happens to a lot as a whole: it stops, goes on, ends, or goes back to its committee [01 §1.2.1, 12 §12.6]."""
from __future__ import annotations

import re
from collections.abc import Iterator

from ...domain.events import instant_text
from ...domain.stages.award import Award
from ...domain.stages.suspending import Suspension
from .paper import Data, Paper, contacts

NOTICE_FORMS = {
    "suspended": "suspension", "resumed": "resumption", "failed": "failure", "invalidated": "invalidation",
    "re_evaluation_ordered": "re_evaluation", "contract_ended": "contract_end",
}  # fmt: skip
"""By event; whatever else yields a notice ends the lot."""
RULE = re.compile(r"(BLR|BL|CC) (\d+)")


def notice(p: Paper) -> Data:
    form = NOTICE_FORMS.get(p.source.type, "termination")
    if form == "invalidation" and not p.lot.part(Award).winner:
        form = "void"  # found invalid before anybody had won: there is no award to be void
    data: Data = {
        "form": form,
        "reason": reason_of(p),
        "basis": basis_of(p),
        "effective_at": instant_text(p.source.at),
        "effects": [p.say(key) for key in _effects(p, form)],
        "times": list(_times(p)) if form == "resumption" else [],
        "contacts": contacts(p),
    }
    return {**data, "decision_number": str(p.public["decision_number"])} if p.public.get("decision_number") else data


def reason_of(p: Paper) -> str:
    """What somebody wrote, else what the act itself means: a code alone tells a reader nothing."""
    code, written = str(p.public.get("reason") or ""), str(p.public.get("explanation") or "")
    if p.source.type == "failed":
        words = _known(p, f"paper.failure.{code}", code)
        return p.say("paper.with_explanation", reason=words, explanation=written) if written else words
    if p.source.type == "suspended":
        written = next((h.reason for h in reversed(p.lot.part(Suspension).holds) if h.reason), "")
    default = _known(p, f"paper.reason.{p.source.type}.{p.public.get('kind', 'upheld')}", p.say(f"event.{p.source.type}"))
    return written or code or default


def basis_of(p: Paper) -> str:
    """The articles as people cite them; what an officer wrote stays as written."""
    said = str(p.public.get("legal_basis") or p.public.get("basis") or "")
    if not said:
        key = f"paper.basis.{p.public['reason']}" if p.source.type == "failed" else f"paper.basis.{p.source.type}"
        said = _known(p, key, p.say("paper.basis.other"))
    return RULE.sub(lambda found: p.say(f"paper.law.{found[1]}", article=found[2]), said)


def _known(p: Paper, key: str, default: str) -> str:
    return p.say(key) if p.unit.platform.catalogue.has(key) else default


def _effects(p: Paper, form: str) -> Iterator[str]:
    """What follows by law, so that nobody has to ask: where the money goes, and what comes next."""
    if form in ("termination", "failure"):
        yield "paper.effect.refund"
    if form == "re_evaluation":
        yield f"paper.effect.committee_{p.public.get('committee', 'same')}"
    yield f"paper.effect.{form}"


def _times(p: Paper) -> Iterator[Data]:
    """The points that lie ahead again, as the pause moved them."""
    words = p.unit.platform.catalogue
    for name, at in sorted(p.lot.schedule.items(), key=lambda point: point[1]):
        if at > p.source.at and words.has(f"field.{name}"):
            yield {"name": p.say(f"field.{name}"), "after": instant_text(at)}
