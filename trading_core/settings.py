"""Settings: one frozen value, read from a TOML file and the environment (``GONGXIN_…``). Listed in docs/settings.md."""
from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import get_type_hints

PREFIX = "GONGXIN_"


class SettingsError(Exception):
    """A setting that is unknown or cannot be read; says which and what was expected."""


@dataclass(frozen=True)
class Settings:
    """All that can be set.

    data: folder for database, files, keys, fonts. database: SQLAlchemy URL, empty for SQLite in the data folder. broker: Celery
    broker URL, ``memory://`` for everything in one process. host, port: where the site listens. base_url: address that is printed
    on paper. origin: name of the log in its checkpoints. sample: sample data with its accounts, shown on the login page.
    plugins: dotted modules beside those found as installed entry points. token_minutes: life of an access token. upload_max_mib:
    largest sealed envelope. upload_keep_hours: how long an upload that nobody goes on with is kept, and a file sent in that nothing
    names. disk_reserve_mib: free disk space below which no upload begins or goes on. font_dir: other fonts than the derived ones.
    rate_per_minute: commands of one address, and of one bidder in a hall. region: name of the place, shown in the site's head.
    outage_seconds: silence of the site from which on it counts as an outage that is given back, at least 20; 0 for never.
    """

    data: Path = Path("var")
    database: str = ""
    broker: str = "memory://"
    host: str = "127.0.0.1"
    port: int = 6543
    base_url: str = "http://127.0.0.1:6543"
    origin: str = "gongxin.example/log"
    region: str = "澜明区"
    sample: bool = False
    plugins: tuple[str, ...] = ()
    token_minutes: int = 15
    upload_max_mib: int = 2048
    upload_keep_hours: int = 72
    disk_reserve_mib: int = 1024
    font_dir: str = ""
    rate_per_minute: int = 600
    outage_seconds: int = 60

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.data / 'gongxin.db'}"


def read(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the file, overridden by the environment. Raises `SettingsError` naming every entry that does not fit."""
    given: dict[str, object] = dict(tomllib.loads(path.read_text("utf-8"))) if path else {}
    names = {f.name for f in fields(Settings)}
    given |= {k[len(PREFIX) :].lower(): v for k, v in environ.items() if k.startswith(PREFIX)}
    hints, wrong, values = get_type_hints(Settings), [], {}
    for name, value in given.items():
        if name not in names:
            wrong.append(f"{name}: unknown")
            continue
        try:
            values[name] = _convert(hints[name], value)
        except (TypeError, ValueError) as error:
            wrong.append(f"{name}: {error}")
    if wrong:
        raise SettingsError("; ".join(wrong))
    return Settings(**values)  # type: ignore[arg-type]


def _convert(kind: object, value: object) -> object:
    if kind is bool:
        if isinstance(value, bool):
            return value
        if str(value).lower() in {"1", "true", "yes", "0", "false", "no"}:
            return str(value).lower() in {"1", "true", "yes"}
        raise ValueError("expected true or false")
    if kind is int:
        return int(str(value))
    if kind is Path:
        return Path(str(value))
    if kind is str:
        return str(value)
    return tuple(value.split(",")) if isinstance(value, str) else tuple(str(v) for v in value)  # type: ignore[attr-defined]
