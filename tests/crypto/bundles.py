"""Reading a bundle whole, as the product does piece by piece."""
from __future__ import annotations

from trading_core.adapters.crypto.bundle import BundleReader, OpenFile
from trading_core.adapters.crypto.manifest import Manifest
from trading_core.adapters.crypto.source import Source, fill


def read_bundle(source: Source, open_file: OpenFile) -> Manifest:
    reader, buffer = BundleReader(open_file), memoryview(bytearray(1 << 16))
    while count := fill(source, buffer):
        reader.write(buffer[:count])
    return reader.close()
