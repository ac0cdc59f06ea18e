"""The documentation is true: what it lists is what the code has."""
from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def reference():  # type: ignore[no-untyped-def]
    spec = importlib.util.spec_from_file_location("reference", ROOT / "tools" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["errors.md", "settings.md", "hooks.md", "lifecycle.md"])
def test_reference_pages_are_current(page: str) -> None:
    """Renew them with ``python tools/reference.py``."""
    assert (DOCS / page).read_text("utf-8") == reference().PAGES[page]()


def test_every_problem_has_its_text() -> None:
    module = reference()
    named, told = module.codes(), module.texts()
    assert not {code: sorted(where) for code, where in named.items() if code not in told}


def test_every_setting_is_explained() -> None:
    for line in (DOCS / "settings.md").read_text("utf-8").splitlines()[8:]:
        assert not line or line.split("|")[4].strip(), line


@pytest.mark.parametrize("path", [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))], ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", path.read_text("utf-8")):
        assert (path.parent / target).exists(), target


def test_every_dependency_is_named_with_its_reason() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for line in (ROOT / "requirements.in").read_text("utf-8").splitlines():
        name = re.split(r"[\[<>=]", line)[0].strip()
        assert not name or name.startswith("#") or name.lower().replace("_", "-") in readme.lower().replace("_", "-"), name


def test_the_project_speaks_of_itself_alone() -> None:
    """No path of a machine and no host of a package registry anywhere in the documents."""
    for path in (ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")):
        assert not re.search(r"/work/|/tmp/|pypi\.org|registry\.npmjs", path.read_text("utf-8")), path


def test_the_page_on_trade_types_names_all_that_one_declares() -> None:
    from dataclasses import fields

    from trading_core.domain.trade import TradeType

    page = (ROOT / "docs/trade-types.md").read_text("utf-8")
    assert not [f.name for f in fields(TradeType) if f"`{f.name}`" not in page]
