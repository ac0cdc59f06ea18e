"""Files appear whole or not at all, whoever else asks for them at the same time."""
from __future__ import annotations

import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from trading_core.adapters.entropy import SeededEntropy, SystemEntropy
from trading_core.adapters.files import first_file, whole_file
from trading_core.adapters.vault import key_file


def test_of_two_who_make_a_key_the_first_gives_it_to_both(tmp_path: Path) -> None:
    """One is overtaken between finding no key and writing its own."""
    path = tmp_path / "keys" / "log.key"

    class Overtaken:
        def token_bytes(self, n: int) -> bytes:
            self.other = key_file(path, SeededEntropy(b"other"))
            return SeededEntropy(b"own").token_bytes(n)

    overtaken = Overtaken()
    assert key_file(path, overtaken) == overtaken.other == path.read_bytes()
    assert overtaken.other == SeededEntropy(b"other").token_bytes(32)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_nobody_reads_a_key_before_it_is_whole(tmp_path: Path) -> None:
    """Eight threads ask for each of forty keys as soon as one of them does."""
    together = threading.Barrier(8)

    def ask(_: int) -> list[bytes]:
        found = []
        for n in range(40):
            together.wait()
            found.append(key_file(tmp_path / f"{n}.key", SystemEntropy()))
        return found

    with ThreadPoolExecutor(8) as pool:
        first, *others = pool.map(ask, range(8))
    assert all(found == first for found in others)
    assert {len(key) for key in first} == {32} and len(set(first)) == 40


def test_a_file_that_could_not_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "seen.txt"
    target.write_bytes(b"old")
    with pytest.raises(OSError, match="full"), whole_file(target) as file:
        file.write(b"ne")
        raise OSError("the disk is full")
    assert target.read_bytes() == b"old" and list(tmp_path.iterdir()) == [target]


def test_a_file_is_seen_by_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "project.zip"
    with whole_file(target) as file:
        file.write(b"half ")
        file.flush()
        assert not target.exists()
        file.write(b"whole")
    assert target.read_bytes() == b"half whole" and stat.S_IMODE(target.stat().st_mode) == 0o600
    assert first_file(target, lambda: b"another") == b"half whole"


def test_a_file_is_for_others_only_when_that_is_said(tmp_path: Path) -> None:
    """A full project file holds private parts: a folder that others may enter must not give it away."""
    for target, told, mode in ((tmp_path / "own", {}, 0o600), (tmp_path / "shared", {"mode": 0o644}, 0o644)):
        with whole_file(target, **told) as file:
            file.write(b"content")
        assert stat.S_IMODE(target.stat().st_mode) == mode
    first_file(tmp_path / "key", lambda: b"secret")
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
