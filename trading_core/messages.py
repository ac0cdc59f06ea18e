"""Message catalogues: every text a person sees, Chinese and English side by side, so that neither can drift from the other.

A catalogue is a folder of TOML files; each entry is ``[key]`` with ``zh`` and ``en``, figures in braces. Packages and plugins
bring their own folder; a key defined twice stops the start with both places named.
"""
from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


class CatalogueError(Exception):
    """A catalogue that cannot be used: a key twice, or a language missing."""


@dataclass(frozen=True)
class Catalogue:
    """All texts by key and language.

    vocabulary: whose terms come first. What is a tender in one trade is a grant or a selection in another, so a text under
    ``in.<word>.<key>`` stands for ``<key>`` wherever that word is in the vocabulary, the first word before the next.
    """

    texts: Mapping[str, Mapping[str, str]]
    vocabulary: tuple[str, ...] = ()

    def of(self, vocabulary: tuple[str, ...]) -> Catalogue:
        """The same texts in the terms of a trade."""
        return replace(self, vocabulary=vocabulary)

    def say(self, key: str, language: Language = "zh", **params: object) -> str:
        """The text of a key with its figures filled in. An unknown key is a mistake of ours: KeyError."""
        text = self.texts[self._place(key)][language]
        return text.format(**params) if params else text

    def has(self, key: str) -> bool:
        return self._place(key) in self.texts

    def _place(self, key: str) -> str:
        own = (f"in.{word}.{key}" for word in self.vocabulary)
        return next((k for k in own if k in self.texts), key)


def read(folders: Iterable[Path]) -> Catalogue:
    """All TOML files of the folders as one catalogue. Raises `CatalogueError`."""
    texts: dict[str, Mapping[str, str]] = {}
    origin: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            for key, entry in _entries(path):
                if key in texts:
                    raise CatalogueError(f"{key} is defined in {origin[key]} and in {path}")
                if set(entry) != set(LANGUAGES):
                    raise CatalogueError(f"{key} in {path} must have exactly {', '.join(LANGUAGES)}")
                texts[key], origin[key] = entry, path
    return Catalogue(texts)


@cache
def _entries(path: Path) -> tuple[tuple[str, Mapping[str, str]], ...]:
    """The entries of one file, parsed once: texts are part of the program and do not change while it runs."""
    return tuple(_flatten(tomllib.loads(path.read_text("utf-8"))))


def _flatten(table: Mapping[str, object], prefix: str = "") -> Iterable[tuple[str, Mapping[str, str]]]:
    for name, value in table.items():
        if not isinstance(value, Mapping):
            raise CatalogueError(f"{prefix}{name} is neither a table nor an entry")
        if all(isinstance(v, str) for v in value.values()):
            yield prefix + name, {str(k): str(v) for k, v in value.items()}
        else:
            yield from _flatten(value, f"{prefix}{name}.")
