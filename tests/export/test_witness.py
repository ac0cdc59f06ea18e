"""Witnesses: they cosign what only grew, remember across restarts, and refuse everything else, keeping the evidence."""
from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from trading_core import verify
from trading_core.adapters.clock import SteppedClock
from trading_core.adapters.entropy import SeededEntropy
from trading_core.bootstrap import build
from trading_core.demo.theatre import HOST
from trading_core.domain.errors import Refused
from trading_core.domain.events import Event
from trading_core.platform import Platform
from trading_core.services import log, witness
from trading_core.services.witness import PlatformLog, RemoteLog, Witness
from trading_core.settings import Settings
from trading_core.site import web

NAME = "supervisor.example/witness"


def grow(platform: Platform, *texts: str) -> int:
    """Events, a checkpoint over them; its size."""
    for text in texts:
        with platform.unit() as unit:
            unit.store.append(f"note/{text}", unit.store.version(f"note/{text}"), [Event("noted", {"text": text})], unit.now)
    log.move(platform)
    log.sign(platform, force=True)
    with platform.look() as unit:
        return log.checkpoint(unit).size


@pytest.fixture
def watcher(sqlite_platform: Platform, tmp_path: Path) -> Witness:
    made = witness.open_witness(tmp_path / "witness", NAME, SeededEntropy(b"witness"))
    witness.introduce(sqlite_platform, made.verifier_key)
    return made


def attend(watcher: Witness, platform: Platform) -> witness.Cosignature | None:
    return watcher.attend(PlatformLog(platform), platform.clock.now())


def codes(refusal: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [p.code for p in refusal.value.problems]


def test_each_new_checkpoint_is_cosigned_once(sqlite_platform: Platform, watcher: Witness) -> None:
    sizes = [grow(sqlite_platform, *(f"{n}-{i}" for i in range(n + 1))) for n in range(3)]
    assert sizes == [1, 3, 6]
    given = attend(watcher, sqlite_platform)
    assert given is not None and given.size == 6
    assert attend(watcher, sqlite_platform) is None
    grow(sqlite_platform, "more")
    assert attend(watcher, sqlite_platform) is not None
    with sqlite_platform.look() as unit:
        note = log.checkpoint(unit).note
    trust = verify.read_trust(witness.trust_text(sqlite_platform).encode())
    report = verify.checkpoint(note.encode(), trust)
    assert report.ok and {c.name: c.outcome for c in report.checks}["checkpoint.witnesses"] == "holds"


def test_a_witness_remembers_across_a_restart(sqlite_platform: Platform, watcher: Witness, tmp_path: Path) -> None:
    grow(sqlite_platform, "a")
    assert attend(watcher, sqlite_platform) is not None
    again = witness.open_witness(tmp_path / "witness", NAME, SeededEntropy(b"other"))
    assert again.verifier_key == watcher.verifier_key
    assert attend(again, sqlite_platform) is None


@dataclass(frozen=True)
class Losing:
    """A log that never gets what it is handed."""

    inner: PlatformLog

    def trust(self) -> str:
        return self.inner.trust()

    def checkpoint(self) -> str:
        return self.inner.checkpoint()

    def consistency(self, first: int, second: int) -> Sequence[bytes]:
        return self.inner.consistency(first, second)

    def hand_in(self, size: int, verifier_key: str, line: str) -> None:
        raise OSError("the line broke")


def test_a_cosignature_lost_on_its_way_is_given_again(sqlite_platform: Platform, watcher: Witness) -> None:
    grow(sqlite_platform, "a")
    with pytest.raises(OSError, match="the line broke"):
        watcher.attend(Losing(PlatformLog(sqlite_platform)), sqlite_platform.clock.now())
    assert attend(watcher, sqlite_platform) is not None


def same_keys(platform: Platform, folder: Path) -> Platform:
    """Another platform under the same keys and name: what somebody who rewrites the log would run."""
    shutil.copytree(platform.settings.data / "keys", folder / "keys")
    other = build(Settings(data=folder), SteppedClock(platform.clock.now()), SeededEntropy(b"elsewhere"))
    shutil.copy(platform.settings.data / witness.KNOWN, folder / witness.KNOWN)
    return other


@pytest.mark.parametrize(
    ("kept", "told", "code"),
    [(("a", "b"), ("a", "x", "c"), "witness.broken"), (("a", "b"), ("a", "x"), "witness.broken"), (("a", "b"), ("a",), "witness.shrunk")],
)  # fmt: skip
def test_a_rewritten_log_is_refused_and_kept_as_evidence(
    sqlite_platform: Platform, watcher: Witness, tmp_path: Path, kept: tuple[str, ...], told: tuple[str, ...], code: str
) -> None:  # fmt: skip
    grow(sqlite_platform, *kept)
    attend(watcher, sqlite_platform)
    other = same_keys(sqlite_platform, tmp_path / "other")
    grow(other, *told)
    with pytest.raises(Refused) as refusal:
        attend(watcher, other)
    assert codes(refusal) == [code]
    assert (watcher.folder / "evidence.txt").read_text("utf-8") == PlatformLog(other).checkpoint()
    with other.look() as unit:
        assert log.checkpoint(unit).witnesses == ()
    other.database.close()
    assert witness.attend(other, [watcher]) == []


def test_another_log_under_the_same_name_is_refused(sqlite_platform: Platform, watcher: Witness, tmp_path: Path) -> None:
    """The keys are those of the first meeting, whatever is told later."""
    grow(sqlite_platform, "a")
    attend(watcher, sqlite_platform)
    stranger = build(Settings(data=tmp_path / "stranger"), SteppedClock(sqlite_platform.clock.now()), SeededEntropy(b"stranger"))
    grow(stranger, "a", "b")
    with pytest.raises(Refused) as refusal:
        attend(watcher, stranger)
    stranger.database.close()
    assert codes(refusal) == ["witness.broken"]


def test_only_introduced_witnesses_are_heard(sqlite_platform: Platform, tmp_path: Path) -> None:
    stranger = witness.open_witness(tmp_path / "stranger", "stranger.example", SeededEntropy(b"stranger"))
    grow(sqlite_platform, "a")
    with pytest.raises(Refused) as refusal:
        attend(stranger, sqlite_platform)
    assert codes(refusal) == ["witness.unknown"]
    for text in ("", "nonsense", witness.published_keys(sqlite_platform)["log"]):
        with pytest.raises(Refused) as refusal:
            witness.introduce(sqlite_platform, str(text))
        assert codes(refusal) == ["witness.not_a_key"]


def test_half_of_the_witnesses_suffice(sqlite_platform: Platform, tmp_path: Path) -> None:
    wanted = []
    for n in range(4):
        wanted.append(witness.threshold(sqlite_platform))
        made = witness.open_witness(tmp_path / str(n), f"witness{n}.example", SeededEntropy(bytes([n])))
        witness.introduce(sqlite_platform, made.verifier_key)
        witness.introduce(sqlite_platform, made.verifier_key)
    assert wanted == [0, 1, 1, 2]


class Carried(RemoteLog):
    """A log reached over HTTP whose cosignatures come back by hand."""

    platform: Platform

    def hand_in(self, size: int, verifier_key: str, line: str) -> None:
        witness.accept(self.platform, size, verifier_key, line)


def test_a_witness_watches_over_http(sqlite_platform: Platform, watcher: Witness) -> None:
    site = web("Site")(sqlite_platform, HOST, 0).start()
    try:
        remote = Carried(site.address, witness.trust_text(sqlite_platform))
        object.__setattr__(remote, "platform", sqlite_platform)
        for texts in (("a", "b", "c"), ("d",)):
            size = grow(sqlite_platform, *texts)
            given = watcher.attend(remote, sqlite_platform.clock.now())
            assert given is not None and given.size == size
        assert watcher.attend(remote, sqlite_platform.clock.now()) is None
    finally:
        site.close()
