"""The body of a request, unpacked, within bounds that hold whatever the sender says of it."""

from __future__ import annotations

import zlib

_BLOCK = 1 << 20  # bytes unpacked at a time
_GZIP = 16 + zlib.MAX_WBITS  # what zlib calls a gzip member


class TooLarge(ValueError):
    """More bytes than are taken."""


class Unreadable(ValueError):
    """Bytes that are not what the sender says they are."""


def unpacked(packed: bytes, most: int) -> bytes:
    """What a gzip body holds, of any number of members; never more than `most` bytes of it are in memory."""
    parts: list[bytes] = []
    size, rest = 0, packed
    while rest:
        member = zlib.decompressobj(_GZIP)
        while not member.eof:
            try:
                part = member.decompress(rest, min(_BLOCK, most - size + 1))
            except zlib.error as problem:
                raise Unreadable(f"not gzip: {problem}") from None
            rest = member.unconsumed_tail
            if not part and not rest and not member.eof:
                raise Unreadable("gzip that ends too early")
            parts.append(part)
            size += len(part)
            if size > most:
                raise TooLarge(f"more than {most} bytes once unpacked")
        rest = member.unused_data
    return b"".join(parts)
