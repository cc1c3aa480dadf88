"""A file's bytes, decompressed in small steps, so that a bomb stays small and a cut file gives what it has."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

import zstandard

from stillwatch.readers.formats import Broken

_PLAIN_BYTES = 1 << 20  # bytes a read of an uncompressed file
_STEP_BYTES = 4_096  # compressed bytes a step: after damage at most this much is lost, and a bomb stays under 128 MB
_MOST_BYTES = 1 << 20  # decompressed bytes a step of gzip
_GZIP = 31  # zlib's window setting for "gzip header, largest window"


def decompressed(path: Path) -> Iterator[tuple[bytes, int]]:
    """Blocks of content, each with the bytes of the file used so far; raises Broken where the file breaks off."""
    name = path.name.lower()
    try:
        if name.endswith(".gz"):
            yield from _gzip(path)
        elif name.endswith(".zst"):
            yield from _zstd(path)
        else:
            with path.open("rb") as file:
                while block := file.read(_PLAIN_BYTES):
                    yield block, file.tell()
    except (zlib.error, zstandard.ZstdError) as problem:
        raise Broken(f"the compressed file is damaged: {problem}") from problem
    except OSError as problem:
        raise Broken(f"not readable: {problem.strerror or problem}") from problem


def _gzip(path: Path) -> Iterator[tuple[bytes, int]]:
    used, member = 0, zlib.decompressobj(_GZIP)
    fresh = True  # nothing of this member was seen yet
    with path.open("rb") as file:
        while data := file.read(_STEP_BYTES):
            used += len(data)
            while data:
                if fresh and not data.strip(b"\0"):  # tape blocks are padded with zeros
                    break
                fresh = False
                yield member.decompress(data, _MOST_BYTES), used
                data = member.unconsumed_tail
                if member.eof:
                    data, member, fresh = member.unused_data, zlib.decompressobj(_GZIP), True
    if not fresh:
        yield member.flush(), used
        raise Broken("the gzip file is cut off; the rows before the cut were kept")


def _zstd(path: Path) -> Iterator[tuple[bytes, int]]:
    used, frame, fresh = 0, zstandard.ZstdDecompressor().decompressobj(), True
    with path.open("rb") as file:
        while data := file.read(_STEP_BYTES):
            used += len(data)
            while data:
                fresh = False
                yield frame.decompress(data), used
                data = b""
                if frame.eof:
                    data, frame, fresh = frame.unused_data, zstandard.ZstdDecompressor().decompressobj(), True
    if not fresh:
        raise Broken("the zstd file is cut off; the rows before the cut were kept")
