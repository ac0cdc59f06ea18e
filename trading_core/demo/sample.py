"""Sample data for trying the site by hand: a finished tender, one before the award, one that takes bids, an account for every role."""
from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from ..adapters.crypto.keyfile import write_key_file
from ..bootstrap import work_calendar
from ..domain.identity import Role
from ..domain.workcalendar import CST, WorkCalendar, local_date
from ..settings import Settings
from .cast import CONSOLE
from .perform import perform
from .play import Company
from .script import Script
from .tender import SCENES
from .theatre import Progress, open_theatre

ACCOUNTS = "sample-accounts.json"
KEYS = "sample-keys"
PASSPHRASE = "gongxin-sample"
BACK_DAYS = 240  # how long before today the first tender begins, so that it is archived by now
SHOWN = (Role.PRINCIPAL, Role.AGENCY, Role.BIDDER, Role.EXPERT, Role.SUPERVISOR, Role.CENTRE, Role.OPERATOR)
EVERYTHING = tuple(SCENES)
BEFORE_AWARD = EVERYTHING[: EVERYTHING.index("candidates") + 1]
TAKING_BIDS = ("register", "draft", "publish", "questions")
PLAYED = (EVERYTHING, BEFORE_AWARD, TAKING_BIDS)


def fill(settings: Settings, script: Script, now: datetime, font_dir: str, progress: Progress) -> bool:
    """Fill an empty data folder, the past before `now` played with a moved clock; whole or not at all. Returns whether anything was done.

    Beside the record lie, readable by whoever may read the folder: ``sample-accounts.json`` for the login page, and the trustees' key
    files in ``sample-keys`` (passphrase ``gongxin-sample``). Raises `UnknownYear` when the work calendar does not reach back far enough.
    """
    data = settings.data
    if settings.database or any((data / name).exists() for name in (ACCOUNTS, "gongxin.db", "keys")):
        return False
    data.mkdir(parents=True, exist_ok=True)
    calendar = work_calendar()
    starts = days(now, calendar)
    opening = datetime.combine(starts[0], datetime.min.time(), CST)
    with TemporaryDirectory(prefix=".filling-", dir=data) as name:
        folder = Path(name)
        filled = replace(settings, data=folder / "data", font_dir=font_dir)
        with open_theatre(filled, opening, (), folder, progress) as theatre:
            company = None
            for start, scenes, title in zip(starts, PLAYED, ("一标段", "二标段", "三标段"), strict=True):
                if start.year not in calendar.years or (start + timedelta(days=45)).year not in calendar.years:
                    continue  # make-up days of that year are not known yet
                terms = {**script.terms, "title": str(script.terms["title"]).replace("一标段", title)}
                company = perform(theatre, replace(script, start=start, terms=terms), folder, scenes, company).company
            if company is not None:
                _write(filled.data, company)
        for made in filled.data.iterdir():
            made.rename(data / made.name)
    return True


def days(now: datetime, calendar: WorkCalendar) -> tuple[date, date, date]:
    """When the three tenders begin: all that is played of them lies in the past."""
    today = local_date(now)
    return (
        calendar.workday_from(today - timedelta(days=BACK_DAYS)), calendar.workday_until(today - timedelta(days=45)),
        calendar.workday_until(today - timedelta(days=12)),
    )  # fmt: skip


def _write(data: Path, company: Company) -> None:
    cast, centre = company.cast, company.members["centre"].actor.organisation
    operator = cast.join(CONSOLE, centre, Role.OPERATOR, "运维员", "operator")
    first = {m.actor.role: m for m in reversed([*cast.members, operator])}
    shown = [{"role": role.value, "login": first[role].login, "password": first[role].password} for role in SHOWN]
    (data / KEYS).mkdir(exist_ok=True)
    for trustee, keys in company.keys.items():
        (data / KEYS / f"{trustee}.json").write_text(write_key_file(keys, PASSPHRASE, cast.platform.entropy), "utf-8")
    (data / ACCOUNTS).write_text(json.dumps(shown, ensure_ascii=False, indent=1), "utf-8")
