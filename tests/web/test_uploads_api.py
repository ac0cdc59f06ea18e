"""Uploading a file in pieces through the API: resumed, damaged, refused."""
from __future__ import annotations

import hashlib

import pytest

from tests.web.workbench_world import OpenWorld
from trading_core.adapters.uploads import PIECE
from trading_core.platform import Platform

BEGIN = "/api/v1/uploads"


@pytest.fixture
def world(sqlite_platform: Platform) -> OpenWorld:
    return OpenWorld(sqlite_platform)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def begin(world: OpenWorld, data: bytes) -> str:
    answer = world.call(BEGIN, world.agency, {"size": len(data), "sha256": digest(data)})
    assert answer.status_int == 201
    return str(answer.json["upload"])


def send(world: OpenWorld, upload: str, index: int, data: bytes, claimed: str = "") -> int:
    path, kind = f"{BEGIN}/{upload}/pieces/{index}", "application/octet-stream"
    answer = world.ask("PUT", path, world.agency, data, content_type=kind, X_Piece_SHA256=claimed or digest(data))
    return int(answer.status_int)


def test_a_file_goes_up_in_pieces_in_any_order_and_from_any_account(world: OpenWorld) -> None:
    data = bytes(range(256)) * 32768 + b"the last piece"  # 8 MiB and a bit
    upload = begin(world, data)
    assert send(world, upload, 1, data[PIECE:]) == 200
    seen = world.ask("GET", f"{BEGIN}/{upload}", world.supervisor).json
    assert (seen["arrived"], seen["pieces"], seen["piece_size"], seen["size"]) == ([1], 2, PIECE, len(data))
    assert world.ask("POST", f"{BEGIN}/{upload}/finish", world.agency).json["problems"][0]["params"] == {"missing": 1, "first": 0}
    assert send(world, upload, 0, data[:PIECE]) == 200
    assert send(world, upload, 0, data[:PIECE]) == 200
    assert world.ask("POST", f"{BEGIN}/{upload}/finish", world.agency).json == {"object": digest(data)}
    assert world.platform.objects.read(digest(data)) == data


def test_what_is_damaged_too_large_or_of_no_upload_is_refused(world: OpenWorld) -> None:
    upload = begin(world, b"small")
    assert send(world, upload, 0, b"other", digest(b"small")) == 422
    assert send(world, upload, 3, b"small") == 422
    assert send(world, upload, 0, b"small", "no hash") == 422
    assert send(world, upload, 0, b"x" * (PIECE + 1)) == 413
    assert send(world, "0" * 32, 0, b"small") == 404
    assert world.call(BEGIN, world.agency, {"size": 0, "sha256": digest(b"")}).status_int == 422
    assert world.call(BEGIN, world.agency, {"size": 1 << 50, "sha256": digest(b"")}).status_int == 422


def test_nobody_uploads_without_signing_in_and_no_account_is_kept(world: OpenWorld) -> None:
    assert world.call(BEGIN, None, {"size": 1, "sha256": digest(b"x")}).status_int == 401
    upload = begin(world, b"small")
    send(world, upload, 0, b"small")
    kept = b"".join(p.read_bytes() for p in (world.platform.settings.data / "uploads").rglob("*") if p.is_file())
    assert world.agency.person.encode() not in kept and world.agency.organisation.encode() not in kept
