"""Denied by default: every view names its permission, every permission has a rule and a use."""
from __future__ import annotations

from typing import Any

import pytest
from pyramid.config import Configurator
from pyramid.interfaces import IExceptionViewClassifier

from trading_core.domain.identity import Actor, Role
from trading_core.platform import Platform
from web.app import configure
from web.permissions import NOBODY, PREDICATES, Permission, permits
from web.security import Identity


@pytest.fixture
def config(sqlite_platform: Platform) -> Configurator:
    made = configure(sqlite_platform)
    made.commit()
    return made


def views(config: Configurator) -> list[Any]:
    return [entry["introspectable"] for entry in config.introspector.get_category("views") or ()]


def test_every_view_names_a_known_permission(config: Configurator) -> None:
    ordinary = [v for v in views(config) if not v["exception_only"]]
    asked = {(p["value"] if p else None) for v in ordinary if (p := permission_of(config, v)) is not None}
    assert len(ordinary) > 30
    assert asked <= set(PREDICATES), asked - set(PREDICATES)
    unnamed = [v["callable"] for v in ordinary if permission_of(config, v) is None]
    assert {c.__name__ for c in unnamed} <= {"default_exceptionresponse_view"}  # the framework's own; ours for exceptions stand above it


def permission_of(config: Configurator, view: Any) -> Any:
    related = [i for i in config.introspector.related(view) if i.category_name == "permissions"]
    return related[0] if related else None


def test_every_permission_is_used(config: Configurator) -> None:
    used = {p["value"] for v in views(config) if (p := permission_of(config, v)) is not None}
    assert {p.value for p in Permission} <= used and set(PREDICATES) == {p.value for p in Permission}


def test_a_view_without_a_permission_is_refused(sqlite_platform: Platform) -> None:
    from tests.web.frame import Reader

    config = configure(sqlite_platform)
    config.add_route("forgotten", "/forgotten")
    config.add_view(lambda request: {"secret": 1}, route_name="forgotten", renderer="json")
    reader = Reader(config.make_wsgi_app())
    assert reader.ask("/forgotten").status_int == 303
    assert "secret" not in reader.ask("/forgotten").text


def test_nobody_has_the_default_permission() -> None:
    everybody = Identity(Actor("p", "o", Role.OPERATOR), "")
    assert NOBODY not in PREDICATES and not permits(everybody, object(), NOBODY)
    assert not permits(everybody, object(), Permission.READ_LOT)  # a context that does not say who sees it is seen by nobody


def test_exception_views_tell_everything(config: Configurator) -> None:
    assert IExceptionViewClassifier is not None
    assert {v["context"] for v in views(config) if v["exception_only"]} >= {Exception}
