"""Who bids together, and the doubts that follow from the opened bids (docs/formats.md §7.5, §7.7). Written from the rules, not from the
server's code."""
from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .events import Event
from .report import Broken
from .text import Value, canonical

MEMBERS, AGREEMENT = "consortium_members", "consortium_agreement"
LIMITS = {"uscc": 18, "name": 200, "share": 2000}
LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
REPORTED = "B-16"  # rests on reports of bidders' changes
OF_PAYER = "RJ-6"  # among others: who paid a deposit
FROM_APPLICATIONS = "B-07"  # rests on applications that no project file shows

Doubt = tuple[str, str]
"""The ground of a motion, and the code of what was found."""


def check_members(name: str, e: Event) -> None:
    """The members that an opened envelope is said to name are those of its form, no more and no fewer. Raises `Broken`."""
    form, told = e.public.get("form"), e.public.get("members")
    listed = form.mapping().get(MEMBERS) if form is not None and e.public.get("uscc") is not None else None
    if told is not None and canonical(told.raw) != canonical(listed):
        raise Broken(name, f"{e.where} members", canonical(listed)[:200], canonical(told.raw)[:200])
    if told is None and _plain_list(listed):
        raise Broken(name, f"{e.where} members", canonical(listed)[:200], "none")


def _plain_list(listed: object) -> bool:
    """Whether anybody can read a list of members. Marks that cannot be seen make it unreadable for the platform as well."""
    if not isinstance(listed, list) or not 2 <= len(listed) <= 10:
        return False
    return all(
        isinstance(m, dict) and set(m) == set(LIMITS) and all(_plain_text(m[part], most) for part, most in LIMITS.items()) for m in listed
    )


def _plain_text(text: object, most: int) -> bool:
    return isinstance(text, str) and len(text) <= most and bool(text.strip()) and text.replace("\n", "").isprintable()


@dataclass
class Together:
    """What the log says of who bids. named: bid to the event of the envelope that names the bidder; forms: what all its envelopes state."""

    named: dict[str, Event] = field(default_factory=dict)
    forms: dict[str, dict[str, object]] = field(default_factory=dict)
    reported: list[tuple[str, str]] = field(default_factory=list)
    payers: dict[str, set[str]] = field(default_factory=dict)

    def take(self, e: Event) -> None:
        if e.type == "bid_opened" and e.public.get("form") is not None:
            self.forms.setdefault(e.public["bid"].text(), {}).update(e.public["form"].mapping())
        if e.type == "bid_opened" and e.public.get("uscc") is not None:
            self.named[e.public["bid"].text()] = e
        elif e.type == "deposits_checked":
            self.payers = _payers(e)
        elif e.type == "standing_reported":
            self.reported.append((e.public["bid"].text(), e.public["change"].text()))

    def news_of_payers(self, e: Event) -> list[str]:
        """The bids of which a check of deposits doubts more than the check before."""
        found = _payers(e) if e.type == "deposits_checked" else {}
        return [bid for bid, codes in found.items() if codes - self.payers.get(bid, set())]

    def doubts(self, bid: str, terms: Mapping[str, object]) -> set[Doubt]:
        """Everything that must be put to the committee about a bid, as far as the log shows it."""
        found = {(REPORTED, f"standing.{change}") for b, change in self.reported if b == bid}
        e = self.named.get(bid)
        if e is None:
            return found
        found |= {(f["ground"].text(), f["code"].text()) for f in _entries(e, "findings")}
        found |= set(_of_form(e, terms.get("consortium") is True))
        found |= {(OF_PAYER, f"deposit.{code}") for code in self.payers.get(bid, ())}
        of_others = (b for b, o in self.named.items() if _unit(o.public["uscc"].text()) != _unit(e.public["uscc"].text()))
        if any(self._one_leader(bid, b) for b in of_others):
            found.add(("RJ-7", "opening.leader_in_two_bids"))
        others = (o for b, o in self.named.items() if b != bid and (_entries(o, "members") or _entries(e, "members")))
        return found | ({("B-06", "consortium.in_two_bids")} if any(_units(e) & _units(o) for o in others) else set())

    def _one_leader(self, *bids: str) -> bool:
        """Whether two bids name one project leader: by the certificates when both state one, else by the names."""
        stated = [[_typed(self.forms.get(bid, {}).get(part)) for part in ("project_leader_certificate", "project_leader")] for bid in bids]
        (certificate, name), (other, other_name) = stated
        return certificate == other if certificate and other else bool(name) and name == other_name


def _payers(e: Event) -> dict[str, set[str]]:
    """Bid to what a check of deposits doubts of who paid for it."""
    told = ((b["bid"].text(), b.get("doubts")) for b in e.public["bids"].entries())
    return {bid: set(codes.texts()) for bid, codes in told if codes is not None}


def _typed(said: object) -> str:
    return "".join(unicodedata.normalize("NFKC", said).casefold().split()) if isinstance(said, str) else ""


def _entries(e: Event, name: str) -> list[Value]:
    found = e.public.get(name)
    return [] if found is None else found.entries()


def _of_form(e: Event, accepted: bool) -> Iterator[Doubt]:
    form = e.public.get("form")
    said = form.mapping() if form is not None else {}
    if not said.get(MEMBERS):
        return
    files = {_plain(f["name"].text()) for f in _entries(e, "files")}
    agreement = said.get(AGREEMENT)
    if not isinstance(agreement, str) or _plain(agreement) not in files:
        yield "RJ-2", "consortium.agreement_missing"
    if not accepted:
        yield "RJ-6", "consortium.not_accepted"
    codes = [m["uscc"].text() for m in _entries(e, "members")]
    sound = codes and codes[0] == e.public["uscc"].text() and all(map(_is_code, codes)) and len({_unit(c) for c in codes}) == len(codes)
    if not sound:
        yield "RJ-6", "consortium.members_at_fault"


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).lower()


def _units(e: Event) -> set[str]:
    return {_unit(code) for code in (e.public["uscc"].text(), *(m["uscc"].text() for m in _entries(e, "members")))}


def _unit(code: str) -> str:
    """The organisation's own code within its unified code; of what is none the whole."""
    return code[8:17] if _is_code(code) else code


def _is_code(code: str) -> bool:
    """18 characters, the last by GB 32100 from the others."""
    if len(code) != 18 or not set(code) <= set(LETTERS):
        return False
    return LETTERS.index(code[17]) == -sum(LETTERS.index(c) * pow(3, i, 31) for i, c in enumerate(code[:17])) % 31
