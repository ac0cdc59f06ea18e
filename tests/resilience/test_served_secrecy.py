"""Before the opening nothing that the real site says or stores tells who bids and what: not when all goes well, not when it fails.

No setting of ours makes the site talk more; here every library may say all it can, and the addresses asked for are kept as a proxy in
front would keep them.
"""
from __future__ import annotations

import hashlib
import http.client
import json
import socket
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

import pytest
from webob.client import send_request_app

from tests.resilience.player import durable
from tests.resilience.search import DATABASE, REGISTERED, Secret, places, search, spellings
from tests.served import ROOT, Served, serving
from tests.web.frame import PASSWORD, Reader, account
from tests.world import TERMS, BidPlan, World, at
from trading_core.adapters.clock import SteppedClock
from trading_core.adapters.entropy import SeededEntropy, SystemEntropy
from trading_core.bootstrap import build
from trading_core.client import bidder
from trading_core.client.notice import Notice, read_notice
from trading_core.client.remote import Answered, Remote
from trading_core.domain.errors import Refused
from trading_core.settings import Settings

TALKATIVE = """
import logging, sys
logging.basicConfig(level=logging.DEBUG)
logging.getLogger("sqlalchemy.engine").setLevel(logging.INFO)
from trading_core.cli import main
sys.exit(main())
"""
NOW = at("2026-03-10T12:00")
NAMES = "松涧示例建设集团有限公司", "云石示例路桥有限公司"
PRICES = 98_765_432_109, 87_654_321_098
LEADER, FILE_NAME = "欧阳某某", "施工组织设计.txt"
CONTENT = "围堰顶高程取枯水期十年一遇水位；".encode() * 40_000  # more than a request's body in memory
WRONG = "another 喆 password"
JSON = {"Content-Type": "application/json"}
SENT_ASTRAY = frozenset({"name", "price", "salt", "secret", "password", "token", "receipt"})


class Bidder(Remote):
    """A bidder's program. asked: what a proxy in front writes down of each request."""

    def __init__(self, address: str, plan: BidPlan, asked: list[str]) -> None:
        super().__init__(address, SystemEntropy())
        self.plan, self.asked = plan, asked
        self.renew()

    def renew(self) -> None:
        self.bid = bidder.new_bid(SystemEntropy(), self.plan.name, self.plan.uscc)

    def _raw(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> bytes:
        self.asked.append(f"{method} {path}")
        return super()._raw(method, path, body, headers)

    def contents(self, price: int) -> dict[str, bidder.Contents]:
        return {"technical": bidder.Contents({"project_leader": LEADER}), "price": bidder.Contents({"price_fen": price})}

    def secrets(self, price: int, tokens: Mapping[str, Any], receipt: Mapping[str, Any]) -> Iterator[Secret]:
        """Everything that is this bidder's own."""
        plan, code = self.plan, self.plan.uscc
        for kind, text in (("name", plan.name), ("uscc", code), ("code", code[8:17]), ("organisation", plan.actor.organisation),
                           ("person", plan.actor.person), ("login", login(plan)), ("token", tokens["access"]), ("token", tokens["refresh"]),
                           ("signature of a token", tokens["access"].rpartition(".")[2]), ("receipt", receipt["receipt"]["signature"]),
                           ("price", str(price)), ("price", f"{price / 100:.2f}"), ("price", f"{price / 100:,.2f}")):  # fmt: skip
            yield Secret(kind, text.encode())
        yield Secret("price", price.to_bytes(6, "big"))
        for kind, number in (("salt", self.bid.identity.salt.hex()), ("secret", self.bid.secret)):
            yield Secret(kind, bytes.fromhex(number))
        for hashed in (plan.name, code):
            yield Secret("hash of who bids", hashlib.sha256(hashed.encode()).digest())


def login(plan: BidPlan) -> str:
    return f"login-of-{plan.actor.person[:12]}"


@dataclass
class Aftermath:
    """What one evening leaves: the data folder, temporary files, outputs, the proxy's record; and what must not be in them.
    found: what was found while the site still ran."""

    site: Served
    data: Path
    temporary: Path
    proxy: Path
    secrets: list[Secret] = field(default_factory=list)
    found: set[tuple[str, str]] = field(default_factory=set)

    @property
    def where(self) -> SplitResult:
        return urlsplit(self.site.address)

    def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> int:
        with closing(http.client.HTTPConnection(self.where.netloc, timeout=20)) as connection:
            connection.request(method, path, body, dict(headers))
            return connection.getresponse().status

    def search(self) -> set[tuple[str, str]]:
        return search(places(self.data, self.temporary, self.proxy, self.site.out, self.site.err), self.secrets)


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory, fonts: str) -> Iterator[Aftermath]:
    """Two bidders bid over HTTP on a site in a process of its own, and much goes wrong."""
    folder = tmp_path_factory.mktemp("served")
    data, temporary, clock = folder / "data", folder / "tmp", folder / "clock"
    temporary.mkdir()
    durable(clock, NOW.isoformat())
    platform = build(Settings(data=data, font_dir=fonts), SteppedClock(at("2026-03-01T09:00")), SeededEntropy(b"served"))
    world = World(platform)
    lot = world.announce(TERMS)
    world.go(at("2026-03-02T08:30"))
    plans = [world.bidder(name) for name in NAMES]
    for plan in plans:
        account(platform, plan.actor, login(plan))
    platform.database.close()
    shim = ROOT / "tests" / "production" / "shim"
    given = {"TEST_CLOCK": str(clock), "TMPDIR": str(temporary), "GONGXIN_FONT_DIR": fonts, "GONGXIN_OUTAGE_SECONDS": "0"}
    with serving(data, program=("-c", TALKATIVE), path=(shim,), **given) as site:
        made = Aftermath(site, data, temporary, folder / "proxy.log")
        asked: list[str] = []
        for n, plan in enumerate(plans):
            made.secrets += bids(Bidder(site.address, plan, asked), lot, PRICES[n], folder)
        made.proxy.write_text("\n".join(asked))
        goes_wrong(made, lot)
        assert (data / f"{DATABASE}-wal").stat().st_size
        made.found = made.search()
    yield made


def bids(mine: Bidder, lot: str, price: int, folder: Path) -> list[Secret]:
    """One bidder's evening: signs in by program and by page, asks, breaks off an upload, bids, replaces the bid, prints the receipt."""
    with pytest.raises(Refused):
        mine.sign_in(login(mine.plan), WRONG)
    tokens = mine.sign_in(login(mine.plan), PASSWORD)
    page = browser(mine)
    assert page.sign_in(login(mine.plan), WRONG).status_int == 422 and page.sign_in(login(mine.plan)).status_int == 303
    assert page.ask(f"/my/lots/{lot}/bid").status_int == 200
    mine.act(lot, "ask", text="能否踏勘现场？")
    notice = read_notice(mine, lot)
    break_off(mine, notice, folder)
    files = folder / FILE_NAME
    files.write_bytes(CONTENT)
    contents = mine.contents(price)
    contents["technical"] = bidder.Contents(contents["technical"].form, [(FILE_NAME, files)])
    first = bidder.submit(mine, notice, mine.bid, contents, SystemEntropy())
    secrets = [*mine.secrets(price, tokens, first)]
    mine.renew()
    with broken(folder / "data"), pytest.raises(Answered, match="service.failed"):
        bidder.submit(mine, notice, mine.bid, contents, SystemEntropy(), replaces=first)
    secrets += mine.secrets(price, tokens, first)
    mine.renew()
    kept = bidder.submit(mine, notice, mine.bid, contents, SystemEntropy(), replaces=first)
    who = {"name": mine.plan.name, "uscc": mine.plan.uscc, "salt": mine.bid.identity.salt.hex()}
    mine._raw("POST", "/api/v1/receipts/paper", json.dumps({"receipt": kept["receipt"], "bidder": who}).encode(), JSON)
    secrets += mine.secrets(price, tokens, kept)
    secrets += [Secret("cookie", page.cookies[name].encode()) for name in ("gx", "gx_renew")]
    secrets += [Secret("password", p.encode()) for p in (PASSWORD, WRONG)]
    return [*secrets, Secret("leader", LEADER.encode()), Secret("file", FILE_NAME.encode()), Secret("content", CONTENT[:48])]


def browser(mine: Bidder) -> Reader:
    """A browser without a script, over the network."""
    where = urlsplit(mine.url)

    def over_http(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        mine.asked.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}?{environ['QUERY_STRING']}")
        there = {"SERVER_NAME": str(where.hostname), "SERVER_PORT": str(where.port), "HTTP_HOST": where.netloc}
        return send_request_app({**environ, **there}, start_response)

    return Reader(over_http)


@contextmanager
def broken(data: Path) -> Iterator[None]:
    """No bid can be written down: something breaks inside with all of a bid in hand."""
    with closing(sqlite3.connect(data / DATABASE, isolation_level=None)) as connection:
        connection.execute("create trigger broken before insert on bid begin select zeroblob(2000000000); end")
        yield
        connection.execute("drop trigger broken")


def break_off(mine: Bidder, notice: Notice, folder: Path) -> None:
    """Two uploads that do not end: of one a sealed piece has come, of the other half a piece, which was not even sealed."""
    envelope, stage = folder / "envelope", notice.stages[0]
    bidder.seal_envelope(notice, mine.bid, stage, mine.contents(PRICES[0])[stage], SystemEntropy(), envelope)
    for size, piece in ((len(whole := envelope.read_bytes()), whole), (8 << 20, CONTENT)):
        digest = hashlib.sha256(piece).hexdigest()
        upload = mine.post("/api/v1/uploads", {"size": size, "sha256": digest})["upload"]
        with closing(http.client.HTTPConnection(urlsplit(mine.url).netloc, timeout=20)) as connection:
            connection.putrequest("PUT", f"/api/v1/uploads/{upload}/pieces/0")
            for name, value in (("Authorization", f"Bearer {mine._token}"), ("X-Piece-SHA256", digest), ("Content-Length", str(size))):
                connection.putheader(name, value)
            connection.endheaders(piece)
            assert len(piece) < size or connection.getresponse().status == 200


def goes_wrong(made: Aftermath, lot: str) -> None:
    """Requests that mean nothing or that nobody can read, each full of secrets."""
    texts = sorted({s.text for s in made.secrets if s.kind in SENT_ASTRAY})
    token = next(s.text for s in made.secrets if s.kind == "token")
    act, mine, told = f"/api/v1/lots/{lot}/acts/submit_bid", {"Authorization": f"Bearer {token}", **JSON}, {t: texts for t in texts}
    form = {"Content-Type": "multipart/form-data; boundary=x", "Sec-Fetch-Site": "same-origin"}
    asking: list[tuple[str, str, bytes, dict[str, str]]] = [
        ("POST", act, json.dumps(told, ensure_ascii=False).encode()[:-1], mine),
        ("POST", act, json.dumps(told).encode(), {**mine, "Idempotency-Key": "wrong-1"}),
        ("POST", act, json.dumps({"bid": texts, "salt": texts[0], "envelopes": texts}).encode(), {**mine, "Idempotency-Key": "wrong-2"}),
        ("POST", "/api/v1/sessions", json.dumps({"login": texts, "password": texts}).encode(), JSON),
        ("POST", "/api/v1/receipts/paper", json.dumps({"receipt": told, "bidder": told}).encode(), JSON),
        ("POST", "/login", b"--x\r\nContent-Disposition: form-data; name=password\r\n\r\n" + "".join(texts).encode(), form),
        *(("GET", f"/api/v1/lots/{quote(t)}?q={quote(t)}", b"", {"Authorization": quote(t), "Cookie": f"gx={quote(t)}"}) for t in texts),
    ]  # fmt: skip
    for method, path, body, headers in asking:
        assert 400 <= made.ask(method, path, body, headers) < 500, path
    for line in (b"GET /%s HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\n%s\0: x\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: %s\r\n\r\n"):
        for text in texts:
            with socket.create_connection((made.where.hostname, made.where.port), timeout=20) as line_to:
                line_to.sendall(line % text.encode())  # no HTTP at all
                line_to.shutdown(socket.SHUT_WR)
                line_to.recv(1 << 16)


def test_nothing_tells_who_bids_and_what(evening: Aftermath) -> None:
    said = evening.site.err.read_text()
    assert "DEBUG" in said and "INSERT INTO event" in said and "DataError" in said  # it does talk, and something did break
    assert {s.kind for s in evening.secrets} >= SENT_ASTRAY | REGISTERED
    assert evening.found == set() == evening.search()


def test_the_search_finds_what_is_written_down_anywhere(evening: Aftermath) -> None:
    """In every place a secret of another kind, each in another spelling: found there and nowhere else."""
    secrets = {s.kind: s for s in evening.secrets if s.kind not in ("uscc", "token")}  # these have others in them
    spelled = {kind: sorted(spellings(s.value))[n % len(spellings(s.value))] for n, (kind, s) in enumerate(secrets.items())}
    files = [evening.site.out, evening.site.err, evening.proxy, evening.temporary / "planted"]
    files += [evening.data / name for name in ("objects/planted", "uploads/planted/0", "keys/planted", "loose/planted", "planted")]
    expected = set()
    for path, kind in zip(files, cycle(spelled), strict=False):
        path.parent.mkdir(exist_ok=True)
        with path.open("ab") as file:
            file.write(b"\n" + spelled[kind] + b"\n")
        inside = path.is_relative_to(evening.data)
        expected.add((str(path.relative_to(evening.data)) if inside else path.name, kind))
    with closing(sqlite3.connect(evening.data / DATABASE)) as connection:
        connection.execute("create table planted (value blob)")
        connection.executemany("insert into planted values (?)", [(s,) for s in spelled.values()])
        connection.commit()  # stands in the log of the database, not yet in its file
        expected |= {("planted", kind) for kind in spelled} | {(f"{DATABASE}-wal", kind) for kind in spelled if kind not in REGISTERED}
        assert evening.search() == expected
