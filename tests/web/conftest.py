"""A browser for whoever looks at pages as people do, started once for all, and the site it looks at."""
from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser, sync_playwright

from tests.web.workbench_world import OpenWorld
from trading_core.adapters import passwords
from trading_core.platform import Platform
from web.serve import Site

ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--no-first-run"]  # fmt: skip
Serve = Callable[..., Site]


@pytest.fixture(scope="module", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Argon2 at its lowest cost: nearly every test here signs somebody in. What the site itself pays is tested with passwords."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        loop = asyncio.get_running_loop()
        found = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        asyncio._set_running_loop(None)
        yield found
        asyncio._set_running_loop(loop)
        found.close()


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """The browser without any window open. What steers it leaves its event loop marked as running in this thread between two calls;
    other tests have loops of their own, so the mark is taken away with the windows."""
    loop = chromium._loop
    asyncio._set_running_loop(loop)
    yield chromium
    for context in chromium.contexts:
        context.close()
    asyncio._set_running_loop(None)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves a platform, on a free port unless one is given, until the test ends or `close` is called."""
    with ExitStack() as ending:

        def start(platform: Platform, port: int = 0) -> Site:
            site = Site(platform, "127.0.0.1", port).start()
            ending.callback(site.close)
            return site

        yield start


@pytest.fixture
def world(sqlite_platform: Platform) -> OpenWorld:
    return OpenWorld(sqlite_platform)


@pytest.fixture
def site(world: OpenWorld, serve: Serve) -> Site:
    return serve(world.platform)
