"""Write the reference pages that are taken from the code: errors, settings, hooks, lifecycle. ``python tools/reference.py`` renews them."""
from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trading_core.domain.trade import TradeType

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
PACKAGES = ("trading_core", "plugins", "expert_pool", "credit", "web")


def codes() -> dict[str, set[str]]:
    """Every problem code that the sources name, with the modules that do."""
    found: dict[str, set[str]] = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem" and node.args:
                    first = node.args[0]
                    if isinstance(first, ast.Constant) and isinstance(first.value, str):
                        found.setdefault(first.value, set()).add(str(path.relative_to(ROOT)))
    return found


def texts() -> dict[str, dict[str, str]]:
    """All problem texts of all catalogues by code."""
    from trading_core import messages

    folders = [p for p in ROOT.glob("**/messages") if p.is_dir() and ".venv" not in p.parts and "build" not in p.parts]
    found: dict[str, dict[str, str]] = {}
    for folder in folders:
        told = messages.read([folder]).texts.items()
        found |= {k.removeprefix("problem."): dict(v) for k, v in told if k.startswith("problem.")}
    return found


def errors() -> str:
    """docs/errors.md."""
    rows = "\n".join(f"| `{code}` | {_cell(text['zh'])} | {_cell(text['en'])} |" for code, text in sorted(texts().items()))
    return f"""# Errors

Every refusal carries all its problems at once. Each has a stable code, the field (`path`), figures (`params`) and the rule it
rests on. In the API they come as `application/problem+json`; on pages at the top and at the field. Codes never change their meaning.

| code | 中文 | English |
|---|---|---|
{rows}
"""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def settings() -> str:
    """docs/settings.md."""
    from trading_core.settings import Settings

    told = dict(_told(inspect.getdoc(Settings) or ""))
    rows = "\n".join(
        f"| `{f.name}` | `GONGXIN_{f.name.upper()}` | `{f.default}` | {_cell(told.get(f.name, ''))} |" for f in dataclasses.fields(Settings)
    )
    return f"""# Settings

Read from a TOML file (`--settings FILE`) and from the environment, which wins. An unknown or unreadable setting stops the start and is
named. No behaviour hangs on the name of an environment.

| setting | environment | default | meaning |
|---|---|---|---|
{rows}
"""


def _told(doc: str) -> Iterator[tuple[str, str]]:
    body = " ".join(doc.split("\n\n", 1)[1].split())
    parts = re.split(r"(?:^|(?<=\. ))((?:[a-z_]+(?:, )?)+): ", body)
    for names, text in zip(parts[1::2], parts[2::2], strict=True):
        for name in names.split(", "):
            yield name, text.strip()


def hooks() -> str:
    """docs/hooks.md."""
    from trading_core import hookspecs

    rows = []
    for name, function in inspect.getmembers(hookspecs, inspect.isfunction):
        if name.startswith("gongxin_"):
            told = inspect.cleandoc(function.__doc__ or "")
            rows.append((function.__code__.co_firstlineno, f"## `{name}{_signature(function)}`\n\n{told}\n"))
    body = "\n".join(text for _, text in sorted(rows))
    return f"""# Hooks

A plugin is a module registered under the entry-point group `gongxin.plugins`; its functions carry `@impl` from `trading_core.hookspecs`.
It knows the hookspecs and the core, never another plugin. `plugins/engineering` is the model of a trade type, `plugins/test_ca.py` of a
certificate authority, `expert_pool` and `credit` of what answers questions.

{body}"""


def _signature(function: object) -> str:
    text = str(inspect.signature(function))  # type: ignore[arg-type]
    return text.replace("'", "").replace(" -> ", " → ")


def lifecycle() -> str:
    """docs/lifecycle.md: the graph of every trade type, drawn from its one table."""
    from trading_core import plugins

    found = sorted(plugins.trade_types(plugins.load()).values(), key=lambda t: t.version)
    return "# The lifecycles\n\nEach drawn from the one table of its trade type, which is put together from stages "\
        "([trade-types.md](trade-types.md)).\n\n" + "\n".join(map(_graph, found))


def _graph(trade: TradeType) -> str:
    edges = sorted({(a or "●", e, b) for a, e, b in trade.lifecycle.edges() if a != b})
    same: dict[str, list[str]] = {}
    for a, e, b in trade.lifecycle.edges():
        if a == b and a:
            same.setdefault(e, []).append(a)
    graph = "\n".join(f"    {a if a != '●' else '[*]'} --> {b}: {e}" for a, e, b in edges)
    kept = "\n".join(f"| `{e}` | {', '.join(sorted(set(states)))} |" for e, states in sorted(same.items()))
    return f"""## `{trade.code}`, rules of {trade.rules}: {trade.catalogue[0].zh}

```mermaid
stateDiagram-v2
{graph}
```

What may happen without changing the state:

| event | in |
|---|---|
{kept}
"""


PAGES = {"errors.md": errors, "settings.md": settings, "hooks.md": hooks, "lifecycle.md": lifecycle}

if __name__ == "__main__":
    for name, make in PAGES.items():
        (ROOT / "docs" / name).write_text(make(), "utf-8")
