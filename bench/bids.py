"""Bids: sixteen bidders at once, and whether the two hundredth waits longer than the fifth."""
from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace

from tests.world import BidPlan, World, submit
from trading_core.domain.trade import Command

from . import stage
from .report import Line, median, percentile, spread


def at_once(quick: bool) -> Iterator[Line]:
    """Clients over HTTP, each with its own bids for the same lot; a conflict would be an answer 409."""
    clients, each = (3, 2) if quick else (16, 10)
    for database in stage.DATABASES:
        with stage.platform(database) as made:
            world = World(made)
            lot = stage.open_for_bids(world)
            plans = [world.bidder(f"示例建设第{n}有限公司") for n in range(clients)]
            with stage.site(made) as site:
                answers, taken, whole = _burst(world, site, lot, plans, each)
            reference = stage.bare_commits(made, clients * each)
        accepted, conflicts = answers.count(200), answers.count(409)
        rate, bare = accepted / whole, len(reference) / sum(reference)
        yield Line(
            f"{clients} clients × {each} bids on one lot, at once ({database})",
            f"{accepted} accepted, {conflicts} conflicts, {rate:.0f}/s, {spread(taken)}",
            f"{bare:.0f}/s bare one-row commits on the same database, one after another", rate / bare,
            f"{clients * each} accepted, 0 conflicts", (accepted, conflicts) == (clients * each, 0),
        )  # fmt: skip


def _burst(world: World, site: stage.Site, lot: str, plans: list[BidPlan], each: int) -> tuple[list[int], list[float], float]:
    """Statuses, seconds of each answer, seconds of the whole."""
    sealed = [[submission(world, lot, plan) for _ in range(each)] for plan in plans]
    tokens = [stage.token(world.platform, plan.actor) for plan in plans]
    statuses: list[int] = []
    taken: list[float] = []
    start = threading.Barrier(len(plans) + 1)

    def client(number: int) -> None:
        with closing(stage.Caller(site.host, site.port, tokens[number])) as caller:
            start.wait()
            for n, data in enumerate(sealed[number]):
                begin = time.perf_counter()
                status, _ = caller.ask("POST", f"/api/v1/lots/{lot}/acts/submit_bid", data, Idempotency_Key=f"{number}-{n}")
                taken.append(time.perf_counter() - begin)
                statuses.append(status)

    threads = [threading.Thread(target=client, args=(n,)) for n in range(len(plans))]
    for thread in threads:
        thread.start()
    start.wait()
    begin = time.perf_counter()
    for thread in threads:
        thread.join()
    return statuses, taken, time.perf_counter() - begin


def submission(world: World, lot: str, plan: BidPlan) -> Mapping[str, object]:
    """A further bid of the same bidder, sealed and uploaded."""
    random = world.platform.entropy.token_bytes
    return world.submission(lot, replace(plan, number=random(16).hex(), secret=random(32).hex()), {"price": {"price_fen": 950_000_000}})


def latency(quick: bool) -> Iterator[Line]:
    """The same number of bids timed on lots that have few and on one that has many, in turn."""
    few, many, timed = (2, 6, 4) if quick else (5, 200, 60)
    for database in stage.DATABASES:
        with stage.platform(database) as made:
            world = World(made)
            plan = world.bidder("松涧示例建设集团有限公司")
            crowded = stage.open_for_bids(world)
            for _ in range(many):
                _submit(world, crowded, plan)
            quiet: list[str] = []
            low, high = [], []
            for n in range(timed):
                if n % few == 0:
                    quiet.append(stage.open_for_bids(world))
                    for _ in range(few):
                        _submit(world, quiet[-1], plan)
                low.append(_submit(world, quiet[-1], plan))
                high.append(_submit(world, crowded, plan))
            reference = stage.bare_commits(made, timed)
        ratio = percentile(high, 95) / percentile(low, 95)
        yield Line(
            f"bid submission at {many} bids on the lot against {few} ({database})",
            f"at {many}+: {spread(high)}; at {few}+: {spread(low)}",
            f"bare one-row commit: {spread(reference)}; a bid costs {median(low) / median(reference):.1f} of it", ratio, "p95 ratio ≤ 1.3",
            ratio <= 1.3,
        )  # fmt: skip


def _submit(world: World, lot: str, plan: BidPlan) -> float:
    data = submission(world, lot, plan)
    begin = time.perf_counter()
    submit(world.platform, lot, Command("submit_bid", plan.actor, data, world.clock.now()))
    return time.perf_counter() - begin
