"""What a paper is made from, and what papers of several stages have in common [12 §12.6]."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from ...adapters.db.store import Stored
from ...domain.events import instant_text
from ...domain.lot import Lot
from ...domain.trade import TradeType
from ...platform import Unit
from .. import organisations

Data = dict[str, Any]
LETTER = {
    "quality": "quality", "duration": "duration_days", "leader": "project_leader", "certificate": "project_leader_certificate",
    "qualification": "qualification_response",
}  # fmt: skip
"""What papers call the parts of a bid's letter."""


class Paper:
    """What a paper is made from: the lot, its trade type, the event that it tells of. part: number of the addressee, 0 for none."""

    def __init__(self, unit: Unit, trade: TradeType, lot: Lot, source: Stored, part: int = 0) -> None:
        self.unit, self.trade, self.lot, self.source, self.part = unit, trade, lot, source, part
        self.words = unit.platform.catalogue.of(trade.vocabulary)
        recorded = source.recorded()
        self.public, self.private = recorded.public, recorded.private or {}

    def name(self, role: str) -> str:
        """Name of the party in a role, empty when there is none."""
        party = self.lot.parties.get(role)
        found = organisations.find_organisation(self.unit, party) if party else None
        return found.name if found else ""

    def say(self, key: str, **params: object) -> str:
        return self.words.say(key, "zh", **params)

    def envelope(self, name: str) -> str:
        """The title of an envelope, the bare name when nobody titled it."""
        key = f"envelope.{name}"
        return self.say(key) if self.unit.platform.catalogue.has(key) else name

    def term(self, name: str, default: str = "—") -> str:
        return self.lot.term_text(name) or default

    def letter(self, form: Mapping[str, object], *parts: str) -> Data:
        """Parts of a bid's letter as the bid states them, without those that it does not state."""
        stated = {part: form[LETTER[part]] for part in parts if form.get(LETTER[part])}
        return {k: self.say("paper.days", count=v) if k == "duration" else str(v) for k, v in stated.items()}


def common(p: Paper, number: str) -> Data:
    common: Data = {
        "number": number,
        "project_name": p.term("title"),
        "lot_name": p.term("title"),
        "lot_code": p.lot.id,
        "issuer": p.name("principal") or p.unit.platform.settings.region,
        "issued_at": instant_text(p.source.at),
        "rules": [p.trade.version],
    }
    if p.name("agency"):
        common["agency"] = p.name("agency")
    if p.lot.terms.get("investment_project_code"):
        common["project_code"] = p.term("investment_project_code")
    index = p.unit.store.log_index(p.source.stream, p.source.version)
    return {**common, "log_index": index} if index is not None else common


def contacts(p: Paper) -> list[Data]:
    contact = cast("Mapping[str, str]", p.lot.terms.get("contact") or {})
    found = [{"role": p.say("paper.principal"), "name": p.name("principal")}]
    if contact:
        found.append(
            {
                "role": p.say("paper.agency" if p.name("agency") else "paper.contact"),
                "name": contact.get("name", "—"),
                **{k: contact[k] for k in ("person", "phone", "address") if contact.get(k)},
            }
        )
    return found


def supervisor(p: Paper) -> Data:
    found: Data = {"name": p.name("supervisor") or "—"}
    return {**found, "phone": p.term("supervisor_contact")} if p.lot.terms.get("supervisor_contact") else found


def visit_and_venue(p: Paper) -> Data:
    """Where they are stated: the visit of the site, and where bids or applications are evaluated."""
    return {name: p.term(name) for name in ("site_visit", "venue") if p.lot.terms.get(name)}


def evaluated_at(p: Paper) -> str:
    return p.term("venue") or p.say("paper.remote")


def how_to_object(p: Paper) -> Data:
    contact = cast("Mapping[str, str]", p.lot.terms.get("contact") or {})
    base = p.unit.platform.settings.base_url
    return {
        "channel": str(p.public.get("how_to_object") or f"{base}/lots/{p.lot.id}/objections"),
        **{k: contact[k] for k in ("person", "phone") if contact.get(k)},
    }


def instant(p: Paper, name: str) -> str:
    return instant_text(p.lot.schedule[name])


def organisation(p: Paper, subject: str) -> str:
    found = organisations.find_organisation(p.unit, subject)
    return found.name if found else ""
