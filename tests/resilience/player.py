"""Two processes that may be killed at any moment: clients who play a tender to its end, and a worker that sweeps.

The clients keep what they were told in a journal on their own disk. Whoever was killed begins again from the top: what stands in the
journal is not asked again (sometimes it is, and must get the same answer), what does not is sent under the same key as before.
"""
from __future__ import annotations

import hashlib
import json
import os
import random
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from expert_pool.sample import make_sample_pool
from tests.world import TERMS, BidPlan, World, at
from trading_core.adapters.clock import Clock
from trading_core.adapters.db import schema
from trading_core.adapters.db.identity import role_grant
from trading_core.adapters.printing import Printing
from trading_core.bootstrap import build
from trading_core.domain.errors import Conflict, Refused
from trading_core.domain.events import Json
from trading_core.domain.identity import Actor, Role
from trading_core.domain.leaves import canonical
from trading_core.domain.lot import Lot
from trading_core.domain.person import PersonalData
from trading_core.domain.tender.assessment import Evaluation
from trading_core.domain.tender.committee import Committee
from trading_core.domain.tender.opening import Opening
from trading_core.domain.trade import Command
from trading_core.domain.uscc import compose_uscc
from trading_core.messages import Language
from trading_core.platform import Platform, Unit
from trading_core.services import clockwork, lots, organisations, persons
from trading_core.settings import Settings
from web.api.commands import carried_out, give

START = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)
BIDDERS = ("松涧示例建设集团有限公司", "云石示例路桥有限公司", "青屿示例水利工程有限公司", "白鹭示例建筑有限公司")
ROWS = ({"row": "water", "specialty": "A08", "count": 3}, {"row": "cost", "specialty": "C02", "count": 2})
PATIENCE_SECONDS = 60
ASKED_AGAIN = 0.05  # share of answers known from the journal that are asked for once more

FONTS = Path(__file__).parents[2] / "var" / "fonts"  # derived once for all tests by the fixture of that name


class SharedClock:
    """A clock that stands in a file until one process moves it; it never goes back."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> datetime:
        return datetime.fromisoformat(self._path.read_text()) if self._path.exists() else START

    def error(self) -> timedelta:
        return timedelta(0)

    def move_to(self, moment: datetime) -> None:
        if moment > self.now():
            durable(self._path, moment.astimezone(UTC).isoformat())


class PlainPrinting(Printing):
    """Papers as plain text: setting a real one costs a second, and what it looks like is not the question here."""

    def render(self, kind: str, data: Json, language: Language = "zh") -> bytes:
        return f"{kind} {canonical(data)}".encode()

    def seal(self, pdf: bytes, reason: str) -> bytes:
        return pdf


def durable(path: Path, text: str) -> None:
    """Write a file whole or not at all, and onto the disk."""
    part = path.with_name(f"{path.name}.{os.getpid()}")
    with part.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def open_platform(folder: Path, database: str) -> Platform:
    clock: Clock = SharedClock(folder / "clock")
    made = build(Settings(data=folder / "data", database=database, font_dir=str(FONTS)), clock)
    return replace(made, printing=PlainPrinting(made.settings, made.catalogue, made.clock, made.entropy))


def sweep(folder: Path, database: str) -> None:
    """The worker: sweep after sweep, until killed. What went wrong is left in a file and tried again, as the queue does."""
    platform = open_platform(folder, database)
    while True:
        try:
            if clockwork.sweep(platform).idle:
                time.sleep(0.005)
        except Exception:
            with (folder / "failures").open("a") as file:
                file.write(traceback.format_exc())
            time.sleep(0.05)


def play(folder: Path, database: str, seed: int) -> None:
    """The clients: one tender from its announcement to the letter of award."""
    Client(open_platform(folder, database), folder, random.Random(seed ^ time.monotonic_ns())).course()


class Client(World):
    """The small world, every command under a key of its own and every answer kept."""

    def __init__(self, platform: Platform, folder: Path, chance: random.Random) -> None:
        self._folder, self._chance = folder, chance
        self._journal = folder / "journal"
        self._answers = read_journal(self._journal)
        super().__init__(platform)

    # -------------------------------------------------------------- asking

    def ask(self, key: Any, send: Callable[[str], Json]) -> Json:
        """The answer to a command, from the journal or from the platform."""
        name = hashlib.sha256(json.dumps(key, sort_keys=True, default=str).encode()).hexdigest()
        known = self._answers.get(name)
        if known is not None and self._chance.random() > ASKED_AGAIN:
            return known
        answer = json.loads(canonical(self._sent(name, send)))
        if known is not None:
            assert answer == known, f"another answer to the same command: {key}"
            return answer
        with self._journal.open("a") as file:
            file.write(json.dumps({"key": name, "answer": answer}) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self._answers[name] = answer
        return answer

    def _sent(self, name: str, send: Callable[[str], Json]) -> Json:
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return send(name)
            except (Conflict, OperationalError):  # told to a program as 409 and 503: ask again with the same key
                if time.monotonic() > end:
                    raise

    def once(self, key: Any, actor: Actor, do: Callable[[Unit], Json]) -> Json:
        return self.ask(key, lambda name: carried_out(self.platform, actor, name, {"key": str(key)}, do))

    def give(self, lot: str, act: str, actor: Actor, **data: object) -> Lot:
        def send(name: str) -> Json:
            return give(self.platform, lot, Command(act, actor, data, self.platform.clock.now()), name, "")

        self.ask([lot, act, actor.person, data], send)
        return self.lot(lot)

    def organisation(self, name: str, role: Role, by: Actor) -> Actor:
        code = compose_uscc("91530500", hashlib.sha256(name.encode()).hexdigest()[:8].upper())

        def do(unit: Unit) -> Json:
            subject = organisations.register_organisation(unit, by, code, name, [role.value])
            data = PersonalData(f"{name[:4]}经办人", "0800-000-0000", f"NUMBER-{code}", "other")
            person = persons.register_person(unit, by, subject, data)
            persons.grant_role(unit, by, person, role)
            return {"organisation": subject, "person": person}

        answer = self.once(["organisation", name], by, do)
        self.codes[str(answer["organisation"])] = code
        return Actor(str(answer["person"]), str(answer["organisation"]), role)

    def create(self, parties: Mapping[str, str], trade: str = "engineering") -> str:
        return str(self.once(["create"], self.agency, lambda u: {"lot": lots.create(u, self.agency, trade, parties).lot.id})["lot"])

    def bidder(self, name: str) -> BidPlan:
        """What a bidder must not lose lies on its own disk; here it follows from the name."""
        actor = self.organisation(name, Role.BIDDER, self.centre)
        salt, secret, number = (hashlib.sha256(f"{what} of {name}".encode()).digest() for what in ("salt", "secret", "number"))
        return BidPlan(actor, name, self.codes[actor.organisation], number[:16].hex(), secret.hex(), salt)

    def submit(self, lot_id: str, plan: BidPlan, forms: Mapping[str, Mapping[str, object]], **more: object) -> Mapping[str, object]:
        """A bidder keeps the sealed files until their receipt is there: sealed anew they would be another bid."""
        kept = self._folder / f"bid-{plan.number}"
        if not kept.exists():
            durable(kept, json.dumps(self.submission(lot_id, plan, forms)))
        data = {**json.loads(kept.read_text()), **more}
        command = Command("submit_bid", plan.actor, data, self.platform.clock.now())
        return self.ask([lot_id, "submit", plan.number], lambda name: give(self.platform, lot_id, command, name, ""))

    def pool(self, count: int = 60) -> dict[str, Actor]:
        self.once(["pool"], self.centre, lambda unit: {"numbers": list(make_sample_pool(unit, self.centre, count))})
        with self.platform.look() as unit:
            grants = unit.connection.execute(sa.select(role_grant).where(role_grant.c.role == Role.EXPERT.value)).all()
        people = [Actor(g.person, g.organisation, Role.EXPERT) for g in grants]
        return {self.number(a): a for a in people}

    def wait(self, until: Callable[[], object]) -> None:
        """Wait for the worker."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not until():
            if time.monotonic() > end:
                raise TimeoutError("the worker did not do it")
            time.sleep(0.005)

    def go(self, moment: datetime) -> None:
        """Move the clock and wait until the worker has done all that is then due."""
        self.platform.clock.move_to(moment)  # type: ignore[attr-defined]

        def quiet() -> bool:
            with self.platform.look() as unit:
                return not lots.due(unit, 1)

        self.wait(quiet)

    # -------------------------------------------------------------- the tender

    def course(self) -> None:
        lot = self.announce(TERMS)
        self.go(at("2026-03-02T08:30"))
        self.bids(lot)
        self.go(at("2026-03-23T09:30") + timedelta(seconds=3))
        self.opening(lot)
        self.evaluation(lot)
        self.award(lot)

    def bids(self, lot: str) -> None:
        for n, name in enumerate(BIDDERS):
            forms = {"technical": {"project_leader": "王某", "duration_days": 210, "quality": "合格"},
                     "price": {"price_fen": 950_000_000 + 10_000_000 * n}}  # fmt: skip
            self.submit(lot, self.bidder(name), forms)
        leaving = self.bidder("赤水示例市政有限公司")
        self.submit(lot, leaving, {})
        self.give(lot, "withdraw_bid", leaving.actor, bid=leaving.number, secret=leaving.secret)

    def opening(self, lot: str) -> None:
        self.give(lot, "start_opening", self.agency)
        self.release(lot, "technical", self.agency, self.supervisor)
        self.release(lot, "price", self.agency, self.centre)
        self.wait(lambda: set(self.lot(lot).part(Opening).stages) == {"technical", "price"})
        self.hand_in(lot, "parameter", self.agency, self.supervisor)
        self.go(at("2026-03-23T09:45"))
        self.give(lot, "finish_opening", self.agency)

    def evaluation(self, lot: str) -> None:
        members = self.draw_experts(lot, self.pool(), *ROWS)
        for member in members:
            self.give(lot, "sign_in_seat", member, no_recusal=True, keeps_discipline=True)
        for member in members:
            try:
                self.give(lot, "vote_chair", member, seat=1)
            except Refused:
                break  # elected before everybody has voted
        self.give(lot, "start_evaluation", self.agency)
        part = self.lot(lot).part(Committee)
        holder = next(s.holder for s in part.seats if s.number == part.chair)
        chair = next(m for m in members if self.number(m) == holder)
        self.give(lot, "finish_review", chair)
        for bid in self.lot(lot).part(Opening).valid():
            for n, member in enumerate(members):
                self.give(lot, "lock_scores", member, bid=bid.bid, points={"plan": str(25 + n), "record": "4"})
        self.give(lot, "summarise", chair)
        for member in members:
            self.give(lot, "sign_report", member, agrees=True)
        self.give(lot, "submit_report", chair)

    def award(self, lot: str) -> None:
        self.go(at("2026-03-24T10:00"))
        self.give(lot, "publish_candidates", self.principal, evaluation_summary="综合评估法", how_to_object="在本平台提出")
        self.go(at("2026-03-30T08:30"))
        winner = self.lot(lot).part(Evaluation).candidates[0].bid
        self.give(lot, "decide_award", self.principal, bid=winner)
        self.give(lot, "issue_award_letter", self.principal)
        self.give(lot, "publish_result", self.principal)


def read_journal(path: Path) -> dict[str, Json]:
    """Every answer that reached the clients' disk whole; a line that was cut off did not."""
    found: dict[str, Json] = {}
    for line in path.read_bytes().split(b"\n") if path.exists() else ():
        if line.endswith(b"}") and line.startswith(b"{"):
            entry = json.loads(line)
            found[entry["key"]] = entry["answer"]
    return found


def kinds(platform: Platform) -> dict[tuple[str, str], int]:
    """How often each type of event stands in each kind of stream, without the entries that mean nothing."""
    counted: dict[tuple[str, str], int] = {}
    with platform.look() as unit:
        for row in unit.connection.execute(sa.select(schema.event.c.stream, schema.event.c.version)):
            stored = unit.store.read(row.stream, row.version - 1)[0]
            private = stored.recorded().private or {}
            kind = str(private.get("what", stored.type)) if stored.type == "sealed" else stored.type
            if kind != "cover":
                key = (stored.stream.partition("/")[0], kind)
                counted[key] = counted.get(key, 0) + 1
    return counted
