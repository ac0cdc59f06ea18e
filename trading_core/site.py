"""Where the site is: another package, named here because the core knows no web."""
from __future__ import annotations

import pkgutil
from collections.abc import Callable
from typing import Any

WEB = "web.serve"
"""The module that serves a platform over HTTP: ``serve`` until a signal comes, ``Site`` on a thread of its own."""


def web(name: str) -> Callable[..., Any]:
    """What the module `WEB` offers under a name."""
    found: Callable[..., Any] = pkgutil.resolve_name(f"{WEB}:{name}")
    return found
