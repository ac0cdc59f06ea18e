"""What keeps the rooms apart and the rules pure, read from the sources themselves."""
from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("trading_core", "plugins", "expert_pool", "credit", "web")
CLOCK_AND_CHANCE = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time"), ("time", "time_ns"),
    ("os", "urandom"), ("uuid", "uuid4"), ("uuid", "uuid1"),
}  # fmt: skip
ADAPTERS = {ROOT / "trading_core/adapters/clock.py", ROOT / "trading_core/adapters/entropy.py"}


def sources(*packages: str) -> Iterator[Path]:
    for package in packages:
        yield from sorted((ROOT / package).rglob("*.py"))


def calls(tree: ast.AST) -> Iterator[tuple[str, str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            yield node.func.value.id, node.func.attr, node.lineno


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


@pytest.mark.parametrize("path", list(sources(*PACKAGES)), ids=lambda p: str(p.relative_to(ROOT)))
def test_clock_and_chance_only_in_their_adapters(path: Path) -> None:
    if path in ADAPTERS:
        return
    tree = ast.parse(path.read_text("utf-8"))
    found = [(a, b, line) for a, b, line in calls(tree) if (a, b) in CLOCK_AND_CHANCE]
    assert not found
    assert not {"random", "secrets"} & {name.partition(".")[0] for name in imports(tree)}


def test_the_domain_imports_the_standard_library_only() -> None:
    allowed = sys.stdlib_module_names
    for path in sources("trading_core/domain"):
        foreign = {n.partition(".")[0] for n in imports(ast.parse(path.read_text("utf-8")))} - allowed - {"__future__"}
        assert not foreign, path


def test_the_verifier_imports_nothing_of_the_server() -> None:
    for path in sources("trading_core/verify"):
        tree = ast.parse(path.read_text("utf-8"))
        foreign = {n.partition(".")[0] for n in imports(tree)} - sys.stdlib_module_names - {"cryptography", "__future__"}
        assert not foreign - {"trading_core"}, path
        assert not [n for n in imports(tree) if n.startswith("trading_core") and not n.startswith("trading_core.verify")], path


def test_no_database_in_web() -> None:
    for path in sources("web"):
        names = {n.partition(".")[0] for n in imports(ast.parse(path.read_text("utf-8")))}
        assert "sqlalchemy" not in names, path
        assert not re.search(r"\.connection\.execute|exec_driver_sql", path.read_text("utf-8")), path


def test_the_core_names_no_plugin() -> None:
    for path in sources("trading_core"):
        for name in imports(ast.parse(path.read_text("utf-8"))):
            assert name.partition(".")[0] not in {"plugins", "expert_pool", "credit", "web"}, path


def test_no_floats_for_money_or_scores() -> None:
    for path in sources("trading_core/domain"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), f"{path}:{getattr(node, 'lineno', 0)}"
            assert not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"), path


def test_importing_the_packages_connects_to_nothing() -> None:
    """No connection, no listening, no file opened for writing while the packages are imported."""
    code = """
import sys
def watch(event, args):
    if event in ("socket.connect", "socket.bind") or (event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+")):
        raise SystemExit(f"{event} {args}")
sys.dont_write_bytecode = True
sys.addaudithook(watch)
import trading_core.bootstrap, trading_core.tasks, plugins.engineering, web.app
"""
    ran = subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd="/", capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
