"""The encrypted content of an envelope: a stream of chunks in which none can be changed, moved, left out or added.

Content is preceded by its length and padded with zeros. Two buffers serve the whole stream.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cryptography.exceptions import InvalidTag

from trading_core.adapters.crypto.header import CHUNK, LENGTH_PREFIX, PADDING, TAG, Header, padded_size
from trading_core.adapters.crypto.source import Source, fill
from trading_core.adapters.crypto.suites import ChunkCipher
from trading_core.domain.errors import Problem, Refused

ZEROS = bytes(PADDING)

Write = Callable[[memoryview], Any]
"""Takes the next bytes. The memory is used again afterwards: copy what must stay."""


def encrypt(source: Source, size: int, header: Header, file_key: bytes, write: Write) -> None:
    """Length, content and padding, chunk by chunk. Refused when the source has not `size` bytes."""
    cipher, aad, left = _cipher(header, file_key), header.suite.hash(header.encode()), size
    plain, sealed = memoryview(bytearray(CHUNK)), memoryview(bytearray(CHUNK + TAG))
    plain[:LENGTH_PREFIX] = size.to_bytes(LENGTH_PREFIX, "big")
    for i in range(header.chunks):
        start = LENGTH_PREFIX if i == 0 else 0
        length = min(CHUNK, header.payload_size - i * CHUNK)
        end = start + min(length - start, left)
        if start + fill(source, plain[start:end]) < end:
            raise Refused(Problem("sealing.source_changed", params={"size": size}))
        left -= end - start
        plain[end:length] = ZEROS[: length - end]
        cipher.encrypt_into(_nonce(i, header.chunks), plain[:length], aad, sealed[: length + TAG])
        write(sealed[: length + TAG])
    if fill(source, plain[:1]):
        raise Refused(Problem("sealing.source_changed", params={"size": size}))


def decrypt(source: Source, header: Header, file_key: bytes) -> Iterator[memoryview]:
    """The content, chunk by chunk, each of which holds. Refused at the first that does not. Copy what must stay: memory is used again."""
    cipher, aad, left = _cipher(header, file_key), header.suite.hash(header.encode()), 0
    sealed, plain = memoryview(bytearray(CHUNK + TAG)), memoryview(bytearray(CHUNK))
    for i in range(header.chunks):
        length = min(CHUNK, header.payload_size - i * CHUNK)
        found = fill(source, sealed[: length + TAG])
        if found < length + TAG:
            raise Refused(Problem("sealing.truncated", params={"chunk": i + 1, "chunks": header.chunks}, rule="B-10"))
        try:
            cipher.decrypt_into(_nonce(i, header.chunks), sealed[: length + TAG], aad, plain[:length])
        except InvalidTag:
            raise Refused(_diagnose(header, cipher, i, sealed[: length + TAG], aad)) from None
        start = 0
        if i == 0:
            start, left = LENGTH_PREFIX, int.from_bytes(plain[:LENGTH_PREFIX], "big")
            if padded_size(left) != header.payload_size:
                raise Refused(Problem("sealing.padding_wrong", rule="B-10"))
        end = start + min(length - start, left)
        left -= end - start
        if plain[end:length] != ZEROS[: length - end]:
            raise Refused(Problem("sealing.padding_wrong", rule="B-10"))
        yield plain[start:end]
    if fill(source, plain[:1]):
        raise Refused(Problem("sealing.trailing_bytes", rule="B-10"))


def _cipher(header: Header, file_key: bytes) -> ChunkCipher:
    return header.suite.chunk_cipher(header.suite.kdf(file_key, header.label("payload"), header.suite.stream_key_size))


def _nonce(chunk: int, chunks: int) -> bytes:
    """Counter and last flag: no chunk fits at another place, and the end cannot be moved."""
    return bytes(7) + chunk.to_bytes(4, "big") + bytes([chunk == chunks - 1])


def _diagnose(header: Header, cipher: ChunkCipher, chunk: int, sealed: memoryview, aad: bytes) -> Problem:
    """Damaged, or a true chunk from another place? Costs at most as much again as opening the file."""
    out = memoryview(bytearray(len(sealed) - TAG))
    for place in range(header.chunks):
        try:
            cipher.decrypt_into(_nonce(place, header.chunks), sealed, aad, out)
        except InvalidTag:
            continue
        return Problem("sealing.chunk_moved", params={"chunk": chunk + 1, "belongs": place + 1, "chunks": header.chunks}, rule="B-10")
    return Problem("sealing.chunk_damaged", params={"chunk": chunk + 1, "chunks": header.chunks}, rule="B-10")
