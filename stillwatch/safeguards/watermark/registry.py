"""Commitments to keys, written down before the first answer carries one, in a chain (safeguards/chain.py).

A key whose commitment is not on the disk is not used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from stillwatch.errors import BadConfiguration
from stillwatch.safeguards.chain import START, Chain, Entry, instant, seconds
from stillwatch.safeguards.watermark.keys import Epoch, MarkKey, commitment

__all__ = ["START", "Line", "commit", "read", "show"]

_TELLS = {
    "commit": frozenset({"kind", "at", "scope", "from", "until", "commitment", "why", "before"}),
    "open": frozenset({"kind", "at", "scope", "from", "until", "commitment", "key", "nonce", "before"}),
}


@dataclass(frozen=True)
class Line:
    """One line, as it stands."""

    kind: Literal["commit", "open"]
    at: str  # when it was written, by the clock of whoever did
    scope: str
    epoch: Epoch
    commitment: str
    hash: str  # of the line
    why: Mapping[str, Any]  # rules and what they went by; empty of an opening
    key: str = ""  # of an opening


def read(path: Path) -> tuple[Line, ...]:
    """All lines, once the chain and every opening in it have been found in order; anything else is an error."""
    chain = _chain(path)
    return _lines(chain, chain.read())


def commit(path: Path, keys: Sequence[tuple[MarkKey, Mapping[str, Any]]], now: float) -> int:
    """Have commitments to these keys on the disk, each with why it is made; how many were not there before."""
    chain = _chain(path)
    with chain.writing() as writing:
        there = {one.commitment for one in _lines(chain, writing.entries)}
        new = [(key, why) for key, why in keys if key.commitment not in there]
        writing.append([{"kind": "commit", **_named(key, now), "why": dict(why)} for key, why in new])
    return len(new)


def show(path: Path, key: MarkKey, now: float) -> bool:
    """Show a key and its nonce, so that anybody can verify what was committed to; False when it was shown before.

    Only one whose epoch is over: whoever knows a key can mark texts with it.
    """
    where = f"{path}: {key.scope}, {instant(key.epoch.begins)}"
    if now < key.epoch.ends:
        raise BadConfiguration(
            "the key is still in use", where, f"a key is shown after its end, {instant(key.epoch.ends)}"
        )
    chain = _chain(path)
    with chain.writing() as writing:
        lines = _lines(chain, writing.entries)
        if not any(one.commitment == key.commitment for one in lines if one.kind == "commit"):
            raise BadConfiguration(
                "this key was never committed to", where, "scope, day and secret of a line of the registry",
                "stillwatch watermark show",
            )  # fmt: skip
        if any(one.commitment == key.commitment for one in lines if one.kind == "open"):
            return False
        writing.append([{"kind": "open", **_named(key, now), "key": key.key, "nonce": key.nonce}])
    return True


def _chain(path: Path) -> Chain:
    return Chain(path, "the registry", "the guard", _TELLS)


def _named(key: MarkKey, now: float) -> dict[str, Any]:
    return {
        "at": instant(now), "scope": key.scope, "from": instant(key.epoch.begins), "until": instant(key.epoch.ends),
        "commitment": key.commitment,
    }  # fmt: skip


def _lines(chain: Chain, entries: Sequence[Entry]) -> tuple[Line, ...]:
    """What the entries say; an error names the first that does not follow from those before it."""
    lines: list[Line] = []
    committed: set[str] = set()
    for number, entry in enumerate(entries, start=1):
        line = _line(chain, entry, number)
        if line.kind == "commit":
            committed.add(line.commitment)
        elif line.commitment not in committed:
            raise chain.broken(number, "it opens what was not committed to before")
        lines.append(line)
    return tuple(lines)


def _line(chain: Chain, entry: Entry, number: int) -> Line:
    row = entry.row
    try:
        epoch = Epoch(int(seconds(row["from"])), int(seconds(row["until"])))
        line = Line(
            row["kind"], str(row["at"]), str(row["scope"]), epoch, str(row["commitment"]), entry.hash,
            row.get("why") or {}, str(row.get("key", "")),
        )  # fmt: skip
    except (ValueError, TypeError) as problem:
        raise chain.broken(number, f"not readable: {problem}") from None
    if line.kind == "open" and commitment(line.scope, epoch, line.key, str(row["nonce"])) != line.commitment:
        raise chain.broken(number, "the key shown is not the one that was committed to")
    return line
