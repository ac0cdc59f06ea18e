"""What the public events of a lot say, gathered once for open data. Which bids were rejected is public with the result [BL 37]."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from ..adapters.db.store import Stored
from ..domain.events import Recorded, instant_text

Doc = dict[str, Any]
ALL_REJECTED = "F-03"


@dataclass
class Story:
    """What the public events of a lot say, gathered once."""

    lot: str
    last: Recorded
    trade: str = ""  # version of its declaration
    parties: Mapping[str, str] = field(default_factory=dict)
    notice: Recorded | None = None
    terms: Doc = field(default_factory=dict)
    schedule: dict[str, str] = field(default_factory=dict)
    amendments: list[Recorded] = field(default_factory=list)
    questions: int = 0
    answered: int = 0
    received: dict[str, str] = field(default_factory=dict)
    bids: dict[str, Doc] = field(default_factory=dict)
    reviewed: Mapping[str, str] = field(default_factory=dict)  # the committee's word on each bid, public only with the result
    judged: Mapping[str, str] = field(default_factory=dict)
    publicity: Recorded | None = None
    awards: list[Recorded] = field(default_factory=list)
    letters: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    contract: Recorded | None = None
    over: Recorded | None = None
    ended: str = ""
    papers: list[Recorded] = field(default_factory=list)

    @property
    def winner(self) -> Recorded | None:
        return self.awards[-1] if self.awards and self.awards[-1].public["bid"] not in self.lost else None


def gather(lot: str, record: Sequence[Stored]) -> Story | None:
    story: Story | None = None
    for s in record:
        r = s.recorded()
        story = story or Story(lot, r)
        story.last = r
        _heed(story, r)
    return story


def _heed(story: Story, r: Recorded) -> None:
    p = cast("Doc", r.public)
    match r.type:
        case "created":
            story.parties, story.trade = p["parties"], f"{p['trade']}@{p['rules']}"
        case "prequalification_published" | "published" | "invitations_sent":
            story.notice = story.notice or r
            story.terms, story.schedule = dict(p["terms"]), dict(p["schedule"])
        case "amended":
            story.amendments.append(r)
            story.terms.update(p["changes"])
            story.schedule[p["deadline_name"]] = p["deadline"]
        case "clarified":
            story.schedule[p["deadline_name"]] = p["deadline"]
            story.amendments += [r] if p["affects_preparation"] else []
        case "issuing_started":
            story.schedule |= {"issue_start": instant_text(r.at), **{name: move["after"] for name, move in p["moves"].items()}}
        case "question_asked":
            story.questions += 1
        case "closed":
            story.received = {b["bid"]: b["received_at"] for b in p["bids"]}
        case "bid_opened":
            _opened(story, p)
        case "bid_revoked":
            story.bids[p["bid"]]["ok"] = False
            story.lost.add(p["bid"])
        case "evaluation_summarised":
            result = cast("Doc", r.private or {}).get("result") or {}
            story.reviewed = {b["bid"]: b["status"] for b in result.get("bids", ())}
        case "result_published":
            story.judged = story.reviewed
        case "candidates_published":
            story.publicity = r
        case "award_decided" | "bidding_ended" | "selected" | "next_candidate_chosen" | "next_qualified_chosen":
            story.awards.append(r)
        case "candidate_lost":
            story.lost.add(p["bid"])
        case "award_letter_issued" | "deal_confirmed":
            story.letters.add(p["bid"])
        case "re_evaluation_ordered":
            story.publicity, story.awards = None, []
        case "contract_signed":
            story.contract = r
        case "accepted" | "contract_ended":
            story.over = r
        case "failed" | "terminated" | "invalidated" | "document_illegal" | "document_defective":
            story.ended = r.type
            if p.get("reason") == ALL_REJECTED:
                story.judged = {bid: "rejected" for bid in story.bids}
        case "document_issued":
            story.papers.append(r)


def _opened(story: Story, p: Doc) -> None:
    bid = story.bids.setdefault(p["bid"], {"ok": True, "fault": "", "form": {}})
    bid["ok"] = bid["ok"] and p["ok"]
    bid["fault"] = p.get("fault") or bid["fault"]
    bid["form"].update(p.get("form") or {})
    bid.update({name: p[name] for name in ("name", "uscc", "members") if p.get(name)})
