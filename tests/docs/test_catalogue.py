"""Everything a person can be shown has its words in both languages."""
from __future__ import annotations

from collections.abc import Iterable, Iterator

from trading_core.domain.fields import Field
from trading_core.domain.identity import Role
from trading_core.platform import Platform
from web.i18n import joined


def names(fields: Iterable[Field]) -> Iterator[str]:
    for f in fields:
        yield f.name
        yield from names(f.fields)


def wanted(platform: Platform) -> Iterator[str]:
    for role in Role:
        yield f"role.{role.value}"
    for trade in platform.trades.values():
        yield from (f"state.{s}" for s in trade.lifecycle.states() if s)
        yield from (f"event.{t.event}" for t in trade.lifecycle.transitions)
        yield from (f"stage.{s.name}" for s in trade.milestones)
        yield from (f"period.{p.id}" for p in trade.periods)
        yield from (f"rejection.{g}" for g in trade.rejection_grounds)
        for act in trade.acts.values():
            yield f"act.{act.name}"
            yield from (f"field.{n}" for n in names(act.fields))


def test_every_declared_name_has_its_words(sqlite_platform: Platform) -> None:
    words = joined(sqlite_platform.catalogue)
    assert sorted({key for key in wanted(sqlite_platform) if not words.has(key)}) == []


def test_texts_have_the_same_figures_in_both_languages(sqlite_platform: Platform) -> None:
    import string

    def figures(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    differing = [k for k, t in joined(sqlite_platform.catalogue).texts.items() if figures(t["zh"]) != figures(t["en"])]
    assert differing == []
