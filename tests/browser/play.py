"""An engineering tender played by hand: what each person does on the pages, step by step, as one after the other would."""
from __future__ import annotations

import typing
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

from trading_core.adapters.clock import SteppedClock
from trading_core.domain.lot import Lot
from trading_core.platform import Platform
from trading_core.services import clockwork, log, lots

from .cast import Cast
from .stage import Stage, Window

TITLE = "龙泉河堤防整治工程施工（一标段）"
PASSPHRASE = "一个足够长的口令，十二字以上"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" \
      b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"  # fmt: skip


class Play:
    """Where the play stands: the lot, everybody's window, the folder that stands for everybody's own disk."""

    def __init__(self, platform: Platform, cast: Cast, stage: Stage, disk: Path) -> None:
        self.platform, self.cast, self.stage, self.disk = platform, cast, stage, disk
        self.clock = cast_clock(platform)
        self.lot = ""
        self.windows: dict[str, Window] = {}
        self._worker = ThreadPoolExecutor(1, "worker")  # a thread of its own, as in the running system

    def window(self, login: str = "", width: int = 1280) -> Window:
        """Somebody's window, opened when it is first needed; without a login the public's."""
        if login not in self.windows:
            self.windows[login] = self.stage.window(self.cast[login] if login else None, width)
        return self.windows[login]

    def bidders(self) -> list[Window]:
        return [self.window(f"bidder{n}") for n in (1, 2, 3)]

    def say(self, key: str, **params: object) -> str:
        """A text as the pages say it."""
        return self.platform.catalogue.say(key, "zh", **params)

    def state(self) -> Lot:
        with self.platform.look() as unit:
            return lots.find(unit, self.lot)

    def file(self, name: str, content: bytes = PDF) -> str:
        """A file on somebody's disk."""
        path = self.disk / name
        path.write_bytes(content)
        return str(path)

    def end(self) -> None:
        for window in self.windows.values():
            window.close()
        self._worker.shutdown()

    # ---------------------------------------------------------------- time and the machine's own work

    def work(self) -> None:
        """What the machine does by itself: what is due, openings, the log and its signature, readers, papers."""
        self._worker.submit(self._sweep).result()

    def _sweep(self) -> None:
        while not clockwork.sweep(self.platform).idle:
            pass
        log.sign(self.platform, force=True)

    def go(self, moment: datetime) -> None:
        self.clock.move_to(moment)
        self.work()

    def wait(self, span: timedelta) -> None:
        self.go(self.clock.now() + span)

    # ---------------------------------------------------------------- what everybody does

    def duty(self, window: Window, act: str) -> None:
        """From the workbench to what must be done: one click on its button."""
        window.open("/my")
        line = window.page.locator(".todo li", has_text=self.say(f"act.{act}")).first
        line.locator(".act a").click()

    def give(self, window: Window, act: str, look: str = "", **values: object) -> None:
        """An act from the workbench to its receipt: the duty, the form, where it cannot be undone the confirmation."""
        self.duty(window, act)
        self.fill(window, act, look, **values)

    def fill(self, window: Window, act: str, look: str = "", **values: object) -> None:
        page = window.page
        fill(window, values)
        if look:
            window.look(look)
        page.locator("main form .btn-primary").click()
        page.wait_for_selector(".dialog button[value=confirm], .receipt, .errsum")
        assert not page.locator(".errsum").count(), page.inner_text(".errsum")
        if page.locator(".dialog button[value=confirm]").count():
            if look:
                window.look(f"{look}-confirm")
            page.click(".dialog button[value=confirm]")
        page.wait_for_selector(".receipt")
        self.work()
        page.wait_for_selector(".receipt:not(:has-text('正在编号'))")  # the page goes on by itself
        if look:
            window.look(f"{look}-receipt")


def cast_clock(platform: Platform) -> SteppedClock:
    return typing.cast("SteppedClock", platform.clock)


def fill(window: Window, values: Mapping[str, object]) -> None:
    """Fill in a form by the names of its fields: texts typed, choices picked, files chosen."""
    for name, value in values.items():
        control = window.page.locator(f'main [name="{name}"]')
        kind = control.first.evaluate("e => e.type || e.tagName")
        if kind == "radio":
            window.page.check(f'main [name="{name}"][value="{value}"]')
        elif kind == "file":
            control.set_input_files(typing.cast("list[str]", value))
        elif kind == "select-one":
            control.select_option(str(value))
        else:
            control.fill(str(value))
