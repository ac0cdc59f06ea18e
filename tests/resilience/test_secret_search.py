"""What the search for secrets knows: encodings made by the standard library, of a text that has the secret somewhere in it."""
from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote

import pytest

from tests.resilience.search import Secret, search

SECRET = Secret("name", "松涧示例建设集团有限公司?>".encode())


@pytest.mark.parametrize("spell", [
    bytes, lambda b: b.hex().encode(), lambda b: b.hex().upper().encode(), lambda b: quote(b).encode(), lambda b: quote(b).lower().encode(),
    lambda b: repr(b).encode(), lambda b: json.dumps(b.decode()).encode(), *(lambda b, n=n: b64encode(b[n:]) for n in range(3)),
    *(lambda b, n=n: urlsafe_b64encode(b[n:]) for n in range(3)),
])  # fmt: skip
def test_the_search_knows_every_spelling(spell: Callable[[bytes], bytes]) -> None:
    assert search([("somewhere", spell("前文：".encode() + SECRET.value + "；后文".encode()))], [SECRET]) == {("somewhere", "name")}
    assert search([("somewhere", spell("前文：；后文".encode()))], [SECRET]) == set()
