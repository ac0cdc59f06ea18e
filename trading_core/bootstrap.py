"""The one composition root: web, worker, command line and tests all build their platform here."""
from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from . import messages, plugins
from .adapters.clock import Clock, SystemClock
from .adapters.db import bids as bids_table
from .adapters.db import desk_drafts, schema, sequencer  # noqa: F401 (the drafts: their table is set up with the others)
from .adapters.db import ledger as ledger_table
from .adapters.db import lots as lots_table
from .adapters.db.engine import Database
from .adapters.db.identity import PROJECTORS as IDENTITY_PROJECTORS
from .adapters.db.store import Projector
from .adapters.entropy import Entropy, SystemEntropy
from .adapters.keys import open_keys
from .adapters.objects import ObjectStore
from .adapters.printing import Printing
from .adapters.uploads import Uploads
from .adapters.vault import Vault
from .domain.trade import TradeType
from .domain.workcalendar import WorkCalendar, calendar_from
from .platform import Gather, Platform, Reader
from .services import bids, deposits, documents, excluding, facts, following, opening, papers, registrations, remedies, seats
from .settings import Settings


def build(settings: Settings, clock: Clock | None = None, entropy: Entropy | None = None) -> Platform:
    """A platform ready to serve: database set up, keys made, plugins loaded and told so.

    clock and entropy are given by tests and demonstrations; otherwise the machine's are used.
    """
    clock, entropy = clock or SystemClock(), entropy or SystemEntropy()
    settings.data.mkdir(parents=True, exist_ok=True)
    manager = plugins.load(settings.plugins)
    trades = plugins.trade_types(manager)
    keys = open_keys(settings.data / "keys", settings.origin, entropy)
    objects = ObjectStore(settings.data / "objects", entropy)
    database = Database(settings.database_url)
    folders = [Path(str(files(__package__) / "messages")), *(f for f in manager.hook.gongxin_messages() if f)]
    catalogue = messages.read(folders)
    platform = Platform(
        settings=settings,
        clock=clock,
        entropy=entropy,
        database=database,
        vault=Vault(keys.vault, entropy),
        keys=keys,
        objects=objects,
        calendar=work_calendar(),
        catalogue=catalogue,
        plugins=manager,
        trades=trades,
        projectors=projectors(trades, manager.hook.gongxin_projectors()),
        uploads=Uploads(
            settings.data / "uploads", objects, clock, entropy, settings.upload_max_mib << 20, settings.disk_reserve_mib << 20
        ),
        printing=Printing(settings, catalogue, clock, entropy),
        facts=FACTS,
        readers=readers(manager.hook.gongxin_readers()),
    )
    set_up_database(platform)
    manager.hook.gongxin_platform_ready(platform=platform)
    return platform


FACTS: Mapping[str, Gather] = {
    "party_kinds": facts.party_kinds,
    "sponsors": facts.sponsors,
    "giver": facts.giver,
    "asker": facts.asker,
    "invitees": facts.invitees,
    "unsent": documents.unsent,
    "rehearsal": opening.rehearsal,
    "public_key": opening.public_key,
    "actor_uscc": opening.actor_uscc,
    "envelope_lost": opening.envelope_lost,
    "envelope_problems": bids.envelope_problems,
    "eligibility": bids.eligibility,
    "own_bid": bids.own_bid,
    "applicant": bids.applicant,
    "applicant_conflicts": excluding.applicant_conflicts,
    "applicant_bans": registrations.bans,
    "reference": registrations.reference,
    "paddles": registrations.paddles,
    "reserve_disclosure": registrations.reserve_disclosure,
    "against_bidder": excluding.against_bidder,
    "bid_exists": bids.bid_exists,
    "live_bids": bids.live_bids,
    "holder": seats.holder,
    "expert_number": seats.expert_number,
    "recusals": seats.recusals,
    "expert_rows": seats.expert_rows,
    "committee_members": seats.committee_members,
    "review_members": seats.review_members,
    "objector_commitment": remedies.objector_commitment,
    "bidders_credit": excluding.bidders_credit,
    "candidate_eligibility": remedies.candidate_eligibility,
    "candidate_credit": remedies.candidate_credit,
    "attempt": remedies.attempt,
    "earlier_documents": remedies.earlier_documents,
    "deposits": deposits.deposits,
    "documents": papers.kinds_issued,
}
"""What acts may ask for in `needs`, and who gathers it."""


def readers(more: list[dict[str, Reader]]) -> dict[str, Reader]:
    """Every reader of the log by name."""
    return {"papers": papers.follow, **following.READERS, **{name: reader for group in more for name, reader in group.items()}}


@cache
def work_calendar() -> WorkCalendar:
    """The years that the State Council's notices have fixed, as shipped. Read and checked once."""
    return calendar_from(json.loads((files(__package__) / "data" / "calendar_cn.json").read_text("utf-8")))


def projectors(trades: Mapping[str, TradeType], more: list[dict[str, Projector]]) -> dict[str, list[Projector]]:
    """Every projector by first part of the stream's name; the core's own come first."""
    found: dict[str, list[Projector]] = {
        "lot": [lots_table.projector(trades)], "sealed": [bids_table.project], "deposit": [ledger_table.project],
    }  # fmt: skip
    for group in (IDENTITY_PROJECTORS, *more):
        for prefix, projector in group.items():
            found.setdefault(prefix, []).append(projector)
    return found


def set_up_database(platform: Platform) -> None:
    """Create what is missing; nothing that exists is touched."""
    with platform.database.setting_up() as connection:
        schema.metadata.create_all(connection)
        for tables in platform.plugins.hook.gongxin_tables():
            if tables is not None:
                tables.create_all(connection)
        sequencer.set_up(connection)
