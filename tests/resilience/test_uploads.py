"""Pieces of a file that come damaged, twice, in any order, for another place or not at all: what is stored is what was announced."""
from __future__ import annotations

import hashlib
import shutil
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_core.adapters import uploads as module
from trading_core.adapters.clock import Clock, SteppedClock, SystemClock
from trading_core.adapters.entropy import SystemEntropy
from trading_core.adapters.objects import ObjectStore
from trading_core.adapters.uploads import Uploads
from trading_core.domain.errors import Forbidden, Refused
from trading_core.platform import Platform
from trading_core.services import clockwork

PIECE = 64
SIZE_MAX = 64 * PIECE


@pytest.fixture(scope="module", autouse=True)
def small_pieces() -> Iterator[None]:
    """The same code with pieces of 64 bytes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PIECE", PIECE)
        yield


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    return open_uploads(tmp_path)


def open_uploads(folder: Path, clock: Clock | None = None) -> Uploads:
    objects = ObjectStore(folder / "objects", SystemEntropy())
    return Uploads(folder / "uploads", objects, clock or SystemClock(), SystemEntropy(), SIZE_MAX)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def cut(data: bytes) -> list[bytes]:
    return [data[i : i + PIECE] for i in range(0, len(data), PIECE)]


def codes(refusal: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {p.code for p in refusal.value.problems}


# what may go wrong with one sending: nothing; cut short; a byte changed; another piece's content; sent under another hash; elsewhere
WRONGS = st.sampled_from(["", "", "", "truncated", "changed", "swapped", "other hash", "moved"])


@given(st.binary(min_size=1, max_size=6 * PIECE), st.lists(st.tuples(st.integers(0, 7), WRONGS), max_size=24), st.booleans())
def test_whatever_is_sent_only_the_announced_file_is_stored(data: bytes, sendings: list[tuple[int, str]], restart: bool) -> None:
    """Bytes are accepted at a place only if their hash says so; a whole with another hash is refused however its pieces came."""
    with tempfile.TemporaryDirectory() as folder:
        uploads, pieces = open_uploads(Path(folder)), cut(data)
        number = uploads.begin(len(data), digest(data), "bidder").number
        arrived: dict[int, bytes] = {}
        for index, wrong in sendings:
            if restart:
                uploads = open_uploads(Path(folder))
            send(uploads, number, pieces, index, wrong, arrived)
            assert uploads.state(number).arrived == {i: digest(b) for i, b in arrived.items()}
        whole = b"".join(arrived[i] for i in sorted(arrived))
        if len(arrived) == len(pieces) and whole == data:
            assert uploads.finish(number) == digest(data)
            assert uploads._objects.read(digest(data)) == data
        else:
            with pytest.raises(Refused) as refusal:
                uploads.finish(number)
            assert codes(refusal) <= {"upload.incomplete", "upload.damaged"}
            assert not uploads._objects.has(digest(data))


def send(uploads: Uploads, number: str, pieces: list[bytes], index: int, wrong: str, arrived: dict[int, bytes]) -> None:
    """Send one piece in some wrong way; `arrived` is kept as it must then be."""
    true = pieces[index % len(pieces)]
    place, body = (index, true) if wrong != "moved" else (index + 1, true)
    if wrong == "truncated":
        body = true[:-1]
    elif wrong == "changed":
        body = bytes([true[0] ^ 1]) + true[1:]
    elif wrong == "swapped":
        body = pieces[(index + 1) % len(pieces)]
    claimed = digest(true) if wrong in ("truncated", "changed", "other hash") else digest(body)
    if wrong == "other hash":
        claimed = digest(true + b"x")
    fits = place < len(pieces) and len(body) == len(pieces[place]) and digest(body) == claimed
    if fits and arrived.get(place, body) == body:
        uploads.piece(number, place, claimed, body)
        arrived[place] = body
    else:
        with pytest.raises(Refused):
            uploads.piece(number, place, claimed, body)


@pytest.mark.parametrize("size", [0, -1, SIZE_MAX + 1, 1 << 60])
def test_empty_and_huge_files_are_refused_before_a_byte_is_sent(uploads: Uploads, size: int) -> None:
    with pytest.raises(Refused) as refusal:
        uploads.begin(size, digest(b""), "bidder")
    assert codes(refusal) == {"upload.size"}


def test_a_whole_with_another_hash_is_refused(uploads: Uploads) -> None:
    """Two pieces change places, each with its own true hash: only the hash of the whole tells."""
    data = b"a" * PIECE + b"b" * PIECE
    upload = uploads.begin(len(data), digest(data), "bidder")
    for index, body in enumerate(reversed(cut(data))):
        uploads.piece(upload.number, index, digest(body), body)
    with pytest.raises(Refused) as refusal:
        uploads.finish(upload.number)
    assert codes(refusal) == {"upload.damaged"}


@pytest.mark.parametrize("number", ["0" * 32, "../objects", "", "A" * 32, "0" * 31])
def test_numbers_nobody_gave_are_unknown(uploads: Uploads, number: str) -> None:
    for ask in (uploads.state, uploads.finish, uploads.drop):
        with pytest.raises(Forbidden):
            ask(number)


def test_what_a_broken_process_left_behind_is_no_piece(uploads: Uploads, tmp_path: Path) -> None:
    """Killed while writing: the half piece lies in its place, unmarked, and does not count."""
    data = b"x" * (PIECE + 5)
    upload = uploads.begin(len(data), digest(data), "bidder")
    (tmp_path / "uploads" / upload.number / "content").write_bytes(b"y" * 10)
    assert uploads.state(upload.number).arrived == {}
    for index, body in enumerate(cut(data)):
        uploads.piece(upload.number, index, digest(body), body)
    assert uploads.finish(upload.number) == digest(data)
    assert not (tmp_path / "uploads" / upload.number).exists()


def test_what_nobody_goes_on_with_is_swept(sqlite_platform: Platform, clock: SteppedClock) -> None:
    """By the tick, counted from the last piece; what is still being sent stays, and so does every stored file."""
    uploads, data = sqlite_platform.uploads, b"x" * (2 * PIECE)
    keep = timedelta(hours=sqlite_platform.settings.upload_keep_hours)
    going_on, abandoned, whole = (uploads.begin(len(data), digest(data), "bidder").number for _ in range(3))
    for index, body in enumerate(cut(data)):
        uploads.piece(whole, index, digest(body), body)
    stored = uploads.finish(whole)
    clock.advance(keep)
    assert clockwork.sweep(sqlite_platform).abandoned == 0
    uploads.piece(going_on, 0, digest(data[:PIECE]), data[:PIECE])
    clock.advance(timedelta(minutes=1))
    swept = clockwork.sweep(sqlite_platform)
    assert swept.abandoned == 1 and not swept.idle
    with pytest.raises(Forbidden):
        uploads.piece(abandoned, 0, digest(data[:PIECE]), data[:PIECE])
    uploads.piece(going_on, 1, digest(data[PIECE:]), data[PIECE:])
    assert uploads.finish(going_on) == stored and sqlite_platform.objects.read(stored) == data
    assert list((sqlite_platform.settings.data / "uploads").iterdir()) == []


def test_what_was_half_taken_apart_goes_with_the_next_sweep(tmp_path: Path, clock: SteppedClock) -> None:
    uploads, data = open_uploads(tmp_path, clock), b"x"
    upload = uploads.begin(len(data), digest(data), "bidder").number
    (tmp_path / "uploads" / upload).rename(tmp_path / "uploads" / f"{upload}.gone")
    assert uploads.sweep(timedelta(hours=1)) == 0
    assert list((tmp_path / "uploads").iterdir()) == []


def test_one_client_cannot_take_every_place(tmp_path: Path, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "OPEN_OF_ONE", 3)
    uploads, data = open_uploads(tmp_path, clock), b"small"
    numbers = [uploads.begin(len(data), digest(data), "greedy").number for _ in range(3)]
    with pytest.raises(Refused) as refusal:
        uploads.begin(len(data), digest(data), "greedy")
    assert codes(refusal) == {"upload.too_many_of_one"}
    uploads.begin(len(data), digest(data), "modest")
    uploads.piece(numbers[0], 0, digest(data), data)
    uploads.finish(numbers[0])
    uploads.begin(len(data), digest(data), "greedy")  # a place given back
    clock.advance(timedelta(hours=2))
    assert uploads.sweep(timedelta(hours=1)) == 4
    assert uploads.begin(len(data), digest(data), "greedy")


def test_what_a_power_cut_took_is_asked_for_again(uploads: Uploads, tmp_path: Path) -> None:
    """A piece that came, and whose bytes never reached the disk, has not come; the others need not be sent again."""
    data = b"a" * PIECE + b"b" * PIECE + b"c"
    number = uploads.begin(len(data), digest(data), "bidder").number
    for index, body in enumerate(cut(data)):
        uploads.piece(number, index, digest(body), body)
    with (tmp_path / "uploads" / number / "content").open("r+b") as content:
        content.seek(PIECE)
        content.write(bytes(PIECE))
    with pytest.raises(Refused) as refusal:
        uploads.finish(number)
    assert [(p.code, p.params) for p in refusal.value.problems] == [("upload.incomplete", {"missing": 1, "first": 1})]
    assert sorted(uploads.state(number).arrived) == [0, 2]
    uploads.piece(number, 1, digest(cut(data)[1]), cut(data)[1])
    assert uploads.finish(number) == digest(data)


def test_an_upload_whose_process_ended_halfway_is_finished_by_the_next_try(tmp_path: Path) -> None:
    """The bytes are an object already, the upload is still there: who asks again is told so, and its place is free."""
    data, before = b"a" * PIECE + b"b", open_uploads(tmp_path)
    number = before.begin(len(data), digest(data), "bidder").number
    for index, body in enumerate(cut(data)):
        before.piece(number, index, digest(body), body)
    before.loose.adopt(tmp_path / "uploads" / number / "content", digest(data))
    again = open_uploads(tmp_path)
    assert again.state(number).complete
    assert again.finish(number) == digest(data) and again._objects.read(digest(data)) == data
    assert not list((tmp_path / "uploads").iterdir())


def test_pieces_stop_where_the_room_for_the_record_begins(tmp_path: Path) -> None:
    """Uploads that all began while there was room cannot fill the disk together; with room again the same piece goes in."""
    data = b"a" * PIECE
    roomy, everything = open_uploads(tmp_path), shutil.disk_usage(tmp_path).total
    full = Uploads(tmp_path / "uploads", roomy._objects, SystemClock(), SystemEntropy(), SIZE_MAX, everything)
    number = roomy.begin(len(data), digest(data), "bidder").number
    with pytest.raises(Refused) as refusal:
        full.piece(number, 0, digest(data), data)
    assert codes(refusal) == {"service.no_room"} and not roomy.state(number).arrived
    assert roomy.piece(number, 0, digest(data), data).complete
    assert full.piece(number, 0, digest(data), data).complete  # the same once more needs no room


def test_a_file_that_has_become_an_object_stays_as_it_is(tmp_path: Path) -> None:
    """Two processes: while one sends the only piece and finishes, the other sends something else for it."""
    here, there = open_uploads(tmp_path), open_uploads(tmp_path)
    for n in range(40):
        data, other = b"%02d" % n, b"zz"
        number = here.begin(len(data), digest(data), "bidder").number
        together = threading.Barrier(2)
        with ThreadPoolExecutor(2) as pool:
            meddling = pool.submit(_send_and_finish, there, number, other, digest(data), together)
            finished = _send_and_finish(here, number, data, digest(data), together)
            assert not meddling.result()
        assert here._objects.has(digest(data)) == finished
        assert not finished or here._objects.read(digest(data)) == data


def _send_and_finish(uploads: Uploads, number: str, data: bytes, whole: str, together: threading.Barrier) -> bool:
    together.wait()
    try:
        uploads.piece(number, 0, digest(data), data)
        return uploads.finish(number) == whole
    except (Forbidden, Refused):
        return False
