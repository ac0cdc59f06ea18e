"""A lot gives out only files that its own host has sent in: naming another lot's confidential file publishes nothing."""
from __future__ import annotations

import zipfile
from hashlib import sha256
from pathlib import Path
from typing import cast

import pytest

from tests.tender.test_prequalifying import issuing
from tests.web.frame import Reader
from tests.web.workbench_world import OpenWorld
from tests.world import TERMS, at
from trading_core.domain.errors import Refused
from trading_core.domain.identity import Actor, Role
from trading_core.domain.tender.prequalifying import Prequalification
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
        world.announce({**TERMS, "tender_documents": [*files, {"name": "x.pdf", "sha256": "a" * 64, "size": 9}]})
    assert {(p.path, p.code) for p in refusal.value.problems} == {(f"tender_documents.{n}", "document.not_sent_in") for n in (0, 1, 2, 5)}
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


def test_no_act_rests_on_a_paper_that_nobody_has(world: OpenWorld) -> None:
    """A delegation, an order of the supervisor, an application: each names files of its giver."""
    bidder = world.bidder("云石示例路桥有限公司").actor
    lot, theirs, nobodys = world.announce(TERMS), upload(world, bidder, SENT), "a" * 64
    order = {"decision_number": "水监〔2026〕1 号", "legal_basis": "BLR 62", "reason": "核查"}
    acts: dict[str, tuple[Actor, dict[str, object]]] = {
        "delegate_acts": (world.principal, {"acts": ["decide_award"]}), "order_suspension": (world.supervisor, dict(order)),
    }  # fmt: skip
    for document in (nobodys, theirs):
        for act, (giver, data) in acts.items():
            with pytest.raises(Refused) as refusal:
                world.give(lot, act, giver, **data, document=document)
            assert [(p.path, p.code) for p in refusal.value.problems] == [("document", "document.not_sent_in")]
    agencys = upload(world, world.agency, b"delegation")  # principal and agency of a lot are one side
    world.give(lot, "delegate_acts", world.principal, acts=["decide_award"], document=agencys)
    with pytest.raises(Refused):
        world.give(lot, "order_suspension", world.supervisor, **order, document=agencys)
    world.give(lot, "order_suspension", world.supervisor, **order, document=upload(world, world.supervisor, b"order"))


def test_who_applies_names_files_of_its_own(world: OpenWorld) -> None:
    lot, (first, second, *_) = issuing(world, state_funded=False)
    files = [{"name": "申请文件.pdf", "sha256": upload(world, first.actor, SENT), "size": len(SENT)}]
    with pytest.raises(Refused) as refusal:
        world.give(lot, "apply_for_prequalification", second.actor, files=files)
    assert [(p.path, p.code) for p in refusal.value.problems] == [("files.0", "document.not_sent_in")]
    world.give(lot, "apply_for_prequalification", first.actor, files=files)
    assert len(world.lot(lot).part(Prequalification).applications) == 1


def test_the_table_names_nobody_and_knows_no_envelope(world: OpenWorld) -> None:
    """[B-01] Who sends in a sealed bid must stay unknown, also to whoever reads the database."""
    bidder = world.bidder("云石示例路桥有限公司")
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))

    def rows() -> list[bytes]:
        with world.platform.look() as unit:
            return [bytes(r.mark) for r in unit.connection.exec_driver_sql("select mark from sent_in").all()]

    before = rows()
    upload(world, bidder.actor, world.envelope(world.lot(lot), bidder, "technical", {}, {"投标文件.txt": b"x"}))
    assert rows() == before
    name = upload(world, bidder.actor, SENT)
    (mark,) = set(rows()) - set(before)
    assert mark == world.platform.vault.blind(f"sent_in\0{bidder.actor.organisation}\0{name}")  # nothing but the keyed fingerprint
