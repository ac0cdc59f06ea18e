"""The opening hall: nothing before the deadline, everything after it, and every act of it as a plain form."""
from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

import pytest

from tests.web.rooms import PRICES, Visitor, hidden
from tests.web.workbench_world import OpenWorld
from tests.world import TERMS, BidPlan, at
from trading_core.domain.money import daxie
from trading_core.domain.stages.draws import PARAMETER, Draws
from trading_core.domain.stages.remedies import Objections
from trading_core.domain.tender.bidding import Closing
from trading_core.domain.tender.opening import Opening
from trading_core.platform import Platform

T = at("2026-03-23T09:30")


@pytest.fixture
def world(sqlite_platform: Platform) -> OpenWorld:
    return OpenWorld(sqlite_platform)


def prepared(world: OpenWorld, count: int = 3) -> tuple[str, list[BidPlan]]:
    """A lot with bids, an hour before its deadline."""
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    plans = []
    for name, price in list(PRICES.items())[:count]:
        plan = world.bidder(name)
        stated = {"project_leader": "王某", "duration_days": 210, "quality": "合格"}
        world.submit(lot, plan, {"technical": stated, "price": {"price_fen": price}})
        plans.append(plan)
    world.go(T - timedelta(hours=1))
    return lot, plans


def closed(world: OpenWorld) -> tuple[str, list[BidPlan]]:
    lot, plans = prepared(world)
    world.go(T + timedelta(seconds=3))
    return lot, plans


def read_out(world: OpenWorld, lot: str) -> None:
    world.give(lot, "start_opening", world.agency)
    world.release(lot, "technical", world.agency, world.supervisor)
    world.release(lot, "price", world.agency, world.centre)
    world.go(world.clock.now())


def test_before_the_deadline_the_hall_tells_nothing(world: OpenWorld) -> None:
    """[B-10] The same page, to the byte but for time, whether three have bid or nobody."""
    empty = world.announce(TERMS)
    lot, plans = prepared(world)
    world.go(T - timedelta(minutes=59))
    visitor = Visitor(world)
    for path in ("", "/fragments"):
        page = visitor.get(f"/lots/{lot}/opening{path}").text
        assert not [name for name in PRICES if name in page] and not [p.number for p in plans if p.number in page]
        assert 'id="bid-' not in page and 'id="say-' not in page and "data-left" in page
    assert visible(visitor.get(f"/lots/{lot}/opening").text) == visible(visitor.get(f"/lots/{empty}/opening").text)


def visible(page: str) -> str:
    """A page without what is different for every lot: numbers, fingerprints, moments."""
    return re.sub(r"\s+", " ", re.sub(r"A\d\d-\d+-\w+|[0-9a-f]+…?[0-9a-f]*|验|待", "", re.sub(r"<[^>]+>", " ", page)))


def test_in_the_grace_after_the_deadline_it_still_tells_nothing(world: OpenWorld) -> None:
    lot, _ = prepared(world)
    world.clock.move_to(T + timedelta(seconds=1))
    page = Visitor(world).get(f"/lots/{lot}/opening").text
    assert "正在清点密封件" in page and 'id="bid-' not in page


def test_the_hall_shows_what_is_opened(world: OpenWorld) -> None:
    lot, _ = closed(world)
    visitor = Visitor(world)
    page = visitor.get(f"/lots/{lot}/opening").text
    assert page.count('id="bid-') == 3 and not [name for name in PRICES if name in page]
    world.give(lot, "start_opening", world.agency)
    world.release(lot, "technical", world.agency, world.supervisor)
    world.go(world.clock.now())
    page = visitor.get(f"/lots/{lot}/opening").text
    assert all(name in page for name in list(PRICES)[:3]) and "9,800,000.00" not in page
    assert "技术" in page and "3 / 3" in page and "0 / 3" in page
    world.release(lot, "price", world.agency, world.centre)
    world.go(world.clock.now())
    page = visitor.get(f"/lots/{lot}/opening").text
    for price in list(PRICES.values())[:3]:
        assert f"{price // 100:,}.00" in page and daxie(price) in page
    assert "王某" in page and "210 日" in page
    with world.platform.look() as unit:
        sealed = [unit.store.log_index(f"sealed/{b.bid}", 1) for b in world.lot(lot).part(Closing).bids]
    assert all(f'/log/{index}"' in page for index in sealed)


def test_keys_are_never_shown_only_who_has_released_them(world: OpenWorld) -> None:
    lot, _ = closed(world)
    read_out(world, lot)
    page = Visitor(world).get(f"/lots/{lot}/opening").text
    with world.platform.look() as unit:
        released = [s.recorded().private or {} for s in unit.store.read(f"lot/{lot}") if s.type == "key_released"]
    assert len(released) == 4 and not [r for r in released if str(r["private_key"]) in page]
    assert page.count("未交出") == 2


def test_the_draw_can_be_repeated_from_the_page(world: OpenWorld) -> None:
    """[02 §2.7.2] The inputs on the page lead to the drawn value with nothing but SHA-256 and HMAC."""
    import hashlib
    import hmac

    lot, _ = closed(world)
    read_out(world, lot)
    world.hand_in(lot, "parameter", world.agency, world.supervisor)
    page = Visitor(world).get(f"/lots/{lot}/opening").text
    block = page[page.index("自己重算") :]
    codes = re.findall(r"<code>([^<]+)</code>", block)
    parts, seed, message = codes[:2], codes[2], codes[3]
    assert hashlib.sha256(b"".join(map(bytes.fromhex, parts))).hexdigest() == seed
    number = int.from_bytes(hmac.new(bytes.fromhex(seed), message.encode(), hashlib.sha256).digest(), "big")
    candidates = ["0.02", "0.025", "0.03", "0.035"]
    draw = world.lot(lot).part(Draws).of(PARAMETER)
    assert draw is not None and candidates[number % 4] == draw.value
    assert f"第 {number % 4 + 1} 个" in block


def test_bidders_sign_in_object_and_confirm(world: OpenWorld) -> None:
    lot, plans = closed(world)
    path = f"/lots/{lot}/opening"
    bidder, host = Visitor(world, plans[0].actor), Visitor(world, world.agency)
    assert 'value="attend_opening"' not in bidder.get(path).text
    assert host.act(path, "start_opening").status_int == 303
    done = bidder.act(path, "attend_opening")
    assert done.location.endswith(f"{path}?done=attend_opening#hall-mine")
    assert "已办理：开标签到" in bidder.get(path + "?done=attend_opening").text
    assert plans[0].name in Visitor(world).get(path).text
    refused = bidder.act(path, "object_at_opening", text="")
    assert refused.status_int == 422 and 'href="#f-text"' in refused.text and "http-equiv" not in refused.text
    assert bidder.act(path, "object_at_opening", text="对主持人资格有异议").status_int == 303
    assert "对主持人资格有异议" in Visitor(world).get(path).text
    assert host.act(path, "answer_at_opening", number="1", answer="已核对，符合规定。").status_int == 303
    assert "已核对，符合规定。" in Visitor(world).get(path).text
    assert 'value="confirm_opening"' not in bidder.get(path).text
    world.release(lot, "technical", world.agency, world.supervisor)
    world.release(lot, "price", world.agency, world.centre)
    world.go(world.clock.now())
    assert bidder.act(path, "confirm_opening").status_int == 303
    assert len(world.lot(lot).part(Opening).confirmed) == 1
    assert "尚未抽取" in host.get(path).text or 'value="finish_opening"' not in host.get(path).text
    world.hand_in(lot, "parameter", world.agency, world.supervisor)
    world.go(world.clock.now() + timedelta(minutes=11))
    assert host.act(path, "finish_opening").status_int == 303
    assert world.lot(lot).status == "OPENED"
    assert "开标已结束" in Visitor(world).get(path).text


def test_pressing_twice_is_one_objection(world: OpenWorld) -> None:
    lot, plans = closed(world)
    world.give(lot, "start_opening", world.agency)
    path, bidder = f"/lots/{lot}/opening", Visitor(world, plans[0].actor)
    form = bidder.form(path, "object_at_opening")
    assert [bidder.post(path, {**form, "text": "异议"}).status_int for _ in range(2)] == [303, 303]
    assert len(world.lot(lot).part(Objections).on_the_spot) == 1


@pytest.mark.parametrize("act", ["open_bid", "publish", "release_key", "no_such_act", ""])
def test_other_acts_are_not_given_here(world: OpenWorld, act: str) -> None:
    lot, _ = closed(world)
    host = Visitor(world, world.agency)
    form = hidden(host.get(f"/lots/{lot}/opening"))
    assert host.post(f"/lots/{lot}/opening", {**form, "act": act}).status_int == 404


def test_acting_needs_an_account_a_token_and_the_right_role(world: OpenWorld) -> None:
    lot, plans = closed(world)
    path = f"/lots/{lot}/opening"
    visitor = Visitor(world)
    assert visitor.post(path, {"act": "attend_opening"}).status_int == 403
    form: Mapping[str, str] = hidden(Visitor(world, world.agency).get(path))
    bidder = Visitor(world, plans[0].actor)
    bidder.get(path)
    assert bidder.post(path, {**form, "act": "start_opening"}).status_int == 403  # another's token
    own = hidden(bidder.get("/login"))
    assert bidder.post(path, {**own, "act": "start_opening", "key": "k"}).status_int == 404
    assert 'value="start_opening"' not in Visitor(world, world.supervisor).get(path).text


def test_the_hall_of_an_unpublished_lot_does_not_exist(world: OpenWorld) -> None:
    parties = {"principal": world.principal.organisation, "supervisor": world.supervisor.organisation, "centre": world.centre.organisation}
    lot = world.create(parties)
    assert Visitor(world).get(f"/lots/{lot}/opening").status_int == 404
    assert Visitor(world, world.agency).get(f"/lots/{lot}/opening").status_int == 404


def test_it_reads_in_english_and_without_a_script(world: OpenWorld) -> None:
    lot, _ = closed(world)
    page = Visitor(world).get(f"/en/lots/{lot}/opening").text
    assert "Opening hall" in page and '<noscript><meta http-equiv="refresh" content="15"></noscript>' in page
    assert not re.search(r"\bhall\.[a-z_]+\b(?!\.js)", re.sub(r"<[^>]+>", " ", page))


def test_the_public_parts_are_made_once_and_never_with_what_is_a_reader_s_own(world: OpenWorld) -> None:
    lot, plans = closed(world)
    world.give(lot, "start_opening", world.agency)
    path = f"/lots/{lot}/opening/fragments"
    own = Visitor(world, plans[0].actor).get(path)
    first, again = Visitor(world).get(path), Visitor(world).get(path)
    assert 'value="attend_opening"' in own.text and "csrf_token" in own.text
    assert first.text == again.text and "csrf_token" not in first.text and first.headers["Vary"] == "Cookie"
    world.give(lot, "attend_opening", plans[0].actor)
    assert plans[0].name in Visitor(world).get(path).text
