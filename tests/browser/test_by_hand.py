"""An engineering tender played by hand through the pages in a real browser, in Chinese, at a desk and on a phone.

As agency, principal, three bidders, experts, centre, supervisor and the public. Every page on the way is looked at in both widths: a
picture in var/browser, nothing that sticks out, nothing the browser complains of, no violation of accessibility rules.
"""
from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.world import at
from trading_core.adapters.clock import SteppedClock
from trading_core.adapters.entropy import SeededEntropy
from trading_core.bootstrap import build
from trading_core.settings import Settings
from web.serve import Site

from . import announcing, awarding, bidding, evaluating, opening, watching
from .cast import Cast
from .play import Play
from .stage import ARGUMENTS, Stage

PICTURES = Path(__file__).parents[2] / "var" / "browser"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chinese = {**os.environ, "LANGUAGE": "zh_CN", "LC_ALL": "C.UTF-8"}
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS, env=chinese)
        yield found
        found.close()


@pytest.fixture
def play(browser: Browser, tmp_path: Path, fonts: str) -> Iterator[Play]:
    settings = Settings(data=tmp_path / "data", font_dir=fonts)
    platform = build(settings, SteppedClock(at("2026-03-02T07:30")), SeededEntropy(b"by hand"))
    site = Site(platform, "127.0.0.1", 0).start()
    disk = tmp_path / "disk"
    disk.mkdir()
    played = Play(platform, Cast(platform), Stage(browser, site.address, PICTURES), disk)
    yield played
    played.end()
    site.close()
    platform.database.close()


def test_a_tender_by_hand(play: Play) -> None:
    before_the_deadline(play)
    at_the_opening(play)
    evaluated(play)
    awarded(play)
    watching.read(play)
    assert play.state().status == "ARCHIVED"
    assert not play.stage.faults


def before_the_deadline(play: Play) -> None:
    announcing.announce(play)
    bidding.keep_keys(play)
    bidding.promise_parts(play)
    bidding.ask_and_answer(play)
    bidding.bid(play)
    bidding.replace(play)
    opening.draw_experts(play)


def at_the_opening(play: Play) -> None:
    opening.close(play)
    opening.open_bids(play)
    opening.object_on_the_spot(play)
    opening.draw_k(play)
    opening.confirm(play)
    watching.supervise(play, "opened")


def evaluated(play: Play) -> None:
    evaluating.take_seats(play)
    evaluating.review(play)
    evaluating.score(play)
    evaluating.open_prices(play)
    evaluating.report(play)


def awarded(play: Play) -> None:
    awarding.publish_candidates(play)
    awarding.object_and_answer(play)
    awarding.award(play)
    awarding.contract(play)
    awarding.perform(play)
    watching.supervise(play, "performed")
    awarding.archive(play)
