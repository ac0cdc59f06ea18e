"""A stored file that rots on disk is given to nobody and exported by nobody, and whoever runs the site is told."""
from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.web.frame import Reader
from tests.web.workbench_world import OpenWorld
from tests.world import TENDER_DOCUMENT, TERMS, at
from trading_core import verify
from trading_core.adapters.objects import DamagedObject
from trading_core.domain.errors import Refused
from trading_core.platform import Platform
from trading_core.services import project_zip
from web.health import health

NAME = hashlib.sha256(TENDER_DOCUMENT).hexdigest()


@pytest.fixture
def world(sqlite_platform: Platform) -> OpenWorld:
    return OpenWorld(sqlite_platform)


def rot(path: Path) -> bytes:
    """One bit turns over; the bytes that were."""
    sound = path.read_bytes()
    path.write_bytes(bytes([sound[0] ^ 1]) + sound[1:])
    return sound


def test_no_other_bytes_are_given_out_under_a_name(world: OpenWorld, tmp_path: Path) -> None:
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    reader, address, target = Reader(world.app), f"/lots/{lot}/documents/{NAME}", tmp_path / "project.zip"
    assert reader.ask(address).body == TENDER_DOCUMENT
    place = world.platform.objects.path(NAME)
    sound = rot(place)
    answer = reader.ask(address)
    assert answer.status_int == 503 and "Retry-After" in answer.headers and sound[1:] not in answer.body
    zipped = reader.ask(f"/api/v1/lots/{lot}/project.zip")
    assert zipped.json["problems"][0]["code"] == "export.damaged"
    with pytest.raises(Refused) as refusal:
        project_zip.export(world.platform, lot, "public", target)
    assert [(p.code, p.params["sha256"]) for p in refusal.value.problems] == [("export.damaged", NAME)] and not target.exists()
    told = next(p for p in health(world.platform).parts if p.name == "objects")
    assert (told.state, told.figures) == ("slow", {"damaged": 1}) and reader.ask("/status").status_int == 200

    place.write_bytes(sound)  # as from a backup
    assert next(p for p in health(world.platform).parts if p.name == "objects").state == "ok"
    assert reader.ask(address).body == TENDER_DOCUMENT
    project_zip.export(world.platform, lot, "public", target)
    assert verify.project(target.read_bytes(), None).ok


def test_damage_is_remembered_until_the_file_is_whole_again(sqlite_platform: Platform) -> None:
    objects = sqlite_platform.objects
    name = objects.put(b"a paper")
    sound = rot(objects.path(name))
    with pytest.raises(DamagedObject):
        objects.check(name)
    objects.path(name).write_bytes(b"another wrong one")
    assert objects.damaged() == [name]
    objects.path(name).unlink()
    assert objects.damaged() == [name]
    objects.put(sound)
    assert objects.damaged() == []
