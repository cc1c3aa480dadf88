"""Lines of a file, none of them longer than a limit: the rest of a longer one is passed over, never held."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from stillwatch.readers.decompressed import decompressed


def lines(path: Path, limit: int) -> Iterator[tuple[bytes | None, int]]:
    """Each line without its end, or None for one beyond the limit, with the bytes of the file used so far.

    When the file breaks off, the whole lines before the break come first; then Broken is raised.
    """
    held: list[bytes] = []  # pieces of the line that is not yet complete
    length = used = 0
    for block, used in decompressed(path):
        first, *rest = block.split(b"\n")
        length += len(first)
        if length <= limit:
            held.append(first)
        else:
            held.clear()
        if not rest:
            continue
        yield (b"".join(held) if length <= limit else None), used
        *whole, last = rest
        for line in whole:
            yield (line if len(line) <= limit else None), used
        length = len(last)
        held = [last] if length <= limit else []
    if length:
        yield (b"".join(held) if length <= limit else None), used
