"""Opening: keys are released, envelopes opened one after another before everybody's eyes [01 §1.2, 1.6].

Bidders do nothing. Two of three trustees release the one-time key of a stage; the platform then opens bid after bid, and each opened
bid is an event, so a broken-off opening goes on where it stopped. Keys of a later stage are refused until its condition is in the log.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import cast

from ..errors import Problem, refuse_if
from ..events import Event, Recorded
from ..fields import Field
from ..identity import Role
from ..lot import Lot
from ..stages import lifecycle
from ..stages.announcing import CLOCK, HOSTS
from ..stages.consortium import Member, members, read, stated
from ..stages.offices import ROLES, office_of
from ..trade import Act, Command, Facts, Stage, TradeType
from .bidding import Closing
from .trustees import AFTER_TECHNICAL, AT_OPENING, KEY_OF, THRESHOLD, Trustees, envelopes, stage_names

REVOKED = "revoked"  # status of a bid
BIDDER = frozenset({Role.BIDDER})


@dataclass(frozen=True, slots=True)
class OpenedEnvelope:
    """One opened envelope: what it holds, or why it could not be opened. form: what the bidder stated (``price_fen`` …)."""

    ok: bool
    form: Mapping[str, object] = field(default_factory=dict)
    files: tuple[Mapping[str, object], ...] = ()
    reason: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found against a bidder, or a member of a consortium, once its envelope named it. ground: what a motion would rest on."""

    ground: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class OpenedBid:
    """A bid after opening. name and uscc come from its first envelope and match the commitment of its receipt [B-10]; members too, of a
    consortium, leader first [B-14].

    status: ``valid``; ``revoked`` (by its bidder, or not opened because of it) or ``withdrawn`` (for other reasons) [B-05].
    """

    bid: str
    name: str = ""
    uscc: str = ""
    status: str = "valid"
    envelopes: Mapping[str, OpenedEnvelope] = field(default_factory=dict)
    members: tuple[Member, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def form(self) -> Mapping[str, object]:
        """What the bidder stated in all envelopes opened so far."""
        joined: dict[str, object] = {}
        for envelope in self.envelopes.values():
            joined |= envelope.form
        return joined


@dataclass(frozen=True, slots=True)
class Opening:
    """The course of the opening. stages: when each envelope's stage was opened completely. excluded: bids that the technical review
    rejected; what is still sealed of them stays so. confirmed: when the bidder of a bid agreed to what was read out."""

    bids: Mapping[str, OpenedBid] = field(default_factory=dict)
    stages: Mapping[str, datetime] = field(default_factory=dict)
    attended: tuple[str, ...] = ()
    confirmed: Mapping[str, datetime] = field(default_factory=dict)
    excluded: tuple[str, ...] = ()

    def valid(self) -> tuple[OpenedBid, ...]:
        """Bids that were opened and count, in the order of their names, which tells nothing about their arrival."""
        return tuple(sorted((b for b in self.bids.values() if b.status == "valid"), key=lambda b: (b.name, b.bid)))


def several_of_one(lot: Lot) -> frozenset[str]:
    """Bids that have turned out to be of a bidder who submitted more than one: which counts, if any, the committee decides [RJ-4]."""
    bids = lot.part(Opening).bids.values()
    counted = Counter(b.uscc for b in bids if b.uscc)
    return frozenset(b.bid for b in bids if counted[b.uscc] > 1)


def stages_at_opening(lot: Lot) -> tuple[str, ...]:
    return tuple(e.name for e in envelopes(lot) if e.opens == AT_OPENING)


def later_stages(lot: Lot) -> tuple[str, ...]:
    """Those that wait for the technical result."""
    return tuple(e.name for e in envelopes(lot) if e.opens == AFTER_TECHNICAL)


def openable(lot: Lot) -> str | None:
    """The stage whose keys are released and whose bids are not all opened yet; None when there is none."""
    part, keys = lot.part(Opening), lot.part(Trustees)
    for name in stage_names(lot):
        if name not in part.stages:
            return name if sum(k.released for k in keys.of(name).values()) >= THRESHOLD else None
    return None


def to_open(lot: Lot, stage: str) -> tuple[str, ...]:
    """Bids of a stage that are still closed, in the order of their random numbers. A bid that failed an earlier stage stays closed."""
    part = lot.part(Opening)
    known = [part.bids.get(b.bid, OpenedBid(b.bid)) for b in lot.part(Closing).bids]
    return tuple(sorted(b.bid for b in known if b.status == "valid" and stage not in b.envelopes and b.bid not in part.excluded))


# ------------------------------------------------------------------ decisions

def _start(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """The published opening time is the deadline; a later start says why [E-T09]."""
    late = command.received_at - lot.schedule["bid_deadline"]
    reason = command.data.get("delay_reason", "")
    refuse_if([Problem("opening.delay_unexplained", "delay_reason", {"minutes": int(late.total_seconds() // 60)})]
              if late > timedelta(minutes=30) and not reason else ())  # fmt: skip
    return [Event("opening_started", {"delay_reason": reason})]


def _release(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """A trustee hands in the private half of a one-time key. It must belong to the public half that was logged."""
    stage, problems = str(command.data["stage"]), []
    trustee = office_of(lot, command.actor)
    key = lot.part(Trustees).of(stage).get(trustee or "")
    opens = {e.name: e.opens for e in envelopes(lot)}
    if trustee is None or key is None:
        problems.append(Problem("trustee.not_one", "stage", {"role": command.actor.role.value}))
    elif facts["public_key"] != key.public_key:
        problems.append(Problem("trustee.wrong_key", "private_key"))
    elif key.released:
        problems.append(Problem("trustee.released_before", "stage"))
    if opens.get(stage) == AFTER_TECHNICAL and "technical_summarised" not in lot.history:
        problems.append(Problem("opening.technical_first", "stage"))
    if opens.get(stage) == AT_OPENING and lot.status != "OPENING":
        problems.append(Problem("lot.illegal_transition", params={"state": lot.status, "event": "key_released"}))
    refuse_if(problems)
    events = [Event("key_released", {"stage": stage, "trustee": trustee}, {"private_key": command.data["private_key"]})]
    released = sum(k.released for k in lot.part(Trustees).of(stage).values()) + 1
    if released >= THRESHOLD and stage not in lot.part(Opening).stages and not to_open(lot, stage):
        events.append(Event("stage_opened", {"stage": stage}))  # none is left to be opened
    return events


def _open_bid(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """Record what opening one envelope of one bid gave. The last of a stage completes it, and later stages too when no bid is left."""
    data, stage = command.data, str(command.data["stage"])
    waiting = to_open(lot, stage)
    refuse_if([Problem("opening.not_waiting", "bid", {"stage": stage})] if openable(lot) != stage or data["bid"] not in waiting else ())
    same = [b.bid for b in lot.part(Opening).bids.values() if data.get("uscc") and b.uscc == data["uscc"] and b.bid != data["bid"]]
    said = {"same_bidder_as": sorted(same)} if same else {}  # the committee is to decide on all of them [BLR 51(4), B-06]
    events = [Event("bid_opened", {**{k: v for k, v in data.items() if v is not None}, **said, **_together(data, facts)})]
    if len(waiting) > 1:
        return events
    later = [s for s in stages_at_opening(lot) if s != stage and s not in lot.part(Opening).stages]
    anybody = data["ok"] or any(b.bid != data["bid"] for b in lot.part(Opening).valid())
    return [*events, *(Event("stage_opened", {"stage": s}) for s in (stage, *(() if anybody else later)))]


def _together(data: Mapping[str, object], facts: Facts) -> dict[str, object]:
    """The members of a consortium, and what stands against whom only the envelope names that says whose bid it is [B-14, B-15, CR-4]."""
    found = members(cast("Mapping[str, object]", data.get("form") or {})) if data.get("uscc") else ()
    against = cast("Sequence[Finding]", facts["against_bidder"]) if data.get("uscc") else ()
    told = [{"ground": f.ground, "code": f.problem.code, "params": f.problem.params, "rule": f.problem.rule} for f in against]
    return {**({"members": stated(found)} if found else {}), **({"findings": told} if told else {})}


def _give_up(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """An envelope that the platform has lost is not the bidder's fault: the bid counts as withdrawn and the deposit goes back [B-05].
    One that is there is opened, whatever anybody says of it."""
    events = _open_bid(trade, lot, replace(command, data={**command.data, "ok": False, "fault": "other"}), facts)
    refuse_if(() if facts["envelope_lost"] else [Problem("opening.envelope_intact", "bid", rule="B-05")])
    return events


# ------------------------------------------------------------------ what events mean

def _opened(lot: Lot, r: Recorded) -> Lot:
    p, part = r.public, lot.part(Opening)
    before = part.bids.get(str(p["bid"]), OpenedBid(str(p["bid"])))
    form, files = cast("Mapping[str, object]", p.get("form", {})), cast("Sequence[Mapping[str, object]]", p.get("files", ()))
    envelope = OpenedEnvelope(bool(p["ok"]), form, tuple(files), str(p.get("reason", "")), r.at)
    after = replace(
        before,
        name=str(p.get("name", before.name)),
        uscc=str(p.get("uscc", before.uscc)),
        status=before.status if p["ok"] else (REVOKED if p.get("fault") == "bidder" else "withdrawn"),
        envelopes={**before.envelopes, str(p["stage"]): envelope},
        members=read(p.get("members")) or before.members,
        findings=tuple(_finding(f) for f in cast("Sequence[Mapping[str, object]]", p.get("findings", ()))) or before.findings,
    )
    return lot.with_part(replace(part, bids={**part.bids, after.bid: after}))


def _finding(said: Mapping[str, object]) -> Finding:
    params = cast("Mapping[str, object]", said["params"])
    return Finding(str(said["ground"]), Problem(str(said["code"]), params=params, rule=str(said["rule"])))


def _stage_opened(lot: Lot, r: Recorded) -> Lot:
    part = lot.part(Opening)
    return lot.with_part(replace(part, stages={**part.stages, str(r.public["stage"]): r.at}))


EVOLVE = {
    "bid_opened": _opened, "stage_opened": _stage_opened}

FILE = (Field("name", maximum=240), Field("sha256", "hash"), Field("size", "integer", minimum=0))
ACTS = (
    Act("start_opening", "opening_started", HOSTS, _start, (Field("delay_reason", "long_text", required=False),), rule="E-T09"),
    Act("release_key", "key_released", ROLES, _release, (KEY_OF, Field("private_key", maximum=200, secret=True)),
        needs=frozenset({"public_key"}), irrevocable=True),
    Act("open_bid", "bid_opened", CLOCK, _open_bid, (
        Field("bid", maximum=32), KEY_OF, Field("ok", "boolean"), Field("name", required=False), Field("uscc", required=False),
        Field("form", "json", required=False), Field("files", "list", required=False, fields=FILE), Field("reason", required=False),
        Field("fault", "choice", required=False, choices=("bidder", "other"))), needs=frozenset({"against_bidder"}), rule="B-10"),
    Act("give_up_envelope", "bid_opened", frozenset({Role.CENTRE}), _give_up, (
        Field("bid", maximum=32), KEY_OF, Field("reason", "long_text", maximum=2000)), needs=frozenset({"envelope_lost"}),
        irrevocable=True, rule="B-05"),
)  # fmt: skip
STAGE = Stage(lifecycle.OPENING, ACTS, EVOLVE, (Opening,))
