"""Bids through the running site: the same answers as by the pages, in the order of the sockets, each within a second or refused."""
from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from webob import Request

from tests.halls import hall
from tests.halls.client import Client, Told, act_path, token
from tests.halls.hall import START_FEN, STEP_FEN
from tests.world import World
from trading_core.domain.events import instant_text
from trading_core.platform import Platform
from trading_core.services import lots, persons, sessions
from trading_core.services.replay import replay
from web import committer, live
from web.app import make_app
from web.serve import Site

BIDDERS = 4
Opens = Callable[..., Client]


class Room:
    """A lot in timed bidding on a site that runs, its bidders signed in."""

    def __init__(self, platform: Platform, site: Site) -> None:
        self.platform, self.site, self.world = platform, site, World(platform)
        self.bidders = hall.bidders(self.world, BIDDERS)
        self.lot = hall.timed(self.world, self.bidders)
        self.path = act_path(self.lot, "place_bid")
        self.tokens = [token(platform, b) for b in self.bidders]
        self._keys = 0

    def key(self) -> str:
        self._keys += 1
        return f"key-{self._keys}"

    def of(self, bidder: int) -> dict[str, str]:
        """The headers of one of the bidders."""
        return {"Authorization": f"Bearer {self.tokens[bidder]}"}

    def steps(self) -> list[int]:
        """The bids on record above the first, as steps."""
        return [(amount - START_FEN) // STEP_FEN for _, _, amount in hall.placed(self.world, self.lot)[1:]]


def amount(steps: int) -> bytes:
    return json.dumps({"amount_fen": START_FEN + steps * STEP_FEN}).encode()


@pytest.fixture
def room(platform: Platform) -> Iterator[Room]:
    site = Site(platform, "127.0.0.1", 0).start()
    yield Room(platform, site)
    site.close()


@pytest.fixture
def open_client(room: Room) -> Iterator[Opens]:
    """Opens connections, and closes them all at the end."""
    with ExitStack() as ending:

        def opens(bidder: int | None = None, **headers: str) -> Client:
            client = Client(room.site, {**(room.of(bidder) if bidder is not None else {}), **headers})
            ending.callback(client.close)
            return client

        yield opens


@contextmanager
def held(room: Room) -> Iterator[None]:
    """Nobody else can decide anything on the lot for as long as the block runs."""
    with room.platform.unit() as unit:
        lots.find(unit, room.lot, lock=True)
        yield


# ------------------------------------------------------------------ the same answers

def by_pages(room: Room, path: str, body: bytes, headers: Mapping[str, str]) -> Told:
    request = Request.blank(path, method="POST", headers={"Content-Type": "application/json", **headers}, body=body)
    answer = request.get_response(make_app(room.platform))
    return Told(answer.status_int, {k.lower(): v for k, v in answer.headers.items()}, answer.json)


def test_a_bid_is_told_what_the_pages_tell(room: Room, open_client: Opens) -> None:
    by_hall = open_client(1).ask(room.path, amount(1), Idempotency_Key="k1")
    pages = by_pages(room, room.path, amount(2), {**room.of(2), "Idempotency-Key": "k2"})
    again = by_pages(room, room.path, amount(1), {**room.of(1), "Idempotency-Key": "k1"})
    assert by_hall.status == pages.status == again.status == 200
    assert by_hall.json == again.json and by_hall.json.keys() == pages.json.keys()
    assert json.loads(by_hall.json["receipt"]).keys() == json.loads(pages.json["receipt"]).keys()
    assert open_client(2).ask(room.path, amount(2), Idempotency_Key="k2").json == pages.json
    for told in (pages, by_hall):
        told.headers.pop("date", ""), told.headers.pop("server", "")  # type: ignore[attr-defined]
        assert re.fullmatch("[0-9a-f]{16}", told.headers.pop("x-request-id"))  # type: ignore[attr-defined]
    assert by_hall.headers == pages.headers
    assert room.steps() == [1, 2]
    assert replay(room.platform) == []


def refusals(room: Room) -> list[tuple[str, bytes, dict[str, str]]]:
    """Path, body and headers of what is refused, each for another reason."""
    signed, other = room.of(1), room.of(0)
    key, host, draft = {"Idempotency-Key": "k"}, room.world.principal, room.world.create(
        {"principal": room.world.principal.organisation}, "property")  # fmt: skip
    return [
        (room.path, amount(0), {**signed, **key}),
        (room.path, amount(1), {**other, **key}),  # it leads
        (room.path, amount(0), {**signed, **key, "Accept-Language": "en-GB"}),
        (room.path + "?lang=en", amount(0), {**signed, **key, "Accept-Language": "zh"}),
        (room.path, amount(1), {**signed}),
        (room.path, amount(1), {**signed, "Idempotency-Key": "two words"}),
        (room.path, b"{}", {**signed, **key}),
        (room.path, b'{"amount_fen": "1", "terms": 0, "more": 1}', {**signed, **key}),
        (room.path, b"[]", {**signed, **key}),
        (room.path, b'{"amount_fen": 1.5}', {**signed, **key}),
        (room.path, b'{"amount_fen": 1, "amount_fen": 2}', {**signed, **key}),
        (room.path, b"\xff", {**signed, **key}),
        (room.path, b'{"amount_fen": 9007199254740993}', {**signed, **key}),
        (room.path, b'{"amount_fen": ' + b" " * 5000 + b"1}", {**signed, **key}),
        (room.path, amount(1), {**signed, **key, "Content-Type": "text/plain"}),
        (room.path, amount(1), {**key}),
        (room.path, amount(1), {**key, "Authorization": "Bearer x.y.z"}),
        (room.path, amount(1), {**key, "Authorization": "Basic eDp5"}),
        (room.path, amount(1), {**key, "Authorization": f"Bearer {token(room.platform, host)}"}),
        (act_path(draft, "place_bid"), amount(1), {**signed, **key}),
        (act_path("D01-0000-NOTHING", "place_bid"), amount(1), {**signed, **key}),
        (act_path(room.lot, "wish_timed_bidding"), b"{}", {**signed, **key}),
        (act_path(room.lot, "exercise_right"), b"{}", {**signed, **key}),
        (act_path(room.lot, "leave_standing_bid"), b'{"limit_fen": 1}', {**signed, **key}),
        (room.path, amount(1), {**key, "Cookie": f"gx={room.tokens[1]}"}),
        (room.path, amount(1), {**key, "Cookie": f"gx={room.tokens[1]}; csrf=ab", "X-CSRF-Token": "ac"}),
        (room.path, amount(1), {**key, "Cookie": f"gx={room.tokens[1]}; csrf=", "X-CSRF-Token": ""}),
        (room.path, amount(1), {**key, "Cookie": f"gx={room.tokens[1]}; csrf=ab", "X-CSRF-Token": "ab", "Sec-Fetch-Site": "cross-site"}),
        (room.path, amount(1), {**key, "Cookie": "gx=x.y.z; csrf=ab", "X-CSRF-Token": "ab"}),
    ]  # fmt: skip


TOLD = ("content-type", "retry-after", "www-authenticate", "cache-control", "content-security-policy", "x-frame-options")


def test_every_refusal_is_told_as_the_pages_tell_it(room: Room, open_client: Opens) -> None:
    found = set()
    for path, body, headers in refusals(room):
        by_hall = open_client(**headers).ask(path, body)
        pages = by_pages(room, path, body, headers)
        assert {**by_hall.json, "request": ""} == {**pages.json, "request": ""}, (path, body, headers)
        assert by_hall.status == pages.status == by_hall.json["status"] >= 400
        assert {h: by_hall.headers.get(h) for h in TOLD} == {h: pages.headers.get(h) for h in TOLD}
        found.add(by_hall.code)
    assert found >= {"auction.too_low", "auction.you_lead", "command.key_missing", "request.too_large", "request.csrf",
                     "request.unauthenticated", "lot.illegal_transition", "request.not_found"}  # fmt: skip
    assert room.steps() == []


def test_a_browser_bids_with_its_cookie_and_its_token_against_forgery(room: Room, open_client: Opens) -> None:
    shown = {"Cookie": f"gx={room.tokens[1]}; csrf=ab", "X-CSRF-Token": "ab", "Sec-Fetch-Site": "same-origin"}
    assert open_client(**shown).ask(room.path, amount(1), Idempotency_Key="k").status == 200
    assert by_pages(room, room.path, amount(1), {**shown, "Idempotency-Key": "k"}).status == 200
    assert room.steps() == [1]


def test_a_body_sent_in_pieces_is_taken_by_the_pages(room: Room, open_client: Opens) -> None:
    client = open_client(1)
    client.connection.request("POST", room.path, iter([amount(1)]), {**client.headers, "Content-Type": "application/json",
                                                                     "Idempotency-Key": "k"}, encode_chunked=True)  # fmt: skip
    assert client.answer().status == 200
    assert room.steps() == [1]


# ------------------------------------------------------------------ who is heard

def test_whose_session_has_ended_is_heard_for_two_seconds_at_most(room: Room, open_client: Opens) -> None:
    client = open_client(1)
    assert client.ask(room.path, amount(1), Idempotency_Key="a").status == 200
    with room.platform.unit() as unit:
        sessions.sign_out(unit, room.tokens[1])
    room.world.clock.advance(timedelta(seconds=2))
    told = client.ask(room.path, amount(3), Idempotency_Key="b")
    assert (told.status, told.code, told.headers["www-authenticate"]) == (401, "request.unauthenticated", "Bearer")
    assert room.steps() == [1]


def test_a_token_ends_with_its_time(room: Room, open_client: Opens) -> None:
    client = open_client(1)
    room.world.clock.advance(timedelta(minutes=4))
    assert client.ask(room.path, amount(1), Idempotency_Key="a").status == 200
    room.world.clock.advance(timedelta(minutes=11))
    assert client.ask(room.path, amount(2), Idempotency_Key="b").status == 401


def test_who_loses_the_role_is_not_heard_any_more(room: Room, open_client: Opens) -> None:
    with room.platform.unit() as unit:
        persons.erase_person(unit, room.bidders[1], room.bidders[1].person)
    assert open_client(1).ask(room.path, amount(1), Idempotency_Key="a").status == 401
    assert room.steps() == []


# ------------------------------------------------------------------ order and time

def test_the_order_of_the_sockets_is_the_order_of_decisions(room: Room) -> None:
    """Everybody sends exact amounts, each one step above whatever was sent before: nobody is overtaken inside."""
    count, rounds = 3, 40
    sockets = [socket.create_connection((room.site.host, room.site.port)) for _ in range(count)]
    asked = 0

    def send(n: int) -> None:
        nonlocal asked
        asked += 1
        body = amount(asked)
        sockets[n].sendall(f"POST {room.path} HTTP/1.1\r\nHost: x\r\nAuthorization: {room.of(n + 1)['Authorization']}\r\n"
                           f"Content-Type: application/json\r\nIdempotency-Key: k{asked}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                           + body)  # fmt: skip

    statuses = []
    for _ in range(rounds):
        for n in range(count):
            send(n)
        for s in sockets:
            statuses.append(_answer(s)[:3])
    for s in sockets:
        s.close()
    assert statuses == [b"200"] * count * rounds
    assert room.steps() == list(range(1, count * rounds + 1))


def _answer(s: socket.socket) -> bytes:
    """What follows ``HTTP/1.1`` in a whole answer."""
    data = b""
    while (end := data.find(b"\r\n\r\n")) < 0:
        data += s.recv(65536)
    length = int(re.search(rb"(?i)content-length: (\d+)", data[:end])[1])  # type: ignore[index]
    while len(data) < end + 4 + length:
        data += s.recv(65536)
    return data[9:]


def test_a_bid_is_received_when_its_body_is_there(room: Room) -> None:
    body, end = amount(1), room.world.lot(room.lot).schedule["phase_end"]
    with socket.create_connection((room.site.host, room.site.port)) as s:
        s.sendall(f"POST {room.path} HTTP/1.1\r\nHost: x\r\nAuthorization: {room.of(1)['Authorization']}\r\nIdempotency-Key: k\r\n"
                  f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body[:-1])  # fmt: skip
        time.sleep(0.2)  # the head has been read by now, or is read later: all the same
        room.world.clock.move_to(end - timedelta(seconds=1))
        s.sendall(body[-1:])
        assert _answer(s)[:3] == b"200"
    with room.platform.look() as unit:
        last = unit.store.read(f"lot/{room.lot}")[-1].recorded()
    assert last.public["received_at"] == instant_text(end - timedelta(seconds=1))


# ------------------------------------------------------------------ limits

def test_more_than_can_be_decided_is_refused_at_once(room: Room, open_client: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was taken in before is decided, what waits too long is refused with nothing done, and the same key may be sent again."""
    monkeypatch.setattr(committer, "WAITING_MAX", 2)
    clients = [open_client(n) for n in (1, 2, 3, 1)]
    with held(room):
        clients[0].send(room.path, amount(1), Idempotency_Key="a")
        wait_until(lambda: room.site.live.waiting == 0 and room.site.live.asked == 1)  # the committer has it and waits for the lot
        for n, client in enumerate(clients[1:3], 2):
            client.send(room.path, amount(n), Idempotency_Key=f"k{n}")
        wait_until(lambda: room.site.live.waiting == 2)
        full = clients[3].ask(room.path, amount(4), Idempotency_Key="b")
        late = [c.answer() for c in clients[1:3]]
    assert [(t.status, t.code, t.headers["retry-after"]) for t in (full, *late)] == [(503, "service.hall_busy", "1")] * 3
    assert clients[0].answer().status == 200
    assert room.steps() == [1]
    assert clients[1].ask(room.path, amount(2), Idempotency_Key="k2").status == 200


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_one_bidder_does_not_fill_the_hall(room: Room, open_client: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "WAITING_EACH", 1)
    first, second, other = open_client(1), open_client(1), open_client(2)
    with held(room):
        first.send(room.path, amount(1), Idempotency_Key="a")
        wait_until(lambda: room.site.live.asked == 1)
        told = second.ask(room.path, amount(2), Idempotency_Key="b")
        other.send(room.path, amount(2), Idempotency_Key="c")
        wait_until(lambda: room.site.live.asked == 2)
    assert (told.status, told.code, told.headers["retry-after"]) == (429, "request.too_many", "1")
    assert [c.answer().status for c in (first, other)] == [200, 200]
    assert second.ask(room.path, amount(3), Idempotency_Key="b").status == 200


def test_too_many_bids_a_minute_are_told_when_to_come_back(platform: Platform) -> None:
    slow = replace(platform, settings=replace(platform.settings, rate_per_minute=3))
    site = Site(slow, "127.0.0.1", 0).start()
    room = Room(slow, site)
    clients = [Client(site, room.of(n)) for n in (1, 2)]
    statuses = [clients[0].ask(room.path, amount(0), Idempotency_Key=room.key()).status for _ in range(4)]
    told = clients[0].ask(room.path, amount(1), Idempotency_Key=room.key())
    assert statuses == [422, 422, 422, 429] and 0 < int(told.headers["retry-after"]) <= 20
    assert clients[1].ask(room.path, amount(1), Idempotency_Key="x").status == 200  # every bidder has a measure of its own
    for client in clients:
        client.close()
    site.close()


# ------------------------------------------------------------------ the end

def test_what_was_taken_in_is_answered_before_the_site_ends(room: Room, open_client: Opens) -> None:
    clients = [open_client(n) for n in (1, 2, 3)]
    ending = threading.Thread(target=room.site.close)
    with held(room):
        for n, client in enumerate(clients, 1):
            client.send(room.path, amount(n), Idempotency_Key=f"k{n}")
            wait_until(lambda n=n: room.site.live.asked == n)  # type: ignore[misc]
        ending.start()
    ending.join()
    assert [c.answer().status for c in clients] == [200, 200, 200]
    assert room.steps() == [1, 2, 3]


def test_two_sites_and_one_lot(room: Room, open_client: Opens) -> None:
    """Bidders of two processes, here two sites with queues of their own, on one lot at once."""
    other = Site(room.platform, "127.0.0.1", 0).start()
    told: list[Told] = []

    def bid(site: Site, bidder: int) -> None:
        client = Client(site, room.of(bidder))
        for n in range(15):
            told.append(client.ask(room.path, amount(3 * n + bidder), Idempotency_Key=f"{bidder}-{n}"))
        client.close()

    threads = [threading.Thread(target=bid, args=(site, n)) for n, site in ((1, room.site), (2, other), (3, other))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert {t.code for t in told} <= {"", "auction.too_low", "auction.you_lead"}
    placed = hall.placed(room.world, room.lot)
    assert [n for n, _, _ in placed] == list(range(1, len(placed) + 1))
    assert room.steps() == sorted(set(room.steps())) and len(room.steps()) == sum(t.status == 200 for t in told)
    assert replay(room.platform) == []
