"""Deals the phrases of harvests out among a world's campaigns, so that no two operators write the same sentence.

Each campaign gets names of its own, such as `engineer/tools`, with its share of the alternatives; another seed deals
them differently. Phrases that ordinary people use as well stay common to all.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Mapping

import numpy as np

from stillwatch.errors import BadConfiguration
from stillwatch.worlds import shipped
from stillwatch.worlds.dice import rng
from stillwatch.worlds.paraphrase import Wordings, reworded
from stillwatch.worlds.streams import Cast

HARVESTS = ("harvest", "campaigns")  # files of data/worlds/grammar

Books = Mapping[str, list[str]]
_REFERENCE = re.compile(r"@\{([^{}.]+)([^{}]*)\}")


def own_name(name: str, owner: str, known: Collection[str]) -> str:
    """The owner's own phrases of a name where there are any, else the common ones."""
    mine = f"{name}/{owner}"
    return mine if mine in known else name


def names_used(cast: Cast) -> dict[str, set[str]]:
    """The grammar names that each campaign sends."""
    used: dict[str, set[str]] = {}
    for stream in cast.streams:
        for kind in stream.kinds:
            if kind.owner:
                used.setdefault(kind.owner, set()).update({kind.prompt, kind.follow, kind.tools, kind.again} - {""})
    return used


def dealable(books: Collection[str]) -> set[str]:
    """Names of what harvests are written with, where no two campaigns may share a sentence."""
    return {name for file in HARVESTS for name in shipped.read(f"grammar/{file}.yaml") if name in books}


def own_phrases(
    books: Books,
    shareable: Collection[str],
    used: Mapping[str, set[str]],
    seed: int,
    wordings: Wordings | None = None,
) -> dict[str, list[str]]:
    """The books, and beside them each campaign's share of the names to share out that it reaches; in other words, if any are
    given."""
    reached = {owner: _reach(books, names) & set(shareable) for owner, names in sorted(used.items())}
    owned: dict[str, list[str]] = dict(books)
    for name in sorted(set().union(*reached.values())):
        owners = [owner for owner, names in reached.items() if name in names]
        for owner, share in zip(owners, _shares(name, books[name], len(owners), seed), strict=True):
            own = [_renamed(text, owner, reached[owner]) for text in share]
            if wordings:
                own, choices = reworded(own, wordings)
                owned.update(choices)
            owned[f"{name}/{owner}"] = own
    return owned


def _reach(books: Books, names: Collection[str]) -> set[str]:
    found: set[str] = set()
    open_names = [name for name in names if name in books]
    while open_names:
        name = open_names.pop()
        if name not in found:
            found.add(name)
            open_names += [r for text in books[name] for r, _ in _REFERENCE.findall(text) if r in books]
    return found


def _shares(name: str, choices: list[str], owners: int, seed: int) -> list[list[str]]:
    if len(choices) == 1:  # a joint that only points at parts
        return [choices] * owners
    if len(choices) < owners:
        raise BadConfiguration(
            f"{owners} campaigns share the {len(choices)} alternatives of {name!r}",
            "data/worlds/grammar",
            f"one alternative, or at least {owners}",
        )
    order = rng(seed, "shares", zlib.crc32(name.encode())).permutation(len(choices))
    return [[choices[at] for at in np.sort(order[place::owners])] for place in range(owners)]


def _renamed(text: str, owner: str, own: Collection[str]) -> str:
    def name(match: re.Match[str]) -> str:
        return f"@{{{match[1]}/{owner}{match[2]}}}" if match[1] in own else match[0]

    return _REFERENCE.sub(name, text)
