"""Checking a whole project file, from its bytes to its periods, in the order of docs/formats.md §8."""
from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from . import (
    applications,
    auction,
    awards,
    bids,
    credit,
    drawings,
    evaluations,
    events,
    keys,
    lots,
    openings,
    order,
    papers,
    periods,
    seats,
)
from .container import Container, open_container
from .report import Broken, Check, Malformed, Outcome, Report, Step, run
from .text import Value, read_canonical

REQUIRED = ("manifest.json", "manifest.sig", "checkpoint.txt", "events.jsonl", "rules.json", "LICENSE-DATA")
OPTIONAL = re.compile(r"ocds/release-package\.json|documents/[a-z0-9][a-z0-9._-]{0,149}|bids/[0-9a-f]{64}")
UNLISTED = ("manifest.json", "manifest.sig")
MANIFEST = ("attempt", "files", "format", "keys", "lot", "made_at", "origin", "streams", "variant")


DECISIVE = ("bids.counted", "bids.opened", "bids.reopened", "draw.experts", "draw.parameter", "evaluation.scores", "award.follows",
            "auction.follows", "deal.follows", "lots.drawn",             "periods.kept")  # fmt: skip
"""What a reader wants to know of a trade; the rest shows only that the file is whole."""
ON_TRUST = ("bids.opened",)
"""Of these what is noted decides and cannot be proved: an envelope that is said to be lost."""


@dataclass
class Project:
    """A project file under examination; filled in as the checks go along."""

    handle: BinaryIO
    pinned: keys.Keys | None = None
    container: Container = field(init=False)
    manifest: Value = field(init=False)
    own: keys.Keys | None = None
    lot: str = ""
    attempt: int = 0
    variant: str = ""
    point: keys.Checkpoint = field(init=False)
    record: events.Record = field(default_factory=events.Record)

    def report(self) -> Report:
        """All checks, up to the first that fails."""
        done = run({
            "zip.container": self._container,
            "manifest.format": self._manifest,
            "zip.files": self._files,
            "keys.trusted": self._keys,
            "checkpoint.signature": self._checkpoint,
            "events.format": lambda: events.read_events(self.record, self.container.lines("events.jsonl")),
            "events.proofs": lambda: events.check_proofs(self.record, self.point),
            "events.streams": self._streams,
            "events.private": lambda: events.check_private(self.record),
            "events.disclosed": lambda: events.check_disclosed(self.record),
            "documents.named": lambda: papers.check_documents(self.record, self.lot, self.container.members),
        })  # fmt: skip
        if all(c.ok for c in done):
            done += run(self._course())
        if all(c.ok for c in done):
            done += (self._shows(done),)
        about: dict[str, str | int] = {"lot": self.lot, "attempt": self.attempt, "variant": self.variant, "events": len(self.record.events)}
        return Report("project", done, self.own.seen() if self.own else (), about if self.lot else {})

    def _sealed(self) -> dict[str, Step]:
        """What is looked at where bids are sealed and evaluated."""
        return {
            "prequalification.votes": lambda: applications.check_applications(self.record, self.lot),
            "bids.counted": lambda: bids.check_counted(self.record, self.lot, self.attempt),
            "bids.stages": lambda: bids.check_stages(self.record, self.lot),
            "bids.envelopes": lambda: bids.check_envelopes(self.record, self.lot, self.variant, self.container.members),
            "bids.opened": lambda: openings.check_opened(self.record, self.lot),
            "bids.reopened": lambda: openings.check_reopened(self.record, self.lot, self.attempt, self.variant, self.container),
            "draw.experts": lambda: drawings.check_draws(self.record, self.lot, self.attempt),
            "evaluation.scores": lambda: evaluations.check_scores(self.record, self.lot),
            "award.follows": lambda: awards.check_award(self.record, self.lot),
            "credit.asked": lambda: credit.check_credit(self.record, self.lot),
        }  # fmt: skip

    def _auction(self) -> dict[str, Step]:
        """What is looked at where the bids themselves decide."""
        return {
            "auction.follows": lambda: auction.check_auction(self.record, self.lot),
            "deal.follows": lambda: auction.check_deal(self.record, self.lot),
        }  # fmt: skip

    def _lots(self) -> dict[str, Step]:
        """What is looked at where a public draw decides."""
        return {
            "lots.drawn": lambda: lots.check_lots(self.record, self.lot, self.attempt),
            "deal.follows": lambda: auction.check_deal(self.record, self.lot),
        }  # fmt: skip

    def _course(self) -> dict[str, Step]:
        """What decides who wins, and then what every lot has."""
        held, drawn = auction.is_held(self.record, self.lot), lots.is_drawn(self.record, self.lot)
        sits: dict[str, Step] = {} if held or drawn else {"evaluation.seats": lambda: seats.check_seats(self.record, self.lot)}
        return {
            **(self._auction() if held else self._lots() if drawn else self._sealed()),
            "events.order": lambda: order.check_order(self.record, self.lot),
            **sits,
            "ocds.agrees": lambda: papers.check_open_data(self.record, self.lot, self.container),
            "periods.kept": self._periods,
        }  # fmt: skip

    def _shows(self, done: Sequence[Check]) -> Check:
        """How much of what decides could be checked: a file that is whole and says nothing proves nothing."""
        open_ones = sorted({c.name for c in done if c.name in DECISIVE and c.outcome == "not_shown"})
        sure = len({c.name for c in done if c.name in DECISIVE and c.outcome != "not_shown"})
        trusted = sorted({c.name for c in done if c.name in ON_TRUST and c.outcome == "noted"})
        outcome: Outcome = "not_shown" if not sure else "noted" if trusted else "holds"
        params: dict[str, str | int] = {"count": sure, "missing": ", ".join(open_ones) or "-", "trusted": ", ".join(trusted) or "-"}
        return Check("file.shows", outcome, "", params)

    def _container(self) -> Iterator[Check]:
        self.container = open_container(self.handle)
        names = self.container.members
        yield Check("zip.container", "holds", "", {"count": len(names)})
        for name in REQUIRED:
            if name not in names:
                raise Broken("zip.names", name, "a file in the zip", "none")
        for name in names:
            if name not in REQUIRED and not OPTIONAL.fullmatch(name):
                raise Broken("zip.names", name, "a name as published", name)
        yield Check("zip.names", "holds", "", {"count": len(names)})

    def _manifest(self) -> Iterator[Check]:
        raw = self.container.read("manifest.json")
        self.manifest = manifest = read_canonical(raw, "manifest.json").only(*MANIFEST)
        manifest["format"].choice("gongxin-project-v1")
        manifest["keys"].only("log", "receipt", "threshold", "witnesses")
        self.lot, self.attempt = manifest["lot"].word(), manifest["attempt"].integer(1)
        self.variant = manifest["variant"].choice("public", "full")
        manifest["made_at"].instant()
        if f"lot/{self.lot}" not in manifest["streams"].mapping():
            raise Malformed("manifest.json streams", f"the stream lot/{self.lot}")
        self.own = keys.read_keys(manifest["keys"], manifest["origin"].text())
        yield Check("manifest.format", "holds", "manifest.json", {"lot": self.lot, "variant": self.variant})
        receipt = self.own.receipt
        if not receipt.signed(self.container.read("manifest.sig"), raw):
            raise Broken("manifest.signature", "manifest.sig", f"a signature by {receipt}", "none that holds")
        yield Check("manifest.signature", "holds", "manifest.sig", {"name": receipt.name, "id": receipt.id.hex()})

    def _files(self) -> Iterator[Check]:
        listed = {name: value.only("sha256", "size") for name, value in self.manifest["files"].members()}
        found = {name: m for name, m in self.container.members.items() if name not in UNLISTED}
        for name in sorted(listed.keys() ^ found.keys()):
            raise Broken("zip.files", name, "a file that is listed and there", "not there" if name in listed else "not listed")
        for name, member in found.items():
            expected = listed[name]["size"].integer(), listed[name]["sha256"].hex().hex()
            if expected != (member.size, member.sha256):
                raise Broken("zip.files", name, f"{expected[0]} bytes, {expected[1]}", f"{member.size} bytes, {member.sha256}")
        yield Check("zip.files", "holds", "manifest.json", {"count": len(found)})

    def _keys(self) -> Iterator[Check]:
        own = self.own
        assert own is not None
        if self.pinned is None:
            yield Check("keys.trusted", "noted", "manifest.json", {"ids": " ".join(k.id for k in own.seen())})
            return
        for role, told, pinned in (("log", own.log, self.pinned.log), ("receipt", own.receipt, self.pinned.receipt)):
            if told != pinned:
                raise Broken("keys.trusted", f"manifest.json keys {role}", str(pinned), str(told))
        self.own = self.pinned
        yield Check("keys.trusted", "holds", "manifest.json", {"ids": " ".join(k.id for k in self.pinned.seen())})

    def _checkpoint(self) -> Iterator[Check]:
        assert self.own is not None
        self.point = keys.read_checkpoint(self.container.read("checkpoint.txt"), "checkpoint.txt")
        yield from keys.check_checkpoint(self.point, self.own, "checkpoint.txt")

    def _streams(self) -> Iterator[Check]:
        yield from events.check_streams(self.record, self.manifest["streams"])
        events.check_attempt(self.record, self.lot, self.attempt)
        yield order.check_until(self.record, self.lot)

    def _periods(self) -> Iterator[Check]:
        return periods.check_periods(read_canonical(self.container.read("rules.json"), "rules.json"), self.record, self.lot)

