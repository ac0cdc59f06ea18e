"""The API: every act by one derived address, once per key; the log without gaps; a description that is true."""
from __future__ import annotations

import base64
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from jsonschema import Draft202012Validator

from tests.web.frame import Reader, account, token
from tests.world import TERMS, World, at
from trading_core.domain.identity import Role
from trading_core.domain.leaves import leaf_hash
from trading_core.domain.stages.announcing import Announcement
from trading_core.platform import Platform
from trading_core.services import log
from web.api.openapi import document
from web.app import configure, make_app
from web.i18n import joined

METHODS = {"get", "post", "put", "delete", "patch"}


@pytest.fixture
def world(platform: Platform) -> World:
    world = World(platform)
    account(world.platform, world.agency, "agent")
    account(world.platform, world.principal, "principal")
    return world


@pytest.fixture
def app(world: World) -> Any:
    return make_app(world.platform)


@pytest.fixture
def agent(app: Any) -> Reader:
    return Reader(app, token(app, "agent"))


def new_lot(agent: Reader, world: World) -> str:
    answer = agent.command("/api/v1/lots", {"trade": "engineering", "principal": world.principal.organisation}, "create-1")
    assert answer.status_int == 201, answer.text
    return str(answer.json["lot"])


def test_a_lot_is_made_drafted_and_published_through_the_api(agent: Reader, world: World, app: Any) -> None:
    lot = new_lot(agent, world)
    acts = f"/api/v1/lots/{lot}/acts"
    refused = agent.command(f"{acts}/submit_for_publication", {"responsible_person": "张工"}, "early")
    assert refused.status_int == 422 and refused.json["problems"]
    for name, data in (("draft", TERMS), ("submit_for_publication", {"responsible_person": "张工"})):
        answer = agent.command(f"{acts}/{name}", data, name)
        assert answer.status_int == 200, answer.text
        check_receipt(answer.json, world, name)
    alone = agent.command(f"{acts}/publish", {}, "alone")
    assert (alone.status_int, alone.json["code"]) == (422, "lot.second_person")
    check_receipt(Reader(app, token(app, "principal")).command(f"{acts}/publish", {}, "publish").json, world, "publish")
    assert agent.command(f"{acts}/publish", {}, "again").status_int == 409
    assert Reader(app).ask(f"/api/v1/lots/{lot}").json["terms"]["title"] == TERMS["title"]
    assert lot in Reader(app).ask(f"/lots/{lot}").text


def check_receipt(receipt: dict[str, str], world: World, name: str) -> None:
    key = Ed25519PublicKey.from_public_bytes(world.platform.keys.receipt.public)
    key.verify(base64.b64decode(receipt["signature"]), receipt["receipt"].encode())
    assert json.loads(receipt["receipt"])["kind"] == "accepted", name


def test_a_command_is_carried_out_once_per_key(agent: Reader, world: World) -> None:
    lot = new_lot(agent, world)
    address = f"/api/v1/lots/{lot}/acts/draft"
    first = agent.command(address, {"title": "一"}, "k1")
    assert agent.command(address, {"title": "一"}, "k1").body == first.body  # to the byte
    other = agent.command(address, {"title": "二"}, "k1")
    assert other.status_int == 409 and other.json["code"] == "command.key_reused"
    assert len(agent.ask(f"/api/v1/lots/{lot}/events").json["events"]) == 2
    missing = agent.command(address, {"title": "一"})
    assert missing.status_int == 400 and missing.json["code"] == "command.key_missing"
    for key in ("\t", "a b", "é", "x y" * 20):
        unfit = agent.command(address, {"title": "三"}, key)
        assert unfit.status_int == 400 and unfit.json["code"] in ("command.key_unfit", "command.key_missing"), key


def test_two_strangers_do_not_share_a_key(agent: Reader, world: World, app: Any) -> None:
    """Whoever has not signed in is told from others by nothing but the key, so it must be one that nobody guesses."""
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    stranger, address = Reader(app), f"/api/v1/lots/{lot}/acts/ask"
    for key in ("1", "x" * 15):
        refused = stranger.command(address, {"text": "甲问"}, key)
        assert refused.status_int == 400 and refused.json["code"] == "command.key_unfit"
    assert stranger.command(address, {"text": "甲问"}, "5b0c3d1f9a7e4c62").status_int == 200
    assert stranger.command(address, {"text": "乙问"}, "e27a90b41c6f4d38").status_int == 200


def test_who_may_not_gets_absence_and_who_is_nobody_is_asked_to_sign_in(app: Any, agent: Reader, world: World) -> None:
    lot = world.announce(TERMS)
    address = f"/api/v1/lots/{lot}/acts"
    assert Reader(app).command(f"{address}/publish", {}, "k").status_int == 401
    assert agent.command(f"{address}/no_such_act", {}, "k").status_int == 404
    assert agent.command(f"{address}/answer_question", {}, "k").status_int == 404
    assert Reader(app).command(f"/api/v1/lots/{'X' * 12}/acts/ask", {"text": "?"}, "k").status_int == 404
    asked = Reader(app).command(f"{address}/ask", {"text": "围堰费用是否单列？"}, "k" * 16)
    assert asked.status_int == 200  # open to the public, without an account
    assert world.lot(lot).part(Announcement).questions


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (b"{", 400, "application/json"), (b"[]", 400, "application/json"), (b'{"a":1.5}', 400, "application/json"),
        (b'{"a":NaN}', 400, "application/json"), (b'{"a":1,"a":2}', 400, "application/json"), (b"\xff", 400, "application/json"),
        (b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}", 400, "application/json"), (b"{}", 415, "text/plain"),
        (rb'{"note":"\ud800"}', 400, "application/json"), (rb'{"\ud800":"x"}', 400, "application/json"),
        (b'{"note":123456789012345678901234567890}', 400, "application/json"),
        (b'{"note":"x","affects_preparation":false,"changes":{"deposit_fen":1152921504606846976}}', 400, "application/json"),
        (b'{"note":"x","affects_preparation":false,"new_deadline":"9999-12-31T23:59:59-23:59"}', 422, "application/json"),
        (b'{"note":"x","affects_preparation":false,"new_deadline":"0001-01-01T00:00:00+23:59"}', 422, "application/json"),
        (b'{"note":"x","affects_preparation":false,"new_deadline":"9999-12-31T00:00:00Z"}', 422, "application/json"),
        (b'{"note":"x","affects_preparation":false,"new_deadline":"9998-12-31T00:00:00Z"}', 422, "application/json"),
        (b"a=1", 415, "application/x-www-form-urlencoded"), (b'{"nonsense":1}', 422, "application/json"),
    ],
)  # fmt: skip
def test_whatever_is_sent_the_answer_is_a_problem(agent: Reader, world: World, body: bytes, status: int, kind: str) -> None:
    lot = world.announce(TERMS)
    answer = agent.ask(f"/api/v1/lots/{lot}/acts/amend", "POST", {"Content-Type": kind, "Idempotency-Key": "k"}, body=body)
    assert answer.status_int == status and answer.content_type == "application/problem+json"


def test_sessions_for_programs(world: World, app: Any, agent: Reader) -> None:
    answer = Reader(app).command("/api/v1/sessions", {"login": "agent", "password": "wrong"})
    assert answer.status_int == 401 and "Set-Cookie" not in answer.headers
    pair = Reader(app).command("/api/v1/sessions", {"login": "agent", "password": "clear water 喆"}).json
    assert pair["role"] == "agency"
    following = Reader(app).command("/api/v1/sessions/refresh", {"refresh": pair["refresh"]})
    assert following.status_int == 200 and following.json["refresh"] != pair["refresh"]
    world.clock.advance(timedelta(minutes=1))  # past the moment in which two tabs may renew at once
    assert Reader(app).command("/api/v1/sessions/refresh", {"refresh": pair["refresh"]}).status_int == 401  # spent
    assert agent.ask("/api/v1/sessions/current", "DELETE").json == {"ended": True}
    assert agent.ask("/api/v1/sessions/current", "DELETE").status_int == 401


def test_the_feed_has_no_gap_and_each_leaf_can_be_computed_again(world: World, app: Any) -> None:
    world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    reader, after, entries = Reader(app), -1, []
    while (page := reader.ask(f"/api/v1/log?after={after}&limit=7").json)["entries"]:
        entries += page["entries"]
        after = page["next"]
    assert [e["index"] for e in entries] == list(range(page["size"])) and page["next"] == page["size"] - 1
    for e in entries:
        commitment = bytes.fromhex(e["commitment"]) if e["commitment"] else None
        assert leaf_hash(e["stream"], e["version"], e["type"], e["public"], commitment, e["at"]).hex() == e["leaf"]
    assert "private" not in entries[0]
    assert reader.ask("/api/v1/log?limit=5000").status_int == 200 and reader.ask("/api/v1/log?after=x").status_int == 422


def test_proofs_checkpoints_and_keys(world: World, app: Any) -> None:
    world.announce(TERMS)
    reader = Reader(app)
    log.move(world.platform)
    first = int(reader.ask("/api/v1/checkpoints/latest").text.split("\n")[1])
    world.go(at("2026-03-02T08:30"))
    note = reader.ask("/api/v1/checkpoints/latest")
    assert note.content_type == "text/plain" and note.text.startswith("gongxin.example/log\n")
    size = int(note.text.split("\n")[1])
    assert reader.ask(f"/api/v1/checkpoints/{size}").text == note.text
    assert size > first and reader.ask(f"/api/v1/checkpoints/{first}...{size}").json["proof"]
    proof = reader.ask("/api/v1/log/3").json
    assert proof["entry"]["index"] == 3 and proof["size"] >= 4 and all(len(h) == 64 for h in proof["proof"])
    keys = reader.ask("/api/v1/keys").json
    assert keys["format"] == "gongxin-keys-v1" and keys["log"].startswith("gongxin.example/log+")
    assert reader.ask("/api/v1/log/99999").status_int == 404


def test_events_of_a_lot_are_public_but_not_their_private_parts(world: World, app: Any) -> None:
    lot = world.announce({**TERMS, "deposit_account": "账号 6222-0000"})
    text = Reader(app).ask(f"/api/v1/lots/{lot}/events").text
    assert "published" in text and "张工" not in text
    assert Reader(app).ask(f"/api/v1/lots/{lot}/events?after=2").json["events"][0]["version"] == 3


def test_time_and_health(world: World, app: Any) -> None:
    assert Reader(app).ask("/time").json == {"ms": int(world.clock.now().timestamp() * 1000), "error_ms": 0}
    health = Reader(app).ask("/api/v1/health")
    parts = {"database", "log", "deadlines", "readers", "queue", "clock", "objects"}
    assert health.status_int == 200 and set(health.json["parts"]) == parts


# ------------------------------------------------------------------ the description

@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_description_keeps_the_rules_of_openapi(sqlite_platform: Platform, language: Any) -> None:
    doc = document(sqlite_platform.trades, joined(sqlite_platform.catalogue), language, "http://127.0.0.1:6543")
    assert doc["openapi"].startswith("3.1.") and doc["info"]["title"] and doc["info"]["version"]
    for reference in references(doc):
        target: Any = doc
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]
    for schema in schemas(doc):
        Draft202012Validator.check_schema(schema)
    operations = [(path, method, op) for path, item in doc["paths"].items() for method, op in item.items() if method in METHODS]
    assert len({op["operationId"] for _, _, op in operations}) == len(operations)
    for path, method, op in operations:
        named = [doc["components"]["parameters"][p["$ref"].rpartition("/")[2]] for p in op["parameters"]]
        inside = {p["name"] for p in named if p["in"] == "path"}
        assert inside == {part[1:-1] for part in re.findall(r"\{\w+\}", path)}, path
        assert all(p["required"] for p in named if p["in"] == "path") and op["responses"] and op["summary"]
        assert method in ("post", "put") or "requestBody" not in op


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [v for k, v in value.items() if k == "$ref"] + [r for v in value.values() for r in references(v)]
    return [r for v in value for r in references(v)] if isinstance(value, list) else []


def schemas(doc: Any) -> list[Any]:
    operations = [op for item in doc["paths"].values() for op in item.values()]
    bodies = [content["schema"] for op in operations if "requestBody" in op for content in op["requestBody"]["content"].values()]
    return [*doc["components"]["schemas"].values(), *bodies]


def test_the_description_lists_every_act_and_every_enumeration(sqlite_platform: Platform) -> None:
    doc = document(sqlite_platform.trades, joined(sqlite_platform.catalogue), "en", "http://x")
    trades = sqlite_platform.trades.values()
    given = {a.name for t in trades for a in t.acts.values() if a.roles != frozenset({Role.CLOCK})} - {"create"}
    assert {p.rpartition("/")[2] for p in doc["paths"] if "/acts/" in p} == given
    enumerations = {n: set(s["enum"]) for n, s in doc["components"]["schemas"].items() if "enum" in s}
    assert enumerations["State"] == {s for t in trades for s in t.lifecycle.states() if s}
    assert enumerations["Role"] == {r.value for r in Role}
    assert "command.key_missing" in enumerations["ProblemCode"] or "request.not_found" in enumerations["ProblemCode"]
    schema = doc["paths"]["/api/v1/lots/{lot}/acts/draft"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    schema = next(s for s in schema["anyOf"] if s["title"].startswith("engineering@"))
    Draft202012Validator(schema).validate(json.loads(json.dumps(TERMS)))
    assert not Draft202012Validator(schema).is_valid({"tender_way": "secret"})


def test_every_address_of_the_api_is_described(sqlite_platform: Platform) -> None:
    config = configure(sqlite_platform)
    config.commit()
    doc = document(sqlite_platform.trades, joined(sqlite_platform.catalogue), "en", "http://x")
    described = set(doc["paths"]) | {"/api/v1/lots/{lot}/acts/{act}"}
    routes = {re.sub(r"\{(\w+):.*?[^0-9]\}(?=[^}]|$)", r"{\1}", r.pattern) for r in config.get_routes_mapper().get_routes()}
    served = {r for r in routes if r.startswith("/api/")}
    assert len(served) > 15 and served <= described


def test_answers_are_as_described(world: World, app: Any) -> None:
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    log.sign(world.platform, force=True)
    reader = Reader(app)
    doc = reader.ask("/api/v1/openapi.json").json
    for path, item in doc["paths"].items():
        if "get" not in item or "stream" in path:
            continue
        address = path.format(lot=lot, number=3, size=0, first=1, second=2, upload="0" * 32, organisation="0" * 32, person="0" * 32)
        answer = reader.ask(address)
        if answer.status_int == 401:
            assert item["get"]["security"] == [{"bearer": []}]
            continue
        if answer.status_int != 200:
            assert address == "/api/v1/checkpoints/0"
            continue
        media, content = next(iter(item["get"]["responses"]["200"]["content"].items()))
        assert answer.content_type == media, address
        if media == "application/json":
            Draft202012Validator({**content["schema"], "components": doc["components"]}).validate(answer.json)
