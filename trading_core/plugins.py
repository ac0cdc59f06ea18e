"""Finding plugins and combining what they say."""
from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from importlib.metadata import entry_points

import pluggy

from . import hookspecs
from .domain.trade import TradeType


class PluginClash(Exception):
    """Two plugins claim the same thing. Names both."""


def load(names: Iterable[str] = ()) -> pluggy.PluginManager:
    """All plugins: installed entry points, then modules named in the settings. A module named twice is registered once."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    modules = [e.load() for e in sorted(entry_points(group=hookspecs.PROJECT), key=lambda e: e.name)]
    modules += [import_module(n) for n in names if n]
    for module in modules:
        if not manager.is_registered(module):
            manager.register(module, name=getattr(module, "__name__", None))
    manager.check_pending()
    return manager


def trade_types(manager: pluggy.PluginManager) -> dict[str, TradeType]:
    """Every trade type by version (code@date). Raises `PluginClash`."""
    found: dict[str, TradeType] = {}
    for group in manager.hook.gongxin_trade_types():
        for trade in group:
            if trade.version in found:
                raise PluginClash(f"trade type {trade.version} is declared twice")
            found[trade.version] = trade
    return found
