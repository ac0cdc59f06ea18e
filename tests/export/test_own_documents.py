"""A lot gives out only files that its own host has sent in: naming another lot's confidential file publishes nothing."""
from __future__ import annotations

import zipfile
from hashlib import sha256
from pathlib import Path
from typing import cast

import pytest

from tests.web.frame import Reader
from tests.web.workbench_world import OpenWorld
from tests.world import TENDER_DOCUMENT, TERMS, at
from trading_core.domain.errors import Refused
from trading_core.domain.identity import Actor, Role
from trading_core.platform import Platform
from trading_core.services import project_zip

SECRET = b"%PDF-1.7 evaluation report, confidential"
SENT = b"annex to an application"
DRAWING = b"%PDF-1.7 drawings"


@pytest.fixture
def world(sqlite_platform: Platform) -> OpenWorld:
    return OpenWorld(sqlite_platform)


def upload(world: OpenWorld, actor: Actor, data: bytes) -> str:
    """Through the API, as that person."""
    digest = sha256(data).hexdigest()
    begun = world.call("/api/v1/uploads", actor, {"size": len(data), "sha256": digest}).json["upload"]
    place = f"/api/v1/uploads/{begun}"
    put = world.ask("PUT", f"{place}/pieces/0", actor, data, content_type="application/octet-stream", X_Piece_SHA256=digest)
    assert put.status_int == 200
    return str(world.ask("POST", f"{place}/finish", actor).json["object"])


def test_naming_a_file_publishes_it_only_for_who_sent_it_in(world: OpenWorld, tmp_path: Path) -> None:
    report = world.platform.objects.put(SECRET)  # as the platform stores a paper
    bidders = upload(world, world.bidder("云石示例路桥有限公司").actor, SENT)
    others = upload(world, world.organisation("别处示例代理有限公司", Role.AGENCY, world.centre), b"%PDF-1.7 of another agency")
    own = upload(world, world.agency, DRAWING)
    principals = upload(world, world.principal, b"%PDF-1.7 survey")
    names = [report, bidders, others, own, principals]
    files = [{"name": f"{n}.pdf", "sha256": name, "size": 9} for n, name in enumerate(names)]
    with pytest.raises(Refused) as refusal:
        world.announce({**TERMS, "tender_documents": files})
    assert {(p.path, p.code) for p in refusal.value.problems} == {(f"tender_documents.{n}", "document.not_sent_in") for n in (0, 1, 2)}
    lot = world.announce({**TERMS, "tender_documents": files[3:]})
    world.go(at("2026-03-02T08:30"))
    with pytest.raises(Refused) as refusal:
        world.give(lot, "amend", world.agency, note="补图", affects_preparation=False, files=files)
    assert {(p.path, p.code) for p in refusal.value.problems} == {(f"files.{n}", "document.not_sent_in") for n in (0, 1, 2)}
    reader = Reader(world.app)
    assert [reader.ask(f"/lots/{lot}/documents/{name}").status_int for name in names] == [404, 404, 404, 200, 200]
    for variant in cast("tuple[project_zip.Variant, ...]", ("public", "full")):
        with zipfile.ZipFile(project_zip.export(world.platform, lot, variant, tmp_path / f"{variant}.zip").path) as file:
            held = {sha256(file.read(name)).hexdigest() for name in file.namelist()}
        assert set(names) & held == {own, principals}


def test_only_hosts_are_noted_with_what_they_sent(world: OpenWorld) -> None:
    """[B-01] Who sends in a sealed bid must stay unknown."""
    bidder = world.bidder("云石示例路桥有限公司").actor
    name = upload(world, bidder, SENT)
    upload(world, world.agency, DRAWING)
    with world.platform.look() as unit:
        rows = unit.connection.exec_driver_sql("select object, organisation from host_document").all()
    sent = {(sha256(data).hexdigest(), world.agency.organisation) for data in (TENDER_DOCUMENT, DRAWING)}
    assert {tuple(r) for r in rows} == sent and name not in str(rows)
