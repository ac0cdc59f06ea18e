"""Who only looks: the supervisor, and the public, who check for themselves."""
from __future__ import annotations

from .play import Play

PUBLIC = ("/", "/trades/engineering", "/disclosure", "/guide", "/credit", "/supervise", "/statistics", "/status", "/open-data", "/login")


def supervise(play: Play, name: str) -> None:
    supervisor = play.window("supervisor")
    supervisor.open("/my")
    supervisor.look(f"workbench-{name}")
    supervisor.open("/supervise")
    supervisor.look(f"supervise-{name}")
    supervisor.page.locator(f"a[href$='/supervise/lots/{play.lot}']").first.click()
    supervisor.look(f"supervise-lot-{name}")


def read(play: Play) -> None:
    """The result, the log and its proof, the receipt checked on the reader's own device, every public page."""
    public = play.window("", 360)
    public.open(f"/lots/{play.lot}")
    public.look("lot-archived")
    for part in ("log", "schedule"):
        public.open(f"/lots/{play.lot}/{part}")
        public.look(f"lot-{part}")
    public.page.go_back()
    public.page.locator("a.v").first.click()
    public.look("log-entry")
    public.page.click("#recheck")
    public.page.wait_for_selector("#recheck-result .say-ok")
    public.look("log-entry-checked")
    public.open("/verify")
    public.page.set_input_files("#file", str(play.disk / "bidder2-receipt.json"))
    public.page.locator("#took", has_text="毫秒").wait_for()
    public.look("verify-receipt")
    for path in PUBLIC:
        public.page.goto(public.stage.address + path)
        public.look("public" + path.replace("/", "-"))
