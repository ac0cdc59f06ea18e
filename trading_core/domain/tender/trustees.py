"""Who keeps the keys: one-time keys per stage, made by three trustees, logged and rehearsed before they are needed [design §4].

The platform never has a private key before its stage is to be opened. A rehearsal proves that the trustee can use the key: the
platform seals a random challenge to it, and only who opens it can answer.
"""
from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from ..errors import Problem, refuse_if
from ..events import Event, Recorded
from ..fields import Field
from ..lot import Lot
from ..stages import lifecycle
from ..stages.offices import CENTRE, HOST, ROLES, SUPERVISOR, office_of
from ..trade import Act, Command, Facts, Stage, TradeType

TRUSTEES = (HOST, CENTRE, SUPERVISOR)
THRESHOLD = 2
SUITES = ("intl-1", "gm-1")

AT_OPENING, AFTER_TECHNICAL = "at_opening", "after_technical"


@dataclass(frozen=True, slots=True)
class TrusteeKey:
    """A trustee's one-time key for a stage. public_key is hex; challenge is sealed to it; answer_hash checks the rehearsal."""

    public_key: str
    challenge: str
    answer_hash: str
    rehearsed: bool = False
    released: bool = False


@dataclass(frozen=True, slots=True)
class Trustees:
    """Keys by stage, then by trustee."""

    keys: Mapping[str, Mapping[str, TrusteeKey]] = field(default_factory=dict)

    def of(self, stage: str) -> Mapping[str, TrusteeKey]:
        return self.keys.get(stage, {})

    def ready(self, stages: Sequence[str]) -> bool:
        """Whether bids can be sealed: every trustee has rehearsed the key of every stage."""
        return all(t in self.of(s) and self.of(s)[t].rehearsed for s in stages for t in TRUSTEES)

    def set(self, stage: str, trustee: str, key: TrusteeKey) -> Trustees:
        return replace(self, keys={**self.keys, stage: {**self.of(stage), trustee: key}})


@dataclass(frozen=True, slots=True)
class Envelope:
    """A part of a bid that is sealed and opened by itself: its name, and when its keys may be released."""

    name: str
    opens: str


def envelopes(lot: Lot) -> tuple[Envelope, ...]:
    """The envelopes that the announcement asks for, in order. One for everything when it names none."""
    given = cast("list[Mapping[str, str]]", lot.terms.get("envelopes") or [{"name": "bid", "opens": AT_OPENING}])
    return tuple(Envelope(e["name"], e["opens"]) for e in given)


def stage_names(lot: Lot) -> tuple[str, ...]:
    return tuple(e.name for e in envelopes(lot))


def suite(lot: Lot) -> str:
    """The cipher suite of the lot's seals."""
    return lot.term_text("cipher_suite", SUITES[0])


def answer_hash(answer: str) -> str:
    """What is logged of the expected answer, so that reading the log does not give the answer away."""
    return hashlib.sha256(bytes.fromhex(answer)).hexdigest()


def _my_trustee(lot: Lot, command: Command) -> Iterator[Problem]:
    if office_of(lot, command.actor) is None:
        yield Problem("trustee.not_one", params={"role": command.actor.role.value})
    if command.data["stage"] not in stage_names(lot):
        yield Problem("trustee.unknown_stage", "stage", {"stages": ", ".join(stage_names(lot))})


def _register(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    """A key may be made anew until bids can be sealed to it: later, bids already in would be lost."""
    stage, problems = str(command.data["stage"]), list(_my_trustee(lot, command))
    trustee = office_of(lot, command.actor) or ""
    if lot.part(Trustees).ready(stage_names(lot)):
        problems.append(Problem("trustee.keys_in_use", "stage"))
    challenge = cast("Mapping[str, str] | None", facts["rehearsal"])
    if challenge is None:
        problems.append(Problem("trustee.bad_key", "public_key"))
    refuse_if(problems)
    assert challenge is not None
    return [Event("trustee_key_registered", {"stage": stage, "trustee": trustee, "suite": suite(lot),
                                             "public_key": command.data["public_key"], **challenge})]  # fmt: skip


def _rehearse(trade: TradeType, lot: Lot, command: Command, facts: Facts) -> list[Event]:
    problems, stage = list(_my_trustee(lot, command)), str(command.data["stage"])
    trustee = office_of(lot, command.actor) or ""
    key = lot.part(Trustees).of(stage).get(trustee)
    if key is None and not problems:
        problems.append(Problem("trustee.no_key_yet", "stage"))
    if key is not None and answer_hash(str(command.data["answer"])) != key.answer_hash:
        problems.append(Problem("trustee.rehearsal_wrong", "answer"))
    refuse_if(problems)
    return [Event("trustee_key_rehearsed", {"stage": stage, "trustee": trustee})]


def _registered(lot: Lot, r: Recorded) -> Lot:
    p = cast("Mapping[str, str]", r.public)
    key = TrusteeKey(p["public_key"], p["challenge"], p["answer_hash"])
    return lot.with_part(lot.part(Trustees).set(p["stage"], p["trustee"], key))


def _rehearsed(lot: Lot, r: Recorded) -> Lot:
    return _mark(lot, r, rehearsed=True)


def _released(lot: Lot, r: Recorded) -> Lot:
    return _mark(lot, r, released=True)


def _mark(lot: Lot, r: Recorded, **changes: bool) -> Lot:
    stage, trustee = str(r.public["stage"]), str(r.public["trustee"])
    part = lot.part(Trustees)
    key = part.of(stage)[trustee]
    return lot.with_part(part.set(stage, trustee, replace(key, **changes)))  # type: ignore[arg-type]


EVOLVE = {"trustee_key_registered": _registered, "trustee_key_rehearsed": _rehearsed, "key_released": _released}

KEY_OF = Field("stage", maximum=40)
ACTS = (
    Act("register_trustee_key", "trustee_key_registered", ROLES, _register, (KEY_OF, Field("public_key", maximum=200)),
        needs=frozenset({"rehearsal"})),
    Act("rehearse_trustee_key", "trustee_key_rehearsed", ROLES, _rehearse, (KEY_OF, Field("answer", "hash"))),
)  # fmt: skip
STAGE = Stage(lifecycle.SEALING, ACTS, EVOLVE, (Trustees,))
