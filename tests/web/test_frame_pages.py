"""Every public page, in both languages: there, safe, well formed, and saying what the record says."""
from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.web.frame import Reader, site
from tests.world import TERMS, World, at
from trading_core.domain.identity import ANYONE
from trading_core.platform import Platform
from trading_core.services import log

WEB = Path(__file__).parents[2] / "web"
PAGES = ["/", "/trades", "/trades/engineering", "/trades/land?q=x&state=bidding&state=nonsense&from=2026-01-01&to=x&min=1,0&page=0",
         "/verify", "/disclosure", "/disclosure?kind=change&before=3", "/guide", "/guide/rules/E-T03", "/guide/errors", "/credit",
         "/supervise", "/statistics", "/status", "/open-data", "/login"]  # fmt: skip
LOT_PARTS = ["", "/log", "/schedule", "/questions", "/objections", "/versions/1...2"]


@pytest.fixture
def world(sqlite_platform: Platform) -> World:
    return World(sqlite_platform)


@pytest.fixture
def lot(world: World) -> str:
    """A lot in its issuing period with a question, an answer and an amendment; its document is really there."""
    document = world.document(b"%PDF-1.4 tender document")
    files = [{"name": "招标文件 <1>.pdf", "sha256": document, "size": 24}]
    found = world.announce({**TERMS, "tender_documents": files, "title": "堤防 <script>alert(1)</script>"})
    world.go(at("2026-03-02T08:30"))
    world.go(at("2026-03-05T10:00"))
    world.give(found, "ask", ANYONE, text="围堰费用是否单列？")
    world.give(found, "clarify", world.agency, number=1, answer="不单列。", affects_preparation=False)
    world.give(found, "amend", world.agency, note="工期修改", affects_preparation=False, changes={"duration_days": 240}, files=files)
    log.move(world.platform)
    log.sign(world.platform, force=True)
    return found


class Structure(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def every(self, *names: str) -> list[dict[str, str | None]]:
        return [a for t, a in self.tags if t in names]


def check_page(text: str) -> Structure:
    """Landmarks, headings, labels, unique ids; nothing inline, nothing from elsewhere."""
    page = Structure(text)
    assert len(page.every("h1")) == 1
    levels = [int(t[1]) for t, _ in page.tags if re.fullmatch("h[1-6]", t)]
    assert all(b - a <= 1 for a, b in zip(levels, levels[1:], strict=False)), levels
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(ids) == len(set(ids)), sorted(i for i in ids if ids.count(i) > 1)
    assert {"header", "main", "footer"} <= {t for t, _ in page.tags}
    assert not [a for _, a in page.tags if "style" in a or any(k.startswith("on") for k in a)]
    assert all(a.get("src") for a in page.every("script"))
    for a in page.every("a", "link", "script", "img", "form"):
        address = a.get("href") or a.get("src") or a.get("action")
        assert address is None or address.startswith(("/", "#", "?", "data:")) and not address.startswith("//"), address
    named = {a["for"] for a in page.every("label") if "for" in a}
    inputs = [a for t, a in page.tags if t in ("input", "select", "textarea") and a.get("type") not in ("hidden", "radio", "checkbox")]
    assert all(a.get("id") in named or a.get("aria-label") for a in inputs), inputs
    labelled = {i for _, a in page.tags for key in ("aria-labelledby", "aria-describedby", "for") for i in (a.get(key) or "").split()}
    assert labelled <= set(ids), labelled - set(ids)
    return page


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_every_page_is_there_and_well_formed(world: World, lot: str, prefix: str) -> None:
    reader = Reader(site(world.platform))
    for path in [*PAGES, *(f"/lots/{lot}{part}" for part in LOT_PARTS), "/log/0", "/log/7", f"/checkpoints/{log_size(world)}"]:
        answer = reader.ask(prefix + path)
        assert answer.status_int == 200, path
        page = check_page(answer.text)
        assert page.every("html")[0]["lang"] == ("en" if prefix else "zh-CN")
        shown = re.sub(r"(?s)<pre.*?</pre>|data-words='[^']*'|<dl class=\"in stack.*?</dl>", "", answer.text)  # JSON, and texts with gaps
        assert "{" not in shown, path


def log_size(world: World) -> int:
    with world.platform.look() as unit:
        return log.log_size(unit)


def test_english_pages_lead_to_english_pages(world: World, lot: str) -> None:
    page = Structure(Reader(site(world.platform)).ask(f"/en/lots/{lot}").text)
    stays = ("/en/", "#", "/api/")
    away = [h for a in page.every("a") if not (h := a.get("href") or "").startswith(stays)]
    assert away == [f"/lots/{lot}"]  # only the way to the Chinese page


def test_security_headers_are_on_everything(world: World, lot: str) -> None:
    reader = Reader(site(world.platform))
    for path in ("/", f"/lots/{lot}", "/nothing", "/api/v1/log", "/api/v1/nothing", "/static/live.js", "/trades.csv", "/?mode=elder"):
        answer = reader.ask(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Request-Id"] and "Strict-Transport-Security" not in answer.headers


def test_templates_hold_no_inline_style_or_script() -> None:
    for path in (WEB / "templates").glob("*.jinja2"):
        text = path.read_text("utf-8")
        assert "style=" not in text and " on" + "click" not in text, path.name
        assert not re.search(r"<script(?![^>]*\ssrc=)(?! type=\"application/json\")", text), path.name  # data is no program
        assert not re.search(r"https?://", text), path.name


def test_every_text_of_the_templates_exists(world: World) -> None:
    """A key that is missing would only show on the page that needs it."""
    from web.i18n import joined

    catalogue = joined(world.platform.catalogue)
    for path in (WEB / "templates").glob("*.jinja2"):
        for key in re.findall(r'_\(\s*[\'"]([a-z0-9_.-]+)[\'"]\s*[,)]', path.read_text("utf-8")):
            assert catalogue.has(key), (path.name, key)


def test_the_lot_page_says_what_the_record_says(world: World, lot: str) -> None:
    text = Reader(site(world.platform)).ask(f"/lots/{lot}").text
    assert "<script>alert" not in text and "&lt;script&gt;alert(1)" in text
    assert "1,080.00 万元" in text and "壹仟零捌拾万元整" in text
    assert "<del>210 日</del>" in text and "<ins>240 日</ins>" in text
    assert "不单列。" in text and "澜明区水务工程建设管理处" in text
    assert "2026-03-09（周一）17:00" in text and "/guide/rules/E-T01" in text  # the clock: the right that runs out next, and why
    assert text.count('aria-current="step"') == 1


def test_a_document_is_given_out_by_its_fingerprint_only_if_public(world: World, lot: str) -> None:
    reader, secret = Reader(site(world.platform)), world.platform.objects.put(b"a sealed envelope")
    path = re.search(rf"/lots/{lot}/documents/([0-9a-f]{{64}})", reader.ask(f"/lots/{lot}").text)
    assert path
    answer = reader.ask(path[0])
    assert answer.body == b"%PDF-1.4 tender document" and answer.content_type == "application/pdf"
    assert answer.content_disposition.startswith("attachment;") and "<" not in answer.content_disposition
    assert "immutable" in answer.headers["Cache-Control"]
    assert reader.ask(f"/lots/{lot}/documents/{secret}").status_int == 404


def test_an_unpublished_lot_does_not_exist_for_the_public(world: World) -> None:
    draft = world.create({"principal": world.principal.organisation})
    log.move(world.platform)
    reader = Reader(site(world.platform))
    known, unknown = reader.ask(f"/lots/{draft}"), reader.ask("/lots/A01-0000-NOTHING0")
    assert known.status_int == unknown.status_int == 404
    assert strip(known.text, draft) == strip(unknown.text, "A01-0000-NOTHING0")
    assert reader.ask("/log/4").status_int == 200 and f"/lots/{draft}" not in reader.ask(f"/log/{log_size(world) - 1}").text


def strip(text: str, lot: str) -> str:
    """A page without what differs by request: its number, the time, the address asked for."""
    return re.sub(r"[0-9a-f]{16}", "", text.replace(lot, ""))


def test_lists_can_be_taken_away(world: World, lot: str) -> None:
    reader = Reader(site(world.platform))
    rows = list(csv.DictReader(io.StringIO(reader.ask("/trades.csv").body.decode("utf-8-sig"))))
    assert [r["lot"] for r in rows] == [lot] and rows[0]["amount_fen"] == "1080000000"
    taken = reader.ask("/trades/engineering.json?state=bidding").json["lots"]
    assert taken[0]["lot"] == lot and taken[0]["deadline"] == "2026-03-23T01:30:00.000000Z"
    assert reader.ask("/trades/engineering.json?state=stopped").json["lots"] == []
    assert reader.ask("/trades.json?min=1,081").json["lots"] == [] and reader.ask("/trades.json?max=1080").json["lots"]
    channel = ElementTree.fromstring(reader.ask("/trades.rss").body)
    assert channel.findtext("channel/item/title") == "堤防 <script>alert(1)</script>"


def test_chips_lead_out_of_each_filter(world: World, lot: str) -> None:
    text = Reader(site(world.platform)).ask("/trades?q=%E5%A0%A4%E9%98%B2&state=bidding&state=opening&from=2026-03-01").text
    addresses = [a.get("href") for a in Structure(text).every("a") if a.get("class") == "chip"]
    assert addresses == [
        "/trades?state=bidding&state=opening&from=2026-03-01", "/trades?q=%E5%A0%A4%E9%98%B2&state=opening&from=2026-03-01",
        "/trades?q=%E5%A0%A4%E9%98%B2&state=bidding&from=2026-03-01", "/trades?q=%E5%A0%A4%E9%98%B2&state=bidding&state=opening",
    ]  # fmt: skip


def test_the_display_mode_is_a_cookie(world: World) -> None:
    reader = Reader(site(world.platform))
    answer = reader.ask("/trades?q=a&mode=elder")
    assert answer.status_int == 303 and answer.headers["Location"].endswith("/trades?q=a")
    assert 'data-mode="elder"' in reader.ask("/").text
    reader.ask("/?mode=plain")
    assert "data-mode" not in reader.ask("/").text
    assert Reader(site(world.platform)).ask("//evil.example/?mode=elder").headers["Location"].endswith("/evil.example/")


def test_static_files_are_kept_only_under_their_mark(world: World) -> None:
    reader = Reader(site(world.platform))
    marked = re.search(r"/static/gongxin\.css\?v=[0-9a-f]+", reader.ask("/").text)
    assert marked and "immutable" in reader.ask(marked[0]).headers["Cache-Control"]
    assert reader.ask("/static/gongxin.css").headers["Cache-Control"] == "no-cache"
    assert reader.ask("/static/gongxin.css?v=000000000000").headers["Cache-Control"] == "no-cache"
    assert reader.ask("/static/../app.py").status_int == 404


def test_a_record_shows_its_proof(world: World, lot: str) -> None:
    reader: Any = Reader(site(world.platform))
    text = reader.ask("/log/7").text
    proof = reader.ask("/api/v1/log/7").json
    assert proof["entry"]["leaf"] in text and all(h in text for h in proof["proof"])
    assert reader.ask(f"/log/{log_size(world)}").status_int == 404


@pytest.mark.parametrize("query", ["from=0001-01-01", "to=9999-12-31", "from=1000-01-01&to=9998-12-31", "from=2026-02-30"])
def test_days_that_nobody_can_reckon_with_filter_nothing(world: World, lot: str, query: str) -> None:
    reader = Reader(site(world.platform))
    for path in ("/trades", "/en/trades", "/trades.csv", "/trades.rss", "/trades/engineering"):
        answer = reader.ask(f"{path}?{query}")
        assert answer.status_int == 200 and lot in answer.text, path
