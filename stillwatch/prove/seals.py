"""Promises about a proof, in a chain (safeguards/chain.py), before anything is asked: what was served, what will be tested.

Texts are sealed as the root of a tree (`tree.py`). Each leaf has a nonce from the secret, so that hashes that are shown beside
one text say nothing about the others.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import orjson

from stillwatch.prove import tree
from stillwatch.prove.served import Served
from stillwatch.safeguards.chain import Chain, instant

_NONCE = b"stillwatch seal nonce"
_TELLS = {
    "seal": frozenset({"kind", "at", "root", "texts", "marked", "before"}),
    "plan": frozenset({"kind", "at", "plan", "before"}),
}


@dataclass(frozen=True)
class Line:
    """One promise, as it stands."""

    kind: Literal["seal", "plan"]
    at: str  # when it was written, by the clock of whoever did
    what: str  # root of a tree, or SHA-256 of a plan
    texts: int  # sealed; 0 of a plan
    hash: str  # of the line


@dataclass(frozen=True)
class Shown:
    """One text that was sealed, with what shows that it was."""

    written: bytes
    nonce: str
    place: int
    size: int  # texts under the root
    along: tuple[str, ...]  # hashes beside the way to the root
    root: str

    def holds(self) -> bool:
        """Whether the text is under the root."""
        one = tree.leaf(bytes.fromhex(self.nonce) + self.written)
        beside = [bytes.fromhex(hashed) for hashed in self.along]
        return tree.included(one, self.place, self.size, beside, bytes.fromhex(self.root))


def leaf(secret: bytes, one: Served) -> bytes:
    """Of the tree: over the nonce and the text."""
    written = one.written()
    return tree.leaf(nonce(secret, written) + written)


def nonce(secret: bytes, written: bytes) -> bytes:
    """Keeps a text from being guessed by its hash."""
    return hmac.digest(secret, _NONCE + hashlib.sha256(written).digest(), "sha256")


def show(secret: bytes, of: Iterable[Served], wanted: frozenset[str]) -> list[Shown]:
    """Texts by their ids, each with the way from it to the root of all."""
    leaves: list[bytes] = []
    kept: list[tuple[int, bytes]] = []
    for place, one in enumerate(of):
        leaves.append(leaf(secret, one))
        if one.id in wanted:
            kept.append((place, one.written()))
    top = tree.root(leaves).hex()
    return [
        Shown(
            written, nonce(secret, written).hex(), place, len(leaves),
            tuple(one.hex() for one in tree.path(leaves, place)), top,
        )
        for place, written in kept
    ]  # fmt: skip


def seal(path: Path, texts: tree.Growing, marked: int, now: float) -> Line:
    """Promise that these texts were served; once, however often it is asked for."""
    root = texts.root().hex()
    return _promised(
        path, root, {"kind": "seal", "at": instant(now), "root": root, "texts": texts.size, "marked": marked}
    )


def promise(path: Path, plan: bytes, now: float) -> Line:
    """Promise that this is what will be tested."""
    hashed = hashlib.sha256(plan).hexdigest()
    return _promised(path, hashed, {"kind": "plan", "at": instant(now), "plan": hashed})


def read(path: Path) -> tuple[Line, ...]:
    """All promises, once the chain has been found in order."""
    return tuple(_line(one.row, one.hash) for one in _chain(path).read())


def _promised(path: Path, what: str, row: dict[str, Any]) -> Line:
    with _chain(path).writing() as writing:
        if not any(_line(one.row, one.hash).what == what for one in writing.entries):
            writing.append([row])
        return next(line for one in writing.entries if (line := _line(one.row, one.hash)).what == what)


def _chain(path: Path) -> Chain:
    return Chain(path, "the file of seals", "stillwatch prove", _TELLS)


def _line(row: Any, hashed: str) -> Line:
    kind = row["kind"]
    what, texts = (row["root"], int(row["texts"])) if kind == "seal" else (row["plan"], 0)
    return Line(kind, str(row["at"]), str(what), texts, hashed)


def shown_line(one: Shown) -> bytes:
    """As it is handed over: everything that is needed to check it but the file of seals."""
    return orjson.dumps({
        "text": orjson.loads(one.written), "nonce": one.nonce, "place": one.place, "size": one.size,
        "along": list(one.along), "root": one.root,
    })  # fmt: skip


def shown(row: Any) -> Shown:
    """As it was handed over."""
    return Shown(
        orjson.dumps(row["text"]), str(row["nonce"]), int(row["place"]), int(row["size"]), tuple(row["along"]),
        str(row["root"]),
    )  # fmt: skip
