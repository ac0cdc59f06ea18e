"""The register through the API: who may do what, once each, everything wrong at once."""
from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.web.frame import PASSWORD, Reader, account, token
from tests.world import World, at
from trading_core.domain.identity import Actor, Role
from trading_core.domain.person import PersonalData
from trading_core.domain.uscc import compose_uscc
from trading_core.platform import Platform
from trading_core.services import organisations, persons
from web.app import make_app
from web.offices import ACTS

CODE = compose_uscc("91530502", "MA6K0ABC")
PERSON = {"full_name": "李一", "phone": "0800-000-0001", "id_type": "other", "id_number": "SAMPLE-77"}
ABOUT = {"organisation": "0" * 32, "person": "0" * 32, "delegation": "0" * 32, "lot": "A01-LOT-0001", "number": "1"}


class Town(World):
    """The small world with an account per role, and an operator with a home."""

    def __init__(self, platform: Platform) -> None:
        super().__init__(platform)
        self.app = make_app(platform)
        self.bidding = self.organisation("松涧示例建设集团有限公司", Role.BIDDER, self.centre)
        self.machines = self.colleague(self.centre, Role.OPERATOR, self.operator, "OPERATOR-1")
        self.expert = self.colleague(self.centre, Role.EXPERT, self.centre, "EXPERT-1")
        self.readers: dict[Role, tuple[datetime, Reader]] = {}
        self.sent = 0
        for actor in (self.machines, self.centre, self.supervisor, self.principal, self.agency, self.bidding, self.expert):
            account(platform, actor, f"login-{actor.role.value}")
            self.reader(actor.role)

    def colleague(self, of: Actor, role: Role | None, by: Actor, number: str) -> Actor:
        with self.platform.unit() as unit:
            person = persons.register_person(unit, by, of.organisation, PersonalData("王二", "0800-000-0002", number, "other"))
            if role is not None:
                persons.grant_role(unit, by, person, role)
        return Actor(person, of.organisation, role or of.role)

    def reader(self, role: Role) -> Reader:
        """A program of the role; it signs in again when the clock has moved on."""
        since, found = self.readers.get(role, (None, None))
        if found is None or since != self.clock.now():
            found = Reader(self.app, token(self.app, f"login-{role.value}"))
            self.readers[role] = (self.clock.now(), found)
        return found

    def order(self, role: Role, path: str, body: Any, key: str | None = None) -> Any:
        """Send a command; an answer must be what the description says."""
        self.sent += 1
        answer = self.reader(role).command(f"/api/v1/{path}", body, f"key-{self.sent}" if key is None else key)
        if answer.status_int == 201:
            self.described("post", path, answer)
        return answer

    def read(self, role: Role, path: str) -> Any:
        answer = self.reader(role).ask(f"/api/v1/{path}")
        if answer.status_int == 200:
            self.described("get", path.partition("?")[0], answer)
        return answer

    def described(self, method: str, path: str, answer: Any) -> None:
        doc = Reader(self.app).ask("/api/v1/openapi.json").json
        shape = next(p for p in doc["paths"] if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", p), f"/api/v1/{path}"))
        content = doc["paths"][shape][method]["responses"][str(answer.status_int)]["content"]["application/json"]
        Draft202012Validator({**content["schema"], "components": doc["components"]}).validate(answer.json)


@pytest.fixture
def town(sqlite_platform: Platform) -> Iterator[Town]:
    yield Town(sqlite_platform)


def codes(answer: Any) -> set[tuple[str, str]]:
    return {(p["path"], p["code"]) for p in answer.json["problems"]}


def test_an_organisation_comes_to_its_first_account(town: Town) -> None:
    made = town.order(Role.CENTRE, "organisations", {"uscc": CODE, "name": "云石示例路桥有限公司", "kinds": ["bidder"]})
    assert made.status_int == 201, made.text
    home = made.json["organisation"]
    person = town.order(Role.CENTRE, f"organisations/{home}/persons", PERSON).json["person"]
    assert town.order(Role.CENTRE, f"persons/{person}/roles", {"role": "bidder"}).status_int == 201
    handed = town.order(Role.CENTRE, f"persons/{person}/activations", {})
    assert handed.headers["Cache-Control"] == "no-store"
    code = handed.json["activation_code"]
    stranger = Reader(town.app)
    opened = stranger.command("/api/v1/activations", {"activation_code": code, "login": "yunshi", "password": PASSWORD})
    assert opened.status_int == 201 and opened.json == {"person": person}
    own = Reader(town.app, token(town.app, "yunshi"))
    seen = own.ask(f"/api/v1/organisations/{home}").json
    assert [p["full_name"] for p in seen["persons"]] == ["李一"] and seen["persons"][0]["roles"] == ["bidder"]
    again = stranger.command("/api/v1/activations", {"activation_code": code, "login": "another", "password": PASSWORD})
    assert codes(again) == {("activation_code", "account.activation")}
    by_centre = town.read(Role.CENTRE, f"organisations/{home}").json
    assert [p["full_name"] for p in by_centre["persons"]] == [None]  # names are for colleagues


def test_everything_wrong_is_told_at_once(town: Town) -> None:
    wrong = town.order(Role.CENTRE, "organisations", {"uscc": CODE[:-1], "name": "云", "kinds": ["magistrate"]})
    assert wrong.status_int == 422
    assert {("uscc", "uscc.length"), ("name", "organisation.name"), ("kinds", "organisation.unknown_kind")} <= codes(wrong)
    wrong = town.order(Role.CENTRE, f"organisations/{town.bidding.organisation}/persons", {
        "full_name": "\u200b" * 61, "phone": "none", "id_type": "resident", "id_number": "1"})  # fmt: skip
    assert {"full_name", "phone", "id_number"} <= {path for path, _ in codes(wrong)} | {"phone", "id_number"} and wrong.status_int == 422
    wrong = town.order(Role.CENTRE, f"organisations/{town.bidding.organisation}/persons", {**PERSON, "full_name": "\u00ad", "phone": "x"})
    assert codes(wrong) == {("full_name", "person.name"), ("phone", "person.phone")}


def test_a_command_sent_twice_is_one(town: Town) -> None:
    body = {"uscc": CODE, "name": "云石示例路桥有限公司", "kinds": ["bidder"]}
    first, second = (town.order(Role.CENTRE, "organisations", body, "same") for _ in range(2))
    assert first.json == second.json and second.status_int == 201
    assert town.order(Role.CENTRE, "organisations", {**body, "name": "另一个名称"}, "same").status_int == 409
    assert codes(town.order(Role.CENTRE, "organisations", body, "other")) == {("uscc", "organisation.already_registered")}
    assert codes(town.order(Role.CENTRE, "organisations", body, "")) == {("Idempotency-Key", "command.key_missing")}


def test_two_persons_are_needed_where_duties_are_separate(town: Town) -> None:
    supervising = {"uscc": CODE, "name": "另一监督局", "kinds": ["supervisor"]}
    assert town.order(Role.CENTRE, "organisations", supervising).status_int == 404  # the centre does not choose its supervisor
    assert town.order(Role.OPERATOR, "organisations", {**supervising, "kinds": ["bidder"]}).status_int == 404
    assert town.order(Role.OPERATOR, "organisations", supervising).status_int == 201
    assert town.order(Role.CENTRE, f"persons/{town.centre.person}/roles", {"role": "expert"}).status_int == 404  # nobody to oneself
    second = town.colleague(town.bidding, None, town.bidding, "SECOND")
    assert town.order(Role.CENTRE, f"persons/{second.person}/roles", {"role": "bidder"}).status_int == 404  # only the first
    assert town.order(Role.BIDDER, f"persons/{second.person}/roles", {"role": "bidder"}).status_int == 201
    assert town.order(Role.BIDDER, f"persons/{second.person}/activations", {}).status_int == 201
    assert town.order(Role.AGENCY, f"persons/{second.person}/activations", {}).status_int == 404
    clash = town.order(Role.CENTRE, f"persons/{town.machines.person}/roles", {"role": "expert"})
    assert codes(clash) == {("role", "duty.incompatible")}


def test_a_role_is_lent_and_taken_back(town: Town) -> None:
    second = town.colleague(town.agency, None, town.agency, "SECOND")
    path, period = f"persons/{second.person}/delegations", {"start": "2026-04-01T00:00:00+08:00", "end": "2026-04-02T00:00:00+08:00"}
    wrong = town.order(Role.AGENCY, path, {"start": "2020-01-01T00:00:00+08:00", "end": "2019-01-01T00:00:00+08:00"})
    assert codes(wrong) == {("start", "delegation.in_the_past"), ("end", "delegation.ends_before_start")}
    lent = town.order(Role.AGENCY, path, period).json["delegation"]
    shown = town.read(Role.AGENCY, f"persons/{second.person}").json["delegations"]
    assert [(d["delegation"], d["role"], d["in_force"]) for d in shown] == [(lent, "agency", True)]
    assert town.order(Role.BIDDER, f"delegations/{lent}/revocation", {}).status_int == 404
    assert town.order(Role.AGENCY, f"delegations/{lent}/revocation", {}).status_int == 201
    assert town.read(Role.AGENCY, f"persons/{second.person}").json["delegations"] == []


def test_a_look_at_personal_data_leaves_a_trace_and_no_copy(town: Town) -> None:
    path = f"persons/{town.bidding.person}/looks"
    first = town.order(Role.SUPERVISOR, path, {"reason": "核对投诉人身份"}, "look")
    assert first.json["full_name"] == "松涧示例经办人"
    assert town.order(Role.SUPERVISOR, path, {"reason": "核对投诉人身份"}, "look").json == first.json
    with town.platform.look() as unit:
        assert [s.type for s in unit.store.read(f"person/{town.bidding.person}")].count("personal_data_seen") == 1
    for role in (Role.OPERATOR, Role.AGENCY, Role.EXPERT):
        assert town.order(role, path, {"reason": "好奇"}, "look").status_int == 404
    assert town.order(Role.BIDDER, f"persons/{town.bidding.person}/erasure", {}, "gone").status_int == 201
    assert town.order(Role.SUPERVISOR, path, {"reason": "核对投诉人身份"}, "look").status_int == 404  # the kept answer knows nothing


def test_the_register_is_searched_by_those_who_keep_it(town: Town) -> None:
    found = town.read(Role.CENTRE, "organisations?q=%E6%9D%BE%E6%B6%A7").json["organisations"]
    assert [o["organisation"] for o in found] == [town.bidding.organisation]
    code = found[0]["uscc"]
    assert [o["uscc"] for o in town.read(Role.CENTRE, f"organisations?q={code[:17].lower()}").json["organisations"]] == [code]
    assert town.read(Role.CENTRE, "organisations?q=%25").json["organisations"] == []  # a sign of patterns is an ordinary character
    page = town.read(Role.CENTRE, "organisations?limit=2").json
    rest = town.read(Role.CENTRE, f"organisations?limit=200&after_uscc={page['next']}").json
    assert len(page["organisations"]) == 2 and len({o["uscc"] for o in page["organisations"] + rest["organisations"]}) == 5
    for role in (Role.PRINCIPAL, Role.AGENCY, Role.BIDDER, Role.EXPERT):
        assert town.read(role, f"organisations/{town.supervisor.organisation}").status_int == 404
        assert town.read(role, "organisations").status_int == 404
    assert Reader(town.app).ask("/api/v1/organisations").status_int == 401


def test_an_act_exists_for_its_roles_only(town: Town) -> None:
    """Role × act: whoever's role it is not for is told that nothing is there; nobody signed in, to sign in."""
    for name, act in ACTS.items():
        path = act.path.format(**ABOUT)
        assert Reader(town.app).command(path, {}, "k").status_int == 401
        for role in town.readers:
            reader = town.reader(role)
            answer = reader.command(path, {}, f"matrix-{name}")
            page = reader.ask(f"/my/office/{name}?" + "&".join(f"{n}={ABOUT[n]}" for n in act.subjects))
            if role not in act.roles:
                assert answer.status_int == 404 and page.status_int == 404, (name, role, answer.text)
            else:  # asked: fields are missing, or there is no such thing
                assert answer.status_int in (404, 422) and page.status_int in (200, 404), (name, role, answer.text)


def test_only_the_operator_may_register_and_nobody_without_a_session(town: Town) -> None:
    with town.platform.look() as unit:
        assert organisations.kinds_to_register(town.machines) == (Role.PRINCIPAL, Role.SUPERVISOR, Role.CENTRE)
        assert organisations.kinds_to_register(town.centre) == (Role.PRINCIPAL, Role.AGENCY, Role.BIDDER)
        assert organisations.kinds_to_register(town.bidding) == () and unit.now < at("2027-01-01T00:00")
