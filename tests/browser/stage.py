"""Windows of a real browser, one for each person, and the look at a page: at both widths, by machine and as a picture."""
from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Error, Page

from .cast import PASSWORD, Person

ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--no-first-run", "--lang=zh-CN"]  # fmt: skip
WIDTHS = {1280: 900, 360: 740}
RENEWALS = 5  # a receipt looks for its number four times
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"], "resultTypes": ["violations"]}
VIOLATIONS = """async rules => (await axe.run(document, rules)).violations
  .map(v => [v.id, v.nodes.map(n => n.target.join(' ') + ' | ' + n.html.slice(0, 160))])"""
OVERFLOW = """() => document.documentElement.scrollWidth <= document.documentElement.clientWidth ? [] :
  [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map(e => e.tagName + '.' + e.className).slice(0, 6)"""
SPOKEN = """() => { const all = document.body.innerText;
  return [...document.querySelectorAll('code, pre')].reduce((text, e) => text.replace(e.innerText, ' '), all); }"""
CODES = re.compile(r"problem\.|act\.[a-z]|field\.[a-z]|state\.[A-Z]|\b[a-z]+_[a-z_]+\b|None\b|undefined|\bNaN\b")
"""What no Chinese page says to its reader: message keys, names of fields and states as the program has them."""


class Stage:
    """The site as people see it. pictures: where every page is put as it looked; faults: what was wrong with any."""

    def __init__(self, browser: Browser, address: str, pictures: Path) -> None:
        self.browser, self.address, self.pictures = browser, address, pictures
        self.faults: list[str] = []
        self.count = 0
        pictures.mkdir(parents=True, exist_ok=True)
        for old in pictures.glob("*.png"):
            old.unlink()

    def window(self, person: Person | None = None, width: int = 1280) -> Window:
        return Window(self, person, width)


class Window:
    """One person's browser. Its cookies and what pages keep in it last until it is closed."""

    def __init__(self, stage: Stage, person: Person | None, width: int) -> None:
        self.stage, self.person, self.width = stage, person, width
        self.who = person.login if person is not None else "public"
        viewport = {"width": width, "height": WIDTHS[width]}
        self.context = stage.browser.new_context(viewport=viewport, accept_downloads=True, locale="zh-CN")  # type: ignore[arg-type]
        self.context.set_default_timeout(60_000)  # what hangs ends the test; a busy machine does not
        self.page: Page = self.context.new_page()
        self.expected: list[str] = []
        self.page.on("console", lambda m: self._heard(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda e: self._heard(str(e)))

    def _heard(self, text: str) -> None:
        if not any(e in text for e in self.expected):
            self.stage.faults.append(f"{self.who} {self.page.url}: {text}")

    @contextmanager
    def refusal(self) -> Iterator[None]:
        """A form is about to be refused: the browser notes the status of the answer, and that is no fault of the page."""
        self.expected.append("status of 422")
        yield
        self.page.wait_for_selector(".errsum")
        self.expected.remove("status of 422")

    # ---------------------------------------------------------------- going

    def open(self, path: str) -> None:
        """Type an address. Whoever has to sign in first does so and is led on."""
        self.page.goto(self.stage.address + path)
        if self.page.url.startswith(f"{self.stage.address}/login"):
            self.sign_in()

    def sign_in(self) -> None:
        assert self.person is not None
        self.page.fill("#f-login", self.person.login)
        self.page.fill("#f-password", PASSWORD)
        self.page.click("main form .btn-primary")
        self.page.wait_for_url(lambda url: "/login" not in url)

    def press(self, name: str) -> None:
        """A button by its text."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        """A link by its text."""
        self.page.get_by_role("link", name=name).first.click()

    def ready(self) -> None:
        """The page's own script has everything it needs."""
        self.page.wait_for_selector("body[data-ready]")

    def save(self, button: str, target: Path) -> Path:
        """Press what downloads a file."""
        with self.page.expect_download() as got:
            self.page.click(button)
        got.value.save_as(target)
        return target

    # ---------------------------------------------------------------- looking

    def look(self, name: str) -> None:
        """See the page at both widths: a picture, nothing that sticks out, no violation, no word of the program's own. A page that
        renews itself while it is looked at, as receipts do until they have their number, is looked at again."""
        self.stage.count += 1
        for left in reversed(range(RENEWALS)):
            try:
                return self._look(name)
            except Error as error:
                if not left or "navigation" not in error.message:
                    raise

    def _look(self, name: str) -> None:
        self.page.wait_for_load_state("networkidle")
        for width, height in sorted(WIDTHS.items(), key=lambda w: w[0] == self.width):  # its own width last, so that it stays
            self.page.set_viewport_size({"width": width, "height": height})
            label = f"{self.stage.count:03}-{self.who}-{name}-{width}"
            self.page.screenshot(path=str(self.stage.pictures / f"{label}.png"), full_page=True)
            self._check(label)
        self._read(name)

    def _check(self, label: str) -> None:
        out = self.page.evaluate(OVERFLOW)
        self.stage.faults += [f"{label}: sticks out: {out}"] if out else []
        if not self.page.evaluate("!!window.axe"):
            self.page.evaluate(AXE_SCRIPT)
        found: list[Any] = self.page.evaluate(VIOLATIONS, RULES)
        self.stage.faults += [f"{label}: {rule}: {node}" for rule, nodes in found for node in nodes]

    def _read(self, name: str) -> None:
        codes = CODES.findall(self.page.evaluate(SPOKEN))
        self.stage.faults += [f"{self.who} {name}: says {sorted(set(codes))}"] if codes else []

    def close(self) -> None:
        self.context.close()
