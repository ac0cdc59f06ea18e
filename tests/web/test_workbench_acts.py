"""Acts as forms: drawn from the declaration, checked at once, confirmed when they cannot be undone, answered with a receipt."""
from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

import pytest
from webob import Response

from tests.web.workbench_world import OpenWorld
from tests.world import TERMS, at
from trading_core.domain.identity import Actor
from trading_core.domain.stages.announcing import Announcement
from trading_core.platform import Platform
from trading_core.services import log


@pytest.fixture
def world(sqlite_platform: Platform) -> OpenWorld:
    return OpenWorld(sqlite_platform)


def hidden(page: Response) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
    return {name: html.unescape(value) for name, value in found}


class Browser:
    """Signed in with cookies, without a script."""

    def __init__(self, world: OpenWorld, actor: Actor) -> None:
        self.world, self.tokens, self.cookies = world, world.tokens(actor), dict[str, str]()
        self.cookies["gx"] = self.tokens.access

    def _sent(self, answer: Response) -> Response:
        for header in answer.headers.getall("Set-Cookie"):
            name, _, rest = header.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return answer

    def get(self, path: str) -> Response:
        return self._sent(self.world.ask("GET", path, Cookie="; ".join(f"{k}={v}" for k, v in self.cookies.items())))

    def post(self, path: str, values: Mapping[str, str], **more: str) -> Response:
        body, cookies = urlencode({**values, **more}).encode(), "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        kind = "application/x-www-form-urlencoded"
        return self._sent(self.world.ask("POST", path, body=body, Cookie=cookies, content_type=kind))


@pytest.fixture
def lot(world: OpenWorld) -> Iterator[str]:
    yield world.announce(TERMS)


def test_an_act_without_consequence_is_done_in_one_step(world: OpenWorld, lot: str) -> None:
    browser, path = Browser(world, world.bidder("松涧示例建设集团有限公司").actor), f"/my/lots/{lot}/acts/ask"
    wrong = browser.post(path, hidden(browser.get(path)), text="")
    assert wrong.status_int == 422 and wrong.text.count('class="err"') == 1 and "errsum" in wrong.text
    done = browser.post(path, hidden(wrong), text="工期能否延长？")
    assert done.status_int == 200 and "gongxin-receipt" not in done.text and "data:application/json" in done.text
    assert world.lot(lot).part(Announcement).questions[0].text == "工期能否延长？"


def test_a_task_fills_in_what_it_is_about(world: OpenWorld, lot: str) -> None:
    world.give(lot, "ask", world.bidder("松涧示例建设集团有限公司").actor, text="工期能否延长？")
    browser, path = Browser(world, world.agency), f"/my/lots/{lot}/acts/clarify"
    form = browser.get(path + "?number=1")
    assert form.status_int == 200 and 'value="1"' in form.text
    wrong = browser.post(path, hidden(form), number="one", answer="", affects_preparation="yes")
    assert wrong.status_int == 422 and wrong.text.count('class="err"') == 2 and "errsum" in wrong.text


def test_pressing_twice_is_one_act(world: OpenWorld, lot: str) -> None:
    browser, path = Browser(world, world.agency), f"/my/lots/{lot}/acts/commit_draw"
    assert browser.get(path).location.endswith(f"/my/lots/{lot}/draws")
    browser, path = Browser(world, world.bidder("松涧示例建设集团有限公司").actor), f"/my/lots/{lot}/acts/ask"
    form = browser.get(path)
    first, again = (browser.post(path, hidden(form), text="问") for _ in range(2))
    assert first.status_int == again.status_int == 200
    assert len(world.lot(lot).part(Announcement).questions) == 1


def test_what_cannot_be_undone_is_confirmed_first(world: OpenWorld, lot: str) -> None:
    browser, path = Browser(world, world.agency), f"/my/lots/{lot}/acts/amend"
    form = browser.get(path)
    asked = browser.post(path, hidden(form), note="限价下调", affects_preparation="no", changes="ceiling_fen = 1000000000")
    assert asked.status_int == 200 and 'class="dialog"' in asked.text and "限价下调" in asked.text
    assert world.lot(lot).part(Announcement).current == 1
    back = browser.post(path, hidden(asked), step="edit")
    assert "限价下调" in back.text and 'class="dialog"' not in back.text
    done = browser.post(path, hidden(asked), step="confirm")
    assert done.status_int == 200 and "办理回执" in done.text
    assert world.lot(lot).part(Announcement).current == 2


def test_a_refusal_comes_before_the_confirmation(world: OpenWorld, lot: str) -> None:
    browser, path = Browser(world, world.agency), f"/my/lots/{lot}/acts/amend"
    refused = browser.post(path, hidden(browser.get(path)), note="x", affects_preparation="yes", new_deadline="2026-03-20T09:30")
    assert refused.status_int == 422 and 'href="#f-new_deadline"' in refused.text


def test_an_act_of_another_role_or_state_is_not_there(world: OpenWorld, lot: str) -> None:
    bidder = Browser(world, world.bidder("松涧示例建设集团有限公司").actor)
    assert bidder.get(f"/my/lots/{lot}/acts/amend").status_int == 404
    assert bidder.get(f"/my/lots/{lot}/acts/no_such_act").status_int == 404
    assert Browser(world, world.agency).get(f"/my/lots/{lot}/acts/finish_opening").status_int == 409
    world.go(at("2026-03-02T08:30"))
    assert world.ask("GET", f"/my/lots/{lot}/acts/ask").status_int == 303


def test_a_receipt_shows_its_number_by_itself(world: OpenWorld, lot: str) -> None:
    """Without a script: the page asks again a few times, ever more slowly; then it is left to the reader. Only the giver sees it."""
    bidder, path = world.bidder("松涧示例建设集团有限公司").actor, f"/my/lots/{lot}/acts/ask"
    browser = Browser(world, bidder)
    done = browser.post(path, hidden(browser.get(path)), text="工期能否延长？")
    assert "正在编号" in done.text
    waited = []
    while "Refresh" in done.headers:
        seconds, _, url = done.headers["Refresh"].partition("; url=")
        waited.append(int(seconds))
        done = browser.get(url)
        assert done.status_int == 200 and "正在编号" in done.text and "data:application/json" in done.text
    assert waited == [2, 4, 8, 16] and "再看一次" in done.text
    log.move(world.platform)
    done = browser.get(url)
    assert "正在编号" not in done.text and "Refresh" not in done.headers and "再看一次" not in done.text
    assert Browser(world, world.agency).get(url).status_int == 404
    assert browser.get(f"{path}?receipt=no-such").status_int == 404


def test_what_an_answer_is_about_is_chosen_and_shown(world: OpenWorld, lot: str) -> None:
    asker = world.bidder("松涧示例建设集团有限公司").actor
    for text in ("工期能否延长？", "是否三者都要？"):
        world.give(lot, "ask", asker, text=text)
    page = Browser(world, world.agency).get(f"/my/lots/{lot}/acts/clarify?number=2").text
    assert re.findall(r'<option value="(\d)"( selected)?>\d　(.+?)</option>', page) == [
        ("1", "", "工期能否延长？"), ("2", " selected", "是否三者都要？")]  # fmt: skip
    assert '<p class="say break">是否三者都要？</p>' in page


def test_an_act_out_of_its_time_leads_on_to_those_that_are_possible(world: OpenWorld, lot: str) -> None:
    page = Browser(world, world.agency).get(f"/my/lots/{lot}/acts/publish")
    assert page.status_int == 409 and f'href="/my/lots/{lot}"' in page.text
