"""Open data: valid by the standard's own schema and by our profile at every moment of a lot, exact to the fen."""
from __future__ import annotations

import json
import zipfile
from decimal import Decimal
from typing import Any

import pytest
from jsonschema import Draft4Validator, Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from tests.export.stage import ROOT, Finished
from tests.tender.test_evaluating import evaluated
from tests.world import TERMS, World, at
from trading_core.domain.errors import Forbidden
from trading_core.platform import Platform
from trading_core.services import lots, ocds

STANDARD = ROOT.parent / "shared" / "data" / "ocds" / "standard-1__1__5.zip"
PROFILE = ROOT / "trading_core" / "data" / "ocds_profile.json"


def profile() -> Any:
    schema = json.loads(PROFILE.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def official() -> Any:
    """The standard's release package schema, as its authors published it."""
    with zipfile.ZipFile(STANDARD) as file:
        package, release = (json.loads(file.read(f"standard-1__1__5/schema/{n}-schema.json")) for n in ("release-package", "release"))
    registry: Registry[Any] = Registry().with_resource(release["id"], Resource.from_contents(release, default_specification=DRAFT4))
    return Draft4Validator(package, registry=registry)


SCHEMAS = {"profile": profile, **({"standard 1.1.5": official} if STANDARD.exists() else {})}
"""Ours always; the standard's own where it lies beside the repository."""


@pytest.fixture(params=sorted(SCHEMAS))
def schema(request: pytest.FixtureRequest) -> Any:
    return SCHEMAS[request.param]()


@pytest.fixture
def world(sqlite_platform: Platform) -> World:
    return World(sqlite_platform)


def package(world: World, lot: str) -> dict[str, Any]:
    with world.platform.look() as unit:
        return json.loads(ocds.package(unit, lot))


def faults(schema: Any, document: Any) -> list[str]:
    return [f"{e.json_path}: {e.message[:120]}" for e in schema.iter_errors(document)]


def left(done: Finished) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((done.folder / "ocds" / "release-package.json").read_text("utf-8"))
    return found


def test_a_finished_tender_is_valid(schema: Any, done: Finished) -> None:
    assert faults(schema, left(done)) == []


def test_a_published_and_an_evaluated_tender_are_valid(schema: Any, world: World) -> None:
    assert faults(schema, package(world, world.announce(TERMS))) == []
    assert faults(schema, package(world, evaluated(world))) == []


def test_the_schema_refuses_what_is_wrong(schema: Any, done: Finished) -> None:
    wrong = left(done)
    del wrong["releases"][0]["ocid"]
    wrong["releases"][0]["tender"]["value"]["currency"] = 7
    wrong["releases"][0]["tag"] = "award"
    assert len(faults(schema, wrong)) >= 2


def test_a_finished_tender_tells_award_and_contract(done: Finished) -> None:
    release = left(done)["releases"][0]
    award, contract = release["awards"][0], release["contracts"][0]
    assert award["value"] == contract["value"] == {"amount": 26_220_000, "currency": "CNY"}
    assert (award["status"], contract["status"], contract["awardID"]) == ("active", "terminated", award["id"])
    winner = next(p for p in release["parties"] if "supplier" in p["roles"])
    assert winner["name"] == award["suppliers"][0]["name"] == "云石示例路桥有限公司"
    assert {"planning", "tender", "tenderAmendment", "award", "contract", "contractTermination"} == set(release["tag"])
    assert len(release["bids"]["details"]) == release["tender"]["numberOfTenderers"] == 6
    assert release["tender"]["tenderPeriod"]["endDate"] == "2026-03-25T09:30:00+08:00"


def test_a_bid_is_called_valid_or_disqualified_as_the_committee_judged_it(done: Finished) -> None:
    with zipfile.ZipFile(done.folder / "project.zip") as file:
        events = [json.loads(line) for line in file.read("events.jsonl").splitlines()]
    result = json.loads([e for e in events if e["type"] == "evaluation_summarised"][-1]["private"])["result"]
    judged = {b["bid"]: "disqualified" if b["status"] == "rejected" else "valid" for b in result["bids"]}
    told = {b["id"]: b["status"] for b in left(done)["releases"][0]["bids"]["details"]}
    assert told == judged and set(told.values()) == {"valid", "disqualified"}


def test_before_the_committees_word_is_public_a_bid_is_pending(schema: Any, world: World) -> None:
    bids = package(world, evaluated(world))["releases"][0]["bids"]["details"]
    assert {b["status"] for b in bids} == {"pending"}


def test_documents_can_be_checked_by_their_hashes(done: Finished) -> None:
    from hashlib import sha256

    release = left(done)["releases"][0]
    told = {d["title"]: d["hash"]["value"] for part in (release["tender"], *release["awards"], *release["contracts"])
            for d in part.get("documents", [])}  # fmt: skip
    on_disk = {p.name: sha256(p.read_bytes()).hexdigest() for p in (done.folder / "documents").iterdir()}
    common = set(told) & set(on_disk)
    assert len(common) >= 7 and all(told[n] == on_disk[n] for n in common)
    assert not [t for t in told if "evaluation_report" in t or "draw_record" in t]


def test_nobody_is_named_before_the_opening(world: World) -> None:
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    world.submit(lot, world.bidder("松涧示例建设集团有限公司"), {"price": {"price_fen": 950_000_000}})
    world.go(world.clock.now())
    release = package(world, lot)["releases"][0]
    assert {r for p in release["parties"] for r in p["roles"]} == {"buyer", "procuringEntity", "reviewBody"}
    assert "bids" not in release and "松涧" not in json.dumps(release, ensure_ascii=False)


def test_a_draft_is_nobodys_business(world: World) -> None:
    with world.platform.unit() as unit:
        lot = lots.create(unit, world.agency, "engineering", {"principal": world.principal.organisation}).lot.id
    with pytest.raises(Forbidden):
        package(world, lot)


def test_an_earlier_release_is_what_it_was(world: World) -> None:
    lot = world.announce(TERMS)
    with world.platform.look() as unit:
        published = next(s.version for s in unit.store.read(f"lot/{lot}") if s.type == "published")
        before = ocds.release(unit, lot, version=published)
    assert before["id"] == f"{lot}-{published}" and before["tag"] == ["planning", "tender"]


@pytest.mark.parametrize(
    ("fen", "amount"), [(0, "0"), (1, "0.01"), (10, "0.1"), (100, "1"), (123_456_789, "1234567.89"), (10**15 - 1, "9999999999999.99")]
)  # fmt: skip
def test_amounts_are_exact(fen: int, amount: str) -> None:
    """No binary fraction comes in between, also where one would round."""
    text = ocds._encode(ocds._value(fen)).decode()
    assert json.loads(text, parse_float=Decimal)["amount"] == Decimal(amount)
